//! What each table of the site file may say.

use std::net::SocketAddr;
use std::time::Duration;

use failover_core::Policy;
use failover_core::policy::{PolicyError, SETTINGS};
use failover_core::time::{format_duration, parse_duration};
use toml::Spanned;
use toml::de::DeTable;

use super::section::{Document, Form, Section};
use super::{Architecture, Config, Controller, Health, Network, Regions, Web};
use crate::names::{Cidr, HostedZoneId, Hostname, NameError, Region, SiteName};

const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

// The AllowedValues of the controller template, which are those of CloudWatch Logs that people use.
const RETENTION_DAYS: [u16; 17] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

pub(super) fn config(document: &Document, table: &Spanned<DeTable<'_>>) -> Option<Config> {
    let root = document.root(table);
    let name = root.required("name", Form::Text, SiteName::parse);
    let hostname = root.required("hostname", Form::Text, Hostname::parse);
    let hosted_zone_id = root.required("hosted_zone_id", Form::Text, HostedZoneId::parse);
    let notice_email = root.optional("notice_email", Form::Text, email);
    let regions = regions(document, root.section("regions"));
    let network = network(root.section("network"));
    // The policy first: the primary's maximum follows from it.
    let section = (root.section("web"), root.section("health"), root.section("controller"));
    let policy = policy(document, root.section("failover"));
    let web = web(document, section.0, policy.as_ref());
    let health = health(document, section.1, policy.as_ref());
    let controller = controller(section.2);
    root.finish();
    Some(Config {
        name: name?,
        hostname: hostname?,
        hosted_zone_id: hosted_zone_id?,
        notice_email: notice_email?,
        regions: regions?,
        network: network?,
        web: web?,
        health: health?,
        controller: controller?,
        policy: policy?,
    })
}

fn regions(document: &Document, section: Section<'_>) -> Option<Regions> {
    let primary = section.required("primary", Form::Text, Region::parse);
    let standby = section.required("standby", Form::Text, Region::parse);
    if primary.is_some() && primary == standby {
        let message = "the standby is the same region as the primary".to_owned();
        let expected = format!("expected another region than `{}`", primary.as_ref()?);
        let problem = document.problem(section.span("standby"), message, &expected);
        document.report(problem.hint("a region that fails must not take its standby along"));
    }
    section.finish();
    Some(Regions { primary: primary?, standby: standby? })
}

fn network(section: Section<'_>) -> Option<Network> {
    let default = |text| Cidr::parse(text).expect("the default is a valid range");
    let primary_cidr = section.or("primary_cidr", Form::Text, default("10.20.0.0/16"), Cidr::parse);
    let standby_cidr = section.or("standby_cidr", Form::Text, default("10.21.0.0/16"), Cidr::parse);
    section.finish();
    Some(Network { primary_cidr: primary_cidr?, standby_cidr: standby_cidr? })
}

fn web(document: &Document, section: Section<'_>, policy: Option<&Policy>) -> Option<Web> {
    let capacity_max = policy.map_or(u16::MAX, Policy::capacity_max).max(2);
    let instance_type =
        section.or("instance_type", Form::Text, "t4g.micro".to_owned(), instance_type);
    let image = section.or("image", Form::Text, IMAGE.to_owned(), image);
    let listener_port = section.or("listener_port", Form::Number, 80, port);
    let instance_port = section.or("instance_port", Form::Number, 8080, unprivileged_port);
    let primary_min = section.or("primary_min", Form::Number, 2.min(capacity_max), instances_min);
    let primary_max = section.or("primary_max", Form::Number, capacity_max, instances_max);
    if let (Some(min), Some(max)) = (primary_min, primary_max)
        && min > max
    {
        let message = format!("`primary_min` is above `primary_max`: {min} > {max}");
        let problem = document.problem(
            section.span("primary_min"),
            message,
            &format!("expected {max} or less"),
        );
        document
            .report(problem.hint("`primary_max` is `capacity_max` of [failover] unless it is set"));
    }
    section.finish();
    Some(Web {
        instance_type: instance_type?,
        image: image?,
        listener_port: listener_port?,
        instance_port: instance_port?,
        primary_min: primary_min?,
        primary_max: primary_max?,
    })
}

