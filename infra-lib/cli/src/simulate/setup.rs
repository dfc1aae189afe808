//! What of a site shapes its recovery time, and what other settings would.

use std::time::Duration;

use failover_core::policy::Floor;
use failover_sim::timeline::Setup;
use site::config::{Alternative, Config};

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
    let priced = config.alternatives().into_iter().map(|Alternative { setting, config }| {
        let setup = setup(&config);
        let (name, whose) = if setup.edge == now.edge {
            (setting, Whose::All)
        } else {
            (format!("{setting}, for its reads"), Whose::Readers)
        };
        Variant { name, config: Some(config), setup, whose }
    });
    // The price of CloudFront itself is by use, and no key says the others.
    let without_price = |name: &str, setup: Setup, whose| Variant {
        name: name.to_owned(),
        config: None,
        setup,
        whose,
    };
    let mut all: Vec<_> = priced.collect();
    for (name, setup) in [
        ("without Route 53's verdict", Setup { verdict: false, watch: None, ..now.clone() }),
        ("us-east-1 dark", Setup { detector_dark: true, ..now.clone() }),
        ("an alarm of 2 of 2 datapoints", Setup { alarm_datapoints: 2, ..now.clone() }),
        (
            "targets checked each 10 s",
            Setup { target_interval: Duration::from_secs(10), ..now.clone() },
        ),
    ] {
        all.push(without_price(name, setup, Whose::All));
    }
    if config.edge.is_none() {
        let setup = Setup { edge: Some(EDGE_TIMEOUT), ..now.clone() };
        let name = "failover_path in [edge], for its reads";
        all.push(without_price(name, setup, Whose::Readers));
    }
    all.retain(|variant| variant.setup != now);
    all
}

#[cfg(test)]
mod tests {
    use site::config::MINIMAL;

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
    fn what_the_site_says_already_is_no_variant() {
        let names = |more: &str| {
            let config = Config::from_toml(&format!("{MINIMAL}{more}"), "site.toml").unwrap();
            variants(&config).into_iter().map(|variant| variant.name).collect::<Vec<_>>()
        };
        let minimal = names("");
        for wanted in ["interval = \"30s\"", "watch = \"off\"", "us-east-1 dark"] {
            assert!(minimal.contains(&wanted.to_owned()), "{wanted}: {minimal:?}");
        }
        assert!(!minimal.contains(&"interval = \"10s\"".to_owned()), "{minimal:?}");
        let warm = names("[failover]\nfloor = 1\n");
        assert!(!warm.iter().any(|name| name == "floor = 1"), "{warm:?}");
    }
}
