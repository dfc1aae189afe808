//! The servers and their load balancers.

use failover_core::Policy;
use failover_core::policy::{Floor, Routing};

use super::super::places::Places;
use super::super::problem::Problem;
use super::super::section::{ARM64, Certificate, Parts, Waf, X86_64, processor_of};
use super::Rule;
use crate::config::{Regions, Web};
use crate::names::{CertificateArn, Region};

/// Units: characters. Source: `RequestCertificate`, `DomainName`: RFC 5280 gives a common name no more.
const FIRST_NAME_MAX: usize = 64;

/// Units: bytes. Source: AWS WAF, `ByteMatchStatement`, `SearchString`.
const COMPARED_MAX: usize = 200;

pub(super) const RULES: &[Rule] = &[
    sizes_agree,
    the_hint_is_no_less_than_the_minimum,
    each_region_carries_everything,
    each_region_may_grow,
    types_differ,
    types_share_a_processor,
    the_image_is_for_the_processor,
    spot_needs_a_choice,
    a_warm_pool_is_not_spot,
    a_warm_pool_has_a_floor_that_stays,
    the_firewall_takes_the_health_path,
    images_come_in_pairs,
    session_manager_needs_a_way_out,
    redirect_needs_its_port,
    a_managed_certificate_takes_the_name,
    primary_certificate,
    standby_certificate,
];

fn sizes_agree(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let (min, max) = (web.primary_min, web.primary_max);
    let message = format!("`primary_min` is above `primary_max`: {min} > {max}");
    let problem = || places.problem(("web", "primary_min"), message, &format!("{max} or less"));
    (min > max)
        .then(|| problem().hint("`primary_max` is `capacity_max` of [failover] unless it is set"))
}

/// A raise before the first hour of OK asks for no more than the hint, unless the primary can be read.
fn the_hint_is_no_less_than_the_minimum(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, policy) = (parts.web.as_ref()?, parts.policy.as_ref()?);
    let (min, hint) = (web.primary_min, policy.peak_hint());
    let message = format!("`peak_hint` is below `primary_min`: {hint} < {min}");
    let problem = || places.problem(("failover", "peak_hint"), message, &format!("{min} or more"));
    (!serves_both(policy) && hint < min && min <= web.primary_max).then(|| {
        problem().hint(
            "set `peak_hint` in [failover] to what the primary runs at its peak: until the controller has sampled it, a failover raises the standby to that",
        )
    })
}

fn serves_both(policy: &Policy) -> bool {
    policy.routing() == Routing::ActiveActive
}

fn each_region_carries_everything(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, policy) = (parts.web.as_ref()?, parts.policy.as_ref()?);
    let (min, target) = (web.primary_min, policy.target(None));
    let message = format!("`primary_min` is less than one region needs to carry everything: {min}");
    let problem = || places.problem(("web", "primary_min"), message, &format!("{target} or more"));
    (serves_both(policy) && min < target).then(|| {
        problem()
            .hint("leave it out: it follows from `peak_hint`, `match_percent` and `failover_min`")
    })
}

fn each_region_may_grow(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, policy) = (parts.web.as_ref()?, parts.policy.as_ref()?);
    let (max, most) = (web.primary_max, policy.capacity_max());
    let message = format!("`primary_max` is below `capacity_max`: {max} < {most}");
    let problem = || places.problem(("web", "primary_max"), message, &format!("{most} or more"));
    (serves_both(policy) && max < most).then(|| {
        problem().hint(
            "leave it out: with both regions serving, each must be able to grow to `capacity_max`",
        )
    })
}

fn types_differ(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let message =
        format!("`more_instance_types` names the first choice again: `{}`", web.instance_type);
    let problem = || places.problem(("web", "more_instance_types"), message, "other types");
    web.more_instance_types
        .contains(&web.instance_type)
        .then(|| problem().hint("they are taken where `instance_type` cannot be had"))
}

