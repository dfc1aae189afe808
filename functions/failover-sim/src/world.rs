//! A site in steps of one minute: what is true, what is seen, and what the controller remembers.
//!
//! Whatever AWS leaves open is chosen from outside, by a [`Minute`]: the model chooses everything, the simulator at random, a
//! script by name. Nothing here decides; the controller's part is [`decide`](crate::decide) and the
//! [`course`](failover_core::course).

mod detector;
mod fleet;
mod gate;
mod harm;
mod invoke;
mod lasting;
mod minute;
mod ruling;
mod step;
mod tags;
mod told;

use failover_core::decision::Latch;
use failover_core::observation::Answer;
use failover_core::record::Register;
use failover_core::{Policy, Record, Timestamp};

pub use self::detector::{Detector, Sight};
pub use self::fleet::Fleet;
pub use self::gate::Gate;
pub use self::harm::Harm;
pub use self::invoke::{Invocation, Judged, Pending};
pub use self::lasting::{Check, Checked, Lasting, Names, Set, Words};
pub use self::minute::{Fault, Flip, Lags, Look, Minute, Operator, Read, Region, Tag};
pub use self::ruling::{Ruling, Rulings};
pub use self::step::Stage;
pub use self::told::Untold;

/// Everything that matters at the start of a minute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// Start of the minute.
    pub now: Timestamp,
    /// The primary region.
    pub primary: Fleet,
    /// The standby region, the controller's own.
    pub standby: Fleet,
    /// Health check, metric and alarm.
    pub detector: Detector,
    /// The latch's metric and the check on it.
    pub gate: Gate,
    /// Whom DNS names.
    pub answer: Answer,
    /// Whom it named a minute ago: resolvers still do.
    pub answered: Answer,
    /// The tags of the standby group.
    pub record: Record,
    /// The controller runs on each tick.
    pub alive: bool,
    /// No capacity in any zone of the standby region: what is lost does not come back.
    pub dry: bool,
    /// What else is wrong and lasts.
    pub lasting: Lasting,
    /// The values of tags that somebody's edit made unreadable, for whoever repairs them.
    pub spoilt: Vec<(Tag, Register)>,
    /// The settings that were deployed last: 0 for the site's own, otherwise the n-th of its variants.
    pub setting: u8,
    /// A handler that has not come to its end yet, where two may run at once.
    pub pending: Option<Pending>,
    /// What the users have suffered lately.
    pub harm: Harm,
    /// What people do not know yet.
    pub untold: Untold,
    /// The first invariant that was broken.
    pub broken: Option<&'static str>,
}

/// What stays the same through a whole history.
#[expect(clippy::struct_excessive_bools, reason = "switches that any site may combine")]
#[derive(Clone, Debug)]
pub struct Site {
    /// Its numbers.
    pub policy: Policy,
    /// Instances that the users need.
    pub demand: u16,
    /// MinSize that a deploy of the standby's template sets.
    pub floor: u16,
    /// The standby can launch no more instances than this, whatever it asks for.
    pub launchable: u16,
    /// What the check on the latch does while its metric is missing.
    pub silence: Silence,
    /// A deploy may touch the detector in mid-outage: a new check counts as healthy.
    pub deploys_detector: bool,
    /// The SECONDARY record has no check of its own: Route 53 takes it for healthy.
    pub unchecked_standby: bool,
    /// Other settings that somebody may deploy.
    pub variants: Vec<Policy>,
    /// It is judged whether people are told.
    pub telling: bool,
    /// Which health check the verdict's records have, if the site has such records.
    pub verdict: VerdictOf,
    /// A look reads everything, more than the controller's does, so that no proof leans on what a look leaves out.
    pub wide_looks: bool,
}

/// What the verdict's PRIMARY record is answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictOf {
    /// The site names no servers for it: nobody asks.
    Nothing,
    /// The endpoint's check, as the templates have it.
    Endpoint,
    /// The gate's, which the latch colours.
    Gate,
}

/// `InsufficientDataHealthStatus` of the latch check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The last value holds: what the templates set.
    LastKnown,
    /// It opens.
    Open,
    /// It closes.
    Closed,
    /// The last value holds for some minutes, then it opens: AWS promises no more than "a few hours".
    Forgotten {
        /// Minutes.
        after: u8,
    },
}

impl World {
    /// An idle site at `now`: the primary serves, the standby is at its floor.
    #[must_use]
    pub fn idle(site: &Site, now: Timestamp, record: Record) -> Self {
        let primary = Fleet {
            up: true,
            min: 1,
            desired: site.demand,
            max: site.demand,
            in_service: site.demand,
            unhealthy: 0,
        };
        let floor = site.floor;
        let standby = Fleet {
            up: true,
            min: floor,
            desired: floor,
            max: site.demand.min(site.policy.capacity_max()).max(floor),
            in_service: floor,
            unhealthy: 0,
        };
        Self {
            now,
            primary,
            standby,
            detector: Detector::healthy(&site.policy, now),
            gate: Gate::open(),
            answer: Answer::Primary,
            answered: Answer::Primary,
            record,
            alive: true,
            dry: false,
            lasting: Lasting::default(),
            spoilt: Vec::new(),
            setting: 0,
            pending: None,
            harm: Harm::default(),
            untold: Untold::default(),
            broken: None,
        }
    }

    /// The latch as Route 53 sees it.
    #[must_use]
    pub fn latch(&self) -> Latch {
        let open = self.gate.seen == Latch::Open;
        if self.says(Checked::Latch, open) { Latch::Open } else { Latch::Closed }
    }

    /// What a health check says of something that is healthy, or is not.
    fn says(&self, of: Checked, healthy: bool) -> bool {
        match self.lasting.check {
            Some(Check { of: wrong, set }) if wrong == of => set == Set::Disabled || !healthy,
            Some(_) | None => healthy,
        }
    }

    /// The settings that the controller runs with.
    #[must_use]
    pub fn policy<'s>(&self, site: &'s Site) -> &'s Policy {
        let variant = usize::from(self.setting).checked_sub(1);
        variant.and_then(|variant| site.variants.get(variant)).unwrap_or(&site.policy)
    }

    /// Notes a broken invariant; the first one counts.
    pub(crate) fn breaks(&mut self, invariant: &'static str) {
        self.broken.get_or_insert(invariant);
    }
}
