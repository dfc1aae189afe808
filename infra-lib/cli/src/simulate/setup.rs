//! What of a site shapes its recovery time, and what other settings would.

use std::time::Duration;

use failover_core::Policy;
use failover_core::policy::Floor;
use failover_sim::timeline::Setup;
use infra_lib::config::{Config, Watch};

/// How long CloudFront waits for the first origin of a path that fails over: the edge template's attempts and timeout.
const EDGE_TIMEOUT: Duration = Duration::from_secs(3);
/// What the web template has, and no setting changes; a test compares them.
const TARGET_INTERVAL: Duration = Duration::from_secs(5);
const TARGET_THRESHOLD: u32 = 2;
/// The alarm of the detector's template is 1 of 1.
const ALARM_DATAPOINTS: u32 = 1;
/// Route 53 gives an alias to a load balancer this TTL.
const TTL: Duration = Duration::from_mins(1);

/// The site with one thing otherwise.
#[derive(Debug)]
pub struct Variant {
    /// What is otherwise, as a setting of the site file, or in words where there is none.
    pub name: String,
    /// The site, for its price. `None`: no site file can say it.
    pub config: Option<Config>,
    /// What shapes its recovery time.
    pub setup: Setup,
    /// What it changes for.
    pub whose: Whose,
}

/// Whose first page counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of every user.
    All,
    /// Of the readers of a path that CloudFront asks the standby for by itself.
    Readers,
}

/// The setup of a site.
pub fn setup(config: &Config) -> Setup {
    let policy = config.policy.clone();
    let demand = policy.target(None);
    let floor = match policy.floor() {
        Floor::Fixed(instances) => instances,
        Floor::Match => demand,
    };
    Setup {
        policy,
        check_interval: config.health.interval,
        check_threshold: u32::from(config.health.threshold),
        alarm_datapoints: ALARM_DATAPOINTS,
        alarm_period: config.health.alarm_period,
        floor,
        warm_pool: config.web.warm_pool,
        verdict: true,
        watch: config.health.watch.0,
        detector_dark: false,
        edge: failover_path(config).map(|_| EDGE_TIMEOUT),
        target_interval: TARGET_INTERVAL,
        target_threshold: TARGET_THRESHOLD,
        ttl: TTL,
    }
}

/// The path that CloudFront asks the standby for by itself, if there is one.
pub fn failover_path(config: &Config) -> Option<&str> {
    config.edge.as_ref().and_then(|edge| edge.failover_path.as_deref())
}

/// The knobs worth comparing, without those that the site has turned already.
pub fn variants(config: &Config) -> Vec<Variant> {
    let now = setup(config);
    let demand = config.policy.target(None);
    let with = |name: &str, change: &dyn Fn(&mut Config)| {
        let mut config = config.clone();
        change(&mut config);
        let setup = setup(&config);
        Variant { name: name.to_owned(), config: Some(config), setup, whose: Whose::All }
    };
    let without_key = |name: &str, setup: Setup| Variant {
        name: name.to_owned(),
        config: None,
        setup,
        whose: Whose::All,
    };
    let threshold = config.health.threshold;
    let mut all = vec![
        with("interval = \"10s\"", &|config| config.health.interval = Duration::from_secs(10)),
        with("interval = \"30s\"", &|config| config.health.interval = Duration::from_secs(30)),
        with("floor = 0", &|config| policy(config, "floor", "0")),
        with("floor = 1", &|config| policy(config, "floor", "1")),
        with("floor = \"match\"", &|config| policy(config, "floor", "match")),
        with("warm_pool = 0", &|config| config.web.warm_pool = 0),
        with(&format!("warm_pool = {demand}"), &|config| config.web.warm_pool = demand),
        with("watch = \"5s\"", &|config| config.health.watch = Watch(Some(Duration::from_secs(5)))),
        with("watch = \"off\"", &|config| config.health.watch = Watch(None)),
        with("eager = \"on\"", &|config| policy(config, "eager", "on")),
        with("eager = \"off\"", &|config| policy(config, "eager", "off")),
        without_key(
            "without Route 53's verdict",
            Setup { verdict: false, watch: None, ..now.clone() },
        ),
        without_key("us-east-1 dark", Setup { detector_dark: true, ..now.clone() }),
        without_key("an alarm of 2 of 2 datapoints", Setup { alarm_datapoints: 2, ..now.clone() }),
        without_key(
            "targets checked each 10 s",
            Setup { target_interval: Duration::from_secs(10), ..now.clone() },
        ),
    ];
    if failover_path(config).is_none() {
        let path = "failover_path in [edge], for its reads";
        let mut variant = match &config.edge {
            // The price of CloudFront itself is by use.
            None => without_key(path, Setup { edge: Some(EDGE_TIMEOUT), ..now.clone() }),
            Some(_) => with(path, &|config| {
                if let Some(edge) = config.edge.as_mut() {
                    edge.failover_path = Some("/static/*".to_owned());
                }
            }),
        };
        variant.whose = Whose::Readers;
        all.push(variant);
    }
    for other in [threshold.saturating_sub(1), threshold + 1] {
        if (1..=10).contains(&other) {
            let name = format!("threshold = {other}");
            all.push(with(&name, &|config| config.health.threshold = other));
        }
    }
    all.retain(|variant| variant.setup != now);
    all
}

