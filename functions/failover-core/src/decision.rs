//! What [`decide`](crate::decide) answers: absolute targets with a reason, and the line that is logged of it.

mod news;
mod reason;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observation::{Known, Observation, Why};
use crate::policy::Policy;
pub use crate::record::Latch;
use crate::record::{Register, Sizes};
use crate::signal::Signal;
use crate::time::Timestamp;

pub use self::news::{News, Notice};
pub use self::reason::{Proof, Reason, ReasonKind};

/// Version of the [`DecisionRecord`] line; grows when a field changes its meaning.
pub const SCHEMA: u16 = 1;

/// What to do, in absolute targets. Doing it twice equals doing it once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the writes below are to be done or only reported.
    pub effect: Effect,
    /// What became of the operator's request, if the signal was one.
    pub reply: Option<Reply>,
    /// The register that keeps the operator's request. It is written whatever the effect.
    pub request: Option<Register>,
    /// Registers to write before the group: the undo note is durable before the write that destroys what it describes.
    pub before: Vec<Register>,
    /// The one write to the standby group.
    pub standby: Option<StandbyWrite>,
    /// The one write to the primary group.
    pub primary: Option<PrimaryWrite>,
    /// Registers to write after the group.
    pub after: Vec<Register>,
    /// The latch value as recorded: it is put in every mode, unless `after` changes it. Or why none is put.
    pub latch: Known<Latch>,
    /// The rule that fired.
    pub reason: Reason,
    /// What to tell people of what is done, if anything.
    pub notice: Option<Notice>,
    /// What to tell people beside it, and what to remember of that.
    #[serde(default)]
    pub news: News,
}

impl Decision {
    /// A decision that writes nothing.
    #[must_use]
    pub const fn hold(reason: Reason) -> Self {
        Self {
            effect: Effect::Act,
            reply: None,
            request: None,
            before: Vec::new(),
            standby: None,
            primary: None,
            after: Vec::new(),
            latch: Known::Unknown(Why::NotAsked),
            reason,
            notice: None,
            news: News::NONE,
        }
    }

    /// Whether the decision changes a group or the record, apart from what people were told.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.request.is_some()
            || self.effect == Effect::Act
                && (self.standby.is_some()
                    || self.primary.is_some()
                    || !self.before.is_empty()
                    || !self.after.is_empty())
    }

    /// Whether the invocation must end in an error, so that Lambda tries again.
    #[must_use]
    pub const fn retry(&self) -> bool {
        matches!(self.reason, Reason::StandbyUnreadable { .. })
    }
}

/// What became of an operator's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is kept in the record and counts from now on.
    Taken,
    /// The record held it already.
    Repeated,
    /// It does not count, and nothing was kept.
    Refused(Refusal),
}

/// Why a request does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It was under way for too long, or is older than the one that counts.
    Old,
    /// It is dated in the future.
    Future,
    /// The record cannot be read, so nobody knows what it would replace.
    RecordUnreadable,
    /// The mode is not armed.
    NotArmed,
    /// There is nothing raised to go back from.
    NothingRaised,
    /// It was given for another failover than the present one.
    OtherEpisode,
    /// An operator's failover stands: what it moved goes back by a failback alone.
    FailoverOrdered,
    /// With active-active routing there is nothing to move.
    ActiveActive,
    /// With `failback = "manual"` an approval releases nothing.
    Manual,
}

impl Refusal {
    /// Why.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Old => "it is too old, or older than the order that stands",
            Self::Future => "it is dated in the future",
            Self::RecordUnreadable => "the record cannot be read",
            Self::NotArmed => "the mode is not armed",
            Self::NothingRaised => "nothing is raised, so there is nothing to go back from",
            Self::OtherEpisode => "it was given for another failover",
            Self::FailoverOrdered => "an operator's failover stands",
            Self::ActiveActive => "both regions serve, so there is nothing to move",
            Self::Manual => "`failback` is `manual`, so an approval releases nothing",
        }
    }

    /// What to do instead, if there is something.
    #[must_use]
    pub const fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::Old => "ask again",
            Self::Future => "set the clock, and ask again",
            Self::RecordUnreadable => "correct the tags of the standby group",
            Self::NotArmed => "set it: cargo xtask mode armed",
            Self::OtherEpisode => "look at the present one: cargo xtask status",
            Self::FailoverOrdered | Self::Manual => "ask for a failback: cargo xtask failback",
            Self::NothingRaised | Self::ActiveActive => return None,
        })
    }
}

