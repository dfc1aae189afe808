//! Rules about health checks, the failover alarm and the records.

use serde_norway::Value;

use super::super::template::{Resource, items, scalar};
use super::super::{Finding, Scope};
use crate::names::DETECTOR_REGION;

const ALARM: &str = "AWS::CloudWatch::Alarm";
const ROUTE_53: &str = "AWS/Route53";

/// Route 53 publishes its metric in one region; an alarm on it anywhere else never has data.
pub(super) fn metric_region(scope: &Scope<'_>) -> Vec<Finding> {
    if scope.stack.region.as_str() == DETECTOR_REGION {
        return Vec::new();
    }
    let findings = health_alarms(scope).map(|(name, _)| {
        let place = format!("Resources.{name}.Properties.Namespace");
        let region = &scope.stack.region;
        let message = format!(
            "Route 53's metric is in {DETECTOR_REGION} alone; in {region} this alarm never has data"
        );
        scope.error("alarm-region", place, message, "put the alarm into the detector's template")
    });
    findings.collect()
}

/// A blind alarm must look blind. `ignore` and `notBreaching` make it look healthy, `breaching` fails over on a gap.
pub(super) fn missing_data(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, alarm) in health_alarms(scope) {
        let treatment = alarm.properties.get("TreatMissingData");
        // CloudWatch's own default is `missing`.
        let found = scope.text(treatment);
        if treatment.is_some() && found.as_deref() != Some("missing") {
            let place = format!("Resources.{name}.Properties.TreatMissingData");
            let found = found.unwrap_or_else(|| "a value that is not fixed".to_owned());
            let message = format!("with `{found}` a blind detector does not look blind");
            findings.push(scope.error("missing-data", place, message, "set it to `missing`"));
        }
    }
    findings
}

/// F39: an alarm on a fixed id goes on watching a check that has been replaced.
pub(super) fn alarm_dimension(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, alarm) in health_alarms(scope) {
        for (index, dimension) in items(alarm.properties.get("Dimensions")).into_iter().enumerate()
        {
            let is_check =
                dimension.get("Name").and_then(scalar).as_deref() == Some("HealthCheckId");
            if is_check && dimension.get("Value").and_then(scalar).is_some() {
                let place = format!("Resources.{name}.Properties.Dimensions[{index}].Value");
                let message = "a fixed id outlives the check that it names (F39)".to_owned();
                findings.push(scope.error(
                    "alarm-dimension",
                    place,
                    message,
                    "use `!Ref` to the health check",
                ));
            }
        }
    }
    findings
}

/// F68: a failover record must carry a check of its own and evaluate its target, or an empty standby is answered.
pub(super) fn record_health(scope: &Scope<'_>) -> Vec<Finding> {
    let single = scope.template.of_kind("AWS::Route53::RecordSet");
    let single =
        single.map(|(name, record)| (format!("Resources.{name}.Properties"), &record.properties));
    let groups =
        scope.template.of_kind("AWS::Route53::RecordSetGroup").flat_map(|(name, group)| {
            let records = items(group.properties.get("RecordSets")).into_iter().enumerate();
            records.map(move |(index, record)| {
                (format!("Resources.{name}.Properties.RecordSets[{index}]"), record)
            })
        });
    let mut findings = Vec::new();
    for (place, record) in single.chain(groups) {
        if record.get("Failover").is_none() {
            continue;
        }
        if record.get("HealthCheckId").is_none() {
            let message = "a failover record without its own health check can be answered while it is dark (F68)";
            let fix = "set `HealthCheckId` to the check of this region";
            findings.push(scope.error("record-health-check", &place, message.to_owned(), fix));
        }
        let alias = record.get("AliasTarget");
        let evaluates = alias.and_then(|alias| scope.text(alias.get("EvaluateTargetHealth")));
        if alias.is_some() && evaluates.as_deref() != Some("true") {
            let place = format!("{place}.AliasTarget.EvaluateTargetHealth");
            let message = "an alias that does not evaluate its target is answered with no server behind it (F68)";
            findings.push(scope.error(
                "record-target-health",
                place,
                message.to_owned(),
                "set it to `true`",
            ));
        }
    }
    findings
}

/// F66: a check of the failover name measures whichever region DNS answers, so it turns green right after a failover.
pub(super) fn checked_name(scope: &Scope<'_>) -> Vec<Finding> {
    let hostname = scope.site.config.hostname.as_str();
    let mut findings = Vec::new();
    for (name, check) in scope.template.of_kind("AWS::Route53::HealthCheck") {
        let config = check.properties.get("HealthCheckConfig");
        let asked = scope.text(config.and_then(|config| config.get("FullyQualifiedDomainName")));
        if asked.is_some_and(|asked| asked.trim_end_matches('.') == hostname) {
            let place =
                format!("Resources.{name}.Properties.HealthCheckConfig.FullyQualifiedDomainName");
            let message = format!(
                "`{hostname}` is answered by whichever region serves, so this measures nothing (F66)"
            );
            let fix = "check the load balancer's own name";
            findings.push(scope.error("check-of-failover-name", place, message, fix));
        }
    }
    findings
}

/// The alarms on Route 53's health checks.
pub(super) fn health_alarms<'a>(
    scope: &'a Scope<'_>,
) -> impl Iterator<Item = (&'a String, &'a Resource)> {
    let alarms = scope.template.of_kind(ALARM);
    alarms.filter(|(_, alarm)| {
        alarm.properties.get("Namespace").and_then(Value::as_str) == Some(ROUTE_53)
    })
}
