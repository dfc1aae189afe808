//! `[edge]`: CloudFront in front of both regions.

use super::super::key::section;
use super::super::takes::{kept, text, word};
use super::super::value::{Switch, words};
use crate::names::{CertificateArn, Hostname, NameError};

const CERTIFICATE_SAMPLE: &str =
    "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-345678901234";

/// CloudFront in front of the failover name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name that the failover records answer; users' own name belongs to the distribution.
    pub origin_hostname: Hostname,
    /// Pattern of the paths whose reads are asked for at the standby when the first region gives no answer.
    pub failover_path: Option<String>,
    /// From where CloudFront serves.
    pub price_class: PriceClass,
    /// Certificate in us-east-1; without one the edge makes its own.
    pub certificate_arn: Option<CertificateArn>,
}

section! {
    /// What the section says; it is checked whether CloudFront is on or not.
    struct EdgeKeys = "edge", |around| {
        /// CloudFront in front of both regions. Needs TLS. Turning it on or off later leaves the name unanswered for a while: it
        /// moves between the failover records and CloudFront, and can stand in one place only. `deploy` refuses that without
        /// `--force`.
        cloudfront: Switch = word::<Switch>().or("off"),
        /// The name behind CloudFront, in the same zone: `origin.` and `hostname`.
        origin_hostname: Option<Hostname> = text(Hostname::parse).derived("origin.shop.example.com"),
        /// Paths whose reads do not wait for DNS in a failover, such as `/static/*`: what the first region cannot answer,
        /// CloudFront asks for at the standby at once; a dark standby answers 503 until its first server is healthy. CloudFront
        /// refuses any other method than GET, HEAD and OPTIONS there, with 403.
        failover_path: Option<String> = text(path_pattern).optional("/static/*"),
        /// From where it serves: `PriceClass_100` (North America and Europe), `PriceClass_200` or `PriceClass_All`.
        price_class: PriceClass = word::<PriceClass>().or("PriceClass_100"),
        /// With certificates of your own, one for `hostname` in us-east-1, where CloudFront looks for it.
        certificate_arn: Option<CertificateArn> = text(CertificateArn::parse).optional(CERTIFICATE_SAMPLE),
    }
}

words! {
    /// From where CloudFront serves, by price.
    PriceClass,
    /// North America and Europe.
    Cheapest = "PriceClass_100",
    /// More of the world.
    Middle = "PriceClass_200",
    /// Everywhere.
    All = "PriceClass_All",
}

impl EdgeKeys {
    /// CloudFront if it is on. The outer `None`: its origin has no name, which a rule reports.
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) fn edge(self, hostname: Option<&Hostname>) -> Option<Option<Edge>> {
        if !self.cloudfront.is_on() {
            return Some(None);
        }
        let origin_hostname = self.origin_hostname.or_else(|| hostname?.below("origin"))?;
        let (price_class, certificate_arn) = (self.price_class, self.certificate_arn);
        let failover_path = self.failover_path;
        Some(Some(Edge { origin_hostname, failover_path, price_class, certificate_arn }))
    }
}

/// Units: characters. Source: the CloudFront guide, "Path pattern".
const PATTERN_MAX: usize = 255;

/// A path pattern, without the quotes and ampersands that CloudFront takes too.
fn path_pattern(text: &str) -> Result<String, NameError> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "_.*$/~@:+?-".contains(one);
    let good = (1..=PATTERN_MAX).contains(&text.len()) && text.chars().all(plain);
    kept(text, good, "a path pattern of CloudFront, such as `/static/*`")
}
