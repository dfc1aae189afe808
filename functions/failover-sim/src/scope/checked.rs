//! The searches of every test run.

use failover_core::ReasonKind::{
    self, Adopt, AlreadyRaised, AwaitingApproval, Blind, Busy, CloseLatch, Draining, Finish,
    Follow, Frozen, Idle, KeepRaised, Looked, LowerDesired, LowerFloor, LowerMin, NotArmed,
    OpenLatch, Prewarm, Prewarming, PrimaryUnreadable, Proving, Raise, RecordUnreadable, Sample,
    StandbyUnreadable,
};
use failover_core::policy::Clockwork;

use super::{CLOCKWORK, Catalogue, Scope, Settings};
use crate::world::{Silence, VerdictOf};

/// Reasons of a whole failover and failback.
pub(super) const WAY: &[ReasonKind] = &[
    StandbyUnreadable,
    Frozen,
    Raise,
    AlreadyRaised,
    CloseLatch,
    Proving,
    AwaitingApproval,
    PrimaryUnreadable,
    Prewarm,
    OpenLatch,
    Draining,
    Busy,
    LowerMin,
    LowerDesired,
    Finish,
    Blind,
    Idle,
];

/// Without a latch nothing is closed or opened, and users need not wait for a prewarmed primary.
pub(super) const NO_LATCH: &[ReasonKind] = &[
    StandbyUnreadable,
    Frozen,
    Raise,
    AlreadyRaised,
    Proving,
    PrimaryUnreadable,
    Prewarm,
    Draining,
    LowerMin,
    Finish,
    Blind,
    Idle,
];
pub(super) const MATCH: &[ReasonKind] =
    &[Adopt, AlreadyRaised, CloseLatch, OpenLatch, Finish, Idle];
pub(super) const SETTLED: &[ReasonKind] = &[Sample, Raise, LowerMin, Finish, Idle];
pub(super) const OPERATOR: &[ReasonKind] =
    &[Raise, CloseLatch, AwaitingApproval, Prewarming, OpenLatch, Finish];
pub(super) const TWO: &[ReasonKind] =
    &[Raise, CloseLatch, Prewarming, OpenLatch, LowerMin, LowerDesired, Finish];
pub(super) const FOUR: &[(&str, &str)] =
    &[("peak_hint", "4"), ("failover_min", "4"), ("capacity_max", "4")];
pub(super) const TAGS: &[ReasonKind] = &[NotArmed, RecordUnreadable, Raise, Finish];
/// Nothing but the ring says that two servers are needed.
pub(super) const RING: Settings =
    &[("peak_hint", "1"), ("failover_min", "1"), ("capacity_max", "2")];
pub(super) const LOST: &[ReasonKind] =
    &[StandbyUnreadable, Raise, CloseLatch, PrimaryUnreadable, OpenLatch, Draining, Finish];
pub(super) const SHORT: &[ReasonKind] = &[Raise, AlreadyRaised, LowerMin, Finish];

