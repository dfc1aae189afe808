//! Rules about the latch: the gate in front of the primary's record, what the alarm watches beside it, and what feeds it.

use cfn::{Node, Value, Viewed};

use super::super::scope::Scope;
use super::detection::{health_alarms, records, watched};
use site::names::DETECTOR_REGION;

const CHECK: &str = "AWS::Route53::HealthCheck";
/// Types of checks that somebody closes and opens, and that do not measure an endpoint.
const LATCHES: [&str; 2] = ["CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];

/// A check that is calculated over others takes a threshold: 0 is healthy for ever, and part of a gate lets users back too early.
pub(super) fn gate_threshold(scope: &Scope<'_>) {
    for check in calculated(scope) {
        let children = children(check).len();
        let Some(threshold) = check.property("HealthCheckConfig.HealthThreshold") else { continue };
        let message = match threshold.text().and_then(|text| text.parse::<usize>().ok()) {
            Some(0) => "a threshold of 0 is healthy for ever",
            Some(number) if number > children => {
                "a threshold above the number of checks is healthy never"
            }
            Some(number) if number < children && is_gate(scope, check) => {
                "a gate that does not need all its checks lets users back too early"
            }
            Some(_) | None => continue,
        };
        let fix = format!("set it to {children}, the number of `ChildHealthChecks`");
        scope.tell("gate-threshold", &threshold.place, message, fix);
    }
}

/// The alarm watches the endpoint's check. On the gate itself, a closed latch would look like an outage.
pub(super) fn alarm_on_gate(scope: &Scope<'_>) {
    let fix = "watch the endpoint's own check, the one inside the gate";
    for value in health_alarms(scope).flat_map(watched) {
        let gate = value.identity().and_then(|name| scope.view.resource(name));
        if let Some(gate) = gate.filter(|gate| is_gate(scope, gate)) {
            let message = format!("on `{}` a closed latch would look like an outage", gate.name);
            scope.tell("alarm-on-gate", &value.place, message, fix);
        }
    }
}

/// What an alarm watches must be in the primary's record, by itself or inside its gate; else users and alarm follow two checks.
pub(super) fn record_without_alarm(scope: &Scope<'_>) {
    let watched: Vec<&Node> = health_alarms(scope).flat_map(watched).collect();
    // Without an alarm in the template nobody says which check one follows; an unknown one may be any.
    if watched.is_empty() || watched.iter().any(|node| node.identity().is_none()) {
        return;
    }
    let watched: Vec<&str> = watched.into_iter().filter_map(Node::identity).collect();
    let fix = "put the alarm's check among its `ChildHealthChecks`, or watch this check";
    let primary = |record: &Node| record.get("Failover").and_then(Node::text) == Some("PRIMARY");
    for record in records(scope).into_iter().filter(|record| primary(record)) {
        let carried = record.get("HealthCheckId");
        let check = carried.and_then(|node| Some((node, scope.view.resource(node.identity()?)?)));
        // A check that somebody brings: what is in it only Route 53 knows.
        let Some((carried, check)) = check else { continue };
        let inside = children(check);
        let unknown = inside.iter().any(|child| child.identity().is_none());
        let inside = inside.into_iter().filter_map(Node::identity);
        let mut followed = inside.chain([check.name.as_str()]);
        if !unknown && !followed.any(|name| watched.contains(&name)) {
            let message =
                format!("`{}` is not over the check that the failover alarm watches", check.name);
            scope.tell("record-without-alarm", &carried.place, message, fix);
        }
    }
}

/// What Route 53 cannot read from an alarm: it looks at one period of one metric, and knows no missing data but none at all.
pub(super) fn latch_alarm(scope: &Scope<'_>) {
    const WANTED: [(&str, &str); 4] = [
        ("Statistic", "Maximum"),
        ("Period", "60"),
        ("EvaluationPeriods", "1"),
        ("TreatMissingData", "missing"),
    ];
    let message = "a latch check on this alarm would not follow the newest value alone";
    let output = scope.view.outputs.at("LatchAlarmName.Value");
    let named = output.and_then(Node::identity).and_then(|name| scope.view.resource(name));
    let Some(alarm) = named else { return };
    for (property, wanted) in WANTED {
        let value = alarm.property(property);
        if value.is_none_or(|value| value.text().is_some_and(|text| text != wanted)) {
            let place = alarm.place(&format!("Properties.{property}"));
            scope.tell("latch-alarm", place, message, format!("set it to `{wanted}`"));
        }
    }
}

/// The proof of our own egress must not depend on a region whose silence it has to tell from our own.
pub(super) fn egress_region(scope: &Scope<'_>) {
    const NAME: &str = "EgressUrl";
    let (Some(part), Some(url)) = (scope.part, scope.facts.text(NAME)) else { return };
    let regions = &part.site.config.regions;
    let own = [regions.primary.as_str(), regions.standby.as_str(), DETECTOR_REGION];
    let named = own.into_iter().find(|region| url.split(['.', '/']).any(|part| part == *region));
    if let Some(region) = named {
        let message = format!("`{url}` is in {region}, whose silence it must be told from");
        let fix = "set `egress_url` in [controller] to a URL in another region, or outside AWS";
        scope.tell_of_given("egress-region", NAME, message, fix);
    }
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
