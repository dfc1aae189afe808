//! The larger searches of `cargo xtask prove`.

use failover_core::ReasonKind::{
    AwaitingApproval, CloseLatch, Finish, KeepRaised, OpenLatch, Prewarming, Raise,
};
use failover_core::policy::Clockwork;

use super::checked::{
    EAGER, EVERY_TAG, LOST, NO_LATCH, NOTICES, OF_FOUR, OPERATOR, SHORT, TWO, VERDICT,
};
use super::{Catalogue, Scope};

/// The larger searches of `prove`.
pub const PROVE: &[Scope] = &[
    Scope { name: "base, widest", flips: 6, faults: 4, ..Scope::BASE },
    Scope {
        name: "floor 1, wider",
        flips: 4,
        faults: 3,
        settings: &[("floor", "1")],
        ..Scope::BASE
    },
    Scope {
        name: "latch off, wider",
        flips: 4,
        faults: 3,
        settings: &[("latch", "off")],
        reasons: NO_LATCH,
        ..Scope::BASE
    },
    Scope {
        name: "operator, wider",
        flips: 2,
        faults: 2,
        orders: 2,
        reasons: OPERATOR,
        ..Scope::BASE
    },
    Scope {
        name: "two handlers, widest",
        flips: 6,
        faults: 4,
        catalogue: Catalogue::TwoHandlers,
        reasons: TWO,
        ..Scope::BASE
    },
    Scope {
        name: "readings lost for long, wider",
        flips: 4,
        faults: 3,
        catalogue: Catalogue::Readings,
        reasons: LOST,
        ..Scope::BASE
    },
    Scope {
        name: "checks set wrongly, wider",
        flips: 5,
        faults: 4,
        catalogue: Catalogue::Checks,
        reasons: SHORT,
        ..Scope::BASE
    },
    Scope {
        name: "unhealthy servers, both regions, wider",
        flips: 4,
        faults: 4,
        catalogue: Catalogue::Servers,
        reasons: &[Raise, Prewarming, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope { name: "unhealthy servers of four, wider", flips: 3, faults: 3, ..OF_FOUR },
    Scope { name: "every tag, wider", faults: 2, ..EVERY_TAG },
    Scope {
        name: "other settings, wider",
        flips: 4,
        faults: 3,
        variants: &[&[("floor", "1")], &[("failback", "manual")]],
        catalogue: Catalogue::Settings,
        reasons: &[Raise, AwaitingApproval, KeepRaised, Finish],
        ..Scope::BASE
    },
    Scope {
        name: "an operator on a restless day, wider",
        flips: 3,
        faults: 2,
        orders: 1,
        catalogue: Catalogue::Restless,
        reasons: &[Raise, CloseLatch, OpenLatch, Finish],
        ..Scope::BASE
    },
    Scope { name: "the verdict, and looks, wider", faults: 2, ..VERDICT },
    Scope {
        name: "the verdict, two handlers, wider",
        flips: 4,
        faults: 2,
        catalogue: Catalogue::TwoHandlers,
        reasons: TWO,
        ..VERDICT
    },
    Scope { name: "precautions, wider", faults: 2, ..EAGER },
    Scope {
        name: "precautions, floor 1",
        faults: 2,
        settings: &[("eager", "on"), ("floor", "1")],
        ..EAGER
    },
    Scope { name: "people are told, wider", faults: 2, ..NOTICES },
    Scope {
        name: "the clockwork that ships, wider",
        flips: 3,
        faults: 2,
        hold_down: 30,
        drain: 10,
        clockwork: Clockwork { hour: 10_000, day: 80, claim: 15, released: 5, starved: 5 },
        ..Scope::BASE
    },
];
