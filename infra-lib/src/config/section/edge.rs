//! `[edge]`: CloudFront in front of both regions.

use super::super::reader::{Form, Section};
use super::super::value::{Switch, words};
use crate::names::{CertificateArn, Hostname};

/// CloudFront in front of the failover name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name that the failover records answer; users' own name belongs to the distribution.
    pub origin_hostname: Hostname,
    /// From where CloudFront serves.
    pub price_class: PriceClass,
    /// Certificate in us-east-1; without one the edge makes its own.
    pub certificate_arn: Option<CertificateArn>,
}

words! {
    /// From where CloudFront serves, by price.
    PriceClass, "`PriceClass_100`, `PriceClass_200` or `PriceClass_All`",
    /// North America and Europe.
    Cheapest = "PriceClass_100",
    /// More of the world.
    Middle = "PriceClass_200",
    /// Everywhere.
    All = "PriceClass_All",
}

/// The inner `None` is a site without CloudFront; what else the section says is checked all the same.
#[expect(clippy::option_option, reason = "wrong and absent are different answers")]
pub(super) fn read(section: Section<'_>, hostname: Option<&Hostname>) -> Option<Option<Edge>> {
    let cloudfront = section.or("cloudfront", Form::Text, Switch::Off, Switch::parse);
    let origin_hostname = section.optional("origin_hostname", Form::Text, Hostname::parse);
    let price_class =
        section.or("price_class", Form::Text, PriceClass::Cheapest, PriceClass::parse);
    let certificate_arn = section.optional("certificate_arn", Form::Text, CertificateArn::parse);
    section.finish();
    let (origin_hostname, price_class, certificate_arn) =
        (origin_hostname?, price_class?, certificate_arn?);
    if !cloudfront?.is_on() {
        return Some(None);
    }
    let origin_hostname = origin_hostname.or_else(|| hostname?.below("origin"))?;
    Some(Some(Edge { origin_hostname, price_class, certificate_arn }))
}
