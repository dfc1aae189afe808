//! Certificates that exist already, and whether AWS may issue the others.

use failover_core::time::after;

use cloud::{CertificateView, Issuer};
use site::config::Certificate;
use site::names::CertificateArn;

use super::case::{Case, Place};
use super::dns::public;
use super::verdict::{Answer, Stop, Verdict};

/// Source: the ACM guide, "(Optional) Configure a CAA record".
const AMAZON: [&str; 4] = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"];
/// Beside that, certificates are renewed 60 days ahead; half of it gone is worth a word.
const EXPIRY_WARNING_SECONDS: i64 = 30 * 86_400;

pub(super) async fn certificate(case: &Case<'_>, place: Place) -> Answer {
    let arn = own(case, place).ok_or_else(|| Stop::Nothing(no_own(case).to_owned()))?;
    let request = format!(
        "request one with `aws acm request-certificate --region {} --validation-method DNS --domain-name {}` and name its ARN",
        arn.region(),
        names(case, place).join(" --subject-alternative-names ")
    );
    let Some(found) = case.reach.premises.certificate(arn).await? else {
        return Ok(Verdict::error(format!("there is no certificate {arn}"), request));
    };
    if found.status != "ISSUED" {
        return Ok(Verdict::error(
            format!("the certificate is {}, not ISSUED", found.status),
            format!(
                "`aws acm describe-certificate --region {} --certificate-arn {arn}` tells which record it waits for; or {request}",
                arn.region()
            ),
        ));
    }
    if let Some(name) = names(case, place).into_iter().find(|name| !found.covers(name)) {
        let what = format!("the certificate is for {}, not for {name}", found.names.join(", "));
        return Ok(Verdict::error(what, request));
    }
    Ok(validity(case, arn, &found, &request)
        .or_else(|| trusted(case, place, &found, &request))
        .unwrap_or_else(|| match found.until {
            Some(until) => Verdict::ok(format!("valid until {until}")),
            None => Verdict::ok("issued"),
        }))
}

/// Whether it has ended, or soon will.
fn validity(
    case: &Case<'_>,
    arn: &CertificateArn,
    found: &CertificateView,
    request: &str,
) -> Option<Verdict> {
    let until = found.until?;
    if until <= case.now {
        return Some(Verdict::error(format!("the certificate expired at {until}"), request));
    }
    (until <= after(case.now, EXPIRY_WARNING_SECONDS)).then(|| match found.issuer {
        Issuer::Imported => Verdict::warning(
            format!("the certificate expires at {until}, and AWS does not renew what was imported"),
            format!(
                "`aws acm import-certificate --region {} --certificate-arn {arn} --certificate fileb://certificate.pem \
                 --certificate-chain fileb://chain.pem --private-key fileb://key.pem` with the files of a new one; or {request}",
                arn.region()
            ),
        ),
        Issuer::Amazon | Issuer::Private => Verdict::warning(
            format!("the certificate expires at {until}, and AWS should have renewed it by now"),
            format!(
                "`aws acm describe-certificate --region {} --certificate-arn {arn}` tells what the renewal waits for",
                arn.region()
            ),
        ),
    })
}

/// Whether the controller can judge the primary by it: the function has Amazon's roots and the site file's, and a probe that it
/// cannot trust is unknown. So nothing would ever be lowered. It asks the primary alone.
fn trusted(
    case: &Case<'_>,
    place: Place,
    found: &CertificateView,
    request: &str,
) -> Option<Verdict> {
    let whose = match found.issuer {
        Issuer::Amazon => return None,
        Issuer::Imported => "was imported",
        Issuer::Private => "was issued by your own authority",
    };
    let judged = place == Place::Primary && case.site.config.tls.ca_bundle.is_none();
    judged.then(|| {
        Verdict::warning(
            format!(
                "the certificate {whose}: unless one of Amazon's roots signed it, the controller's probe does not trust it, and \
                 after a failover nothing is ever lowered by itself"
            ),
            format!(
                "set `ca_bundle` in [tls] to a PEM file with its root, or `certificate = \"managed\"`, or {request}"
            ),
        )
    })
}

/// Whether AWS may issue the managed certificates.
pub(super) async fn issuer(case: &Case<'_>) -> Answer {
    let config = &case.site.config;
    if config.tls.certificate != Certificate::Managed {
        return Err(Stop::Nothing("CAA records forbid every certificate".to_owned()));
    }
    let zone = case.zone()?;
    public(case, zone.private)?;
    // RFC 8659: the nearest name upwards that has CAA records decides.
    let mut name = config.hostname.as_str();
    loop {
        let issuers = case.reach.names.issuers(name).await.map_err(Stop::Nothing)?;
        if let Some(issuers) = issuers {
            return Ok(judged(name, &issuers));
        }
        // BOUND: a name has 127 labels at most.
        match name.split_once('.') {
            Some((_, above)) if above.contains('.') => name = above,
            Some(_) | None => return Ok(Verdict::ok("no CAA record says who may issue")),
        }
    }
}

fn judged(name: &str, issuers: &[String]) -> Verdict {
    if issuers.is_empty() || issuers.iter().any(|issuer| AMAZON.contains(&issuer.as_str())) {
        return Verdict::ok(format!("the CAA records of `{name}` let Amazon issue"));
    }
    Verdict::error(
        format!("the CAA records of `{name}` do not let Amazon issue"),
        format!("add `0 issue \"amazon.com\"` to the CAA records of `{name}`"),
    )
}

fn own<'a>(case: &Case<'a>, place: Place) -> Option<&'a CertificateArn> {
    let config = &case.site.config;
    match place {
        Place::Primary => config.tls.primary_arn.as_ref(),
        Place::Standby => config.tls.standby_arn.as_ref(),
        Place::Detector => config.edge.as_ref()?.certificate_arn.as_ref(),
        Place::Here => None,
    }
}

fn no_own(case: &Case<'_>) -> &'static str {
    match case.site.config.tls.certificate {
        Certificate::None => "the site has no TLS",
        Certificate::Managed => "AWS issues and renews it",
        Certificate::Own => "the site has no CloudFront",
    }
}

/// The names that a certificate must be for: CloudFront asks the load balancers by the origin's.
fn names(case: &Case<'_>, place: Place) -> Vec<String> {
    let config = &case.site.config;
    let mut names = vec![config.hostname.to_string()];
    if place != Place::Detector && config.edge.is_some() {
        names.push(config.failover_name().to_string());
    }
    names
}
