//! Rules about alarms on Route 53 health checks, and the checks themselves: what deploys without complaint and is blind, or cries
//! wolf, when a region fails.

use cfn::Node;

use super::super::finding::Finding;
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
pub(in super::super) fn missing_data(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "a blind detector would not look blind: `ignore` and `notBreaching` make it look healthy, `breaching` fails over \
                   on a gap";
    let told = health_alarms(scope).filter_map(|alarm| {
        let set = alarm.property("TreatMissingData")?;
        let wrong = set.text().is_some_and(|text| text != "missing");
        wrong.then(|| {
            scope.document.finding("missing-data", &set.place, message, "set it to `missing`")
        })
    });
    told.collect()
}

pub(in super::super) fn never_fires(scope: &Scope<'_>) -> Vec<Finding> {
    let alarms = health_alarms(scope)
        .filter(|alarm| alarm.text("MetricName") == Some("HealthCheckStatus"))
        .filter_map(|alarm| alarm.node.get("Properties"));
    let told = alarms.filter_map(|alarm| {
        let operator = alarm.get("ComparisonOperator").and_then(Node::text)?;
        let (_, fires) = COMPARISONS.into_iter().find(|(name, _)| *name == operator)?;
        let place = fails(alarm, "Threshold", |text| text.trim().parse().is_ok_and(fires))?;
        let fix = "compare with `LessThanThreshold` and 1";
        Some(scope.document.finding("alarm-never-fires", place, NEVER_FIRES, fix))
    });
    told.collect()
}

pub(in super::super) fn period(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "Route 53 publishes its metric once a minute; with a shorter period the alarm has no data most of the time";
    let told = health_alarms(scope).filter_map(|alarm| {
        let period = alarm.property("Period")?;
        let long = |text: &str| text.trim().parse().is_ok_and(|seconds: f64| seconds >= 60.0);
        let short = period.text().is_some_and(|text| !long(text));
        short.then(|| {
            let finding =
                scope.document.finding("alarm-period", &period.place, message, "set it to 60");
            // The site file takes a short period with a check of the operator's own alone, as a rehearsal has.
            if scope.part.is_some() { finding.warning() } else { finding }
        })
    });
    told.collect()
}

pub(in super::super) fn gate_missing_data(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "a gap in the metric would decide whom DNS answers, since the check takes silence for a verdict";
    let checks = scope.view.of_kind("AWS::Route53::HealthCheck");
    let checks = checks.filter_map(|check| check.property("HealthCheckConfig"));
    let told = checks.filter_map(|check| {
        check.get("Type").and_then(Node::text).filter(|kind| *kind == "CLOUDWATCH_METRIC")?;
        let key = "InsufficientDataHealthStatus";
        let place = fails(check, key, |text| text == "LastKnownStatus")?;
        Some(scope.document.finding(
            "gate-missing-data",
            place,
            message,
            "set it to `LastKnownStatus`",
        ))
    });
    told.collect()
}

/// Names of records that have several answers are told apart by their identifier.
pub(in super::super) fn record_target_health(scope: &Scope<'_>) -> Vec<Finding> {
    let message =
        "an alias that does not evaluate its target is answered with no server behind it (F68)";
    let told = records(scope).into_iter().filter_map(|record| {
        record.get("SetIdentifier").filter(|identifier| exists(identifier))?;
        let alias = record.get("AliasTarget")?;
        let is_secondary = record.get("Failover").and_then(Node::text) == Some("SECONDARY");
        match always(scope, record) {
            // Route 53 refuses `true` for it.
            Some(Always::CloudFront) => return None,
            Some(Always::Bucket) if is_secondary => return None,
            Some(Always::Bucket) | None => {}
        }
        let place = fails(alias, "EvaluateTargetHealth", |text| text == "true")?;
        Some(scope.document.finding("record-target-health", place, message, "set it to `true`"))
    });
    told.collect()
}
