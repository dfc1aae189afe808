//! How far the model looks: what may go wrong, how often, and with which site.

mod checked;
mod wider;

use failover_core::policy::Clockwork;
use failover_core::record::{Base, History, Peak, Raised, Record, Sizes, Slot, Turn};
use failover_core::time::after;
use failover_core::{Policy, ReasonKind, Timestamp};

use crate::world::{Silence, Site, VerdictOf, World};

pub use self::checked::CHECKED;
pub(crate) use self::checked::{EAGER, NOTICES, VERDICT};
pub use self::wider::PROVE;

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
    pub settings: Settings,
    /// Other settings that somebody may deploy, each instead of those.
    pub variants: &'static [Settings],
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
    /// The users need so many instances, whatever was sampled. `None`: as many as a raise asks for.
    pub load: Option<u16>,
    /// Somebody has set the standby's floor by hand since the normal sizes were noted.
    pub floor_by_hand: Option<u16>,
    /// It is judged whether people are told.
    pub telling: bool,
    /// The site comes back to normal by itself. Otherwise a person must write what was deleted.
    pub recovers: bool,
    /// Which check the verdict's records have. With any, looks arrive between the ticks.
    pub verdict: VerdictOf,
    /// A look reads everything.
    pub wide_looks: bool,
    /// The standby starts with so many instances more than its floor needs.
    pub surplus: u16,
    /// Reasons that must be decided somewhere within these bounds.
    pub reasons: &'static [ReasonKind],
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
    /// What an operator meets on the way: a deploy, no capacity, an unhealthy server, a freeze.
    Restless,
    /// Every tag is made unreadable or deleted, but for the deletion of those that only a person can write again.
    EveryTag,
    /// Those are deleted.
    KeptTags,
    /// Readings that fail for long, and every kind of answer of DNS.
    Readings,
    /// Health checks that DNS moves by are set wrongly.
    Checks,
    /// Servers run and are unhealthy, in both regions, or are lost.
    Servers,
    /// Other settings are deployed.
    Settings,
    /// What people must be told of, and notices that are lost.
    Notices,
    /// The verdict is lost or wrong, us-east-1 is dark, our own probe is cut off, or a run goes wrong.
    Verdict,
}

/// Settings of a site: name and value.
pub type Settings = &'static [(&'static str, &'static str)];

/// Short enough to be walked, long enough that every rule has its time.
pub(crate) const CLOCKWORK: Clockwork =
    Clockwork { hour: 10_000, day: 9, claim: 2, released: 2, starved: 4 };

/// Everything about a scope that a search does not look at, for whoever quotes its result.
pub const NOT_CHECKED: &str = "Not checked: more faults or changes than the bounds say; more than four instances; steps shorter \
    than a minute; what AWS really does where its documents are silent; an operator and the controller writing one tag at once; \
    a latch that is deployed away and back in mid-failover; how the capacity ring turns.";

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
        variants: &[],
        load: None,
        floor_by_hand: None,
        telling: false,
        recovers: true,
        verdict: VerdictOf::Nothing,
        wide_looks: false,
        surplus: 0,
        reasons: checked::WAY,
    };

    /// The site within these bounds.
    #[must_use]
    pub fn site(&self) -> Site {
        let policy = self.policy(self.settings);
        let needed = policy.target(None);
        let demand = self.load.unwrap_or(needed);
        let floor = match policy.floor() {
            failover_core::policy::Floor::Fixed(floor) => floor,
            failover_core::policy::Floor::Match => needed,
        };
        let floor = self.floor_by_hand.unwrap_or(floor);
        Site {
            policy,
            variants: self.variants.iter().map(|variant| self.policy(variant)).collect(),
            telling: self.telling,
            demand,
            floor,
            launchable: self.launchable,
            silence: self.silence,
            deploys_detector: self.deploys_detector,
            unchecked_standby: self.unchecked_standby,
            verdict: self.verdict,
            wide_looks: self.wide_looks,
        }
    }

    /// The policy of these settings, with the clockwork of these bounds.
    fn policy(&self, settings: Settings) -> Policy {
        let defaults = [("peak_hint", "2"), ("failover_min", "2"), ("capacity_max", "2")];
        let chosen = |name: &str| {
            let named = |list: &[(&str, &'static str)]| {
                list.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
            };
            named(settings).or_else(|| named(&defaults))
        };
        let policy = Policy::from_settings(|setting| {
            Some(chosen(setting.name).unwrap_or(setting.default).to_owned())
        });
        let policy = policy.expect("the settings of a scope are valid");
        policy.shortened(self.hold_down, self.drain, self.clockwork)
    }

    /// Every tag is edited here, so that none may be forgotten.
    #[must_use]
    pub const fn edits_tags(&self) -> bool {
        matches!(self.catalogue, Catalogue::EveryTag | Catalogue::KeptTags)
    }

    /// The world at the start, with an idle site.
    #[must_use]
    pub fn world(&self, site: &Site) -> World {
        let mut record = self.record(site);
        if self.left_closed {
            record.closed = Slot::Held(Turn::from(after(start(), -1_000_000)));
        }
        let mut world = World::idle(site, start(), record);
        let standby = &mut world.standby;
        standby.min += self.surplus;
        standby.desired += self.surplus;
        standby.in_service += self.surplus;
        standby.max = standby.max.max(standby.desired);
        world
    }

    /// The record at the start: the normal sizes were noted once.
    fn record(&self, site: &Site) -> Record {
        let fixed = match site.policy.floor() {
            failover_core::policy::Floor::Fixed(floor) => floor,
            failover_core::policy::Floor::Match => site.floor,
        };
        let max = site.demand.min(site.policy.capacity_max()).max(fixed);
        let sizes = Sizes { min: fixed, desired: fixed, max };
        let base = Slot::Held(Base { sizes, at: after(start(), -1_000_000) });
        if !self.edits_tags() {
            return Record { base, ..Record::default() };
        }
        // A failover long ago has left all of its registers.
        let first = after(start(), -900_000);
        let turn = |at| Slot::Held(Turn { episode: Some(first), at: after(first, at) });
        let why = failover_core::record::Cause::Alarm;
        let target = site.demand;
        let mut ring = [0; 24];
        ring[0] = site.demand;
        let hour = i64::try_from(site.policy.hour().as_secs()).unwrap_or(i64::MAX);
        Record {
            base,
            peak: Slot::Held(Peak { hour: START.div_euclid(hour), ring }),
            raised: Slot::Held(Raised { first, at: first, target, why, undo: sizes }),
            done: Slot::Held(first),
            closed: turn(60),
            opened: turn(120),
            history: Slot::Held(History { finished: vec![after(first, 600)] }),
            ..Record::default()
        }
    }
}

/// [`START`] as a time.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_second(START).expect("a small number of seconds")
}
