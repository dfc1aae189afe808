//! From what was recorded to lines of the journal.

use failover_core::decision::{PrimaryWrite, StandbyWrite};
use failover_core::time::format_duration;
use failover_core::{DecisionRecord, Timestamp};

use crate::drill::journal::{DecisionLine, Shortened};
use crate::drill::local::stage::{
    ALARM_PERIOD, BOOT, CHECK_INTERVAL, CHECK_THRESHOLD, HOLD_DOWN, LATCH_INTERVAL, TICK, TTL,
};
use crate::status::Retell;

/// Decision records as lines; equal ones in a row become one line, in the words of the first.
#[must_use]
pub fn decision_lines(
    records: &[DecisionRecord],
    started_at: Timestamp,
    retell: Retell,
) -> Vec<DecisionLine> {
    let mut lines: Vec<DecisionLine> = Vec::new();
    for record in records {
        let (reason, wrote) = (record.decision.reason.name(), wrote(record));
        match lines.last_mut() {
            Some(last) if last.reason == reason && last.wrote == wrote => last.times += 1,
            Some(_) | None => {
                let at_seconds = record.at.duration_since(started_at).as_secs_f64();
                let (at, reason, why) = (record.at, reason.to_owned(), retell(record));
                lines.push(DecisionLine { at, at_seconds, reason, why, times: 1, wrote });
            }
        }
    }
    lines
}

/// What was written by a decision, if anything.
#[must_use]
pub fn wrote(record: &DecisionRecord) -> Option<String> {
    let standby = record.decision.standby.map(|write| match write {
        StandbyWrite::Raise(to) => {
            format!("min {}, desired {}, max {}", to.min, to.desired, to.max)
        }
        StandbyWrite::LowerMin { min } => format!("min {min}"),
        StandbyWrite::LowerDesired { desired, max } => format!("desired {desired}, max {max}"),
    });
    let primary = record.decision.primary.map(|PrimaryWrite { min, desired }| {
        let desired = desired.map(|desired| format!(", desired {desired}")).unwrap_or_default();
        format!("primary min {min}{desired}")
    });
    standby.or(primary)
}

/// What is shorter in a local drill than on AWS.
#[must_use]
pub fn shortened() -> Vec<Shortened> {
    let line = |what: &str, aws: &str, drill| Shortened {
        what: what.to_owned(),
        aws: aws.to_owned(),
        drill,
    };
    vec![
        line("tick", "1m", format_duration(TICK)),
        line("hold-down", "30m", format_duration(HOLD_DOWN)),
        line("datapoints and alarm period", "1m", format_duration(ALARM_PERIOD)),
        line(
            "health check",
            "10s x 3",
            format!("{} x {CHECK_THRESHOLD}", format_duration(CHECK_INTERVAL)),
        ),
        line("the latch's way to DNS", "1-3m", format_duration(LATCH_INTERVAL)),
        line("boot of an instance", "1-3m", format_duration(BOOT)),
        line("TTL of the site's answer", "1m", format_duration(TTL)),
    ]
}
