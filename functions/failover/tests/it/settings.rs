//! The function's environment, good and bad.

use std::collections::BTreeMap;
use std::time::Duration;

use expect_test::{Expect, expect};
use failover::aws::controller;
use failover::settings::{NameServer, Settings};
use failover_core::policy::SETTINGS;

/// Everything that a function needs, as the controller's template sets it.
pub fn environment() -> BTreeMap<String, String> {
    let target_group = |region| {
        format!(
            "arn:aws:elasticloadbalancing:{region}:000000000000:targetgroup/shop-web/0123456789abcdef"
        )
    };
    let site = [
        ("PILOTLIGHT_SITE", "shop".to_owned()),
        ("PILOTLIGHT_HOSTNAME", "shop.example.com".to_owned()),
        ("PILOTLIGHT_ALARM_ARN", crate::world::ALARM_ARN.to_owned()),
        ("PILOTLIGHT_PRIMARY_REGION", "us-west-2".to_owned()),
        ("PILOTLIGHT_PRIMARY_GROUP", "shop-web-primary".to_owned()),
        ("PILOTLIGHT_STANDBY_GROUP", "shop-web-standby".to_owned()),
        ("PILOTLIGHT_PRIMARY_TARGET_GROUP_ARN", target_group("us-west-2")),
        ("PILOTLIGHT_STANDBY_TARGET_GROUP_ARN", target_group("us-east-2")),
        ("PILOTLIGHT_PRIMARY_ENDPOINT", "shop-1.us-west-2.elb.amazonaws.com".to_owned()),
        ("PILOTLIGHT_STANDBY_ENDPOINT", "shop-1.us-east-2.elb.amazonaws.com".to_owned()),
        ("PILOTLIGHT_PROBE_URL", "http://shop.example.com/health".to_owned()),
        ("PILOTLIGHT_EGRESS_URL", "https://outside.example.net/".to_owned()),
        (
            "PILOTLIGHT_NOTICE_TOPIC_ARN",
            "arn:aws:sns:us-east-2:000000000000:shop-notices".to_owned(),
        ),
        ("PILOTLIGHT_VERDICT_SERVERS", "ns-1.awsdns-00.com,ns-600.awsdns-11.net".to_owned()),
        ("PILOTLIGHT_WATCH", "10s".to_owned()),
        (
            "PILOTLIGHT_LOOK_QUEUE_URL",
            "https://sqs.us-east-2.amazonaws.com/000000000000/shop-looks".to_owned(),
        ),
        ("AWS_REGION", "us-east-2".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKID".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
    ];
    let policy = SETTINGS.iter().map(|setting| (setting.variable(), setting.default.to_owned()));
    site.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(policy).collect()
}

fn check(changes: &[(&str, &str)], message: &Expect) {
    let mut environment = environment();
    environment.extend(changes.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())));
    let error = controller(|variable| environment.get(variable).cloned()).expect_err("it is wrong");
    message.assert_eq(&format!("{}\n", error.to_string().replace("; ", "\n; ")));
}

/// Goal: a whole environment starts the function.
#[test]
fn a_whole_environment_starts() {
    let environment = environment();
    let lookup = |variable: &str| environment.get(variable).cloned();
    let settings = Settings::read(lookup).expect("it is whole");
    assert_eq!(
        (settings.standby.region.as_str(), settings.alarm.region()),
        ("us-east-2", "us-east-1")
    );
    assert_eq!(settings.resolver, None);
    let controller = controller(lookup).expect("it is whole");
    assert_eq!(controller.site, "shop");
}

/// Goal: servers are named with a port or without, and without any the verdict is never asked.
#[test]
fn the_verdict_is_asked_of_two_servers_or_of_none() {
    let read = |servers: &str, watch: &str| {
        let mut environment = environment();
        environment.insert("PILOTLIGHT_VERDICT_SERVERS".to_owned(), servers.to_owned());
        environment.insert("PILOTLIGHT_WATCH".to_owned(), watch.to_owned());
        Settings::read(|variable| environment.get(variable).cloned()).expect("it is whole")
    };
    let server = |host: &str, port| NameServer { host: host.to_owned(), port };
    let two = read("ns-1.example.com,127.0.0.1:5301", "off");
    let asked = [server("ns-1.example.com", 53), server("127.0.0.1", 5301)];
    assert_eq!((two.verdict_servers, two.watch), (Some(asked), None));
    let none = read("", "5s");
    assert_eq!((none.verdict_servers, none.watch), (None, Some(Duration::from_secs(5))));
}

