//! What the simulator says of the three strategies, for the site that `init` writes.

use std::time::Duration;

use failover_sim::timeline::{Phases, Setup, Summary, play};
use site::config::{Config, MINIMAL};

use super::rows::FAILOVERS;
use crate::simulate::setup;

/// As `simulate` begins.
const SEED: u64 = 1;
/// The fastest health check that Route 53 has.
const CHECK: Duration = Duration::from_secs(10);

/// The p95 of each strategy, in seconds.
pub fn measure() -> miette::Result<Vec<(String, Vec<f64>)>> {
    let config = Config::from_toml(MINIMAL, "minimal.toml")?;
    let site = Setup { check_interval: CHECK, floor: 0, warm_pool: 0, ..setup::setup(&config) };
    let servers = config.policy.target(None);
    let strategies = [
        ("recovery.dark", site.clone()),
        ("recovery.warm", Setup { warm_pool: servers, ..site.clone() }),
        ("recovery.lit", Setup { floor: 1, ..site }),
    ];
    let phases = Phases::built_in();
    let measured = strategies.map(|(name, setup)| {
        let summary = Summary::of(&play(&setup, &phases, SEED, FAILOVERS));
        (name.to_owned(), vec![summary.served.p95])
    });
    Ok(measured.into())
}