fn policy(config: &mut Config, name: &str, value: &str) {
    let given = config.policy.settings();
    let changed = Policy::from_settings(|setting| {
        if setting.name == name {
            return Some(value.to_owned());
        }
        let same = given.iter().find(|(other, _)| other.name == setting.name);
        same.map(|(_, text)| text.clone())
    });
    // Active-active wants `match`; it has no other floor to compare.
    if let Ok(policy) = changed {
        config.policy = policy;
    }
}

#[cfg(test)]
mod tests {
    use infra_lib::config::MINIMAL;

    use super::*;

    #[test]
    fn the_constants_are_the_templates() {
        let edge = include_str!("../../../../templates/edge.yaml");
        let (_, first) = edge.split_once("- Id: first").expect("the first origin of the group");
        let first = &first[..first.find("- Id: standby").expect("the second")];
        let timeout = format!("ConnectionTimeout: {}", EDGE_TIMEOUT.as_secs());
        assert!(first.contains("ConnectionAttempts: 1") && first.contains(&timeout), "{first}");
        let web = include_str!("../../../../templates/web.yaml");
        let interval =
            format!("HealthCheckIntervalSeconds: !If [IsStandby, {},", TARGET_INTERVAL.as_secs());
        let threshold = format!("HealthyThresholdCount: {TARGET_THRESHOLD}");
        let detector = include_str!("../../../../templates/detector.yaml");
        let datapoints = format!("DatapointsToAlarm: {ALARM_DATAPOINTS}");
        assert!(web.contains(&interval) && web.contains(&threshold));
        assert!(detector.contains(&datapoints));
    }

    #[test]
    fn a_variant_differs_from_the_site_in_what_it_names() {
        let config = Config::from_toml(MINIMAL, "minimal.toml").unwrap();
        let names: Vec<_> = variants(&config).into_iter().map(|variant| variant.name).collect();
        assert!(names.contains(&"interval = \"30s\"".to_owned()), "{names:?}");
        assert!(!names.contains(&"interval = \"10s\"".to_owned()), "it has that already");
        assert!(!names.contains(&"floor = 0".to_owned()));
        let text =
            MINIMAL.to_owned() + "[failover]\nrouting = \"active-active\"\nfloor = \"match\"\n";
        let both = Config::from_toml(&text, "both.toml").unwrap();
        let names: Vec<_> = variants(&both).into_iter().map(|variant| variant.name).collect();
        assert!(names.iter().all(|name| !name.starts_with("floor")), "{names:?}");
    }
}
