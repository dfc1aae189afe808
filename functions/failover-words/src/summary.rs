//! What was decided and why, as one sentence.

use std::time::Duration;

use failover_core::decision::{Effect, Proof};
use failover_core::observation::Mode;
use failover_core::policy::Failback;
use failover_core::record::{Cause, Register};
use failover_core::{DecisionRecord, Known, Reason, Signal};

use crate::numbers::counted;

use super::words::{self, lasting};

const FROZEN: &str = "An operator froze the controller: it changes nothing.";
const CLOSE_LATCH: &str = "The standby carries the users: the latch closes, and keeps them there until failback is released.";
const OPEN_LATCH: &str =
    "The latch opens: the primary's health check alone decides again where the users go.";
const LOWER_MIN: &str = "The primary is proven up and has the users: the controller lowers the standby's minimum, which stops nothing.";
const LOWER_DESIRED: &str = "The primary is proven up and has the users: the controller lowers the standby's desired capacity, and its instances stop.";
const FINISH: &str = "The standby is back at its normal sizes: this failover is closed.";
const UNREADABLE: &str =
    "The record on the standby group cannot be read: nothing is lowered on it.";
const BLIND: &str =
    "The health check has no data, and nothing else shows that the primary is down: nothing to do.";
const LOOKED: &str = "Nothing to raise: a look between two ticks does nothing else.";
const IDLE: &str = "Nothing to do.";

/// The sentence. `evidence` is the first that says that the primary is down.
pub fn summary(record: &DecisionRecord, evidence: Option<Cause>) -> String {
    let sentence = sentence(record, evidence);
    match record.decision.effect {
        Effect::Act => sentence,
        Effect::Report if record.signal == Signal::Rehearsal => {
            format!("{sentence} Only reported: it is a rehearsal.")
        }
        Effect::Report => format!("{sentence} Only reported: the mode is `observe`."),
    }
}

#[expect(clippy::too_many_lines, reason = "a table, a few lines for each reason")]
fn sentence(record: &DecisionRecord, evidence: Option<Cause>) -> String {
    let by = ordered_by(record);
    let down = |cause| capital(&words::cause(cause, by));
    let seen = evidence.map_or_else(|| "The primary is down".to_owned(), down);
    let instances = |count: &u16| counted(*count, "instance");
    match &record.decision.reason {
        Reason::StandbyUnreadable { why } => format!(
            "The standby group cannot be read ({}): nothing can be decided, and Lambda tries again.",
            why.word()
        ),
        Reason::Frozen => FROZEN.to_owned(),
        Reason::Raise { why, target } => {
            format!("{}: the standby is raised to {}.", down(*why), instances(target))
        }
        Reason::AlreadyRaised { target } => {
            format!(
                "{seen}, and the standby already runs its {}: nothing to do.",
                instances(target)
            )
        }
        Reason::Adopt { target } => format!(
            "{seen}. The standby already runs its {} but was not recorded as ours; it is now.",
            instances(target)
        ),
        Reason::CloseLatch => CLOSE_LATCH.to_owned(),
        Reason::NotArmed { mode } => not_armed(*mode),
        Reason::Proving { left_seconds, missing } => format!(
            "The standby is raised, and the primary is not proven up yet: {}. At least {} more.",
            missing_words(*missing),
            lasting(Duration::from_secs(*left_seconds))
        ),
        Reason::AwaitingApproval => awaiting(record),
        Reason::PrimaryUnreadable { why } => format!(
            "The primary group cannot be read ({}): it can be neither prewarmed nor restored, so the failback waits.",
            why.word()
        ),
        Reason::KeepRaised { target } => format!(
            "The latch holds the users on the standby, and the group was lowered: raised again to {}.",
            instances(target)
        ),
        Reason::Prewarm { demand } => format!(
            "The controller raises the primary's minimum to {} before the users return.",
            instances(demand)
        ),
        Reason::Prewarming { healthy, demand } => format!(
            "The primary has {healthy} of the {demand} healthy instances that the users need: wait."
        ),
        Reason::OpenLatch => OPEN_LATCH.to_owned(),
        Reason::Draining { ticks, needed } => format!(
            "The primary is proven up, and DNS has named it on {ticks} of {needed} ticks in a row: wait."
        ),
        Reason::Busy { requests } => format!(
            "DNS names the primary, and clients still ask the standby for pages ({}): nothing is lowered.",
            words::known(requests, |each| words::requests(*each))
        ),
        Reason::LowerMin => LOWER_MIN.to_owned(),
        Reason::LowerDesired => LOWER_DESIRED.to_owned(),
        Reason::Finish => FINISH.to_owned(),
        Reason::Sample { load } => {
            format!("Nothing to do: {} carry the load, recorded as normal.", instances(load))
        }
        Reason::Follow { target } => {
            format!("The load needs {}: the floor is raised to it.", instances(target))
        }
        Reason::LowerFloor { target } => {
            format!("The load needs only {}: the floor is lowered to it.", instances(target))
        }
        Reason::RecordUnreadable => UNREADABLE.to_owned(),
        Reason::Blind => BLIND.to_owned(),
        Reason::Looked => LOOKED.to_owned(),
        Reason::Idle => IDLE.to_owned(),
    }
}

fn not_armed(mode: Known<Mode>) -> String {
    let mode = words::known(&mode, |mode: &Mode| format!("`{}`", mode.word()));
    format!("The standby is raised, and the mode is {mode}: nothing is lowered.")
}

/// Who ordered the failover that stands.
fn ordered_by(record: &DecisionRecord) -> Option<&str> {
    let standing = record.observation.record.known().and_then(|record| record.order.held());
    match &record.decision.request {
        Some(Register::Order(order)) => Some(&order.by),
        Some(_) | None => standing.map(|order| order.by.as_str()),
    }
}

fn awaiting(record: &DecisionRecord) -> String {
    let release = match record.policy.failback() {
        Failback::Manual => "cargo xtask failback",
        Failback::Automatic | Failback::Approve => "cargo xtask approve",
    };
    format!("The primary is proven up, and the failback waits for a person: {release}.")
}

const fn missing_words(missing: Proof) -> &'static str {
    match missing {
        Proof::Alarm => "the alarm does not read OK",
        Proof::Sight => "the detector is blind",
        Proof::Age => "the alarm has not been OK for the whole hold-down",
        Proof::Datapoints => {
            "the metric has not been 1 without a gap for the whole hold-down, or is late"
        }
        Proof::Probe => "our own probe does not reach it",
        Proof::Verdict => "Route 53's verdict does not read healthy, or cannot be read",
        Proof::Raise => "the last raise is so recent that its handler may still be running",
    }
}

/// The text with a capital letter at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
