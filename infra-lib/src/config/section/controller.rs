//! `[controller]`: the Lambda.

use std::net::SocketAddr;

use super::super::reader::{Form, Section};
use super::super::value::{within, words, wrong};
use crate::names::NameError;

// The AllowedValues of the controller template, which are those of CloudWatch Logs that people use.
const RETENTION_DAYS: [u16; 17] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

/// How the Lambda is built and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Processor.
    pub architecture: Architecture,
    /// Reserved concurrency; `None` reserves nothing, for accounts whose quota is too small.
    pub reserved_concurrency: Option<u16>,
    /// How long the decision records are kept. Units: days.
    pub log_retention_days: u16,
    /// The DNS server to ask; `None` is the system's.
    pub resolver: Option<SocketAddr>,
    /// Whose answer proves that the function reaches the outside; `None` is the template's default.
    pub egress_url: Option<String>,
}

words! {
    /// Processor of the Lambda.
    Architecture, "`arm64` or `x86_64`",
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

pub(super) fn read(section: Section<'_>) -> Option<Controller> {
    let architecture =
        section.or("architecture", Form::Text, Architecture::Arm64, Architecture::parse);
    let reserved = section.or("reserved_concurrency", Form::Any, Some(1), reserved_concurrency);
    let log_retention_days = section.or("log_retention_days", Form::Number, 90, retention);
    let resolver = section.optional("resolver", Form::Text, resolver);
    let egress_url = section.optional("egress_url", Form::Text, url);
    section.finish();
    Some(Controller {
        architecture: architecture?,
        reserved_concurrency: reserved?,
        log_retention_days: log_retention_days?,
        resolver: resolver?,
        egress_url: egress_url?,
    })
}

fn retention(text: &str) -> Result<u16, NameError> {
    match text.parse() {
        Ok(days) if RETENTION_DAYS.contains(&days) => Ok(days),
        _ => wrong("a number of days that CloudWatch Logs knows, such as 7, 30, 90 or 365"),
    }
}

fn reserved_concurrency(text: &str) -> Result<Option<u16>, NameError> {
    match text {
        "none" => Ok(None),
        // More than one handler at a time is what the reservation prevents; the number is there for accounts that share it.
        _ => within(
            text,
            1,
            10,
            "1, or `none` on an account whose quota is too small to reserve from",
        )
        .map(Some),
    }
}

fn url(text: &str) -> Result<String, NameError> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b);
    if !host.is_empty() && host.bytes().all(allowed) && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    wrong("a URL, such as `https://example.org/`")
}

fn resolver(text: &str) -> Result<SocketAddr, NameError> {
    text.parse().or_else(|_| wrong("an address and a port, such as `127.0.0.1:53`"))
}
