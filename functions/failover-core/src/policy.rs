//! The numbers of a site: one type for the site file, the template's parameters and the Lambda's environment.
//!
//! [`SETTINGS`] is the only list of them. The site file uses [`Setting::name`], the template [`Setting::parameter`], the
//! function's environment [`Setting::variable`]; all three pass through [`Policy::from_settings`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{format_duration, parse_duration};

/// One setting of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name in the site file, `snake_case`.
    pub name: &'static str,
    /// Value when the site file is silent.
    pub default: &'static str,
    /// What it means, with its unit and range, as one sentence.
    pub meaning: &'static str,
}

impl Setting {
    /// Name of the Lambda's environment variable: `PILOTLIGHT_HOLD_DOWN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("PILOTLIGHT_{}", self.name.to_ascii_uppercase())
    }

    /// Name of the template's parameter: `HoldDown`.
    #[must_use]
    pub fn parameter(&self) -> String {
        self.name
            .split('_')
            .flat_map(|word| {
                let (first, rest) = word.split_at(1);
                [first.to_ascii_uppercase(), rest.to_owned()]
            })
            .collect()
    }
}

/// Every setting of the policy, in the order of the site file.
pub const SETTINGS: [Setting; 8] = [
    Setting {
        name: "floor",
        default: "0",
        meaning: "Instances that always run in the standby: 0 is a pilot light, n a warm standby.",
    },
    Setting {
        name: "failover_min",
        default: "2",
        meaning: "Fewest instances that a raise asks for: 1 or more, 2 to span two zones.",
    },
    Setting {
        name: "capacity_max",
        default: "8",
        meaning: "Most instances that a raise asks for: at least failover_min, at most 1295.",
    },
    Setting {
        name: "match_percent",
        default: "100",
        meaning: "Share of the primary's 24-hour peak that the standby is raised to, in percent, 1 to 300.",
    },
    Setting {
        name: "peak_hint",
        default: "2",
        meaning: "The primary's peak to assume until the controller has sampled it, 1 to 1295 instances.",
    },
    Setting {
        name: "hold_down",
        default: "30m",
        meaning: "How long the primary must be proven up before anything is lowered: at least 17 ticks, at most 24h.",
    },
    Setting {
        name: "tick",
        default: "1m",
        meaning: "Distance of two scheduled invocations, 1s to 5m. AWS schedules no finer than 1m; drills do.",
    },
    Setting {
        name: "drain_ticks",
        default: "10",
        meaning: "Consecutive ticks on which DNS must answer the primary before the standby is lowered, 3 to 60.",
    },
];

/// Largest number of instances that one entry of the capacity ring can hold: two base-36 digits.
pub const CAPACITY_LIMIT: u16 = 36 * 36 - 1;

