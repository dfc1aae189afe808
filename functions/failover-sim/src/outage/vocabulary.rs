//! The words that stand for what the controller decides, and for how the users fare.

/// What the controller may decide, in the words of a story.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) words: &'static str,
    /// [`failover_core::Reason::name`] of what it stands for.
    pub(super) names: &'static [&'static str],
    /// It goes on from tick to tick, and counts once.
    pub(super) waits: bool,
}

pub(super) const STEPS: [Step; 18] = [
    Step { words: "raised", names: &["Raise"], waits: false },
    Step { words: "adopted", names: &["Adopt"], waits: false },
    Step { words: "latch closed", names: &["CloseLatch"], waits: false },
    Step { words: "latch opened", names: &["OpenLatch"], waits: false },
    Step { words: "primary prewarmed", names: &["Prewarm"], waits: false },
    Step { words: "lowered", names: &["LowerMin", "LowerDesired"], waits: false },
    Step { words: "minimum lowered", names: &["LowerMin"], waits: false },
    Step { words: "servers stopped", names: &["LowerDesired"], waits: false },
    Step { words: "finished", names: &["Finish"], waits: false },
    Step { words: "proving", names: &["Proving"], waits: true },
    Step { words: "prewarming", names: &["Prewarm", "Prewarming"], waits: true },
    Step { words: "draining", names: &["Draining"], waits: true },
    Step { words: "waiting for approval", names: &["AwaitingApproval"], waits: true },
    Step { words: "frozen", names: &["Frozen"], waits: true },
    Step { words: "blind", names: &["Blind"], waits: true },
    Step { words: "not armed", names: &["NotArmed"], waits: true },
    Step { words: "record unreadable", names: &["RecordUnreadable"], waits: true },
    Step { words: "primary unreadable", names: &["PrimaryUnreadable"], waits: true },
];

/// Why the standby was raised: the words of the record.
pub(super) const CAUSES: [&str; 6] = ["alarm", "datapoints", "order", "answer", "probe", "claim"];

/// Why the controller ran.
pub(super) const RUNS: [&str; 3] = ["a tick", "an event", "a request"];

pub(super) const REGIONS: [&str; 2] = ["primary", "standby"];

/// How the users fare.
pub(super) const STATES: [&str; 5] =
    ["served", "fully served", "unserved", "at the primary", "at the standby"];

/// Tags of the record, without their prefix.
pub(super) const TAGS: [&str; 12] = [
    "base", "peak", "raised", "done", "closed", "opened", "primary", "drain", "history", "mode",
    "order", "findings",
];