fn types_share_a_processor(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let first = processor_of(&web.instance_type);
    let other = web.more_instance_types.iter().find(|other| processor_of(other) != first)?;
    let message = format!("`{}` and `{other}` have different processors", web.instance_type);
    let kind = if first == ARM64 {
        "Graviton types, such as `t4g.small`"
    } else {
        "Intel or AMD types, such as `t3.small`"
    };
    let problem = places.problem(("web", "more_instance_types"), message, kind);
    Some(problem.hint("one image boots on one processor"))
}

/// Amazon's names end with the processor. What others' names mean, and their ids, only AWS knows: `doctor` asks.
fn the_image_is_for_the_processor(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let name = web.image.strip_prefix("/aws/service/")?;
    let wanted = processor_of(&web.instance_type);
    let other =
        [ARM64, X86_64].into_iter().find(|other| *other != wanted && name.ends_with(other))?;
    let message = format!("`image` is for {other}, and `{}` is {wanted}", web.instance_type);
    let problem = || places.problem(("web", "image"), message, &format!("one for {wanted}"));
    web.images().is_none().then(|| {
        problem()
            .hint("leave `image` out: the default follows `instance_type`; or choose another type")
    })
}

fn spot_needs_a_choice(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let message = format!(
        "`on_demand_percent` is {}, and there is one instance type alone",
        web.on_demand_percent
    );
    let problem = || places.problem(("web", "on_demand_percent"), message, "100");
    (web.on_demand_percent < 100 && web.more_instance_types.is_empty()).then(|| {
        problem().hint("name `more_instance_types`: Spot capacity of one type runs out when everybody fails over")
    })
}

fn a_warm_pool_is_not_spot(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let web = parts.web.as_ref()?;
    let message = "`warm_pool` cannot hold Spot instances";
    let problem = || places.problem(("web", "warm_pool"), message, "0");
    (web.warm_pool > 0 && web.on_demand_percent < 100)
        .then(|| problem().hint("set `on_demand_percent = 100`, or leave `warm_pool` out"))
}

/// The pool is what the group may have prepared less what runs: a floor that the controller raises would empty it.
fn a_warm_pool_has_a_floor_that_stays(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, policy) = (parts.web.as_ref()?, parts.policy.as_ref()?);
    let message =
        "`warm_pool` prepares what a raise adds, and with `floor = \"match\"` it adds nothing";
    let problem = || places.problem(("web", "warm_pool"), message, "0");
    (web.warm_pool > 0 && policy.floor() == Floor::Match)
        .then(|| problem().hint("leave `warm_pool` out, or set `floor` in [failover] to a number"))
}

/// The regional firewall lets the health path through by comparing with it.
fn the_firewall_takes_the_health_path(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let length = parts.health.as_ref()?.path.len();
    let message = format!(
        "`path` has {length} characters, and a firewall rule compares with {COMPARED_MAX} at most"
    );
    let expected = format!("{COMPARED_MAX} characters or less");
    let problem = || places.problem(("health", "path"), message, &expected);
    (parts.waf == Some(Waf::Regional) && length > COMPARED_MAX)
        .then(|| problem().hint("shorten it, or choose another `placement` in [waf]"))
}

fn images_come_in_pairs(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (primary, standby) =
        (places.is_set("web", "primary_ami"), places.is_set("web", "standby_ami"));
    let (here, missing) = match (primary, standby) {
        (true, false) => ("primary_ami", "standby_ami"),
        (false, true) => ("standby_ami", "primary_ami"),
        (true, true) | (false, false) => return None,
    };
    let message = format!("`{here}` stands without `{missing}`");
    let problem = places.problem(("web", here), message, &format!("`{missing}` beside it"));
    let known = parts.web.as_ref().zip(parts.regions.as_ref());
    Some(problem.hint(match known.and_then(|(web, regions)| copy(web, regions)) {
        Some(copy) => format!("an image has another id in each region: copy it with `{copy}`"),
        None => "an image has another id in each region".to_owned(),
    }))
}

