//! The last decisions, from the controller's log.

use failover_core::record::Cause;
use failover_core::{DecisionRecord, Reason, ReasonKind, Timestamp};
use failover_words::{failed, sentence};
use serde::Serialize;

use cloud::LogLine;

/// BOUND: as many as fit on a screen beside the rest; the newest.
const SHOWN_MAX: usize = 5;

/// Decisions in a row of one kind: the newest, and how long it has been so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// When the first of them was.
    pub from: Timestamp,
    /// When the newest was.
    pub at: Timestamp,
    /// How many.
    pub times: usize,
    /// The rule that fired.
    pub reason: ReasonKind,
    /// What was decided and why.
    pub words: String,
    /// Steps of the newest that failed.
    pub failed: Vec<String>,
    /// What tells it from the one before: its [`gist`].
    #[serde(skip)]
    pub gist: Reason,
}

/// What a log tells.
pub(super) struct Course {
    /// The newest record whole.
    pub(super) newest: Option<DecisionRecord>,
    /// The last decisions, oldest first.
    pub(super) decided: Vec<Decided>,
}

impl Course {
    pub(super) fn of(lines: &[LogLine]) -> Self {
        let mut records: Vec<_> =
            lines.iter().filter_map(|line| DecisionRecord::from_log_line(&line.text)).collect();
        records.sort_by_key(|record| record.at);
        let mut decided: Vec<Decided> = Vec::new();
        for record in &records {
            let reason = record.decision.reason.kind();
            let same = decided.last().filter(|last| last.reason == reason);
            let (from, times) = same.map_or((record.at, 0), |last| (last.from, last.times));
            if same.is_some() {
                decided.pop();
            }
            decided.push(Decided {
                from,
                at: record.at,
                times: times + 1,
                reason,
                words: sentence(record),
                failed: failed(&record.outcome),
                gist: gist(&record.decision.reason),
            });
        }
        decided.drain(..decided.len().saturating_sub(SHOWN_MAX));
        Self { newest: records.pop(), decided }
    }
}

/// A reason without the numbers in it that change although nothing else is decided.
#[must_use]
pub fn gist(reason: &Reason) -> Reason {
    let mut gist = reason.clone();
    if let Reason::Raise { why, .. } = &mut gist {
        *why = Cause::Alarm;
    }
    if let Reason::Proving { left_seconds, .. } = &mut gist {
        *left_seconds = 0;
    }
    if let Reason::Sample { load } = &mut gist {
        *load = 0;
    }
    gist
}
