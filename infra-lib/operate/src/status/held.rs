//! What the record on the standby group holds.

use failover_core::decision::Latch;
use failover_core::finding::Finding;
use failover_core::observation::Mode;
use failover_core::record::{Ownership, Peak, Record, Slot};
use failover_core::time::age;
use failover_core::{DecisionRecord, Policy, Reason, Timestamp};

use super::{Found, Gate, Ordered, Raised, Reading};

/// Applies `f`, which may itself end in the unknown, to what was read.
fn then<T, U>(reading: &Reading<T>, f: impl FnOnce(&T) -> Reading<U>) -> Reading<U> {
    match reading {
        Reading::Known(value) => f(value),
        Reading::Absent => Reading::Absent,
        Reading::Unknown(why) => Reading::Unknown(why.clone()),
    }
}

fn unreadable<T>(tag: &str) -> Reading<T> {
    Reading::Unknown(format!("the tag `pilotlight:{tag}` of the standby group cannot be read"))
}

pub(super) fn raised(record: &Reading<Record>) -> Reading<Raised> {
    then(record, |record| {
        Reading::Known(match record.ownership() {
            Ownership::Idle => Raised::Idle,
            Ownership::Unreadable => Raised::Unreadable,
            Ownership::Ours(raised) => Raised::Ours {
                since: raised.first,
                newest: raised.at,
                target: raised.target,
                why: raised.why.word().to_owned(),
                undo: raised.undo,
            },
        })
    })
}

pub(super) fn target(record: &Reading<Record>, policy: &Policy) -> Reading<u16> {
    then(record, |record| Reading::Known(policy.target(record.peak.held().and_then(Peak::max))))
}

pub(super) fn mode(record: &Reading<Record>) -> Reading<Mode> {
    then(record, |record| {
        record.mode().known().map_or_else(|| unreadable("mode"), |mode| Reading::Known(*mode))
    })
}

pub(super) fn order(record: &Record) -> Option<Ordered> {
    let order = record.order.held()?;
    Some(Ordered { what: order.what, at: order.at, by: order.by.clone() })
}

pub(super) fn gate(record: &Reading<Record>, shown: Reading<Latch>) -> Reading<Gate> {
    then(record, |record| match record.gate() {
        Some(gate) => Reading::Known(Gate { recorded: gate.latch, since: gate.since, shown }),
        None => Reading::Unknown("the record on the standby group cannot be read".to_owned()),
    })
}

/// Nothing written is nothing found; what cannot be read is unknown.
pub(super) fn findings(record: &Reading<Record>) -> Reading<Vec<Found>> {
    then(record, |record| match &record.findings {
        Slot::Absent => Reading::Known(Vec::new()),
        Slot::Unreadable => unreadable("findings"),
        Slot::Held(told) => {
            let found = |&finding: &Finding| Found {
                finding,
                text: finding.text(),
                gone_since: told
                    .gone
                    .as_ref()
                    .filter(|_| told.is_gone(finding))
                    .map(|gone| gone.at),
            };
            Reading::Known(told.findings.iter().map(found).collect())
        }
    })
}

/// What is left of the hold-down that a decision told of.
pub(super) fn hold_down(record: &DecisionRecord, now: Timestamp) -> Option<u64> {
    let Reason::Proving { left_seconds, .. } = record.decision.reason else { return None };
    Some(left_seconds.saturating_sub(age(now, record.at).as_secs()))
}
