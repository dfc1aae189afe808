//! Metrics as one line of CloudWatch's embedded metric format on the log: no API call in the path,
//! no permission to put.
//! Source:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::time::Duration;

use failover_core::DecisionRecord;
use failover_core::observation::{Known, Why};
use failover_core::record::{Ownership, Record, Slot};
use serde_json::{Map, Value, json};

/// Namespace of every metric of the controller.
pub const NAMESPACE: &str = "Pilotlight";

/// How long an invocation took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durations {
    /// From the start to the last reading that was waited for.
    pub reads: Duration,
    /// From the start to the last write.
    pub whole: Duration,
}

/// The metrics of one invocation. What is unknown is left out: a gap tells more than a made-up 0.
#[must_use]
pub fn line(record: &DecisionRecord, durations: Durations) -> String {
    let observation = &record.observation;
    let standby = observation.standby.known();
    let raised = match observation.record.known().map(Record::ownership) {
        Some(Ownership::Ours(_)) => Some(1),
        Some(Ownership::Idle) => Some(0),
        Some(Ownership::Unreadable) | None => None,
    };
    // Only while it is raised: a dark standby lacks nothing, and a metric that has no points costs nothing.
    let lacking = standby.filter(|_| raised == Some(1)).and_then(|group| {
        let healthy = *group.healthy.known()?;
        Some(u64::from(group.desired.saturating_sub(healthy)))
    });
    // A raise on Route 53's verdict does not wait for the alarm, which is then no blind spot.
    let readable = match &observation.alarm {
        Known::Known(_) => Some(1),
        Known::Unknown(Why::NotAsked) => None,
        Known::Unknown(_) => Some(0),
    };
    let metrics = [
        ("StandbyDesired", "Count", standby.map(|group| u64::from(group.desired))),
        ("StandbyInService", "Count", standby.map(|group| u64::from(group.in_service))),
        ("StandbyLacking", "Count", lacking),
        ("Raised", "Count", raised),
        ("AlarmReadable", "Count", readable),
        ("Findings", "Count", observation.record.known().and_then(findings)),
        ("FailedSteps", "Count", Some(record.outcome.failed.len() as u64)),
        ("ReadMillis", "Milliseconds", Some(millis(durations.reads))),
        ("InvocationMillis", "Milliseconds", Some(millis(durations.whole))),
    ];
    let mut line = Map::new();
    let mut named = Vec::new();
    for (name, unit, value) in metrics {
        let Some(value) = value else { continue };
        named.push(json!({"Name": name, "Unit": unit}));
        line.insert(name.to_owned(), json!(value));
    }
    let by_site = json!({"Namespace": NAMESPACE, "Dimensions": [["Site"]], "Metrics": named});
    let by_reason = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["Site", "Reason"]],
        "Metrics": [{"Name": "DecisionReason", "Unit": "Count"}],
    });
    line.insert("DecisionReason".to_owned(), json!(1));
    line.insert("Site".to_owned(), json!(record.site));
    line.insert("Reason".to_owned(), json!(record.decision.reason.name()));
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": record.at.as_millisecond(),
            "CloudWatchMetrics": [by_site, by_reason],
        }),
    );
    Value::Object(line).to_string()
}

/// What people have been told of and is not resolved.
fn findings(record: &Record) -> Option<u64> {
    match &record.findings {
        Slot::Absent => Some(0),
        Slot::Held(told) => Some(told.findings.len() as u64),
        Slot::Unreadable => None,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