/// Goal: a bad value is named with what was expected.
#[test]
fn a_bad_value_is_named() {
    check(
        &[("PILOTLIGHT_ALARM_ARN", "shop-primary-down")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_ALARM_ARN` is not the ARN of an alarm: `shop-primary-down`
        ; hint: cargo xtask deploy sets it
    "#]],
    );
    check(
        &[("PILOTLIGHT_RESOLVER", "10.0.0.2")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_RESOLVER` is not an address and port such as 10.0.0.2:53: `10.0.0.2`
        ; hint: cargo xtask deploy sets it
    "#]],
    );
    check(
        &[("PILOTLIGHT_PROBE_URL", "shop.example.com")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_PROBE_URL` is not a URL such as http://name:80/health: `shop.example.com`
        ; hint: cargo xtask deploy sets it
    "#]],
    );
    check(
        &[("PILOTLIGHT_EGRESS_URL", "outside.example.net")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_EGRESS_URL` is not a URL such as https://name/: `outside.example.net`
        ; hint: cargo xtask deploy sets it
    "#]],
    );
    check(
        &[("PILOTLIGHT_NOTICE_TOPIC_ARN", "shop-notices")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_NOTICE_TOPIC_ARN` is not the ARN of a topic: `shop-notices`
        ; hint: cargo xtask deploy sets it
    "#]],
    );
    check(
        &[("PILOTLIGHT_VERDICT_SERVERS", "ns-1.awsdns-00.com"), ("PILOTLIGHT_WATCH", "90s")],
        &expect![[r#"
            environment is wrong: `PILOTLIGHT_VERDICT_SERVERS` is not two name servers such as ns-1.example.com,ns-2.example.com: `ns-1.awsdns-00.com`
            ; `PILOTLIGHT_WATCH` is not off, or 5s to 30s: `90s`
            ; hint: cargo xtask deploy sets it
        "#]],
    );
    check(
        &[("PILOTLIGHT_HOLD_DOWN", "5m")],
        &expect![[r#"
        environment is wrong: `PILOTLIGHT_HOLD_DOWN`: `hold_down` is out of range: 5m, must be 17m to 24h
        ; hint: cargo xtask deploy sets it
    "#]],
    );
}

/// Goal: one start tells everything that is wrong. An empty value is a missing one.
#[test]
fn everything_that_is_wrong_is_told_at_once() {
    check(
        &[("PILOTLIGHT_SITE", ""), ("AWS_REGION", ""), ("PILOTLIGHT_TICK", "soon")],
        &expect![[r#"
            environment is wrong: `PILOTLIGHT_SITE` is missing
            ; `AWS_REGION` is missing
            ; `PILOTLIGHT_TICK`: `tick` is not a duration in whole seconds, such as `30m` or `90s`: `soon`
            ; hint: cargo xtask deploy sets it
        "#]],
    );
}

/// Goal: without credentials the function says what to do.
#[test]
fn missing_credentials_are_named() {
    check(
        &[("AWS_SECRET_ACCESS_KEY", "")],
        &expect![[r#"
        `AWS_SECRET_ACCESS_KEY` is missing
        ; hint: outside Lambda, export it
        ; `test` will do for an emulator
    "#]],
    );
}

/// Goal: a bundle of roots that is not there is named.
#[test]
fn a_missing_bundle_of_roots_is_named() {
    check(
        &[("PILOTLIGHT_CA_BUNDLE", "/nowhere/roots.pem")],
        &expect![[r#"
        `PILOTLIGHT_CA_BUNDLE` cannot be read: /nowhere/roots.pem
    "#]],
    );
}
