//! The servers and their load balancers.

use failover_core::Policy;
use failover_core::policy::Floor;

use super::super::reader::Document;
use super::super::section::{ARM64, Certificate, Parts, Tls, Waf, Web, X86_64, processor_of};

/// Units: characters. Source: `RequestCertificate`, `DomainName`: RFC 5280 gives a common name no more.
const FIRST_NAME_MAX: usize = 64;

/// Units: bytes. Source: AWS WAF, `ByteMatchStatement`, `SearchString`.
const COMPARED_MAX: usize = 200;

pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    if let Some(web) = &parts.web {
        sizes(file, parts, web);
        types(file, web);
        spot(file, web);
        if let Some(policy) = &parts.policy {
            warm_pool(file, web, policy);
        }
        session_manager(file, parts, web);
    }
    health_path(file, parts);
    images(file, parts);
    if let Some(tls) = &parts.tls {
        ports_and_names(file, parts, tls);
        certificates(file, parts, tls);
    }
}

fn sizes(file: &Document<'_>, parts: &Parts, web: &Web) {
    let (min, max) = (web.primary_min, web.primary_max);
    if min > max {
        let message = format!("`primary_min` is above `primary_max`: {min} > {max}");
        let expected = format!("{max} or less");
        let hint = "`primary_max` is `capacity_max` of [failover] unless it is set";
        file.refuse(("web", "primary_min"), message, &expected, hint);
    }
    let Some(policy) = &parts.policy else { return };
    let hinted = policy.peak_hint();
    if !parts.both_serve() {
        // A raise before the first hour of OK asks for no more than the hint, unless the primary can be read.
        if hinted < min && min <= max {
            let message = format!("`peak_hint` is below `primary_min`: {hinted} < {min}");
            let expected = format!("{min} or more");
            let hint = "set `peak_hint` in [failover] to what the primary runs at its peak: until the controller has sampled it, a failover raises the standby to that";
            file.refuse(("failover", "peak_hint"), message, &expected, hint);
        }
        return;
    }
    let (target, most) = (policy.target(None), policy.capacity_max());
    if min < target {
        let message =
            format!("`primary_min` is less than one region needs to carry everything: {min}");
        let expected = format!("{target} or more");
        let hint = "leave it out: it follows from `peak_hint`, `match_percent` and `failover_min`";
        file.refuse(("web", "primary_min"), message, &expected, hint);
    }
    if max < most {
        let message = format!("`primary_max` is below `capacity_max`: {max} < {most}");
        let expected = format!("{most} or more");
        let hint =
            "leave it out: with both regions serving, each must be able to grow to `capacity_max`";
        file.refuse(("web", "primary_max"), message, &expected, hint);
    }
}

/// All types must boot the one image.
fn types(file: &Document<'_>, web: &Web) {
    let (first, more) = (&web.instance_type, &web.more_instance_types);
    let processor = processor_of(first);
    if more.contains(first) {
        let message = format!("`more_instance_types` names the first choice again: `{first}`");
        let hint = "they are taken where `instance_type` cannot be had";
        file.refuse(("web", "more_instance_types"), message, "other types", hint);
    }
    if let Some(other) = more.iter().find(|other| processor_of(other) != processor) {
        let message = format!("`{first}` and `{other}` have different processors");
        let expected = if processor == ARM64 {
            "Graviton types, such as `t4g.small`"
        } else {
            "Intel or AMD types, such as `t3.small`"
        };
        let hint = "one image boots on one processor";
        file.refuse(("web", "more_instance_types"), message, expected, hint);
    }
    // Amazon's names end with the processor. What others' names mean, and their ids, only AWS knows: `doctor` asks.
    let name = web.image.strip_prefix("/aws/service/").filter(|_| web.images().is_none());
    let for_other =
        |other: &&str| *other != processor && name.is_some_and(|name| name.ends_with(other));
    if let Some(other) = [ARM64, X86_64].iter().copied().find(for_other) {
        let message = format!("`image` is for {other}, and `{first}` is {processor}");
        let expected = format!("one for {processor}");
        let hint = "leave `image` out: the default follows `instance_type`; or choose another type";
        file.refuse(("web", "image"), message, &expected, hint);
    }
}

fn spot(file: &Document<'_>, web: &Web) {
    let on_demand = web.on_demand_percent;
    if on_demand == 100 {
        return;
    }
    if web.more_instance_types.is_empty() {
        let message =
            format!("`on_demand_percent` is {on_demand}, and there is one instance type alone");
        let hint = "name `more_instance_types`: Spot capacity of one type runs out when everybody fails over";
        file.refuse(("web", "on_demand_percent"), message, "100", hint);
    }
    if web.warm_pool > 0 {
        let message = "`warm_pool` cannot hold Spot instances";
        let hint = "set `on_demand_percent = 100`, or leave `warm_pool` out";
        file.refuse(("web", "warm_pool"), message, "0", hint);
    }
}