/// The searches of every test run: the budgets of the rules' first model, repeated and exceeded, and every setting.
pub const CHECKED: &[Scope] = &[
    Scope { name: "base", ..Scope::BASE },
    Scope { name: "base, wider", flips: 4, faults: 3, ..Scope::BASE },
    Scope { name: "floor 1", settings: &[("floor", "1")], ..Scope::BASE },
    Scope { name: "latch off", settings: &[("latch", "off")], reasons: NO_LATCH, ..Scope::BASE },
    Scope { name: "floor match", settings: &[("floor", "match")], reasons: MATCH, ..Scope::BASE },
    Scope {
        name: "floor above the load",
        flips: 2,
        faults: 1,
        settings: &[("floor", "match"), ("failover_min", "1"), ("peak_hint", "1")],
        clockwork: Clockwork { hour: 7, ..CLOCKWORK },
        surplus: 1,
        reasons: &[Sample, LowerFloor, Adopt, Idle],
        ..Scope::BASE
    },
    Scope {
        name: "failback by approval",
        faults: 1,
        orders: 1,
        settings: &[("failback", "approve")],
        reasons: OPERATOR,
        ..Scope::BASE
    },
    Scope {
        name: "failback by hand",
        faults: 1,
        orders: 1,
        settings: &[("failback", "manual")],
        reasons: OPERATOR,
        ..Scope::BASE
    },
    Scope {
        name: "flapping",
        flips: 6,
        faults: 0,
        clockwork: Clockwork { day: 80, ..CLOCKWORK },
        reasons: &[AwaitingApproval, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "in and out of the hour of OK",
        flips: 2,
        faults: 2,
        clockwork: Clockwork { hour: 7, ..CLOCKWORK },
        reasons: SETTLED,
        ..Scope::BASE
    },
    Scope { name: "operator", faults: 1, orders: 2, reasons: OPERATOR, ..Scope::BASE },
    Scope {
        name: "two handlers",
        faults: 1,
        catalogue: Catalogue::TwoHandlers,
        reasons: TWO,
        ..Scope::BASE
    },
    Scope {
        name: "two handlers, wider",
        flips: 5,
        faults: 3,
        catalogue: Catalogue::TwoHandlers,
        reasons: TWO,
        ..Scope::BASE
    },
    Scope { name: "tags edited by hand", catalogue: Catalogue::Tags, reasons: TAGS, ..Scope::BASE },
    Scope {
        name: "no capacity",
        flips: 2,
        faults: 1,
        launchable: 1,
        reasons: SHORT,
        ..Scope::BASE
    },
    Scope {
        name: "capacity lost",
        flips: 2,
        faults: 1,
        catalogue: Catalogue::Drought,
        reasons: SHORT,
        ..Scope::BASE
    },
    Scope {
        name: "capacity lost, held at 3/4",
        flips: 2,
        faults: 1,
        hold_down: 16,
        settings: &[("hold_percent", "75")],
        catalogue: Catalogue::Drought,
        reasons: &[CloseLatch, Prewarm, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "three of four",
        flips: 2,
        faults: 1,
        settings: FOUR,
        launchable: 3,
        catalogue: Catalogue::Drought,
        reasons: &[CloseLatch, Prewarm, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "a failover is ordered, and capacity lost",
        flips: 1,
        faults: 1,
        orders: 1,
        settings: &[("hold_percent", "75")],
        catalogue: Catalogue::Drought,
        reasons: &[CloseLatch, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "a latch left closed",
        flips: 3,
        faults: 1,
        left_closed: true,
        reasons: &[Raise, CloseLatch, OpenLatch, LowerMin, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "freezes only",
        catalogue: Catalogue::FreezeOnly,
        reasons: &[Frozen, Raise, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "freezes only, a forgetful check",
        catalogue: Catalogue::FreezeOnly,
        silence: Silence::Forgotten { after: 3 },
        reasons: &[Frozen, Raise, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "deploys only",
        catalogue: Catalogue::DeployOnly,
        reasons: &[Raise, KeepRaised, LowerMin, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "active-active",
        flips: 3,
        faults: 2,
        settings: &[("routing", "active-active"), ("floor", "match")],
        reasons: &[Follow, Frozen, Blind, Idle, StandbyUnreadable],
        ..Scope::BASE
    },
    Scope {
        name: "the clockwork that ships",
        flips: 2,
        faults: 1,
        hold_down: 30,
        drain: 10,
        clockwork: Clockwork { hour: 10_000, day: 80, claim: 15, released: 5, starved: 5 },
        reasons: &[Raise, CloseLatch, Prewarm, OpenLatch, LowerMin, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "readings lost for long",
        catalogue: Catalogue::Readings,
        reasons: LOST,
        ..Scope::BASE
    },
    Scope {
        name: "checks set wrongly",
        catalogue: Catalogue::Checks,
        reasons: SHORT,
        recovers: true,
        ..Scope::BASE
    },
    Scope {
        name: "unhealthy servers, both regions",
        flips: 2,
        faults: 2,
        catalogue: Catalogue::Servers,
        reasons: &[Raise, Prewarming, OpenLatch, Finish],
        ..Scope::BASE
    },
    OF_FOUR,
    EVERY_TAG,
    Scope {
        name: "tags deleted that a person must write",
        flips: 2,
        faults: 1,
        settings: RING,
        load: Some(2),
        catalogue: Catalogue::KeptTags,
        recovers: false,
        reasons: &[Raise, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "other settings",
        flips: 2,
        variants: &[&[("latch", "off")], &[("floor", "1")], &[("failback", "manual")]],
        catalogue: Catalogue::Settings,
        reasons: &[Raise, AwaitingApproval, KeepRaised, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "another routing",
        faults: 1,
        variants: &[&[("routing", "active-active"), ("floor", "match")]],
        catalogue: Catalogue::Settings,
        recovers: false,
        reasons: &[Raise, Follow, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "an operator on a restless day",
        flips: 2,
        faults: 1,
        orders: 1,
        catalogue: Catalogue::Restless,
        reasons: &[Raise, CloseLatch, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "a floor above what is needed",
        flips: 2,
        faults: 1,
        orders: 1,
        settings: &[("floor", "3"), ("capacity_max", "3")],
        catalogue: Catalogue::Restless,
        reasons: &[AlreadyRaised, Adopt, CloseLatch, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "a floor set by hand",
        flips: 2,
        faults: 1,
        floor_by_hand: Some(1),
        reasons: SHORT,
        ..Scope::BASE
    },
    Scope {
        name: "a load above the ring",
        flips: 2,
        faults: 1,
        settings: &[("capacity_max", "3")],
        load: Some(3),
        reasons: SHORT,
        ..Scope::BASE
    },
    VERDICT,
    Scope {
        name: "the verdict, two handlers",
        faults: 1,
        catalogue: Catalogue::TwoHandlers,
        reasons: TWO,
        ..VERDICT
    },
    EAGER,
    NOTICES,
    Scope {
        name: "people are told, and asked",
        flips: 2,
        faults: 1,
        settings: &[("failback", "approve")],
        reasons: &[AwaitingApproval],
        ..NOTICES
    },
];

pub(super) const OF_FOUR: Scope = Scope {
    name: "unhealthy servers of four",
    flips: 2,
    faults: 1,
    settings: FOUR,
    catalogue: Catalogue::Servers,
    reasons: &[Raise, OpenLatch, Finish],
    ..Scope::BASE
};

pub(super) const EVERY_TAG: Scope = Scope {
    name: "every tag",
    flips: 2,
    faults: 1,
    settings: RING,
    load: Some(2),
    catalogue: Catalogue::EveryTag,
    reasons: &[RecordUnreadable, NotArmed, Raise, Finish],
    ..Scope::BASE
};

/// The verdict comes before the alarm, and looks come between the ticks.
pub(crate) const VERDICT: Scope = Scope {
    name: "the verdict, and looks",
    flips: 3,
    faults: 1,
    catalogue: Catalogue::Verdict,
    verdict: VerdictOf::Endpoint,
    wide_looks: true,
    reasons: &[Looked, Raise, CloseLatch, OpenLatch, LowerMin, Finish],
    ..Scope::BASE
};

/// Looks raise on suspicion.
pub(crate) const EAGER: Scope = Scope {
    name: "precautions",
    settings: &[("eager", "on")],
    wide_looks: false,
    reasons: &[Looked, Raise, AlreadyRaised, CloseLatch, Finish],
    ..VERDICT
};

/// Whoever must be told is told, although a notice is lost.
pub(crate) const NOTICES: Scope = Scope {
    name: "people are told",
    flips: 2,
    faults: 1,
    catalogue: Catalogue::Notices,
    telling: true,
    clockwork: Clockwork { hour: 3, day: 30, ..CLOCKWORK },
    reasons: &[Raise, Frozen, Finish],
    ..Scope::BASE
};