fn health(document: &Document, section: Section<'_>, policy: Option<&Policy>) -> Option<Health> {
    const MINUTE: Duration = Duration::from_mins(1);
    let path = section.or("path", Form::Text, "/health".to_owned(), path);
    let interval = section.or("interval", Form::Text, Duration::from_secs(10), interval);
    let threshold = section.or("threshold", Form::Number, 3, threshold);
    let alarm_period = section.or("alarm_period", Form::Text, MINUTE, alarm_period);
    let primary_check_id = section.optional("primary_check_id", Form::Text, check_id);
    let standby_check_id = section.optional("standby_check_id", Form::Text, check_id);
    let gate_check_id = section.optional("gate_check_id", Form::Text, check_id);
    if alarm_period.is_some_and(|period| period < MINUTE) && primary_check_id == Some(None) {
        let message =
            "`alarm_period` is shorter than the metric's own distance of points".to_owned();
        let problem = document.problem(section.span("alarm_period"), message, "expected `1m`");
        document.report(problem.hint(
            "Route 53 gives one point a minute; a shorter period needs a check of your own: set `primary_check_id`",
        ));
    }
    if let (Some(primary), Some(Some(gate))) = (&primary_check_id, &gate_check_id) {
        gate_problem(document, &section, primary.as_deref(), gate, policy);
    }
    section.finish();
    Some(Health {
        path: path?,
        interval: interval?,
        threshold: threshold?,
        alarm_period: alarm_period?,
        primary_check_id: primary_check_id?,
        standby_check_id: standby_check_id?,
        gate_check_id: gate_check_id?,
    })
}

/// A check for the primary's record must be one over the check that the alarm watches, or the record and the alarm disagree.
fn gate_problem(
    document: &Document,
    section: &Section<'_>,
    primary: Option<&str>,
    gate: &str,
    policy: Option<&Policy>,
) {
    let (message, expected, hint) = if policy.is_some_and(|policy| !policy.latch()) {
        let message = "`gate_check_id` is for the latch, which is off";
        (message, "expected no such key", "take it out, or set `latch = \"on\"` in [failover]")
    } else if primary.is_none() {
        let message = "`gate_check_id` needs the check that it contains";
        let hint =
            "set `primary_check_id` to the endpoint check inside it, which the alarm watches";
        (message, "expected `primary_check_id` beside it", hint)
    } else if primary == Some(gate) {
        let message = "`gate_check_id` is the same as `primary_check_id`";
        let hint = "the alarm watches `primary_check_id`: a closed latch would look like an outage";
        (message, "expected a check calculated over `primary_check_id`", hint)
    } else {
        return;
    };
    let span = section.span("gate_check_id");
    document.report(document.problem(span, message.to_owned(), expected).hint(hint));
}

fn controller(section: Section<'_>) -> Option<Controller> {
    let architecture = section.or("architecture", Form::Text, Architecture::Arm64, architecture);
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

fn policy(document: &Document, section: Section<'_>) -> Option<Policy> {
    let mut values = Vec::new();
    for setting in &SETTINGS {
        let value = section.optional(setting.name, Form::Any, |text| Ok(text.to_owned()))?;
        values.push((setting.name, value.unwrap_or_else(|| setting.default.to_owned())));
    }
    let lookup =
        |name: &str| values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    // Before the policy is put together: with `active-active` it wants other settings too, and none of them would help.
    if lookup("routing").is_some_and(|routing| routing.trim() == "active-active") {
        let message = "`routing` cannot be `active-active` yet".to_owned();
        let problem = document.problem(section.span("routing"), message, "expected `failover`");
        document.report(problem.hint(
            "the templates for records that both regions answer do not exist yet; leave `routing` out",
        ));
        section.finish();
        return None;
    }
    let policy = Policy::from_settings(|setting| lookup(setting.name));
    if let Err(error) = &policy {
        let expected = match error {
            PolicyError::Missing { .. } => "expected a value".to_owned(),
            PolicyError::Unreadable { expected, .. } => format!("expected {expected}"),
            PolicyError::Range { range, .. } => format!("expected {range}"),
        };
        let mut problem =
            document.problem(section.span(error.name()), error.to_string(), &expected);
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == error.name()) {
            problem = problem.hint(format!("`{}`: {}", setting.name, setting.meaning));
        }
        document.report(problem);
    }
    section.finish();
    policy.ok()
}

