//! Follows what was set going until it is done: what changed from one look at the site to the next.

use std::time::Duration;

use failover_core::Timestamp;
use failover_core::decision::Latch;
use failover_core::observation::Answer;
use serde::Serialize;
use tokio::time::sleep;

use machine::clock;

use super::{SignIn, Step, steps};
use crate::status::{Phase, Raised, Reader, Reading, Status};

/// BOUND: servers boot in two to four minutes, the latch and DNS take three more; thrice that is trouble.
const FAILOVER_MAX: Duration = Duration::from_mins(20);
/// BOUND: beside the doubled hold-down: growing the primary, draining, and the steps down.
const FAILBACK_MAX: Duration = Duration::from_hours(1);

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The standby carries everybody.
    Failover,
    /// Everything is as it was.
    Failback,
}

/// How the waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The goal is reached.
    Done,
    /// It takes longer than it should. The controller goes on by itself.
    Late,
}

/// Looks at the site every `pause` until the goal is reached, and tells what changed. `before` is how it was.
pub async fn follow(
    reader: &Reader<'_>,
    goal: Goal,
    before: Status,
    pause: Duration,
    mut tell: impl FnMut(Timestamp, &Step),
) -> (End, Status) {
    let policy = &reader.site().config.policy;
    let bound = match goal {
        Goal::Failover => FAILOVER_MAX,
        Goal::Failback => policy.hold_down() * 2 + FAILBACK_MAX,
    };
    let rounds = bound.as_millis().checked_div(pause.as_millis()).unwrap_or(100);
    let (mut last, mut sign_in) = (before, SignIn::default());
    for _ in 0..rounds {
        let now = reader.look(clock::now()).await;
        for step in steps(&last, &now) {
            tell(now.at, &step);
        }
        if let Some(words) = sign_in.after(reader.cloud(), reader.site(), &now).await {
            tell(now.at, &Step::SignIn(words));
        }
        // What cannot be read for a moment must not be told as a change when it is back.
        last = merged(last, now);
        if reached(goal, policy.latch(), &last) {
            return (End::Done, last);
        }
        sleep(pause).await;
    }
    (End::Late, last)
}

/// Whether the site is where it was asked to go.
fn reached(goal: Goal, latch: bool, status: &Status) -> bool {
    match goal {
        Goal::Failback => status.raised == Reading::Known(Raised::Idle),
        Goal::Failover => {
            let closed = status.latch.known().is_some_and(|gate| gate.recorded == Latch::Closed);
            // Where nobody answers DNS, the closed latch is all that there is to see.
            let moved =
                status.serving.known().is_none_or(|serving| serving.answer == Answer::Standby);
            carries(status) && (!latch || (closed && moved))
        }
    }
}

/// A standby that always runs may carry everybody without a raise.
fn carries(status: &Status) -> bool {
    let (Some(group), Some(target)) = (status.standby.group.known(), status.target.known()) else {
        return false;
    };
    let serving = group.healthy.known().copied().unwrap_or(group.in_service);
    status.phase != Phase::GoingBack && serving >= usize::from(*target)
}

/// The newer status, with the older readings where the newer have none.
#[must_use]
pub fn merged(older: Status, newer: Status) -> Status {
    fn either<T>(older: Reading<T>, newer: Reading<T>) -> Reading<T> {
        match newer {
            Reading::Unknown(_) => older,
            Reading::Known(_) | Reading::Absent => newer,
        }
    }
    let mut merged = newer;
    merged.serving = either(older.serving, merged.serving);
    merged.raised = either(older.raised, merged.raised);
    merged.latch = either(older.latch, merged.latch);
    merged.alarm = either(older.alarm, merged.alarm);
    merged.decision = either(older.decision, merged.decision);
    merged.standby.group = either(older.standby.group, merged.standby.group);
    merged.primary.group = either(older.primary.group, merged.primary.group);
    merged
}
