//! Rules about alarms on Route 53 health checks, and the checks themselves: what deploys without complaint and is blind, or cries
//! wolf, when a region fails.

use cfn::Node;

use super::super::scope::Scope;
use super::detection::{Always, always, health_alarms, records};
use super::{exists, fails};

const NEVER_FIRES: &str = "the metric is 0 or 1, so this alarm can never fire";

/// Whether a threshold allows something.
type Allows = fn(f64) -> bool;

/// Whether a threshold lets a comparison come true for 0 or 1, and false for the other.
const COMPARISONS: [(&str, Allows); 4] = [
    ("GreaterThanThreshold", |threshold| threshold < 1.0),
    ("GreaterThanOrEqualToThreshold", |threshold| threshold <= 1.0),
    ("LessThanThreshold", |threshold| threshold > 0.0),
    ("LessThanOrEqualToThreshold", |threshold| threshold >= 0.0),
];

/// CloudWatch's own default is `missing`.
pub(super) fn missing_data(scope: &Scope<'_>) {
    let message = "a blind detector would not look blind: `ignore` and `notBreaching` make it look healthy, `breaching` fails over \
                   on a gap";
    for set in health_alarms(scope).filter_map(|alarm| alarm.property("TreatMissingData")) {
        if set.text().is_some_and(|text| text != "missing") {
            scope.tell("missing-data", &set.place, message, "set it to `missing`");
        }
    }
}

pub(super) fn never_fires(scope: &Scope<'_>) {
    let alarms = health_alarms(scope)
        .filter(|alarm| alarm.text("MetricName") == Some("HealthCheckStatus"))
        .filter_map(|alarm| alarm.node.get("Properties"));
    for alarm in alarms {
        let operator = alarm.get("ComparisonOperator").and_then(Node::text);
        if let Some((_, fires)) = COMPARISONS.iter().find(|(name, _)| operator == Some(name))
            && let Some(place) =
                fails(alarm, "Threshold", |text| text.trim().parse().is_ok_and(fires))
        {
            let fix = "compare with `LessThanThreshold` and 1";
            scope.tell("alarm-never-fires", place, NEVER_FIRES, fix);
        }
    }
}

pub(super) fn period(scope: &Scope<'_>) {
    let message = "Route 53 publishes its metric once a minute; with a shorter period the alarm has no data most of the time";
    let long = |text: &str| text.trim().parse().is_ok_and(|seconds: f64| seconds >= 60.0);
    for period in health_alarms(scope).filter_map(|alarm| alarm.property("Period")) {
        if period.text().is_some_and(|text| !long(text)) {
            let finding =
                scope.document.finding("alarm-period", &period.place, message, "set it to 60");
            // The site file takes a short period with a check of the operator's own alone, as a rehearsal has.
            scope.tell_or_warn(scope.part.is_some(), finding);
        }
    }
}

pub(super) fn gate_missing_data(scope: &Scope<'_>) {
    let message = "a gap in the metric would decide whom DNS answers, since the check takes silence for a verdict";
    let fix = "set it to `LastKnownStatus`";
    let checks = scope.view.of_kind("AWS::Route53::HealthCheck");
    for check in checks.filter_map(|check| check.property("HealthCheckConfig")) {
        if check.get("Type").and_then(Node::text) == Some("CLOUDWATCH_METRIC")
            && let Some(place) =
                fails(check, "InsufficientDataHealthStatus", |text| text == "LastKnownStatus")
        {
            scope.tell("gate-missing-data", place, message, fix);
        }
    }
}

/// Names of records that have several answers are told apart by their identifier.
pub(super) fn record_target_health(scope: &Scope<'_>) {
    let message =
        "an alias that does not evaluate its target is answered with no server behind it (F68)";
    let answers = records(scope).into_iter();
    let answers = answers.filter(|record| record.get("SetIdentifier").is_some_and(exists));
    for record in answers {
        let Some(alias) = record.get("AliasTarget") else { continue };
        let is_secondary = record.get("Failover").and_then(Node::text) == Some("SECONDARY");
        let allowed = match always(scope, record) {
            // Route 53 refuses `true` for it.
            Some(Always::CloudFront) => true,
            Some(Always::Bucket) => is_secondary,
            None => false,
        };
        if let Some(place) = fails(alias, "EvaluateTargetHealth", |text| text == "true")
            && !allowed
        {
            scope.tell("record-target-health", place, message, "set it to `true`");
        }
    }
}