fn wrong<T>(expected: &'static str) -> Result<T, NameError> {
    Err(NameError { expected, hint: None })
}

fn within(text: &str, low: u16, high: u16, expected: &'static str) -> Result<u16, NameError> {
    match text.parse() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => wrong(expected),
    }
}

fn port(text: &str) -> Result<u16, NameError> {
    within(text, 1, u16::MAX, "a port from 1 to 65535")
}

fn unprivileged_port(text: &str) -> Result<u16, NameError> {
    within(text, 1024, u16::MAX, "a port from 1024 to 65535, so that the servers need no privilege")
}

fn instances_min(text: &str) -> Result<u16, NameError> {
    within(text, 1, 1000, "1 to 1000 instances")
}

fn instances_max(text: &str) -> Result<u16, NameError> {
    within(text, 2, 1000, "2 to 1000 instances, so that one can be replaced while another serves")
}

fn threshold(text: &str) -> Result<u16, NameError> {
    within(text, 1, 10, "1 to 10 probes")
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

fn seconds(text: &str, allowed: &[u64], expected: &'static str) -> Result<Duration, NameError> {
    match parse_duration(text) {
        Some(duration) if allowed.contains(&duration.as_secs()) => Ok(duration),
        Some(duration) => {
            let hint = Some(format!("AWS offers no {}", format_duration(duration)));
            Err(NameError { expected, hint })
        }
        None => wrong(expected),
    }
}

fn interval(text: &str) -> Result<Duration, NameError> {
    seconds(text, &[10, 30], "`10s` or `30s`")
}

fn alarm_period(text: &str) -> Result<Duration, NameError> {
    seconds(text, &[10, 30, 60], "`10s`, `30s` or `1m`")
}

fn architecture(text: &str) -> Result<Architecture, NameError> {
    match text {
        "arm64" => Ok(Architecture::Arm64),
        "x86_64" => Ok(Architecture::X86_64),
        _ => wrong("`arm64` or `x86_64`"),
    }
}

fn path(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._~/-".contains(&b);
    if text.starts_with('/') && text.len() <= 255 && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("a path that starts with a slash, without a query, such as `/health`")
}

fn email(text: &str) -> Result<String, NameError> {
    match text.split_once('@') {
        Some((user, domain)) if !user.is_empty() && domain.contains('.') && !text.contains(' ') => {
            Ok(text.to_owned())
        }
        _ => wrong("an e-mail address, such as `ops@example.com`"),
    }
}

fn instance_type(text: &str) -> Result<String, NameError> {
    let allowed = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match text.split_once('.') {
        Some((family, size)) if allowed(family) && allowed(size) => Ok(text.to_owned()),
        _ => wrong("an instance type, such as `t4g.micro`"),
    }
}

fn image(text: &str) -> Result<String, NameError> {
    if text.starts_with("ami-") {
        let hint = "put the id into an SSM parameter of that name in both regions: an image has another id in each";
        let expected = "the name of an SSM parameter that holds the image's id";
        return Err(NameError { expected, hint: Some(hint.to_owned()) });
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    if text.starts_with('/') && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("the name of an SSM parameter, such as `/shop/image`")
}

fn check_id(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("the id of a Route 53 health check, such as `abcdef11-2222-3333-4444-555555fedcba`")
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
