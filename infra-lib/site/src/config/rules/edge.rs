//! CloudFront and what needs it.

use super::super::places::Places;
use super::super::problem::Problem;
use super::super::section::{Certificate, Parts, Waf};
use super::Rule;
use crate::names::Region;

pub(super) const RULES: &[Rule] = &[
    cloudfront_needs_tls,
    cloudfront_reaches_the_port,
    an_own_certificate_needs_another_at_the_edge,
    the_edge_takes_a_certificate_of_the_detector_region,
    an_edge_certificate_needs_cloudfront,
    a_failover_path_needs_cloudfront,
    the_origin_has_a_name_of_its_own,
    the_origin_has_a_name,
    a_firewall_at_the_edge_needs_cloudfront,
];

fn cloudfront_needs_tls(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (edge, tls) = (parts.edge.as_ref()?, parts.tls.as_ref()?);
    let message = "`cloudfront` needs TLS at the load balancers, and there is none";
    let problem = || places.problem(("edge", "cloudfront"), message, "`off`");
    (edge.is_some() && !tls.is_on()).then(|| {
        problem().hint("set `certificate = \"managed\"` in [tls]: what users send over HTTPS must not travel on in clear")
    })
}

fn cloudfront_reaches_the_port(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (edge, tls, web) = (parts.edge.as_ref()?, parts.tls.as_ref()?, parts.web.as_ref()?);
    // CustomOriginConfig takes 80, 443 and what needs no privilege; 80 is never HTTPS here.
    let taken = web.listener_port == 443 || web.listener_port >= 1024;
    let message = format!("CloudFront reaches no port {}", web.listener_port);
    let problem = || places.problem(("web", "listener_port"), message, "443, or 1024 and above");
    (edge.is_some() && tls.is_on() && !taken)
        .then(|| problem().hint("leave `listener_port` out: it is 443 with TLS"))
}

fn an_own_certificate_needs_another_at_the_edge(
    places: &Places<'_>,
    parts: &Parts,
) -> Option<Problem> {
    let (edge, tls) = (parts.edge.as_ref()?.as_ref()?, parts.tls.as_ref()?);
    let message = "with certificates of your own, CloudFront needs one too";
    let problem = || places.problem(("edge", "cloudfront"), message, "`certificate_arn` beside it");
    (tls.certificate == Certificate::Own && edge.certificate_arn.is_none()).then(|| {
        problem().hint(format!(
            "find it with `aws acm list-certificates --region {}`; CloudFront takes certificates of no other region",
            Region::detector()
        ))
    })
}

fn the_edge_takes_a_certificate_of_the_detector_region(
    places: &Places<'_>,
    parts: &Parts,
) -> Option<Problem> {
    let arn = parts.edge.as_ref()?.as_ref()?.certificate_arn.as_ref()?;
    let message = format!("`certificate_arn` is a certificate of {}", arn.region());
    let expected = format!("one of {}", Region::detector());
    let problem = || places.problem(("edge", "certificate_arn"), message, &expected);
    (arn.region() != Region::detector())
        .then(|| problem().hint("CloudFront takes certificates of no other region"))
}

fn an_edge_certificate_needs_cloudfront(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let edge = parts.edge.as_ref()?;
    let message = "`certificate_arn` is for CloudFront, which is off";
    let problem = || places.problem(("edge", "certificate_arn"), message, "no such key");
    (edge.is_none() && places.is_set("edge", "certificate_arn"))
        .then(|| problem().hint("remove it, or set `cloudfront = \"on\"`"))
}

fn a_failover_path_needs_cloudfront(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let edge = parts.edge.as_ref()?;
    let message = "`failover_path` is for CloudFront, which is off";
    let problem = || places.problem(("edge", "failover_path"), message, "no such key");
    (edge.is_none() && places.is_set("edge", "failover_path"))
        .then(|| problem().hint("remove it, or set `cloudfront = \"on\"`"))
}

fn the_origin_has_a_name_of_its_own(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (edge, hostname) = (parts.edge.as_ref()?.as_ref()?, parts.hostname.as_ref()?);
    let message = "`origin_hostname` is the site's own name";
    let expected = format!("another name than `{hostname}`");
    let problem = || places.problem(("edge", "origin_hostname"), message, &expected);
    (edge.origin_hostname == *hostname).then(|| {
        problem().hint(format!(
            "leave it out: it is `origin.{hostname}`; CloudFront must not fetch from itself"
        ))
    })
}

fn the_origin_has_a_name(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let hostname = parts.hostname.as_ref()?;
    let on = places.text("edge", "cloudfront") == Some("on");
    let named = places.is_set("edge", "origin_hostname");
    let message = "the origin's name, `origin.` and `hostname`, is longer than a name may be";
    let problem = || places.problem(("edge", "cloudfront"), message, "`origin_hostname` beside it");
    (on && !named && hostname.below("origin").is_none())
        .then(|| problem().hint("set a shorter `origin_hostname` in the same zone"))
}

fn a_firewall_at_the_edge_needs_cloudfront(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let edge = parts.edge.as_ref()?;
    let message = "`placement = \"edge\"` needs CloudFront, which is off";
    let problem = || places.problem(("waf", "placement"), message, "`regional` or `none`");
    (parts.waf == Some(Waf::Edge) && edge.is_none()).then(|| {
        problem().hint("set `cloudfront = \"on\"` in [edge]; or `placement = \"regional\"`")
    })
}