impl fmt::Display for Refusal {
    /// Both as one sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())?;
        self.hint().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// Whether a decision is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Write.
    Act,
    /// Write nothing: the mode is `observe` or `frozen`, or the event is a rehearsal.
    Report,
}

/// The one write to the standby group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandbyWrite {
    /// Min, desired and max in one call; never below what is live.
    Raise(Sizes),
    /// Phase 1 of lowering: MinSize alone, stops no instance.
    LowerMin {
        /// MinSize.
        min: u16,
    },
    /// Phase 2: never sends MinSize, so that AWS refuses it if a raise came between.
    LowerDesired {
        /// DesiredCapacity.
        desired: u16,
        /// MaxSize.
        max: u16,
    },
}

impl StandbyWrite {
    /// Whether capacity is taken away.
    #[must_use]
    pub const fn lowers(&self) -> bool {
        match self {
            Self::Raise(_) => false,
            Self::LowerMin { .. } | Self::LowerDesired { .. } => true,
        }
    }

    /// The sizes of a group after this write. `None` if AWS would refuse it: desired below min.
    #[must_use]
    pub const fn applied(&self, live: Sizes) -> Option<Sizes> {
        let next = match *self {
            Self::Raise(sizes) => sizes,
            Self::LowerMin { min } => Sizes { min, ..live },
            Self::LowerDesired { desired, max } => Sizes { desired, max, ..live },
        };
        if next.min <= next.desired && next.desired <= next.max { Some(next) } else { None }
    }
}

/// The one write to the primary group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PrimaryWrite {
    /// MinSize.
    pub min: u16,
    /// DesiredCapacity, or `None` to leave it to target tracking.
    pub desired: Option<u16>,
}

/// One step of [`Decision`], in the order of the writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The registers before, the operator's request first.
    Before,
    /// The alarm and DNS read again, right before a lowering.
    Recheck,
    /// The write to the standby group.
    Standby,
    /// The write to the primary group.
    Primary,
    /// The registers after.
    After,
    /// The latch's value.
    Latch,
    /// The notice.
    Notify,
    /// The registers that say what people were told.
    Told,
}

/// What became of a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outcome {
    /// Steps that AWS confirmed, in order.
    pub done: Vec<Step>,
    /// Steps that failed, may have failed, or were refused, each with its error in words.
    pub failed: Vec<(Step, String)>,
}

/// One line of the log: everything that is needed to recompute the decision offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// [`SCHEMA`].
    pub schema: u16,
    /// Name of the site.
    pub site: String,
    /// The `now` that was passed to `decide`.
    pub at: Timestamp,
    /// Numbers of the site.
    pub policy: Policy,
    /// Why the invocation ran.
    pub signal: Signal,
    /// What it saw.
    pub observation: Observation,
    /// What it decided.
    pub decision: Decision,
    /// What became of it.
    pub outcome: Outcome,
}

impl DecisionRecord {
    /// Decides again from the same inputs, with the code at hand.
    #[must_use]
    pub fn recomputed(&self) -> Decision {
        crate::decide(&self.policy, &self.signal, &self.observation, self.at)
    }

    /// The line of the controller's log that holds this record, without a line break.
    #[must_use]
    pub fn to_log_line(&self) -> String {
        let record = serde_json::to_string(self).expect("a decision record is plain data");
        // The record's own text is put in as it is, so that its fields keep their order.
        format!(r#"{{"level":"INFO","message":"decision","decision_record":{record}}}"#)
    }

    /// Reads the record back from a line of the log. `None` for every other line.
    #[must_use]
    pub fn from_log_line(line: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Line {
            decision_record: DecisionRecord,
        }
        serde_json::from_str::<Line>(line.trim()).ok().map(|line| line.decision_record)
    }
}

#[cfg(test)]
mod tests;
