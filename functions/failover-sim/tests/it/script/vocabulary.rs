//! The words that stand for what the controller decides, for how the users fare, and for whatever else a script chooses from.
//!
//! Only the reader of a script knows words; what it has read is one of these values.

use failover_core::ReasonKind::{
    self, Adopt, AwaitingApproval, Blind, CloseLatch, Draining, Finish, Frozen, LowerDesired,
    LowerMin, NotArmed, OpenLatch, Prewarm, Prewarming, PrimaryUnreadable, Proving, Raise,
    RecordUnreadable,
};
use failover_core::Record;
use failover_core::record::Cause;

/// Something that a script says with fixed words.
pub(super) trait Phrase: Copy + 'static {
    /// Every one.
    const ALL: &'static [Self];

    /// How a script says it.
    fn words(self) -> &'static str;
}

/// Writes an enum and its words from one list.
macro_rules! phrases {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $words:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($(#[$about])* $variant,)* }

        impl Phrase for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

/// What the controller may decide, in the words of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    words: &'static str,
    /// What it stands for.
    pub(super) kinds: &'static [ReasonKind],
    /// It goes on from tick to tick, and counts once.
    pub(super) waits: bool,
}

const fn once(words: &'static str, kinds: &'static [ReasonKind]) -> Step {
    Step { words, kinds, waits: false }
}

const fn waiting(words: &'static str, kinds: &'static [ReasonKind]) -> Step {
    Step { words, kinds, waits: true }
}

impl Phrase for Step {
    const ALL: &'static [Self] = &[
        once("raised", &[Raise]),
        once("adopted", &[Adopt]),
        once("latch closed", &[CloseLatch]),
        once("latch opened", &[OpenLatch]),
        once("primary prewarmed", &[Prewarm]),
        once("lowered", &[LowerMin, LowerDesired]),
        once("minimum lowered", &[LowerMin]),
        once("servers stopped", &[LowerDesired]),
        once("finished", &[Finish]),
        waiting("proving", &[Proving]),
        waiting("prewarming", &[Prewarm, Prewarming]),
        waiting("draining", &[Draining]),
        waiting("waiting for approval", &[AwaitingApproval]),
        waiting("frozen", &[Frozen]),
        waiting("blind", &[Blind]),
        waiting("not armed", &[NotArmed]),
        waiting("record unreadable", &[RecordUnreadable]),
        waiting("primary unreadable", &[PrimaryUnreadable]),
    ];

    fn words(self) -> &'static str {
        self.words
    }
}

/// Why the standby was raised: the words of the record.
impl Phrase for Cause {
    const ALL: &'static [Self] = Self::ALL;

    fn words(self) -> &'static str {
        self.word()
    }
}

phrases! {
    /// Why the controller ran.
    Run {
        Tick = "a tick",
        Event = "an event",
        Look = "a look",
        Request = "a request",
    }
}

phrases! {
    /// One of the two regions.
    Region {
        Primary = "primary",
        Standby = "standby",
    }
}

phrases! {
    /// How the users fare.
    State {
        Served = "served",
        FullyServed = "fully served",
        Unserved = "unserved",
        AtPrimary = "at the primary",
        AtStandby = "at the standby",
    }
}

phrases! {
    /// A tag of the record, without its prefix.
    Tag {
        Base = "base",
        Peak = "peak",
        Raised = "raised",
        Done = "done",
        Closed = "closed",
        Opened = "opened",
        Primary = "primary",
        Drain = "drain",
        History = "history",
        Mode = "mode",
        Order = "order",
        Findings = "findings",
    }
}

impl Tag {
    /// Takes this tag, and no other, from the edited record.
    pub(super) fn take(self, record: &mut Record, edited: Record) {
        match self {
            Self::Base => record.base = edited.base,
            Self::Peak => record.peak = edited.peak,
            Self::Raised => record.raised = edited.raised,
            Self::Done => record.done = edited.done,
            Self::Closed => record.closed = edited.closed,
            Self::Opened => record.opened = edited.opened,
            Self::Primary => record.primary = edited.primary,
            Self::Drain => record.drain = edited.drain,
            Self::History => record.history = edited.history,
            Self::Mode => record.mode = edited.mode,
            Self::Order => record.order = edited.order,
            Self::Findings => record.findings = edited.findings,
        }
    }
}
