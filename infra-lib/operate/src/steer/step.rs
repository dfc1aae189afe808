//! What changed between two looks at a site: as values, and as sentences for people.

use std::fmt;

use failover_core::Reason;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer};
use failover_core::record::Sizes;

use site::model::Role;

use crate::status::{Raised, Reading, Side, Status};

/// Something that changed. Its sentence is for people; code matches on the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The controller decided something else than before.
    Decided {
        /// Why, without the numbers that change from tick to tick. Source: [`status::gist`](crate::status::gist).
        gist: Reason,
        /// The decision as a sentence.
        words: String,
    },
    /// Writes of the newest decision failed.
    Failed(Vec<String>),
    /// A group has other sizes.
    Sizes {
        /// Whose group.
        role: Role,
        /// Its sizes now.
        sizes: Sizes,
    },
    /// Another number of a group's instances is in service.
    InService {
        /// Whose group.
        role: Role,
        /// Instances in service.
        count: usize,
        /// Instances that the group was asked for.
        asked: u16,
    },
    /// Another number of a group's instances is healthy.
    Healthy {
        /// Whose group.
        role: Role,
        /// Healthy instances.
        count: usize,
        /// Instances that the group was asked for.
        asked: u16,
    },
    /// The alarm has another state.
    Alarm(AlarmState),
    /// The latch has turned.
    Latch(Latch),
    /// DNS gives another answer.
    Names(Answer),
    /// The record of the failover is closed.
    Closed,
    /// The sign-in is lost or works again, in words.
    SignIn(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided { words, .. } | Self::SignIn(words) => f.write_str(words),
            Self::Failed(writes) => write!(f, "did not go through: {}", writes.join("; ")),
            Self::Sizes { role, sizes: Sizes { min, desired, max } } => {
                write!(f, "{role}: desired {desired} (min {min}, max {max})")
            }
            Self::InService { role, count, asked } => {
                write!(f, "{role}: in service {count} of {asked}")
            }
            Self::Healthy { role, count, asked } => write!(f, "{role}: healthy {count} of {asked}"),
            Self::Alarm(state) => write!(f, "the alarm reads {}", state.word()),
            Self::Latch(Latch::Closed) => {
                f.write_str("the latch is closed: the users stay at the standby")
            }
            Self::Latch(Latch::Open) => {
                f.write_str("the latch is open: the health check decides again")
            }
            Self::Names(Answer::Primary) => f.write_str("DNS names the primary"),
            Self::Names(Answer::Standby) => f.write_str("DNS names the standby"),
            Self::Names(Answer::Mixed) => f.write_str("DNS names addresses of both regions"),
            Self::Closed => f.write_str("the failover is closed"),
        }
    }
}

/// What changed between two looks.
#[must_use]
pub fn steps(before: &Status, after: &Status) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Reading::Known(decision) = &after.decision {
        let earlier = before.decision.known();
        if earlier.is_none_or(|earlier| earlier.gist != decision.gist) {
            let (gist, words) = (decision.gist.clone(), decision.words.clone());
            steps.push(Step::Decided { gist, words });
        }
        let is_new = earlier.is_none_or(|earlier| earlier.failed != decision.failed);
        if !decision.failed.is_empty() && is_new {
            steps.push(Step::Failed(decision.failed.clone()));
        }
    }
    group(&mut steps, Role::Primary, &before.primary, &after.primary);
    group(&mut steps, Role::Standby, &before.standby, &after.standby);
    if let (Some(was), Some(is)) = (before.alarm.known(), after.alarm.known())
        && was.state != is.state
    {
        steps.push(Step::Alarm(is.state));
    }
    if let (Some(was), Some(is)) = (before.latch.known(), after.latch.known())
        && was.recorded != is.recorded
    {
        steps.push(Step::Latch(is.recorded));
    }
    if let Some(is) = after.serving.known()
        && before.serving.known().map(|was| was.answer) != Some(is.answer)
    {
        steps.push(Step::Names(is.answer));
    }
    if matches!(before.raised, Reading::Known(Raised::Ours { .. }))
        && after.raised == Reading::Known(Raised::Idle)
    {
        steps.push(Step::Closed);
    }
    steps
}

fn group(steps: &mut Vec<Step>, role: Role, before: &Side, after: &Side) {
    let (Some(was), Some(is)) = (before.group.known(), after.group.known()) else { return };
    let asked = is.sizes.desired;
    if was.sizes != is.sizes {
        steps.push(Step::Sizes { role, sizes: is.sizes });
    }
    if was.in_service != is.in_service {
        steps.push(Step::InService { role, count: is.in_service, asked });
    }
    if let Some(&count) = is.healthy.known()
        && was.healthy.known() != Some(&count)
    {
        steps.push(Step::Healthy { role, count, asked });
    }
}
