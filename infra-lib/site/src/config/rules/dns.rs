//! Health checks, the latch, and how users are shared out.

use failover_core::policy::Routing;

use super::super::places::Places;
use super::super::problem::Problem;
use super::super::section::{Parts, Records, Watch};
use super::Rule;

pub(super) const RULES: &[Rule] = &[
    the_alarm_has_points,
    looks_are_made_for_eager,
    the_gate_is_over_the_check,
    a_check_that_is_off_has_no_id,
    both_records_are_checked,
    no_latch_where_both_serve,
    records_are_for_active_active,
    the_primary_weight_is_used,
    the_standby_weight_is_used,
];

fn the_alarm_has_points(places: &Places<'_>, _: &Parts) -> Option<Problem> {
    let short = ["10s", "30s"].contains(&places.text("health", "alarm_period")?);
    let message = "`alarm_period` is shorter than the metric's resolution";
    let problem = || places.problem(("health", "alarm_period"), message, "`1m`");
    (short && !places.is_set("health", "primary_check_id")).then(|| {
        problem().hint(
            "Route 53 publishes one datapoint a minute; a shorter period needs your own health check: set `primary_check_id`",
        )
    })
}

/// Only a look can find the primary down before Route 53 does.
fn looks_are_made_for_eager(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let off = parts.health.as_ref()?.watch == Watch(None);
    let message = "`eager` raises on what two looks in a row find, and there are none";
    let problem = || places.problem(("failover", "eager"), message, "`off`");
    (off && parts.policy.as_ref()?.eager())
        .then(|| problem().hint("leave it out, or set `watch` in [health] to 10s"))
}

/// A check for the primary's record must be one over the check that the alarm watches, or the record and the alarm disagree.
fn the_gate_is_over_the_check(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let health = parts.health.as_ref()?;
    let (gate, primary) = (health.gate_check_id.as_ref()?, health.primary_check_id.as_ref());
    let policy = parts.policy.as_ref();
    let (message, expected, hint) = if serves_both(parts) {
        let message = "`gate_check_id` is for the latch, which active-active does not have";
        (message, "no such key", "remove it: both regions serve, so nothing is held")
    } else if policy.is_some_and(|policy| !policy.latch()) {
        let message = "`gate_check_id` is for the latch, which is off";
        (message, "no such key", "remove it, or set `latch = \"on\"` in [failover]")
    } else if primary.is_none() {
        let message = "`gate_check_id` needs the check that it contains";
        let hint =
            "set `primary_check_id` to the endpoint check inside it, which the alarm watches";
        (message, "`primary_check_id` beside it", hint)
    } else if primary == Some(gate) {
        let message = "`gate_check_id` is the same as `primary_check_id`";
        let hint = "the alarm watches `primary_check_id`: a closed latch would look like an outage";
        (message, "a check calculated over `primary_check_id`", hint)
    } else {
        return None;
    };
    Some(places.problem(("health", "gate_check_id"), message, expected).hint(hint))
}

fn a_check_that_is_off_has_no_id(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let health = parts.health.as_ref()?;
    let message = "`standby_check_id` names a check, and `standby_check` is off";
    let problem = || places.problem(("health", "standby_check_id"), message, "no such key");
    (!health.standby_check.is_on() && health.standby_check_id.is_some())
        .then(|| problem().hint("remove it, or set `standby_check = \"on\"`"))
}

fn both_records_are_checked(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let health = parts.health.as_ref()?;
    let message = "`standby_check` is off, and both regions serve";
    let problem = || places.problem(("health", "standby_check"), message, "`on`");
    (!health.standby_check.is_on() && serves_both(parts))
        .then(|| problem().hint("leave it out: users must leave either region when it fails"))
}

fn no_latch_where_both_serve(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let asked = places.text("failover", "latch").is_some_and(|latch| latch.trim() == "on");
    let message = "`latch` holds users on the standby, and with active-active both regions serve";
    let problem = || places.problem(("failover", "latch"), message, "`off`, or no such key");
    (asked && serves_both(parts)).then(|| problem().hint("leave `latch` out"))
}

fn records_are_for_active_active(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    parts.policy.as_ref()?;
    let key = ["records", "primary_weight", "standby_weight"];
    let key = key.into_iter().find(|key| places.is_set("routing", key))?;
    let message = "[routing] shares users out, and only one region serves at a time";
    let problem = || places.problem(("routing", key), message, "no such key");
    (!serves_both(parts)).then(|| {
        problem().hint(
            "remove [routing], or set `routing = \"active-active\"` and `floor = \"match\"` in [failover]",
        )
    })
}

fn the_primary_weight_is_used(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    weight_is_used(places, parts, "primary_weight")
}

fn the_standby_weight_is_used(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    weight_is_used(places, parts, "standby_weight")
}

fn weight_is_used(places: &Places<'_>, parts: &Parts, key: &str) -> Option<Problem> {
    let latency = parts.routing.is_some_and(|shares| shares.records == Records::Latency);
    let message = format!("`{key}` is set, and Route 53 routes users by latency");
    let problem = || places.problem(("routing", key), message, "no such key");
    (serves_both(parts) && latency && places.is_set("routing", key))
        .then(|| problem().hint("remove it, or set `records = \"weighted\"`"))
}

fn serves_both(parts: &Parts) -> bool {
    parts.policy.as_ref().is_some_and(|policy| policy.routing() == Routing::ActiveActive)
}
