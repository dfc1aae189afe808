//! One failover, from the moment the primary stops serving to the first page from the standby.

use failover_words::PHASES;

use crate::chance::Chance;

use super::Setup;
use super::phases::{Phase, Phases};
use super::raise::{self, Told};

/// Route 53 asks from this many places.
const CHECKERS: usize = 16;
/// It calls an endpoint unhealthy once no more than 18 % of them find it healthy: all but two.
const DISSENTERS: usize = 2;

/// When what happened. Units: seconds since the primary stopped serving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeline {
    /// Route 53 calls the primary unhealthy.
    pub verdict: f64,
    /// The alarm reads ALARM. Not finite while us-east-1 is dark.
    pub alarm: f64,
    /// The group is raised. Not later than `healthy` where the floor carries users.
    pub raised: f64,
    /// A user gets a page from the standby.
    pub served: f64,
    /// A user gets one from a path that CloudFront asks the standby for by itself. Without such a path, the same as `served`.
    pub reads: f64,
    /// The standby has every instance that was asked for, healthy.
    pub full: f64,
    /// How long each of [`PHASES`] kept the first page waiting. Their sum is `served`.
    pub parts: [f64; PHASES.len()],
}

/// Plays the failover with this number.
pub(super) fn play(setup: &Setup, phases: &Phases, seed: u64, number: u32) -> Timeline {
    let mut luck = Chance::new(seed, u64::from(number));
    let mut draw = |phase: Phase| phases.spread(phase).draw(&mut luck);
    let counted = draw(Phase::Verdict);
    let extra = f64::from(setup.alarm_datapoints.saturating_sub(1));
    let metric = draw(Phase::Metric) + extra * setup.alarm_period.as_secs_f64();
    let (event, write, launch) = (draw(Phase::Event), draw(Phase::Write), draw(Phase::Launch));
    let (believed, spread) = (draw(Phase::StandbyCheck), draw(Phase::Spread));
    // Two name servers must agree before the verdict can be read.
    let read = draw(Phase::Spread).max(draw(Phase::Spread));
    let verdict = red(setup, phases, &mut luck) + counted;
    let alarm = if setup.detector_dark { f64::INFINITY } else { verdict + metric };
    let told = Told { read: verdict + read, alarm, event: alarm + event };
    let decided = raise::decided(setup, phases, &mut luck, told);
    let raised = decided + write;
    let mut healthy = targets(setup, phases, &mut luck, raised + launch);
    healthy.sort_by(|a, b| a.healthy.total_cmp(&b.healthy));
    let ttl = luck.up_to(setup.ttl.as_secs_f64());
    let full = healthy.last().map_or(verdict, |target| target.healthy);
    let timeline = |ready: f64, parts: [f64; PHASES.len()]| {
        let served = parts.iter().sum();
        // CloudFront tries the dead region first, for its whole timeout, and then the standby.
        let by_edge = setup.edge.map(|timeout| ready + timeout.as_secs_f64());
        let reads = by_edge.map_or(served, |at| at.min(served));
        Timeline { verdict, alarm, raised, served, reads, full, parts }
    };
    if setup.floor > 0 {
        // DNS moves by itself: neither the alarm nor the controller is on the way.
        return timeline(0.0, [verdict, 0.0, 0.0, 0.0, 0.0, 0.0, spread, ttl]);
    }
    let first = healthy.first().copied().unwrap_or(Target { booted: full, healthy: full });
    // A raise on suspicion comes before the verdict, and DNS waits for that all the same.
    let noticed = verdict.min(decided);
    let moved = (first.healthy + believed).max(verdict) + spread;
    timeline(
        first.healthy,
        [
            noticed,
            decided - noticed,
            write,
            launch,
            first.booted - raised - launch,
            first.healthy - first.booted,
            moved - first.healthy,
            ttl,
        ],
    )
}

/// When all but two of the checkers have had enough failures in a row.
fn red(setup: &Setup, phases: &Phases, luck: &mut Chance) -> f64 {
    let interval = setup.check_interval.as_secs_f64();
    let failures = f64::from(setup.check_threshold.max(1) - 1);
    let mut changed: [f64; CHECKERS] = std::array::from_fn(|_| {
        let first = luck.up_to(interval);
        first + failures * interval + phases.spread(Phase::ProbeFailure).draw(luck)
    });
    changed.sort_by(f64::total_cmp);
    changed[CHECKERS - 1 - DISSENTERS]
}

/// When an instance serves, and when its load balancer sends it users.
#[derive(Clone, Copy, Debug)]
struct Target {
    booted: f64,
    healthy: f64,
}

/// The instances that a raise brings. Those of the warm pool start first and sooner.
fn targets(setup: &Setup, phases: &Phases, luck: &mut Chance, launched: f64) -> Vec<Target> {
    let wanted = setup.policy.target(None).saturating_sub(setup.floor);
    let interval = setup.target_interval.as_secs_f64();
    let passes = f64::from(setup.target_threshold.max(1) - 1);
    (0..wanted)
        .map(|index| {
            let warm = index < setup.warm_pool;
            let boot = if warm { Phase::BootWarm } else { Phase::BootCold };
            let booted = launched + phases.spread(boot).draw(luck);
            Target { booted, healthy: booted + luck.up_to(interval) + passes * interval }
        })
        .collect()
}