/// The pool is what the group may have prepared less what runs: a floor that the controller raises would empty it.
fn warm_pool(file: &Document<'_>, web: &Web, policy: &Policy) {
    if web.warm_pool > 0 && policy.floor() == Floor::Match {
        let message =
            "`warm_pool` prepares what a raise adds, and with `floor = \"match\"` it adds nothing";
        let hint = "leave `warm_pool` out, or set `floor` in [failover] to a number";
        file.refuse(("web", "warm_pool"), message, "0", hint);
    }
}

fn session_manager(file: &Document<'_>, parts: &Parts, web: &Web) {
    let no_way_out = parts.network.as_ref().is_some_and(|network| !network.has_way_out());
    if web.session_manager.is_on() && no_way_out {
        let message = "`session_manager` needs internet access, and the instances have none";
        let hint =
            "set `nat = \"one\"`, `nat = \"per-zone\"` or `instances = \"public\"` in [network]";
        file.refuse(("web", "session_manager"), message, "`off`", hint);
    }
}

/// The regional firewall lets the health path through by comparing with it.
fn health_path(file: &Document<'_>, parts: &Parts) {
    let length = parts.health.as_ref().map_or(0, |health| health.path.len());
    if parts.waf == Some(Waf::Regional) && length > COMPARED_MAX {
        let message = format!(
            "`path` has {length} characters, and a firewall rule compares with {COMPARED_MAX} at most"
        );
        let expected = format!("{COMPARED_MAX} characters or less");
        let hint = "shorten it, or choose another `placement` in [waf]";
        file.refuse(("health", "path"), message, &expected, hint);
    }
}

/// They come in pairs.
fn images(file: &Document<'_>, parts: &Parts) {
    let (here, missing) =
        match (file.is_set("web", "primary_ami"), file.is_set("web", "standby_ami")) {
            (true, false) => ("primary_ami", "standby_ami"),
            (false, true) => ("standby_ami", "primary_ami"),
            (true, true) | (false, false) => return,
        };
    let known = parts.web.as_ref().zip(parts.regions.as_ref());
    let copied = known.and_then(|(web, regions)| {
        let (primary, standby) = (&regions.primary, &regions.standby);
        let primary_ami = web.primary_ami.as_ref().map(|id| (id, primary, standby));
        primary_ami.or_else(|| Some((web.standby_ami.as_ref()?, standby, primary)))
    });
    let hint = match copied {
        Some((id, from, to)) => format!(
            "an image has another id in each region: copy it with `aws ec2 copy-image --region {to} --source-region {from} --source-image-id {id} --name web`"
        ),
        None => "an image has another id in each region".to_owned(),
    };
    let message = format!("`{here}` stands without `{missing}`");
    file.refuse(("web", here), message, &format!("`{missing}` beside it"), hint);
}

fn ports_and_names(file: &Document<'_>, parts: &Parts, tls: &Tls) {
    if tls.redirects() && parts.web.as_ref().is_some_and(|web| web.listener_port == 80) {
        let message = "`listener_port` is 80, which the redirect needs";
        let hint =
            "leave `listener_port` out: it is 443 with TLS; or set `redirect = \"off\"` in [tls]";
        file.refuse(("web", "listener_port"), message, "another port, such as 443", hint);
    }
    let length = parts.hostname.as_ref().map_or(0, |hostname| hostname.as_str().len());
    if tls.certificate == Certificate::Managed && length > FIRST_NAME_MAX {
        let message = format!(
            "`hostname` has {length} characters, and a certificate's first name {FIRST_NAME_MAX} at most"
        );
        let hint = "choose a shorter `hostname`; or request certificates that have a shorter name first and this one as an \
                    alternative, and name their ARNs with `certificate = \"own\"`";
        file.refuse(("tls", "certificate"), message, "`own`, or `none`", hint);
    }
}

fn certificates(file: &Document<'_>, parts: &Parts, tls: &Tls) {
    let Some(regions) = &parts.regions else { return };
    for (key, arn, region) in [
        ("primary_arn", &tls.primary_arn, &regions.primary),
        ("standby_arn", &tls.standby_arn, &regions.standby),
    ] {
        match (tls.certificate, arn) {
            (Certificate::Own, None) => {
                let message = format!("`certificate = \"own\"` needs `{key}`");
                let expected = format!("`{key}` beside it");
                let hint = format!(
                    "find it with `aws acm list-certificates --region {region}`; or set `certificate = \"managed\"`"
                );
                file.refuse(("tls", "certificate"), message, &expected, hint);
            }
            (Certificate::Own, Some(arn)) if arn.region() != *region => {
                let message = format!("`{key}` is a certificate of {}", arn.region());
                let expected = format!("one of {region}");
                let hint = "a load balancer takes certificates of its own region alone";
                file.refuse(("tls", key), message, &expected, hint);
            }
            (Certificate::None | Certificate::Managed, Some(_)) => {
                let message = format!(
                    "`{key}` is for `certificate = \"own\"`, and it is `{}`",
                    tls.certificate
                );
                let hint = "remove it, or set `certificate = \"own\"`";
                file.refuse(("tls", key), message, "no such key", hint);
            }
            (Certificate::Own, Some(_)) | (Certificate::None | Certificate::Managed, None) => {}
        }
    }
}
