//! The site of a seed: its settings, its load over the day, and when its history begins.

use std::collections::BTreeMap;
use std::fmt;

use failover_core::policy::{Floor, PolicyError, Routing};
use failover_core::record::{Base, Peak, Record, Sizes, Slot};
use failover_core::time::after;
use failover_core::{Policy, Timestamp};

use crate::chance::Chance;
use crate::world::{Fleet, Silence, Site, VerdictOf, World};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const DAY_MINUTES: i64 = DAY / MINUTE;

/// Days on which clocks and calendars do something. Each history begins within the day before.
const DATES: [(&str, &str); 12] = [
    ("2016-12-31T12:00:00Z", "a leap second"),
    ("2026-03-08T02:00:00Z", "daylight saving begins in America"),
    ("2026-03-29T01:00:00Z", "daylight saving begins in Europe"),
    ("2026-10-25T01:00:00Z", "daylight saving ends in Europe"),
    ("2026-11-01T06:00:00Z", "daylight saving ends in America"),
    ("2027-02-28T18:00:00Z", "no leap day"),
    ("2028-02-28T18:00:00Z", "a leap day"),
    ("2028-12-31T12:00:00Z", "the end of a leap year"),
    ("2029-12-31T12:00:00Z", "the end of a year"),
    ("2038-01-19T03:14:00Z", "seconds no longer fit 31 bits"),
    ("2100-02-28T12:00:00Z", "a century without a leap day"),
    ("2106-02-07T06:28:00Z", "seconds no longer fit 32 bits"),
];

/// How often things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// A failure in some days.
    Quiet,
    /// An outage at the same time each day.
    Daily,
    /// Hours in which the primary comes and goes every few minutes.
    Flapping,
    /// Hours in which everything goes wrong, and quiet hours.
    Bursts,
}

/// Instances that the users need, over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) night: u16,
    pub(super) day: u16,
    /// When it is highest. Units: minutes after midnight.
    pub(super) noon: u16,
}

impl Load {
    /// Rises and falls evenly between night and noon, and is half as far from night on the last two days of a week.
    pub(super) fn at(self, now: Timestamp) -> u16 {
        let minute = now.as_second().rem_euclid(DAY) / MINUTE;
        let weekday = now.as_second().div_euclid(DAY).rem_euclid(7);
        let apart = (minute - i64::from(self.noon)).rem_euclid(DAY_MINUTES);
        let apart = apart.min(DAY_MINUTES - apart);
        let swing = i64::from(self.day - self.night);
        let rise = (swing * (DAY_MINUTES / 2 - apart) * 2 + DAY_MINUTES / 2) / DAY_MINUTES;
        // The first day of 1970 was a Thursday.
        let rise = if [2, 3].contains(&weekday) { rise / 2 } else { rise };
        self.night + u16::try_from(rise).expect("no more than the swing")
    }
}

/// No capacity in any zone, at the same time each day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drought {
    pub(super) launchable: u16,
    /// Units: minutes after midnight.
    pub(super) begins: u16,
    pub(super) minutes: u16,
}

/// Where and when a history is played.
#[expect(clippy::struct_excessive_bools, reason = "switches that any site may combine")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Settings that are not the defaults.
    pub(super) settings: BTreeMap<&'static str, String>,
    pub(super) load: Load,
    pub(super) pattern: Pattern,
    /// Start of the first minute.
    pub(super) start: Timestamp,
    /// What is special about that day.
    pub(super) date: &'static str,
    /// `MaxSize` of the primary.
    pub(super) primary_max: u16,
    /// For hours of each day the standby can launch few instances.
    pub(super) drought: Option<Drought>,
    /// The ring has been fed for a day.
    pub(super) sampled: bool,
    /// So many things go wrong before everything is back to normal.
    pub(super) faults: u8,
    /// Two handlers may run at once.
    pub(super) two: bool,
    /// The clock of the controller's host is wrong.
    pub(super) skewed: bool,
    /// The site asks for Route 53's verdict, and looks between the ticks.
    pub(super) looks: bool,
}

