//! How long a failover takes: many of them, each with its own luck, for the site as it is configured.
//!
//! When the standby is raised is not assumed: the shipped [`decide`](failover_core::decide) is asked on every event, tick
//! and look.
//! What AWS takes for its part is drawn from [`Phases`], each with its source or the word *assumption*.
//!
//! # What is left out
//! Clients that keep an address beyond its TTL; capacity that is not there; a primary that flickers; anything slower than
//! AWS's published words. The times are those of a clean failure on a good day of everything else.

mod failover;
mod fleet;
mod phases;
mod raise;
mod spread;
mod summary;

use std::thread;
use std::time::Duration;

use failover_core::Policy;

pub use self::failover::Timeline;
pub use self::fleet::{Crowd, Drain, Limits, crowd};
pub use self::phases::{Phase, PhaseError, Phases};
pub use self::spread::{Spread, SpreadError};
pub use self::summary::{Quantiles, Summary};

/// What of a site shapes its recovery time.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Numbers of the controller.
    pub policy: Policy,
    /// Distance of two requests of one checker.
    pub check_interval: Duration,
    /// Failed requests in a row before a checker calls the primary down. Range: 1 to 10.
    pub check_threshold: u32,
    /// Datapoints of 0 that the alarm waits for. Range: 1 and up.
    pub alarm_datapoints: u32,
    /// Period of the alarm.
    pub alarm_period: Duration,
    /// Instances that run in the standby all the time.
    pub floor: u16,
    /// Stopped instances that wait in the standby.
    pub warm_pool: u16,
    /// The zone's name servers are asked for Route 53's verdict.
    pub verdict: bool,
    /// Interval of the looks at it between two ticks. `None`: there are none.
    pub watch: Option<Duration>,
    /// us-east-1 answers nothing from before the failure on: no metric, no alarm, no event.
    pub detector_dark: bool,
    /// How long CloudFront waits for the first region before it asks the standby. `None`: it does not.
    pub edge: Option<Duration>,
    /// Distance of two checks of a target by its load balancer.
    pub target_interval: Duration,
    /// Good answers in a row before a target gets users. Range: 1 and up.
    pub target_threshold: u32,
    /// How long resolvers keep the site's address.
    pub ttl: Duration,
}

/// Plays `count` failovers, on every core. The same seed gives the same ones, whatever the machine.
#[must_use]
pub fn play(setup: &Setup, phases: &Phases, seed: u64, count: u32) -> Vec<Timeline> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = (count as usize).div_ceil(threads).max(1);
    let numbers: Vec<u32> = (0..count).collect();
    thread::scope(|scope| {
        let workers: Vec<_> = numbers
            .chunks(share)
            .map(|chunk| {
                scope.spawn(move || {
                    chunk
                        .iter()
                        .map(|&number| failover::play(setup, phases, seed, number))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let joined = workers.into_iter().map(thread::ScopedJoinHandle::join);
        joined.flat_map(|played| played.expect("a failover does not panic")).collect()
    })
}
