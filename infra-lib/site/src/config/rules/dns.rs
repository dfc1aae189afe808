//! Health checks, the latch, and how users are shared out.

use failover_core::Policy;

use super::super::reader::Document;
use super::super::section::{Health, Parts, Records, Watch};

pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    if let Some("10s" | "30s") = file.text("health", "alarm_period")
        && !file.is_set("health", "primary_check_id")
    {
        let message = "`alarm_period` is shorter than the metric's resolution";
        let hint = "Route 53 publishes one datapoint a minute; a shorter period needs your own health check: set `primary_check_id`";
        file.refuse(("health", "alarm_period"), message, "`1m`", hint);
    }
    if let Some(health) = &parts.health {
        looks(file, parts, health);
        gate(file, parts, health);
        standby_check(file, parts, health);
    }
    if parts.policy.is_some() {
        shares(file, parts);
    }
}

/// Only a look can find the primary down before Route 53 does.
fn looks(file: &Document<'_>, parts: &Parts, health: &Health) {
    if health.watch == Watch(None) && parts.policy.as_ref().is_some_and(Policy::eager) {
        let message = "`eager` raises on what two looks in a row find, and there are none";
        let hint = "leave it out, or set `watch` in [health] to 10s";
        file.refuse(("failover", "eager"), message, "`off`", hint);
    }
}

/// A check for the primary's record must be one over the check that the alarm watches, or the record and the alarm disagree.
fn gate(file: &Document<'_>, parts: &Parts, health: &Health) {
    let Some(gate) = &health.gate_check_id else { return };
    let (message, expected, hint) = if parts.both_serve() {
        let message = "`gate_check_id` is for the latch, which active-active does not have";
        (message, "no such key", "remove it: both regions serve, so nothing is held")
    } else if parts.policy.as_ref().is_some_and(|policy| !policy.latch()) {
        let message = "`gate_check_id` is for the latch, which is off";
        (message, "no such key", "remove it, or set `latch = \"on\"` in [failover]")
    } else if health.primary_check_id.is_none() {
        let message = "`gate_check_id` needs the check that it contains";
        let hint =
            "set `primary_check_id` to the endpoint check inside it, which the alarm watches";
        (message, "`primary_check_id` beside it", hint)
    } else if health.primary_check_id.as_ref() == Some(gate) {
        let message = "`gate_check_id` is the same as `primary_check_id`";
        let hint = "the alarm watches `primary_check_id`: a closed latch would look like an outage";
        (message, "a check calculated over `primary_check_id`", hint)
    } else {
        return;
    };
    file.refuse(("health", "gate_check_id"), message, expected, hint);
}

fn standby_check(file: &Document<'_>, parts: &Parts, health: &Health) {
    if health.standby_check.is_on() {
        return;
    }
    if health.standby_check_id.is_some() {
        let message = "`standby_check_id` names a check, and `standby_check` is off";
        let hint = "remove it, or set `standby_check = \"on\"`";
        file.refuse(("health", "standby_check_id"), message, "no such key", hint);
    }
    if parts.both_serve() {
        let message = "`standby_check` is off, and both regions serve";
        let hint = "leave it out: users must leave either region when it fails";
        file.refuse(("health", "standby_check"), message, "`on`", hint);
    }
}

fn shares(file: &Document<'_>, parts: &Parts) {
    let mut set = ["records", "primary_weight", "standby_weight"].into_iter();
    if !parts.both_serve() {
        if let Some(key) = set.find(|key| file.is_set("routing", key)) {
            let message = "[routing] shares users out, and only one region serves at a time";
            let hint = "remove [routing], or set `routing = \"active-active\"` and `floor = \"match\"` in [failover]";
            file.refuse(("routing", key), message, "no such key", hint);
        }
        return;
    }
    if file.text("failover", "latch").is_some_and(|latch| latch.trim() == "on") {
        let message =
            "`latch` holds users on the standby, and with active-active both regions serve";
        let hint = "leave `latch` out";
        file.refuse(("failover", "latch"), message, "`off`, or no such key", hint);
    }
    if parts.routing.is_some_and(|shares| shares.records == Records::Latency) {
        for key in set.filter(|key| key.ends_with("_weight") && file.is_set("routing", key)) {
            let message = format!("`{key}` is set, and Route 53 routes users by latency");
            let hint = "remove it, or set `records = \"weighted\"`";
            file.refuse(("routing", key), message, "no such key", hint);
        }
    }
}