// BOUND: alarm evaluation range 5 + Route 53 recovery 1.5 + TTL 1 + resolver stragglers 5 + draining 5 = 17 minutes and a bit,
// at a tick of one minute.
const HOLD_DOWN_TICKS_MIN: u32 = 17;
const DAY: Duration = Duration::from_hours(24);

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
    floor: u16,
    failover_min: u16,
    capacity_max: u16,
    match_percent: u16,
    peak_hint: u16,
    hold_down: Duration,
    tick: Duration,
    drain_ticks: u16,
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
        Self {
            floor: number("floor")?,
            failover_min: number("failover_min")?,
            capacity_max: number("capacity_max")?,
            match_percent: number("match_percent")?,
            peak_hint: number("peak_hint")?,
            hold_down: duration("hold_down")?,
            tick: duration("tick")?,
            drain_ticks: number("drain_ticks")?,
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
        within("floor", self.floor, 0, self.capacity_max)?;
        within("match_percent", self.match_percent, 1, 300)?;
        within("peak_hint", self.peak_hint, 1, CAPACITY_LIMIT)?;
        within("drain_ticks", self.drain_ticks, 3, 60)?;
        lasting("tick", self.tick, Duration::from_secs(1), Duration::from_mins(5))?;
        lasting("hold_down", self.hold_down, self.tick * HOLD_DOWN_TICKS_MIN, DAY)?;
        Ok(self)
    }

    /// The settings as texts that [`Policy::from_settings`] reads back, in the order of [`SETTINGS`].
    #[must_use]
    pub fn settings(&self) -> [(&'static Setting, String); SETTINGS.len()] {
        let values = [
            self.floor.to_string(),
            self.failover_min.to_string(),
            self.capacity_max.to_string(),
            self.match_percent.to_string(),
            self.peak_hint.to_string(),
            format_duration(self.hold_down),
            format_duration(self.tick),
            self.drain_ticks.to_string(),
        ];
        let mut values = values.into_iter();
        std::array::from_fn(|i| (&SETTINGS[i], values.next().expect("as many values as settings")))
    }

    /// Instances to raise the standby to, from the primary's peak.
    #[must_use]
    pub fn target(&self, peak: Option<u16>) -> u16 {
        let peak = u32::from(peak.unwrap_or(self.peak_hint));
        let wanted = (peak * u32::from(self.match_percent)).div_ceil(100);
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
        wanted.clamp(self.failover_min, self.capacity_max)
    }

    /// Instances that always run in the standby.
    #[must_use]
    pub const fn floor(&self) -> u16 {
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

    /// How long an alarm event may claim ALARM when the alarm itself cannot be read: 15 ticks, beyond it only retries of old news.
    #[must_use]
    pub fn claim_age_max(&self) -> Duration {
        self.tick * 15
    }

    /// How long the alarm must have been OK before the normal state is written down: 60 ticks, also the length of a sampled hour.
    #[must_use]
    pub fn peace(&self) -> Duration {
        self.tick * 60
    }
}

impl TryFrom<BTreeMap<String, String>> for Policy {
    type Error = PolicyError;

    fn try_from(settings: BTreeMap<String, String>) -> Result<Self, PolicyError> {
        Self::from_settings(|setting| settings.get(setting.name).cloned())
    }
}

impl From<Policy> for BTreeMap<&'static str, String> {
    fn from(policy: Policy) -> Self {
        policy.settings().into_iter().map(|(setting, value)| (setting.name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn with(changes: &[(&str, &str)]) -> Result<Policy, PolicyError> {
        Policy::from_settings(|setting| {
            let chosen = changes.iter().find(|(name, _)| *name == setting.name);
            Some(chosen.map_or(setting.default, |(_, value)| value).to_owned())
        })
    }

    fn check(changes: &[(&str, &str)], message: &Expect) {
        message.assert_eq(&with(changes).unwrap_err().to_string());
    }

    #[test]
    fn a_bad_setting_is_named_with_its_range() {
        check(&[("floor", "9")], &expect!["`floor` is out of range: 9, must be 0 to 8"]);
        check(
            &[("failover_min", "0")],
            &expect!["`failover_min` is out of range: 0, must be 1 to 8"],
        );
        check(
            &[("hold_down", "5m")],
            &expect!["`hold_down` is out of range: 5m, must be 17m to 24h"],
        );
        check(
            &[("tick", "soon")],
            &expect!["`tick` is not a duration in whole seconds, such as `30m` or `90s`: `soon`"],
        );
        check(
            &[("capacity_max", "-1")],
            &expect!["`capacity_max` is not a whole number from 0 to 65535, such as 2: `-1`"],
        );
    }

    #[test]
    fn a_missing_setting_is_named() {
        let error = Policy::from_settings(|_| None).unwrap_err();
        assert_eq!(error, PolicyError::Missing { name: "floor" });
    }

    #[test]
    fn settings_and_json_survive_a_round_trip() {
        let policy = with(&[("tick", "2s"), ("hold_down", "40s")]).unwrap();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }

    #[test]
    fn one_name_gives_the_variable_and_the_parameter() {
        let setting = SETTINGS.iter().find(|setting| setting.name == "hold_down").unwrap();
        assert_eq!(setting.variable(), "PILOTLIGHT_HOLD_DOWN");
        assert_eq!(setting.parameter(), "HoldDown");
    }

    #[test]
    fn the_target_is_clamped_between_the_minimum_and_the_cap() {
        let policy = with(&[("match_percent", "150")]).unwrap();
        assert_eq!(policy.target(None), 3);
        assert_eq!(policy.target(Some(0)), 2);
        assert_eq!(policy.target(Some(3)), 5);
        assert_eq!(policy.target(Some(1295)), 8);
    }
}
