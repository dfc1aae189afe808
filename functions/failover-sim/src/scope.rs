//! How far the model looks: what may go wrong, how often, and with which site.

use failover_core::policy::Clockwork;
use failover_core::record::{Base, Record, Sizes, Slot, Turn};
use failover_core::time::after;
use failover_core::{Policy, Timestamp};

use crate::world::{Silence, Site, World};

/// Every world begins a minute here. A time like any other.
pub const START: i64 = 1_767_225_600;

/// The bounds of one search.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches that any search may combine")]
pub struct Scope {
    /// Name, for tables and commands.
    pub name: &'static str,
    /// The primary fails or returns so often.
    pub flips: u8,
    /// So many things go wrong.
    pub faults: u8,
    /// Settings of the site beside the defaults of the model: name and value.
    pub settings: &'static [(&'static str, &'static str)],
    /// Ticks of the hold-down.
    pub hold_down: u32,
    /// Ticks of DNS at the primary before a lowering.
    pub drain: u16,
    /// The rest of the clockwork.
    pub clockwork: Clockwork,
    /// Which faults.
    pub catalogue: Catalogue,
    /// The operator's actions: how many, and which.
    pub orders: u8,
    /// The standby launches no more instances than this.
    pub launchable: u16,
    /// The tick runs.
    pub ticks: bool,
    /// What the latch's check does in silence.
    pub silence: Silence,
    /// Deploys touch the detector too.
    pub deploys_detector: bool,
    /// The SECONDARY record has no check of its own.
    pub unchecked_standby: bool,
    /// A failover before all others, by an earlier version, has left `closed` behind.
    pub left_closed: bool,
    /// The standby starts with so many instances more than its floor needs.
    pub surplus: u16,
    /// Reasons that must be decided somewhere within these bounds.
    pub reasons: &'static [&'static str],
}

/// Which things may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catalogue {
    /// Everything but a second handler.
    Serial,
    /// Everything but a second handler, and capacity that does not come back.
    Drought,
    /// Only what two handlers at once do to each other.
    TwoHandlers,
    /// Somebody edits a tag of the record by hand.
    Tags,
    /// The operator freezes it.
    FreezeOnly,
    /// A deploy in mid-way.
    DeployOnly,
}

/// Short enough to be walked, long enough that every rule has its time.
pub(crate) const CLOCKWORK: Clockwork =
    Clockwork { peace: 10_000, day: 9, claim: 2, released: 2, starved: 4 };

/// Reasons on the whole way there and back.
const WAY: &[&str] = &[
    "StandbyUnreadable",
    "Frozen",
    "Raise",
    "AlreadyRaised",
    "CloseLatch",
    "Proving",
    "AwaitingApproval",
    "PrimaryUnreadable",
    "Prewarm",
    "OpenLatch",
    "Draining",
    "LowerMin",
    "LowerDesired",
    "Finish",
    "Blind",
    "Idle",
];

/// Without a latch nothing is closed or opened, and users need not wait for a prewarmed primary.
const NO_LATCH: &[&str] = &[
    "StandbyUnreadable",
    "Frozen",
    "Raise",
    "AlreadyRaised",
    "Proving",
    "PrimaryUnreadable",
    "Prewarm",
    "Draining",
    "LowerMin",
    "Finish",
    "Blind",
    "Idle",
];
const MATCH: &[&str] = &["Adopt", "AlreadyRaised", "CloseLatch", "OpenLatch", "Finish", "Idle"];
const PEACE: &[&str] = &["Sample", "Raise", "LowerMin", "Finish", "Idle"];
const OPERATOR: &[&str] =
    &["Raise", "CloseLatch", "AwaitingApproval", "Prewarming", "OpenLatch", "Finish"];
const TWO: &[&str] =
    &["Raise", "CloseLatch", "Prewarming", "OpenLatch", "LowerMin", "LowerDesired", "Finish"];
