//! The numbers of a site: one type for the site file, the template's parameters and the Lambda's environment.
//!
//! [`SETTINGS`] is the only list of them. The site file uses [`Setting::name`], the template [`Setting::parameter`], the
//! function's environment [`Setting::variable`]; all three pass through [`Policy::from_settings`].

mod setting;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{format_duration, parse_duration};

pub use self::setting::{SETTINGS, Setting, Written};

/// Largest number of instances that one entry of the capacity ring can hold: two base-36 digits.
pub const CAPACITY_LIMIT: u16 = 36 * 36 - 1;

// BOUND: alarm evaluation range 5 + Route 53 recovery 1.5 + TTL 1 + resolver stragglers 5 + draining 5 = 17 minutes and a bit,
// at a tick of one minute.
const HOLD_DOWN_TICKS_MIN: u32 = 17;
const DAY: Duration = Duration::from_hours(24);
/// Settings that earlier versions did not have.
const ADDED: [&str; 5] =
    ["carry_percent", "hold_percent", "starved_ticks", "cpu_target_percent", "eager"];

/// The checked numbers by which [`decide`](crate::decide) decides.
///
/// ```
/// use failover_core::Policy;
///
/// let policy = Policy::from_settings(|setting| Some(setting.default.to_owned())).expect("the defaults are valid");
/// assert_eq!(policy.capacity_max(), 8);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<&'static str, String>")]
pub struct Policy {
    routing: Routing,
    latch: bool,
    failback: Failback,
    floor: Floor,
    failover_min: u16,
    capacity_max: u16,
    match_percent: u16,
    peak_hint: u16,
    carry_percent: u16,
    hold_percent: u16,
    cpu_target_percent: u16,
    hold_down: Duration,
    tick: Duration,
    drain_ticks: u16,
    eager: bool,
    clockwork: Clockwork,
}

/// Who serves while both regions are well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Routing {
    /// The primary; the standby when the primary cannot.
    Failover,
    /// Both. Each must be able to carry everything.
    ActiveActive,
}

/// Who releases the failback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failback {
    /// The controller, twice a day at most; then a person.
    Automatic,
    /// A person, once the controller is ready.
    Approve,
    /// A person who asks for it by himself.
    Manual,
}

/// Instances that always run in the standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Floor {
    /// So many: 0 is a pilot light.
    Fixed(u16),
    /// As many as a raise asks for: a hot standby.
    Match,
}

/// Lengths that follow from the tick. Units: ticks.
///
/// They are no settings: [`Clockwork::AWS`] is what ships. The model checker shortens them, because its states grow with
/// every tick that is counted; `decide` compares with them and knows nothing else of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clockwork {
    /// How long the alarm must have been OK before the normal state is written down; also the length of a sampled hour.
    pub hour: u32,
    /// How long a finished failback counts against the next one.
    pub day: u32,
    /// How long an alarm event or an operator's request may wait before it is old news.
    pub claim: u32,
    /// How long the latch must have been open before DNS at the standby counts as evidence against the primary.
    pub released: u32,
    /// `starved_ticks`: how long a raise may take to bring healthy targets before less has to do, and how long a held standby
    /// may lack its share. The one length here that is a setting.
    pub starved: u32,
}

impl Clockwork {
    /// At a tick of a minute: an hour, a day, a quarter of an hour, and twice 5 minutes.
    pub const AWS: Self = Self { hour: 60, day: 1440, claim: 15, released: 5, starved: 5 };
}

/// A setting that is missing, unreadable or out of range. Names the setting as the site file spells it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The setting is not there.
    #[error("`{name}` is missing")]
    Missing {
        /// [`Setting::name`].
        name: &'static str,
    },
    /// The text is not a number of instances, a percentage or a duration.
    #[error("`{name}` is not {expected}: `{value}`")]
    Unreadable {
        /// [`Setting::name`].
        name: &'static str,
        /// What was expected, with an example.
        expected: &'static str,
        /// What was found.
        value: String,
    },
    /// The value cannot be right by itself or beside another one.
    #[error("`{name}` is out of range: {value}, must be {range}")]
    Range {
        /// [`Setting::name`].
        name: &'static str,
        /// What was found.
        value: String,
        /// What is allowed.
        range: String,
    },
}