impl Place {
    /// The place of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed, 0);
        let day = chance.between(2, 8);
        let night = chance.between(1, day);
        let load = Load { night, day, noon: chance.between(0, 1439) };
        let pattern = chance.among(&[
            Pattern::Quiet,
            Pattern::Daily,
            Pattern::Flapping,
            Pattern::Bursts,
            Pattern::Bursts,
        ]);
        let (date, special) = chance.among(&DATES);
        let date: Timestamp = date.parse().expect("the dates above are in order");
        let before = i64::from(chance.below(u32::try_from(DAY).expect("a day is short")));
        let mut settings = BTreeMap::new();
        // Now and then the cap is too low for the load.
        let capacity = if chance.one_in(12) { day.max(3) - 1 } else { day + chance.between(0, 3) };
        settings.insert("capacity_max", capacity.to_string());
        settings.insert("peak_hint", chance.among(&[day, day, day + 1, 2]).to_string());
        let fewest = chance.between(1, capacity.min(2));
        settings.insert("failover_min", fewest.to_string());
        settings
            .insert("match_percent", chance.among(&["100", "100", "100", "75", "150"]).to_owned());
        settings.insert("latch", chance.among(&["on", "on", "on", "off"]).to_owned());
        settings.insert(
            "failback",
            chance.among(&["automatic", "automatic", "approve", "manual"]).to_owned(),
        );
        let warm = chance.between(1, capacity).to_string();
        let floor = chance.among(&["0", "0", "1", &warm, "match"]).to_owned();
        settings.insert("floor", floor);
        if chance.one_in(12) {
            settings.insert("routing", "active-active".to_owned());
            settings.insert("floor", "match".to_owned());
        }
        if chance.one_in(4) {
            settings.insert("hold_down", chance.among(&["17m", "45m", "2h"]).to_owned());
        }
        let drought = chance.one_in(8).then(|| Drought {
            launchable: chance.between(1, day),
            begins: chance.between(0, 1439),
            minutes: chance.among(&[60, 300, 1440]),
        });
        // A stream of its own: without looks a seed is the history that it was.
        let mut watch = Chance::new(seed, 4);
        let looks = watch.one_in(2);
        if looks && watch.one_in(2) {
            settings.insert("eager", "on".to_owned());
        }
        Self {
            settings,
            load,
            pattern,
            start: after(date, -before),
            date: special,
            primary_max: day + chance.among(&[0, 0, 2, 8]),
            drought,
            sampled: !chance.one_in(4),
            faults: chance.among(&[2, 3, 4, 6]),
            two: chance.one_in(4),
            skewed: chance.one_in(3),
            looks,
        }
    }

    /// The standby can launch no more instances than this.
    pub(super) fn launchable(&self, now: Timestamp) -> u16 {
        let minute = now.as_second().rem_euclid(DAY) / MINUTE;
        let dry = |drought: &Drought| {
            (minute - i64::from(drought.begins)).rem_euclid(DAY_MINUTES)
                < i64::from(drought.minutes)
        };
        self.drought.filter(dry).map_or(u16::MAX, |drought| drought.launchable)
    }

    fn policy(&self) -> Result<Policy, PolicyError> {
        let chosen = |name: &str| self.settings.get(name).cloned();
        Policy::from_settings(|setting| chosen(setting.name).or(Some(setting.default.to_owned())))
    }

    /// The site as it is at the start.
    pub(super) fn site(&self) -> Site {
        let policy = self.policy().expect("the settings of a place are valid");
        let floor = match policy.floor() {
            Floor::Fixed(floor) => floor,
            Floor::Match => policy.target(self.ring().and_then(|ring| ring.max())),
        };
        Site {
            policy,
            demand: self.load.at(self.start),
            floor,
            launchable: self.launchable(self.start),
            silence: Silence::LastKnown,
            deploys_detector: false,
            unchecked_standby: false,
            variants: Vec::new(),
            telling: false,
            verdict: if self.looks { VerdictOf::Endpoint } else { VerdictOf::Nothing },
            wide_looks: false,
        }
    }

    /// What an ordinary day left in the ring.
    fn ring(&self) -> Option<Peak> {
        let hour = self.start.as_second().div_euclid(HOUR);
        let before = |hours: i64| {
            let minutes =
                (0..60).map(|minute| after(self.start, (minute - 60) * MINUTE - hours * HOUR));
            minutes.map(|at| self.load.at(at)).max().unwrap_or(0)
        };
        let ring = std::array::from_fn(|n| before(i64::try_from(n).unwrap_or(0)));
        self.sampled.then_some(Peak { hour: hour - 1, ring })
    }

    /// The world at the start, idle.
    pub(super) fn world(&self, site: &Site) -> World {
        let cap = site.policy.capacity_max();
        let at = after(self.start, -10 * DAY);
        let sizes = Sizes { min: site.floor, desired: site.floor, max: cap.max(site.floor) };
        let record = Record {
            base: Slot::Held(Base { sizes, at }),
            peak: self.ring().map_or(Slot::Absent, Slot::Held),
            ..Record::default()
        };
        let mut world = World::idle(site, self.start, record);
        world.standby.max = sizes.max;
        let (demand, max) = (site.demand, self.primary_max);
        let both = site.policy.routing() == Routing::ActiveActive;
        let min = if both { site.floor.min(max) } else { 1 };
        let desired = demand.max(min);
        world.primary = Fleet { up: true, min, desired, max, in_service: desired, unhealthy: 0 };
        world
    }

    /// The same with one thing less that is special about it, most telling first.
    pub(super) fn simpler(&self) -> Vec<Self> {
        let mut places = Vec::new();
        let mut offer = |change: &dyn Fn(&mut Self)| {
            let mut place = self.clone();
            change(&mut place);
            places.push(place);
        };
        if self.load.night != self.load.day {
            offer(&|place| place.load.night = place.load.day);
        }
        if self.load.day > 2 {
            offer(&|place| {
                place.load.day = 2;
                place.load.night = place.load.night.min(2);
            });
        }
        if self.drought.is_some() {
            offer(&|place| place.drought = None);
        }
        if self.looks {
            offer(&|place| place.looks = false);
        }
        for name in self.settings.keys().copied() {
            offer(&|place| {
                place.settings.remove(name);
            });
        }
        places.retain(|place| place.load.night <= place.load.day && place.policy().is_ok());
        places
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { night, day, .. } = self.load;
        let pattern = match self.pattern {
            Pattern::Quiet => "quiet",
            Pattern::Daily => "an outage each day",
            Pattern::Flapping => "flapping",
            Pattern::Bursts => "bursts of faults",
        };
        write!(
            f,
            "from {} ({}), {pattern}, load {night} to {day} of {}",
            self.start, self.date, self.primary_max
        )?;
        if let Some(Drought { launchable, begins, minutes }) = self.drought {
            let (hour, minute) = (begins / 60, begins % 60);
            write!(
                f,
                ", from {hour:02}:{minute:02} for {minutes} minutes the standby launches {launchable} at most"
            )?;
        }
        let flags = [
            (!self.sampled, "a new site"),
            (self.two, "two handlers"),
            (self.skewed, "a wrong clock"),
            (self.looks, "looks between the ticks"),
        ];
        for (_, text) in flags.iter().filter(|(set, _)| *set) {
            write!(f, ", {text}")?;
        }
        write!(f, ", {} faults", self.faults)?;
        for (name, value) in &self.settings {
            write!(f, ", {name}={value}")?;
        }
        Ok(())
    }
}