/// The command that copies the one image to the other region.
fn copy(web: &Web, regions: &Regions) -> Option<String> {
    let (here, there) = (&regions.primary, &regions.standby);
    let (id, from, to) = match (&web.primary_ami, &web.standby_ami) {
        (Some(id), None) => (id, here, there),
        (None, Some(id)) => (id, there, here),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    Some(format!(
        "aws ec2 copy-image --region {to} --source-region {from} --source-image-id {id} --name web"
    ))
}

fn session_manager_needs_a_way_out(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, network) = (parts.web.as_ref()?, parts.network.as_ref()?);
    let message = "`session_manager` needs internet access, and the instances have none";
    let problem = || places.problem(("web", "session_manager"), message, "`off`");
    (web.session_manager.is_on() && !network.has_way_out()).then(|| {
        problem().hint(
            "set `nat = \"one\"`, `nat = \"per-zone\"` or `instances = \"public\"` in [network]",
        )
    })
}

fn redirect_needs_its_port(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (web, tls) = (parts.web.as_ref()?, parts.tls.as_ref()?);
    let message = "`listener_port` is 80, which the redirect needs";
    let problem = || places.problem(("web", "listener_port"), message, "another port, such as 443");
    (tls.redirects() && web.listener_port == 80).then(|| {
        problem().hint(
            "leave `listener_port` out: it is 443 with TLS; or set `redirect = \"off\"` in [tls]",
        )
    })
}

fn a_managed_certificate_takes_the_name(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (tls, hostname) = (parts.tls.as_ref()?, parts.hostname.as_ref()?);
    let length = hostname.as_str().len();
    let message = format!(
        "`hostname` has {length} characters, and a certificate's first name {FIRST_NAME_MAX} at most"
    );
    let problem = || places.problem(("tls", "certificate"), message, "`own`, or `none`");
    (tls.certificate == Certificate::Managed && length > FIRST_NAME_MAX).then(|| {
        problem().hint(
            "choose a shorter `hostname`; or request certificates that have a shorter name first and this one as an \
             alternative, and name their ARNs with `certificate = \"own\"`",
        )
    })
}

fn primary_certificate(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (tls, regions) = (parts.tls.as_ref()?, parts.regions.as_ref()?);
    certificate(places, tls.certificate, "primary_arn", tls.primary_arn.as_ref(), &regions.primary)
}

fn standby_certificate(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let (tls, regions) = (parts.tls.as_ref()?, parts.regions.as_ref()?);
    certificate(places, tls.certificate, "standby_arn", tls.standby_arn.as_ref(), &regions.standby)
}

fn certificate(
    places: &Places<'_>,
    whose: Certificate,
    key: &str,
    arn: Option<&CertificateArn>,
    region: &Region,
) -> Option<Problem> {
    match (whose, arn) {
        (Certificate::Own, None) => {
            let message = format!("`certificate = \"own\"` needs `{key}`");
            let expected = format!("`{key}` beside it");
            let problem = places.problem(("tls", "certificate"), message, &expected);
            Some(problem.hint(format!(
                "find it with `aws acm list-certificates --region {region}`; or set `certificate = \"managed\"`"
            )))
        }
        (Certificate::Own, Some(arn)) if arn.region() != *region => {
            let message = format!("`{key}` is a certificate of {}", arn.region());
            let expected = format!("one of {region}");
            let problem = places.problem(("tls", key), message, &expected);
            Some(problem.hint("a load balancer takes certificates of its own region alone"))
        }
        (Certificate::Own, Some(_)) | (Certificate::None | Certificate::Managed, None) => None,
        (Certificate::None | Certificate::Managed, Some(_)) => {
            let message = format!("`{key}` is for `certificate = \"own\"`, and it is `{whose}`");
            let problem = places.problem(("tls", key), message, "no such key");
            Some(problem.hint("remove it, or set `certificate = \"own\"`"))
        }
    }
}
