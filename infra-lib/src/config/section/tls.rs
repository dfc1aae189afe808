//! `[tls]`: the certificates of the load balancers.

use super::super::reader::{Form, Section};
use super::super::value::{Switch, words};
use crate::names::CertificateArn;

/// How users reach the load balancers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whose certificate.
    pub certificate: Certificate,
    /// Certificate of the primary's region. There if and only if the certificates are the site's own.
    pub primary_arn: Option<CertificateArn>,
    /// Certificate of the standby's region. There if and only if the certificates are the site's own.
    pub standby_arn: Option<CertificateArn>,
    /// With TLS, whether port 80 sends users on to it.
    pub redirect: Switch,
}

words! {
    /// Whose certificate the load balancers show.
    Certificate, "`none`, `managed` or `own`",
    /// Nobody's: plain HTTP.
    None = "none",
    /// One of AWS, validated and renewed by a record in the hosted zone.
    Managed = "managed",
    /// Two that exist already, one in each region.
    Own = "own",
}

impl Tls {
    /// Whether there is any.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !matches!(self.certificate, Certificate::None)
    }

    /// Whether port 80 sends users on.
    #[must_use]
    pub const fn redirects(&self) -> bool {
        self.is_on() && self.redirect.is_on()
    }
}

pub(super) fn read(section: Section<'_>) -> Option<Tls> {
    let certificate = section.or("certificate", Form::Text, Certificate::None, Certificate::parse);
    let primary_arn = section.optional("primary_arn", Form::Text, CertificateArn::parse);
    let standby_arn = section.optional("standby_arn", Form::Text, CertificateArn::parse);
    let redirect = section.or("redirect", Form::Text, Switch::On, Switch::parse);
    section.finish();
    Some(Tls {
        certificate: certificate?,
        primary_arn: primary_arn?,
        standby_arn: standby_arn?,
        redirect: redirect?,
    })
}
