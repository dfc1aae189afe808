//! The site with one setting changed: what `simulate` compares in seconds and `cost` in dollars.

use std::time::Duration;

use failover_core::Policy;
use failover_core::policy::PolicyError;

use super::{Config, Watch};

/// A site with one setting changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// The setting as the site file says it, such as `watch = "off"`.
    pub setting: String,
    /// The site.
    pub config: Config,
}

impl Config {
    /// The settings that change how long a failover takes, or how soon it begins, each on its own. What the site says already is
    /// left out.
    #[must_use]
    pub fn alternatives(&self) -> Vec<Alternative> {
        let with = |setting: &str, change: &dyn Fn(&mut Self)| {
            let mut config = self.clone();
            change(&mut config);
            Alternative { setting: setting.to_owned(), config }
        };
        let demand = self.policy.target(None);
        let seconds = Duration::from_secs;
        let mut all = vec![
            with("interval = \"10s\"", &|config| config.health.interval = seconds(10)),
            with("interval = \"30s\"", &|config| config.health.interval = seconds(30)),
            with("floor = 0", &|config| config.decide_by("floor", "0")),
            with("floor = 1", &|config| config.decide_by("floor", "1")),
            with("floor = \"match\"", &|config| config.decide_by("floor", "match")),
            with("warm_pool = 0", &|config| config.web.warm_pool = 0),
            with(&format!("warm_pool = {demand}"), &|config| config.web.warm_pool = demand),
            with("watch = \"5s\"", &|config| config.health.watch = Watch(Some(seconds(5)))),
            with("watch = \"off\"", &|config| config.health.watch = Watch(None)),
            with("eager = \"on\"", &|config| config.decide_by("eager", "on")),
            with("eager = \"off\"", &|config| config.decide_by("eager", "off")),
            with("failover_path = \"/static/*\"", &|config| {
                let edge = config.edge.as_mut().filter(|edge| edge.failover_path.is_none());
                if let Some(edge) = edge {
                    edge.failover_path = Some("/static/*".to_owned());
                }
            }),
        ];
        let threshold = self.health.threshold;
        for other in [threshold.saturating_sub(1), threshold + 1] {
            if (1..=10).contains(&other) {
                let setting = format!("threshold = {other}");
                all.push(with(&setting, &|config| config.health.threshold = other));
            }
        }
        all.retain(|alternative| alternative.config != *self);
        all
    }

    /// Another value of a policy's setting, if the policy can have it: active-active has no floor but `match`.
    fn decide_by(&mut self, name: &str, value: &str) {
        let changed = |setting: &str| (setting == name).then(|| value.to_owned());
        if let Ok(policy) = with_settings(&self.policy, changed) {
            self.policy = policy;
        }
    }
}

/// A policy with those of its settings changed that `changed` has a text for.
///
/// # Errors
/// [`PolicyError`] for the first setting that is unreadable, out of range, or does not go with the others.
pub fn with_settings(
    policy: &Policy,
    changed: impl Fn(&str) -> Option<String>,
) -> Result<Policy, PolicyError> {
    let given = policy.settings();
    Policy::from_settings(|setting| {
        let same = || given.iter().find(|(other, _)| other.name == setting.name);
        changed(setting.name).or_else(|| same().map(|(_, text)| text.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::MINIMAL;
    use super::*;

    fn settings(more: &str) -> Vec<String> {
        let config = Config::from_toml(&format!("{MINIMAL}{more}"), "site.toml").unwrap();
        config.alternatives().into_iter().map(|one| one.setting).collect()
    }

    #[test]
    fn what_a_site_says_already_is_no_alternative() {
        let minimal = settings("");
        assert!(minimal.contains(&"interval = \"30s\"".to_owned()), "{minimal:?}");
        for same in ["interval = \"10s\"", "floor = 0", "warm_pool = 0", "eager = \"off\""] {
            assert!(!minimal.contains(&same.to_owned()), "{same}: {minimal:?}");
        }
    }

    #[test]
    fn a_floor_that_active_active_cannot_have_is_no_alternative() {
        let both = settings("[failover]\nrouting = \"active-active\"\nfloor = \"match\"\n");
        assert!(both.iter().all(|setting| !setting.starts_with("floor")), "{both:?}");
    }
}
