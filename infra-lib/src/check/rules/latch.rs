//! Rules about the latch: the gate in front of the primary's record, what the alarm watches beside it, and what feeds it.

use serde_norway::Value;

use super::super::template::{Resource, items, references, scalar};
use super::super::{Finding, Scope};
use super::detection::health_alarms;
use crate::names::DETECTOR_REGION;

const CHECK: &str = "AWS::Route53::HealthCheck";
const RECORD: &str = "AWS::Route53::RecordSet";

/// A check that is calculated over others takes a threshold: 0 is healthy for ever, and one of two lets users back too early.
pub(super) fn gate_threshold(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, config) in checks(scope, "CALCULATED") {
        let children = items(config.get("ChildHealthChecks")).len();
        let threshold = scope.text(config.get("HealthThreshold"));
        if threshold.as_deref() != Some(children.to_string().as_str()) {
            let place = format!("{}.HealthThreshold", config_place(name));
            let message = "a gate that does not need all its checks lets users back too early";
            let fix = format!("set it to {children}, the number of `ChildHealthChecks`");
            findings.push(scope.error("gate-threshold", place, message.to_owned(), &fix));
        }
    }
    findings
}

/// The alarm watches the endpoint's check. On the gate itself, a closed latch would look like an outage.
pub(super) fn alarm_on_gate(scope: &Scope<'_>) -> Vec<Finding> {
    let gates: Vec<&String> = checks(scope, "CALCULATED").map(|(name, _)| name).collect();
    let mut findings = Vec::new();
    for (name, alarm) in health_alarms(scope) {
        let watched = watched(alarm);
        for gate in gates.iter().filter(|gate| watched.contains(gate)) {
            let place = format!("Resources.{name}.Properties.Dimensions");
            let message = format!("on `{gate}` a closed latch would look like an outage");
            let fix = "watch the endpoint's own check, the one inside the gate";
            findings.push(scope.error("alarm-on-gate", place, message, fix));
        }
    }
    findings
}

/// What the alarm watches must be in the primary's record, by itself or inside its gate; else users and alarm follow two checks.
pub(super) fn record_without_alarm(scope: &Scope<'_>) -> Vec<Finding> {
    let watched: Vec<String> = health_alarms(scope).flat_map(|(_, alarm)| watched(alarm)).collect();
    let mut findings = Vec::new();
    for (name, record) in scope.template.of_kind(RECORD) {
        if scope.text(record.properties.get("Failover")).as_deref() != Some("PRIMARY") {
            continue;
        }
        let carried = record.properties.get("HealthCheckId").map(references).unwrap_or_default();
        for check in carried.iter().filter(|check| !watched.contains(check)) {
            let Some(resource) = scope.template.resources.get(check) else {
                // A check that somebody brings: what is in it only Route 53 knows.
                continue;
            };
            let children = resource.properties.get("HealthCheckConfig");
            let children = children.and_then(|config| config.get("ChildHealthChecks"));
            let inside = children.map(references).unwrap_or_default();
            if watched.is_empty() || watched.iter().any(|check| !inside.contains(check)) {
                let place = format!("Resources.{name}.Properties.HealthCheckId");
                let message =
                    format!("`{check}` is not over the check that the failover alarm watches");
                let fix = "put the alarm's check among its `ChildHealthChecks`";
                findings.push(scope.error("record-without-alarm", place, message, fix));
            }
        }
    }
    findings
}

/// A check on an alarm must keep its last verdict over a gap, or a silent controller moves users.
pub(super) fn gate_missing_data(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, config) in checks(scope, "CLOUDWATCH_METRIC") {
        let status = scope.text(config.get("InsufficientDataHealthStatus"));
        if status.as_deref() != Some("LastKnownStatus") {
            let place = format!("{}.InsufficientDataHealthStatus", config_place(name));
            let message = "a controller that falls silent would open the latch, or close it";
            let fix = "set it to `LastKnownStatus`";
            findings.push(scope.error("gate-missing-data", place, message.to_owned(), fix));
        }
    }
    findings
}

/// What Route 53 cannot read from an alarm: it looks at one period of one metric, and knows no missing data but none at all.
pub(super) fn latch_alarm(scope: &Scope<'_>) -> Vec<Finding> {
    const WANTED: [(&str, &str); 4] = [
        ("Statistic", "Maximum"),
        ("Period", "60"),
        ("EvaluationPeriods", "1"),
        ("TreatMissingData", "missing"),
    ];
    let output = scope.template.outputs.get("LatchAlarmName");
    let named = output.and_then(|output| output.get("Value")).map(references).unwrap_or_default();
    let mut findings = Vec::new();
    for name in named {
        let Some(alarm) = scope.template.resources.get(&name) else { continue };
        for (property, wanted) in WANTED {
            if scope.text(alarm.properties.get(property)).as_deref() != Some(wanted) {
                let place = format!("Resources.{name}.Properties.{property}");
                let message = "a latch check on this alarm would not follow the newest value alone";
                let fix = format!("set it to `{wanted}`");
                findings.push(scope.error("latch-alarm", place, message.to_owned(), &fix));
            }
        }
    }
    findings
}

/// The proof of our own egress must not depend on a region whose silence it has to tell from our own.
pub(super) fn egress_region(scope: &Scope<'_>) -> Vec<Finding> {
    const NAME: &str = "EgressUrl";
    let regions = &scope.site.config.regions;
    let own = [regions.primary.as_str(), regions.standby.as_str(), DETECTOR_REGION];
    let Some(url) = scope.parameter(NAME) else {
        return Vec::new();
    };
    let named = own.into_iter().find(|region| url.split(['.', '/']).any(|part| part == *region));
    let findings = named.map(|region| {
        let message = format!("`{url}` is in {region}, whose silence it must be told from");
        let fix = "set `egress_url` in [controller] to a URL in another region, or outside AWS";
        scope.error("egress-region", format!("Parameters.{NAME}"), message, fix)
    });
    findings.into_iter().collect()
}

/// The health checks of a type, with their configuration.
fn checks<'a>(
    scope: &'a Scope<'_>,
    kind: &'static str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let checks = scope.template.of_kind(CHECK);
    checks.filter_map(move |(name, check)| {
        let config = check.properties.get("HealthCheckConfig")?;
        (config.get("Type").and_then(scalar).as_deref() == Some(kind)).then_some((name, config))
    })
}

/// The names of the checks that an alarm may watch: a resource, or the parameter that brings one.
fn watched(alarm: &Resource) -> Vec<String> {
    let dimensions = items(alarm.properties.get("Dimensions")).into_iter();
    let values = dimensions.filter_map(|dimension| dimension.get("Value"));
    values.flat_map(references).collect()
}

fn config_place(check: &str) -> String {
    format!("Resources.{check}.Properties.HealthCheckConfig")
}
