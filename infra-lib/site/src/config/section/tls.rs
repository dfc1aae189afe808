//! `[tls]`: the certificates of the load balancers.

use super::super::key::section;
use super::super::roots;
use super::super::takes::{kept, text, word};
use super::super::value::{Switch, words};
use crate::names::{CertificateArn, NameError};

const PRIMARY_SAMPLE: &str =
    "arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012";
const STANDBY_SAMPLE: &str =
    "arn:aws:acm:us-east-2:111122223333:certificate/12345678-1234-1234-1234-210987654321";

section! {
    /// How users reach the load balancers.
    struct Tls = "tls", |around| {
        /// `none`: plain HTTP. `managed`: certificates by AWS, validated in the hosted zone and renewed. `own`: the two below.
        certificate: Certificate = word::<Certificate>().or("none"),
        /// With `own`, the certificate of the primary region, for `hostname` (and, with CloudFront, `origin_hostname`).
        primary_arn: Option<CertificateArn> = text(CertificateArn::parse).optional(PRIMARY_SAMPLE),
        /// With `own`, the certificate of the standby region, for the same names.
        standby_arn: Option<CertificateArn> = text(CertificateArn::parse).optional(STANDBY_SAMPLE),
        /// With TLS, port 80 sends users on.
        redirect: Switch = word::<Switch>().or("on"),
        /// A PEM file beside this file: roots that the controller trusts beside Amazon's when it probes the primary. Without
        /// them a certificate that does not chain to one of Amazon's keeps everything from being lowered.
        ca_bundle: Option<String> = text(roots_name).optional("roots.pem")
            => further(|name| roots::load(around.folder, name)),
    }
}

words! {
    /// Whose certificate the load balancers show.
    Certificate,
    /// Nobody's: plain HTTP.
    None = "none",
    /// One of AWS, validated and renewed by a record in the hosted zone.
    Managed = "managed",
    /// Two that exist already, one in each region.
    Own = "own",
}

fn roots_name(text: &str) -> Result<String, NameError> {
    kept(text, !text.is_empty(), roots::EXPECTED)
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
