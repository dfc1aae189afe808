//! Rules about the latch: the gate in front of the primary's record, what the alarm watches beside it, and what feeds it.

use cfn::{Node, Value, Viewed};

use super::super::finding::Finding;
use super::super::scope::Scope;
use super::detection::{health_alarms, records, watched};
use site::names::DETECTOR_REGION;

const CHECK: &str = "AWS::Route53::HealthCheck";
/// Types of checks that somebody closes and opens, and that do not measure an endpoint.
const LATCHES: [&str; 2] = ["CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];

/// A check that is calculated over others takes a threshold: 0 is healthy for ever, and part of a gate lets users back too early.
pub(in super::super) fn gate_threshold(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in calculated(scope) {
        let children = children(check).len();
        let Some(threshold) = check.property("HealthCheckConfig.HealthThreshold") else { continue };
        let Some(number) = threshold.text().and_then(|text| text.parse::<usize>().ok()) else {
            continue;
        };
        let message = match number {
            0 => "a threshold of 0 is healthy for ever",
            number if number > children => {
                "a threshold above the number of checks is healthy never"
            }
            number if number < children && is_gate(scope, check) => {
                "a gate that does not need all its checks lets users back too early"
            }
            _ => continue,
        };
        let fix = format!("set it to {children}, the number of `ChildHealthChecks`");
        findings.push(scope.document.finding("gate-threshold", &threshold.place, message, fix));
    }
    findings
}

/// The alarm watches the endpoint's check. On the gate itself, a closed latch would look like an outage.
pub(in super::super) fn alarm_on_gate(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for alarm in health_alarms(scope) {
        for value in watched(alarm) {
            let gate = value.identity().and_then(|name| scope.view.resource(name));
            if let Some(gate) = gate.filter(|gate| is_gate(scope, gate)) {
                let message =
                    format!("on `{}` a closed latch would look like an outage", gate.name);
                let fix = "watch the endpoint's own check, the one inside the gate";
                findings.push(scope.document.finding("alarm-on-gate", &value.place, message, fix));
            }
        }
    }
    findings
}

/// What an alarm watches must be in the primary's record, by itself or inside its gate; else users and alarm follow two checks.
pub(in super::super) fn record_without_alarm(scope: &Scope<'_>) -> Vec<Finding> {
    let watched: Vec<&Node> = health_alarms(scope).flat_map(watched).collect();
    // Without an alarm in the template nobody says which check one follows; an unknown one may be any.
    if watched.is_empty() || watched.iter().any(|node| node.identity().is_none()) {
        return Vec::new();
    }
    let watched: Vec<&str> = watched.into_iter().filter_map(Node::identity).collect();
    let mut findings = Vec::new();
    for record in records(scope) {
        if record.get("Failover").and_then(Node::text) != Some("PRIMARY") {
            continue;
        }
        let carried = record.get("HealthCheckId");
        let check = carried.and_then(|node| Some((node, scope.view.resource(node.identity()?)?)));
        let Some((carried, check)) = check else {
            // A check that somebody brings: what is in it only Route 53 knows.
            continue;
        };
        let inside = children(check);
        let unknown = inside.iter().any(|child| child.identity().is_none());
        let inside = inside.into_iter().filter_map(Node::identity);
        let mut followed = inside.chain([check.name.as_str()]);
        if !unknown && !followed.any(|name| watched.contains(&name)) {
            let message =
                format!("`{}` is not over the check that the failover alarm watches", check.name);
            let fix = "put the alarm's check among its `ChildHealthChecks`, or watch this check";
            findings.push(scope.document.finding(
                "record-without-alarm",
                &carried.place,
                message,
                fix,
            ));
        }
    }
    findings
}

/// What Route 53 cannot read from an alarm: it looks at one period of one metric, and knows no missing data but none at all.
pub(in super::super) fn latch_alarm(scope: &Scope<'_>) -> Vec<Finding> {
    const WANTED: [(&str, &str); 4] = [
        ("Statistic", "Maximum"),
        ("Period", "60"),
        ("EvaluationPeriods", "1"),
        ("TreatMissingData", "missing"),
    ];
    let output = scope.view.outputs.at("LatchAlarmName.Value");
    let named = output.and_then(Node::identity).and_then(|name| scope.view.resource(name));
    let mut findings = Vec::new();
    if let Some(alarm) = named {
        for (property, wanted) in WANTED {
            let value = alarm.property(property);
            if value.is_none_or(|value| value.text().is_some_and(|text| text != wanted)) {
                let place = alarm.place(&format!("Properties.{property}"));
                let message = "a latch check on this alarm would not follow the newest value alone";
                let fix = format!("set it to `{wanted}`");
                findings.push(scope.document.finding("latch-alarm", place, message, fix));
            }
        }
    }
    findings
}

/// The proof of our own egress must not depend on a region whose silence it has to tell from our own.
pub(in super::super) fn egress_region(scope: &Scope<'_>) -> Vec<Finding> {
    const NAME: &str = "EgressUrl";
    let Some(part) = scope.part.filter(|_| scope.template.parameters.contains_key(NAME)) else {
        return Vec::new();
    };
    let regions = &part.site.config.regions;
    let own = [regions.primary.as_str(), regions.standby.as_str(), DETECTOR_REGION];
    let Some(url) = scope.facts.text(NAME) else {
        return Vec::new();
    };
    let named = own.into_iter().find(|region| url.split(['.', '/']).any(|part| part == *region));
    let findings = named.map(|region| {
        let message = format!("`{url}` is in {region}, whose silence it must be told from");
        let fix = "set `egress_url` in [controller] to a URL in another region, or outside AWS";
        scope.given("egress-region", NAME, message, fix)
    });
    findings.into_iter().collect()
}

/// The checks that are calculated over others.
fn calculated<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Viewed> {
    let checks = scope.view.of_kind(CHECK);
    checks.filter(|check| check.text("HealthCheckConfig.Type") == Some("CALCULATED"))
}

fn children(check: &Viewed) -> Vec<&Node> {
    check.property("HealthCheckConfig.ChildHealthChecks").map(Node::items).unwrap_or_default()
}

/// Whether a check is calculated over one that somebody closes and opens.
fn is_gate(scope: &Scope<'_>, check: &Viewed) -> bool {
    let latch = |child: &Node| {
        let Value::Own { name, .. } = &child.value else { return false };
        let kind = scope.view.resource(name).and_then(|child| child.text("HealthCheckConfig.Type"));
        kind.is_some_and(|kind| LATCHES.contains(&kind))
    };
    check.text("HealthCheckConfig.Type") == Some("CALCULATED")
        && children(check).into_iter().any(latch)
}
