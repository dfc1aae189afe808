//! `[controller]`: the Lambda.

use std::net::SocketAddr;

use super::super::key::section;
use super::super::takes::{kept, number_or, numbers, text, word, wrong};
use super::super::value::words;
use crate::names::NameError;

// The AllowedValues of the controller template, which are those of CloudWatch Logs that people use.
const RETENTION_DAYS: [u16; 17] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];
const RETENTION: &str = "a number of days that CloudWatch Logs knows, such as 7, 30, 90 or 365";
const CONCURRENCY: &str = "1, or `none` on an account whose quota is too small to reserve from";

section! {
    /// How the Lambda is built and run.
    struct Controller = "controller", |around| {
        /// Processor of the function: `arm64` or `x86_64`.
        architecture: Architecture = word::<Architecture>().or("arm64"),
        /// 1 makes decisions follow each other; `none` for an account whose quota is too small to reserve from.
        reserved_concurrency: Option<u16> = number_or("none", 1..=10, CONCURRENCY).or("1"),
        /// How long the decision records are kept, in days: a number that CloudWatch Logs knows, such as 7, 30, 90 or 365.
        log_retention_days: u16 = numbers(&RETENTION_DAYS, RETENTION).or("90"),
        /// A DNS server to ask instead of the system's.
        resolver: Option<SocketAddr> = text(resolver).optional("10.0.0.2:53"),
        /// Any answer from here proves that the controller reaches the outside: a URL outside of both regions and us-east-1.
        egress_url: Option<String> = text(url).derived("https://dynamodb.eu-west-1.amazonaws.com/"),
    }
}

words! {
    /// Processor of the Lambda.
    Architecture,
    /// Graviton.
    Arm64 = "arm64",
    /// Intel and AMD.
    X86_64 = "x86_64",
}

impl Architecture {
    /// The Rust target that runs on `provided.al2023`.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }
}

fn url(text: &str) -> Result<String, NameError> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b);
    let named = !host.is_empty() && host.bytes().all(allowed);
    let good = named && text.bytes().all(|b| b.is_ascii_graphic());
    kept(text, good, "a URL, such as `https://example.org/`")
}

fn resolver(text: &str) -> Result<SocketAddr, NameError> {
    text.parse().or_else(|_| wrong("an address and a port, such as `127.0.0.1:53`"))
}
