//! Why a decision was made: the rule that fired, with its numbers, and which rule it is without them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observation::{Known, Mode, Why};
use crate::record::Cause;

/// The rule that fired, with the numbers that made it fire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Rule 0: the standby group cannot be read; Lambda tries again.
    StandbyUnreadable {
        /// What the read ended with.
        why: Why,
    },
    /// Rule 1: the operator froze the controller.
    Frozen,
    /// Rule 2: the primary is down; the standby is raised.
    Raise {
        /// Which evidence.
        why: Cause,
        /// Instances asked for.
        target: u16,
    },
    /// Rule 2: the primary is down and the standby already runs its target.
    AlreadyRaised {
        /// Instances asked for.
        target: u16,
    },
    /// Rule 2: the primary is down, and the standby stands at its target without a note of ours: it is noted now.
    Adopt {
        /// Instances asked for.
        target: u16,
    },
    /// Rule 2: a look between two ticks that does not raise.
    Looked,
    /// Rule 2: the standby carries the users; the latch keeps them there until the failback is released.
    CloseLatch,
    /// Rule 3: ours, but the mode is not known to be armed: nothing is lowered.
    NotArmed {
        /// The mode as far as it is known.
        mode: Known<Mode>,
    },
    /// Rule 3: the primary is not yet proven up for the hold-down.
    Proving {
        /// Hold-down left at least. Units: seconds. The whole hold-down while the proof has not begun.
        left_seconds: u64,
        /// What is missing.
        missing: Proof,
    },
    /// Rule 3: proven; a person must release the failback.
    AwaitingApproval,
    /// Rule 3: the primary group cannot be read, so it cannot be made ready, or put back.
    PrimaryUnreadable {
        /// What the read ended with.
        why: Why,
    },
    /// Rule 3: the latch holds the users at the standby, and somebody took its minimum back: it is raised again.
    KeepRaised {
        /// Instances asked for.
        target: u16,
    },
    /// Rule 3a: the primary's minimum is grown to what the standby carries now.
    Prewarm {
        /// Instances that the primary needs.
        demand: u16,
    },
    /// Rule 3a: the primary's instances are on their way.
    Prewarming {
        /// Healthy instances now.
        healthy: u16,
        /// Instances that the primary needs.
        demand: u16,
    },
    /// Rule 3a: the primary can carry everybody, or the standby cannot: the endpoint check decides again.
    OpenLatch,
    /// Rule 3b: proven; DNS must answer the primary for some ticks more.
    Draining {
        /// Ticks counted.
        ticks: u16,
        /// Ticks needed.
        needed: u16,
    },
    /// Rule 3b: DNS has answered the primary for long enough, and clients still ask the standby, or nobody knows.
    Busy {
        /// Requests a minute and server.
        requests: Known<u32>,
    },
    /// Rule 3b, phase 1: MinSize goes back, no instance stops.
    LowerMin,
    /// Rule 3b, phase 2: desired goes back, instances stop.
    LowerDesired,
    /// Rule 3c: the standby is at its normal sizes; the primary's floor is restored and the record is closed.
    Finish,
    /// Rule 4: idle, after an hour of OK; the normal state is noted.
    Sample {
        /// Instances that carry the load.
        load: u16,
    },
    /// Rule 4: a floor that matches the load is raised to it.
    Follow {
        /// Instances that the floor needs.
        target: u16,
    },
    /// Rule 4: a floor that matches the load is lowered to it, MinSize alone.
    LowerFloor {
        /// Instances that the floor needs.
        target: u16,
    },
    /// Rule 5: the record cannot be read, so nothing is lowered.
    RecordUnreadable,
    /// Rule 5: the detector is blind; nothing is lowered.
    Blind,
    /// Rule 5: nothing to do.
    Idle,
}

impl Reason {
    /// Which rule it is of, without its numbers.
    #[must_use]
    pub const fn kind(&self) -> ReasonKind {
        match self {
            Self::StandbyUnreadable { .. } => ReasonKind::StandbyUnreadable,
            Self::Frozen => ReasonKind::Frozen,
            Self::Raise { .. } => ReasonKind::Raise,
            Self::AlreadyRaised { .. } => ReasonKind::AlreadyRaised,
            Self::Adopt { .. } => ReasonKind::Adopt,
            Self::Looked => ReasonKind::Looked,
            Self::CloseLatch => ReasonKind::CloseLatch,
            Self::NotArmed { .. } => ReasonKind::NotArmed,
            Self::Proving { .. } => ReasonKind::Proving,
            Self::AwaitingApproval => ReasonKind::AwaitingApproval,
            Self::PrimaryUnreadable { .. } => ReasonKind::PrimaryUnreadable,
            Self::KeepRaised { .. } => ReasonKind::KeepRaised,
            Self::Prewarm { .. } => ReasonKind::Prewarm,
            Self::Prewarming { .. } => ReasonKind::Prewarming,
            Self::OpenLatch => ReasonKind::OpenLatch,
            Self::Draining { .. } => ReasonKind::Draining,
            Self::Busy { .. } => ReasonKind::Busy,
            Self::LowerMin => ReasonKind::LowerMin,
            Self::LowerDesired => ReasonKind::LowerDesired,
            Self::Finish => ReasonKind::Finish,
            Self::Sample { .. } => ReasonKind::Sample,
            Self::Follow { .. } => ReasonKind::Follow,
            Self::LowerFloor { .. } => ReasonKind::LowerFloor,
            Self::RecordUnreadable => ReasonKind::RecordUnreadable,
            Self::Blind => ReasonKind::Blind,
            Self::Idle => ReasonKind::Idle,
        }
    }

    /// The name of its kind, used as the metric's dimension and in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.kind().name()
    }
}

/// Writes [`ReasonKind`], the list of all kinds and their names from one list of words.
macro_rules! reason_kinds {
    ($($kind:ident)*) => {
        /// Which [`Reason`] it is, without the numbers that differ from tick to tick: what code compares and counts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ReasonKind {
            $(
                #[doc = concat!("[`Reason::", stringify!($kind), "`].")]
                $kind,
            )*
        }

        impl ReasonKind {
            /// Every one, in the order of the rules.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Its name in records, metrics and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)*
                }
            }
        }
    };
}

reason_kinds! {
    StandbyUnreadable Frozen Raise Looked AlreadyRaised Adopt CloseLatch NotArmed Proving
    AwaitingApproval PrimaryUnreadable KeepRaised Prewarm Prewarming OpenLatch Draining Busy
    LowerMin LowerDesired Finish Sample Follow LowerFloor RecordUnreadable Blind Idle
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The first part of the proof that is missing before capacity may be lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The alarm does not read OK.
    Alarm,
    /// The detector is blind.
    Sight,
    /// The alarm has not been OK for long enough.
    Age,
    /// The metric has not been 1 without a gap for long enough, or its newest datapoint is late.
    Datapoints,
    /// Our own probe of the primary did not succeed.
    Probe,
    /// Route 53's verdict does not read healthy, or cannot be read.
    Verdict,
    /// The last raise is so young that its handler may still be at work.
    Raise,
}
