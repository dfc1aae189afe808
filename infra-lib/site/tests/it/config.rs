//! A site file that is wrong is told so at the place, with what was expected and what was probably meant.

mod example;
mod reference;
mod rules;

use expect_test::{Expect, expect};
use failover_core::policy::{Failback, Floor, Routing};
use miette::Diagnostic;
use site::config::{Config, ConfigError, MINIMAL};

/// Every problem: line, the text that it points to, message, expectation, hint.
fn check(text: &str, problems: &Expect) {
    let error = Config::from_toml(text, "pilotlight.toml").expect_err("the text is wrong");
    let found = match error {
        ConfigError::Invalid { problems } => problems,
        ConfigError::Absent { .. } | ConfigError::Read { .. } => Vec::new(),
    };
    let told = found.iter().map(|problem| {
        let line = text[..problem.span.start].lines().count().max(1);
        let pointed = text.get(problem.span.clone()).unwrap_or_default();
        let hint = problem.help().map_or_else(|| "-".to_owned(), |help| help.to_string());
        format!("{line} {pointed}: {problem}; {}; {hint}\n", problem.expected)
    });
    problems.assert_eq(&told.collect::<String>());
}

fn with(more: &str) -> String {
    format!("{MINIMAL}{more}")
}

#[test]
fn the_smallest_file_is_valid() {
    let config = Config::from_toml(MINIMAL, "pilotlight.toml").expect("valid");
    assert_eq!((config.web.primary_min, config.web.primary_max), (2, 8));
    assert_eq!(config.controller.reserved_concurrency, Some(1));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    check(
        &MINIMAL.replace("hostname", "hostnme"),
        &expect![[r#"
            1 hostnme: unknown key: `hostnme`; expected one of `name`, `hostname`, `hosted_zone_id`, `account`, `notice_email`, `notice_topic`, `notice_webhooks`, `regions`, `network`, `web`, `tls`, `waf`, `edge`, `health`, `controller`, `operations`, `organization`, `failover`, `routing`; did you mean `hostname`?
        "#]],
    );
    check(
        &with("[failover]\nhold_don = \"1h\"\n"),
        &expect![[r#"
            8 hold_don: unknown key in [failover]: `hold_don`; expected one of `routing`, `latch`, `failback`, `floor`, `failover_min`, `capacity_max`, `match_percent`, `peak_hint`, `carry_percent`, `hold_percent`, `starved_ticks`, `hold_down`, `tick`, `drain_ticks`, `eager`; did you mean `hold_down`?
        "#]],
    );
    check(
        &with("[weeb]\n"),
        &expect![[r#"
            8 weeb: unknown table: `weeb`; expected one of `name`, `hostname`, `hosted_zone_id`, `account`, `notice_email`, `notice_topic`, `notice_webhooks`, `regions`, `network`, `web`, `tls`, `waf`, `edge`, `health`, `controller`, `operations`, `organization`, `failover`, `routing`; did you mean `web`?
        "#]],
    );
}

#[test]
fn the_same_region_twice_is_refused() {
    check(
        &MINIMAL.replace("us-east-2", "us-west-2"),
        &expect![[r#"
        7 "us-west-2": the standby is the same region as the primary; expected another region than `us-west-2`; a region that fails must not take its standby along
    "#]],
    );
}

#[test]
fn a_zone_name_is_refused_with_the_way_to_its_id() {
    check(
        &MINIMAL.replace("Z0123456789ABCDEFGHIJ", "example.com"),
        &expect![[r#"
        3 "example.com": `hosted_zone_id` is not valid: `example.com`; expected the id of a hosted zone, such as `Z0123456789ABCDEFGHIJ`; look the id up with `aws route53 list-hosted-zones-by-name --dns-name example.com --max-items 1`; it is the part after `/hostedzone/`
    "#]],
    );
}

#[test]
fn sizes_that_contradict_each_other_are_refused() {
    check(
        &with("[failover]\nfloor = 9\n"),
        &expect![[r#"
        9 9: `floor` is out of range: 9, must be 0 to 8; expected 0 to 8; `floor`: Instances that always run in the standby: 0 is a pilot light, n a warm standby, `match` as many as a raise asks for.
    "#]],
    );
    check(
        &with("[web]\nprimary_min = 9\n"),
        &expect![[r#"
        9 9: `primary_min` is above `primary_max`: 9 > 8; expected 8 or less; `primary_max` is `capacity_max` of [failover] unless it is set
    "#]],
    );
}

#[test]
fn values_of_the_wrong_kind_or_range_are_refused_together() {
    let text = with(concat!(
        "[network]\nprimary_cidr = \"10.20.0.0/24\"\n",
        "[web]\nlistener_port = \"80\"\ninstance_port = 80\nimage = \"ami-0123\"\n",
        "[health]\ninterval = \"20s\"\nalarm_period = \"10s\"\n",
        "[controller]\narchitecture = \"arm\"\nlog_retention_days = 31\nresolver = \"localhost\"\n",
        "egress_url = \"example.org\"\n",
        "[failover]\nhold_down = \"5m\"\n",
    ));
    check(
        &text,
        &expect![[r#"
            9 "10.20.0.0/24": `primary_cidr` is not valid: `10.20.0.0/24`; expected an IPv4 range from /16 to /22, such as `10.20.0.0/16`; -
            11 "80": `listener_port` cannot be written as a string; expected a whole number without quotes; -
            12 80: `instance_port` is not valid: `80`; expected a port from 1024 to 65535, so that the servers need no privilege; -
            13 "ami-0123": `image` is not valid: `ami-0123`; expected the name of an SSM parameter that holds the image's id; an image has another id in each region: set `primary_ami` and `standby_ami`
            15 "20s": `interval` is not valid: `20s`; expected `10s` or `30s`; AWS offers no 20s
            16 "10s": `alarm_period` is shorter than the metric's resolution; expected `1m`; Route 53 publishes one datapoint a minute; a shorter period needs your own health check: set `primary_check_id`
            18 "arm": `architecture` is not valid: `arm`; expected `arm64` or `x86_64`; -
            19 31: `log_retention_days` is not valid: `31`; expected a number of days that CloudWatch Logs knows, such as 7, 30, 90 or 365; -
            20 "localhost": `resolver` is not valid: `localhost`; expected an address and a port, such as `127.0.0.1:53`; -
            21 "example.org": `egress_url` is not valid: `example.org`; expected a URL, such as `https://example.org/`; -
            23 "5m": `hold_down` is out of range: 5m, must be 17m to 24h; expected 17m to 24h; `hold_down`: How long the primary must be proven up before anything is lowered: at least 17 ticks, at most 24h.
        "#]],
    );
}

#[test]
fn what_is_missing_is_named() {
    check(
        "name = \"shop\"\n",
        &expect![[r#"
            1 : [regions] `primary` is missing; expected [regions] `primary`; -
            1 : [regions] `standby` is missing; expected [regions] `standby`; -
            1 : `hostname` is missing; expected `hostname`; -
            1 : `hosted_zone_id` is missing; expected `hosted_zone_id`; -
        "#]],
    );
}

#[test]
fn text_that_is_not_toml_is_refused_at_its_place() {
    check(
        "name = shop\n",
        &expect![[r#"
        1 shop: `pilotlight.toml` is not TOML; string values must be quoted, expected literal string; -
    "#]],
    );
}

#[test]
fn every_setting_of_the_policy_is_taken_as_a_number_or_a_text() {
    let config = Config::from_toml(&with("[failover]\nfloor = \"1\"\nfailover_min = 3\n"), "x")
        .expect("valid");
    assert_eq!(config.policy.floor(), Floor::Fixed(1));
    assert_eq!(config.policy.target(Some(0)), 3);
    let words = "[failover]\nlatch = \"off\"\nfailback = \"approve\"\nfloor = \"match\"\n";
    let config = Config::from_toml(&with(words), "x").expect("valid");
    assert!(!config.policy.latch());
    assert_eq!(config.policy.failback(), Failback::Approve);
    assert_eq!(config.policy.floor(), Floor::Match);
}

#[test]
fn both_regions_may_serve() {
    let words = "[failover]\nrouting = \"active-active\"\nfloor = \"match\"\npeak_hint = 5\n";
    let config = Config::from_toml(&with(words), "x").expect("valid");
    assert_eq!(config.policy.routing(), Routing::ActiveActive);
    assert!(!config.policy.latch());
    assert_eq!((config.web.primary_min, config.web.primary_max), (5, 8));
}

#[test]
fn one_address_or_three_are_told() {
    let emails = |value: &str| {
        let text = format!("notice_email = {value}\n{MINIMAL}");
        Config::from_toml(&text, "x").expect("valid").notice_emails
    };
    assert_eq!(emails("\"a@example.com\""), ["a@example.com"]);
    let three = r#"["a@example.com", "b@example.com", "c@example.com"]"#;
    assert_eq!(emails(three).len(), 3);
    assert!(emails("[]").is_empty());
}

#[test]
fn the_port_and_the_names_follow_from_tls_and_cloudfront() {
    let urls = |more: &str| {
        let config = Config::from_toml(&with(more), "x").expect("valid");
        [config.failover_url(), config.site_url()]
    };
    let (tls, edge) = ("[tls]\ncertificate = \"managed\"\n", "[edge]\ncloudfront = \"on\"\n");
    assert_eq!(urls(""), ["http://shop.example.com:80", "http://shop.example.com:80/"]);
    assert_eq!(urls(tls), ["https://shop.example.com:443", "https://shop.example.com:443/"]);
    let urls = urls(&format!("{tls}{edge}"));
    assert_eq!(urls, ["https://origin.shop.example.com:443", "https://shop.example.com/"]);
}

#[test]
fn a_gate_without_the_check_inside_it_is_refused() {
    let id = "abcdef11-2222-3333-4444-555555fedcba";
    check(
        &with(&format!("[health]\ngate_check_id = \"{id}\"\n")),
        &expect![[r#"
            9 "abcdef11-2222-3333-4444-555555fedcba": `gate_check_id` needs the check that it contains; expected `primary_check_id` beside it; set `primary_check_id` to the endpoint check inside it, which the alarm watches
        "#]],
    );
    check(
        &with(&format!("[health]\nprimary_check_id = \"{id}\"\ngate_check_id = \"{id}\"\n")),
        &expect![[r#"
            10 "abcdef11-2222-3333-4444-555555fedcba": `gate_check_id` is the same as `primary_check_id`; expected a check calculated over `primary_check_id`; the alarm watches `primary_check_id`: a closed latch would look like an outage
        "#]],
    );
    check(
        &with(&format!("[health]\ngate_check_id = \"{id}\"\n[failover]\nlatch = \"off\"\n")),
        &expect![[r#"
            9 "abcdef11-2222-3333-4444-555555fedcba": `gate_check_id` is for the latch, which is off; expected no such key; remove it, or set `latch = "on"` in [failover]
        "#]],
    );
}
