//! CloudFront and what needs it.

use super::super::reader::Document;
use super::super::section::{Certificate, Edge, Parts, Waf};
use crate::names::{DETECTOR_REGION, Hostname};

pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    match &parts.edge {
        Some(Some(edge)) => {
            carried_on(file, parts);
            certificate(file, parts, edge);
            if let Some(hostname) = &parts.hostname {
                origin(file, edge, hostname);
            }
        }
        Some(None) => without(file, parts),
        None => {}
    }
    if file.text("edge", "cloudfront") == Some("on")
        && !file.is_set("edge", "origin_hostname")
        && parts.hostname.as_ref().is_some_and(|hostname| hostname.below("origin").is_none())
    {
        let message = "the origin's name, `origin.` and `hostname`, is longer than a name may be";
        let expected = "`origin_hostname` beside it";
        let hint = "set a shorter `origin_hostname` in the same zone";
        file.refuse(("edge", "cloudfront"), message, expected, hint);
    }
}

/// How CloudFront reaches the load balancers.
fn carried_on(file: &Document<'_>, parts: &Parts) {
    let Some(tls) = &parts.tls else { return };
    if !tls.is_on() {
        let message = "`cloudfront` needs TLS at the load balancers, and there is none";
        let hint = "set `certificate = \"managed\"` in [tls]: what users send over HTTPS must not travel on in clear";
        file.refuse(("edge", "cloudfront"), message, "`off`", hint);
        return;
    }
    // CustomOriginConfig takes 80, 443 and what needs no privilege; 80 is never HTTPS here.
    let port = parts.web.as_ref().map(|web| web.listener_port);
    if let Some(port) = port.filter(|port| *port != 443 && *port < 1024) {
        let message = format!("CloudFront reaches no port {port}");
        let hint = "leave `listener_port` out: it is 443 with TLS";
        file.refuse(("web", "listener_port"), message, "443, or 1024 and above", hint);
    }
}

fn certificate(file: &Document<'_>, parts: &Parts, edge: &Edge) {
    match &edge.certificate_arn {
        Some(arn) if arn.region().as_str() != DETECTOR_REGION => {
            let message = format!("`certificate_arn` is a certificate of {}", arn.region());
            let expected = format!("one of {DETECTOR_REGION}");
            let hint = "CloudFront takes certificates of no other region";
            file.refuse(("edge", "certificate_arn"), message, &expected, hint);
        }
        None if parts.tls.as_ref().is_some_and(|tls| tls.certificate == Certificate::Own) => {
            let message = "with certificates of your own, CloudFront needs one too";
            let hint = format!(
                "find it with `aws acm list-certificates --region {DETECTOR_REGION}`; CloudFront takes certificates of no other region"
            );
            file.refuse(("edge", "cloudfront"), message, "`certificate_arn` beside it", hint);
        }
        Some(_) | None => {}
    }
}

fn origin(file: &Document<'_>, edge: &Edge, hostname: &Hostname) {
    if edge.origin_hostname == *hostname {
        let message = "`origin_hostname` is the site's own name";
        let expected = format!("another name than `{hostname}`");
        let hint = format!(
            "leave it out: it is `origin.{hostname}`; CloudFront must not fetch from itself"
        );
        file.refuse(("edge", "origin_hostname"), message, &expected, hint);
    }
}

/// What is asked of CloudFront where it is off.
fn without(file: &Document<'_>, parts: &Parts) {
    for key in ["certificate_arn", "failover_path"] {
        if file.is_set("edge", key) {
            let message = format!("`{key}` is for CloudFront, which is off");
            let hint = "remove it, or set `cloudfront = \"on\"`";
            file.refuse(("edge", key), message, "no such key", hint);
        }
    }
    if parts.waf == Some(Waf::Edge) {
        let message = "`placement = \"edge\"` needs CloudFront, which is off";
        let hint = "set `cloudfront = \"on\"` in [edge]; or `placement = \"regional\"`";
        file.refuse(("waf", "placement"), message, "`regional` or `none`", hint);
    }
}