const FOUR: &[(&str, &str)] = &[("peak_hint", "4"), ("failover_min", "4"), ("capacity_max", "4")];
const TAGS: &[&str] = &["NotArmed", "RecordUnreadable", "Raise", "Finish"];
const SHORT: &[&str] = &["Raise", "AlreadyRaised", "LowerMin", "Finish"];

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
        clockwork: Clockwork { peace: 7, ..CLOCKWORK },
        surplus: 1,
        reasons: &["Sample", "LowerFloor", "Adopt", "Idle"],
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
        reasons: &["AwaitingApproval", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "in and out of peace",
        flips: 2,
        faults: 2,
        clockwork: Clockwork { peace: 7, ..CLOCKWORK },
        reasons: PEACE,
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
        reasons: &["CloseLatch", "Prewarm", "OpenLatch", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "three of four",
        flips: 2,
        faults: 1,
        settings: FOUR,
        launchable: 3,
        catalogue: Catalogue::Drought,
        reasons: &["CloseLatch", "Prewarm", "OpenLatch", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "a failover is ordered, and capacity lost",
        flips: 1,
        faults: 1,
        orders: 1,
        settings: &[("hold_percent", "75")],
        catalogue: Catalogue::Drought,
        reasons: &["CloseLatch", "OpenLatch", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "a latch left closed",
        flips: 3,
        faults: 1,
        left_closed: true,
        reasons: &["Raise", "CloseLatch", "OpenLatch", "LowerMin", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "freezes only",
        catalogue: Catalogue::FreezeOnly,
        reasons: &["Frozen", "Raise", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "freezes only, a forgetful check",
        catalogue: Catalogue::FreezeOnly,
        silence: Silence::Forgotten { after: 3 },
        reasons: &["Frozen", "Raise", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "deploys only",
        catalogue: Catalogue::DeployOnly,
        reasons: &["Raise", "KeepRaised", "LowerMin", "Finish"],
        ..Scope::BASE
    },
    Scope {
        name: "active-active",
        flips: 3,
        faults: 2,
        settings: &[("routing", "active-active"), ("floor", "match")],
        reasons: &["Follow", "Frozen", "Blind", "Idle", "StandbyUnreadable"],
        ..Scope::BASE
    },
    Scope {
        name: "the clockwork that ships",
        flips: 2,
        faults: 1,
        hold_down: 30,
        drain: 10,
        clockwork: Clockwork { peace: 10_000, day: 80, claim: 15, released: 5, starved: 5 },
        reasons: &["Raise", "CloseLatch", "Prewarm", "OpenLatch", "LowerMin", "Finish"],
        ..Scope::BASE
    },
];

/// The larger searches of `prove`.
pub const PROVE: &[Scope] = &[
    Scope { name: "base, widest", flips: 5, faults: 4, ..Scope::BASE },
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
        name: "the clockwork that ships, wider",
        flips: 3,
        faults: 2,
        hold_down: 30,
        drain: 10,
        clockwork: Clockwork { peace: 10_000, day: 80, claim: 15, released: 5, starved: 5 },
        ..Scope::BASE
    },
];

/// Everything about a scope that a search does not look at, for whoever quotes its result.
pub const NOT_CHECKED: &str = "Not checked: more faults or changes than the bounds say; more than two instances; steps shorter \
    than a minute; what AWS really does where its documents are silent; an operator and the controller writing one tag at once; \
    how the capacity ring turns.";

/// The scope of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Scope> {
    CHECKED.iter().chain(PROVE).find(|scope| scope.name == name)
}

impl Scope {
    /// The bounds that everything else varies.
    pub const BASE: Self = Self {
        name: "base",
        flips: 3,
        faults: 2,
        settings: &[],
        hold_down: 3,
        drain: 2,
        clockwork: CLOCKWORK,
        catalogue: Catalogue::Serial,
        orders: 0,
        launchable: u16::MAX,
        ticks: true,
        silence: Silence::LastKnown,
        deploys_detector: false,
        unchecked_standby: false,
        left_closed: false,
        surplus: 0,
        reasons: WAY,
    };

    /// The site within these bounds.
    #[must_use]
    pub fn site(&self) -> Site {
        let defaults = [("peak_hint", "2"), ("failover_min", "2"), ("capacity_max", "2")];
        let chosen = |name: &str| {
            let named = |list: &[(&str, &'static str)]| {
                list.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
            };
            named(self.settings).or_else(|| named(&defaults))
        };
        let policy = Policy::from_settings(|setting| {
            Some(chosen(setting.name).unwrap_or(setting.default).to_owned())
        });
        let policy = policy.expect("the settings of a scope are valid");
        let demand = policy.target(None);
        let floor = match policy.floor() {
            failover_core::policy::Floor::Fixed(floor) => floor,
            failover_core::policy::Floor::Match => demand,
        };
        Site {
            policy: policy.shortened(self.hold_down, self.drain, self.clockwork),
            demand,
            floor,
            launchable: self.launchable,
            silence: self.silence,
            deploys_detector: self.deploys_detector,
            unchecked_standby: self.unchecked_standby,
        }
    }

    /// The world at the start, with its site at peace.
    #[must_use]
    pub fn world(&self, site: &Site) -> World {
        let mut record = Self::record(site);
        if self.left_closed {
            record.closed = Slot::Held(Turn::from(after(start(), -1_000_000)));
        }
        let mut world = World::at_peace(site, start(), record);
        let standby = &mut world.standby;
        standby.min += self.surplus;
        standby.desired += self.surplus;
        standby.in_service += self.surplus;
        standby.max = standby.max.max(standby.desired);
        world
    }

    /// The record at the start: peace was noted once.
    #[must_use]
    pub fn record(site: &Site) -> Record {
        let sizes = Sizes { min: site.floor, desired: site.floor, max: site.demand };
        let at = after(start(), -1_000_000);
        Record { base: Slot::Held(Base { sizes, at }), ..Record::default() }
    }
}

/// [`START`] as a time.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_second(START).expect("a small number of seconds")
}