impl PolicyError {
    /// The setting that is wrong, as the site file spells it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing { name } | Self::Unreadable { name, .. } | Self::Range { name, .. } => {
                name
            }
        }
    }
}

impl Policy {
    /// Builds a policy from texts, asking `lookup` for each of [`SETTINGS`].
    ///
    /// # Errors
    /// [`PolicyError`] for the first setting that is missing, unreadable or out of range.
    pub fn from_settings(lookup: impl Fn(&Setting) -> Option<String>) -> Result<Self, PolicyError> {
        let text = |name: &'static str| {
            let setting = SETTINGS.iter().find(|setting| setting.name == name);
            let setting = setting.expect("every field of the policy is listed in SETTINGS");
            lookup(setting).ok_or(PolicyError::Missing { name })
        };
        let number = |name: &'static str| {
            let value = text(name)?;
            value.trim().parse::<u16>().map_err(|_| PolicyError::Unreadable {
                name,
                expected: "a whole number from 0 to 65535, such as 2",
                value,
            })
        };
        let duration = |name: &'static str| {
            let value = text(name)?;
            parse_duration(&value).ok_or(PolicyError::Unreadable {
                name,
                expected: "a duration in whole seconds, such as `30m` or `90s`",
                value,
            })
        };
        let wrong = |name, expected, value: &str| PolicyError::Unreadable {
            name,
            expected,
            value: value.to_owned(),
        };
        let routing = match text("routing")?.trim() {
            "failover" => Routing::Failover,
            "active-active" => Routing::ActiveActive,
            other => return Err(wrong("routing", "`failover` or `active-active`", other)),
        };
        let switch = |name| match text(name)?.trim() {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(wrong(name, "`on` or `off`", other)),
        };
        let (latch, eager) = (switch("latch")?, switch("eager")?);
        let failback = match text("failback")?.trim() {
            "automatic" => Failback::Automatic,
            "approve" => Failback::Approve,
            "manual" => Failback::Manual,
            other => {
                return Err(wrong("failback", "`automatic`, `approve` or `manual`", other));
            }
        };
        let floor = match text("floor")?.trim() {
            "match" => Floor::Match,
            other => Floor::Fixed(other.parse().map_err(|_| {
                wrong("floor", "a whole number of instances such as 0, or `match`", other)
            })?),
        };
        Self {
            routing,
            latch: latch && routing == Routing::Failover,
            failback,
            floor,
            failover_min: number("failover_min")?,
            capacity_max: number("capacity_max")?,
            match_percent: number("match_percent")?,
            peak_hint: number("peak_hint")?,
            carry_percent: number("carry_percent")?,
            hold_percent: number("hold_percent")?,
            cpu_target_percent: number("cpu_target_percent")?,
            hold_down: duration("hold_down")?,
            tick: duration("tick")?,
            drain_ticks: number("drain_ticks")?,
            eager,
            clockwork: Clockwork { starved: number("starved_ticks")?.into(), ..Clockwork::AWS },
        }
        .checked()
    }

    fn checked(self) -> Result<Self, PolicyError> {
        let within = |name, value: u16, low: u16, high: u16| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            let range = format!("{low} to {high}");
            Err(PolicyError::Range { name, value: value.to_string(), range })
        };
        let lasting = |name, value: Duration, low: Duration, high: Duration| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            let range = format!("{} to {}", format_duration(low), format_duration(high));
            Err(PolicyError::Range { name, value: format_duration(value), range })
        };
        within("capacity_max", self.capacity_max, 1, CAPACITY_LIMIT)?;
        within("failover_min", self.failover_min, 1, self.capacity_max)?;
        if let Floor::Fixed(floor) = self.floor {
            within("floor", floor, 0, self.capacity_max)?;
        }
        if self.routing == Routing::ActiveActive && self.floor != Floor::Match {
            let (value, range) =
                (self.floor.text(), "`match` with `routing = active-active`".to_owned());
            return Err(PolicyError::Range { name: "floor", value, range });
        }
        within("match_percent", self.match_percent, 1, 300)?;
        within("peak_hint", self.peak_hint, 1, CAPACITY_LIMIT)?;
        within("carry_percent", self.carry_percent, 1, 100)?;
        // Below it the latch would be opened at the very share at which it had been closed.
        within("hold_percent", self.hold_percent, 0, self.carry_percent)?;
        let starved = u16::try_from(self.clockwork.starved).unwrap_or(u16::MAX);
        within("starved_ticks", starved, 2, 60)?;
        within("cpu_target_percent", self.cpu_target_percent, 10, 90)?;
        within("drain_ticks", self.drain_ticks, 3, 60)?;
        lasting("tick", self.tick, Duration::from_secs(1), Duration::from_mins(5))?;
        lasting("hold_down", self.hold_down, self.tick * HOLD_DOWN_TICKS_MIN, DAY)?;
        Ok(self)
    }

    /// The settings as texts that [`Policy::from_settings`] reads back, in the order of [`SETTINGS`].
    #[must_use]
    pub fn settings(&self) -> [(&'static Setting, String); SETTINGS.len()] {
        let values = [
            self.routing.word().to_owned(),
            on_off(self.latch),
            self.failback.word().to_owned(),
            self.floor.text(),
            self.failover_min.to_string(),
            self.capacity_max.to_string(),
            self.match_percent.to_string(),
            self.peak_hint.to_string(),
            self.carry_percent.to_string(),
            self.hold_percent.to_string(),
            self.clockwork.starved.to_string(),
            self.cpu_target_percent.to_string(),
            format_duration(self.hold_down),
            format_duration(self.tick),
            self.drain_ticks.to_string(),
            on_off(self.eager),
        ];
        let mut values = values.into_iter();
        std::array::from_fn(|i| (&SETTINGS[i], values.next().expect("as many values as settings")))
    }

    /// Instances to raise the standby to, from the primary's peak.
    #[must_use]
    pub fn target(&self, peak: Option<u16>) -> u16 {
        self.wanted(peak).clamp(self.failover_min, self.capacity_max)
    }

    /// The same without its bounds.
    #[must_use]
    pub fn wanted(&self, peak: Option<u16>) -> u16 {
        let peak = u32::from(peak.unwrap_or(self.peak_hint));
        let wanted = (peak * u32::from(self.match_percent)).div_ceil(100);
        u16::try_from(wanted).unwrap_or(u16::MAX)
    }

    /// The primary's peak to assume until it has been sampled. Units: instances.
    #[must_use]
    pub const fn peak_hint(&self) -> u16 {
        self.peak_hint
    }

    /// Whether `healthy` servers of a standby that needs `target` may be given all users, where they are not all to be had.
    #[must_use]
    pub fn may_carry(&self, healthy: u16, target: u16) -> bool {
        u32::from(healthy) * 100 >= u32::from(target) * u32::from(self.carry_percent)
    }

    /// Whether `healthy` servers of a standby that needs `target` are so few that nobody may be held there.
    #[must_use]
    pub fn may_not_hold(&self, healthy: u16, target: u16) -> bool {
        u32::from(healthy) * 100 < u32::from(target) * u32::from(self.hold_percent)
    }

    /// Average CPU that target tracking keeps each group at, in percent: the load that one instance is there for.
    #[must_use]
    pub const fn cpu_target_percent(&self) -> u16 {
        self.cpu_target_percent
    }

    /// This policy for groups that are scaled to another CPU.
    ///
    /// # Errors
    /// [`PolicyError::Range`] outside 10 to 90.
    pub fn with_cpu_target(self, cpu_target_percent: u16) -> Result<Self, PolicyError> {
        Self { cpu_target_percent, ..self }.checked()
    }

    /// Who serves while both regions are well.
    #[must_use]
    pub const fn routing(&self) -> Routing {
        self.routing
    }

    /// Whether DNS is kept on the standby until the failback is released. Never with [`Routing::ActiveActive`].
    #[must_use]
    pub const fn latch(&self) -> bool {
        self.latch
    }

    /// Who releases the failback.
    #[must_use]
    pub const fn failback(&self) -> Failback {
        self.failback
    }

    /// Instances that always run in the standby.
    #[must_use]
    pub const fn floor(&self) -> Floor {
        self.floor
    }

    /// Most instances that a raise asks for.
    #[must_use]
    pub const fn capacity_max(&self) -> u16 {
        self.capacity_max
    }

    /// How long the primary must be proven up before anything is lowered.
    #[must_use]
    pub const fn hold_down(&self) -> Duration {
        self.hold_down
    }

    /// Distance of two scheduled invocations.
    #[must_use]
    pub const fn tick(&self) -> Duration {
        self.tick
    }

    /// Consecutive ticks on which DNS must answer the primary.
    #[must_use]
    pub const fn drain_ticks(&self) -> u16 {
        self.drain_ticks
    }

    /// Whether the standby is raised on suspicion, before Route 53 has made up its mind.
    #[must_use]
    pub const fn eager(&self) -> bool {
        self.eager
    }

    /// Shortest distance of two lowering steps: three quarters of a tick, so that each reads what the last one wrote.
    #[must_use]
    pub fn step_gap(&self) -> Duration {
        self.tick * 3 / 4
    }

    /// Longest distance of two ticks that still count as consecutive: one and a half.
    #[must_use]
    pub fn drain_gap(&self) -> Duration {
        self.tick * 3 / 2
    }

    /// Longest stretch of the metric that a proof may ask for: the second failback of a day needs twice the hold-down.
    #[must_use]
    pub fn evidence(&self) -> Duration {
        self.hold_down * 2
    }

    /// How long an alarm event may claim ALARM when the alarm itself cannot be read, and how long an operator's request may be
    /// under way: beyond it, only retries of old news arrive.
    #[must_use]
    pub fn claim_age_max(&self) -> Duration {
        self.tick * self.clockwork.claim
    }

    /// How long the alarm must have been OK before the normal state is written down; also the length of a sampled hour.
    #[must_use]
    pub fn hour(&self) -> Duration {
        self.tick * self.clockwork.hour
    }

    /// How long a finished failback counts against the next one.
    #[must_use]
    pub fn day(&self) -> Duration {
        self.tick * self.clockwork.day
    }

    /// How long the latch must have been open before DNS at the standby speaks against the primary.
    #[must_use]
    pub fn released(&self) -> Duration {
        self.tick * self.clockwork.released
    }

    /// How long a raise may take to bring healthy targets before people are told, and before less has to do.
    #[must_use]
    pub fn starved(&self) -> Duration {
        self.tick * self.clockwork.starved
    }

    /// The same in ticks: for so many in a row must a held standby lack its share before users are released from it.
    #[must_use]
    pub fn starved_ticks(&self) -> u16 {
        u16::try_from(self.clockwork.starved).unwrap_or(u16::MAX)
    }

    /// This policy with a shorter clockwork, below what AWS's own delays allow: for a model, whose world has other delays.
    #[must_use]
    pub fn shortened(self, hold_down_ticks: u32, drain_ticks: u16, clockwork: Clockwork) -> Self {
        Self { hold_down: self.tick * hold_down_ticks, drain_ticks, clockwork, ..self }
    }
}

impl TryFrom<BTreeMap<String, String>> for Policy {
    type Error = PolicyError;

    fn try_from(settings: BTreeMap<String, String>) -> Result<Self, PolicyError> {
        // A log line of an earlier version lacks what was a fixed number then.
        let fixed =
            |setting: &Setting| ADDED.contains(&setting.name).then(|| setting.default.to_owned());
        Self::from_settings(|setting| {
            settings.get(setting.name).cloned().or_else(|| fixed(setting))
        })
    }
}

impl From<Policy> for BTreeMap<&'static str, String> {
    fn from(policy: Policy) -> Self {
        policy.settings().into_iter().map(|(setting, value)| (setting.name, value)).collect()
    }
}

fn on_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

#[cfg(test)]
mod tests;
