//! How long each part of a drill is expected to take: the simulator's answer, told before the drill.

use drill::journal::Prediction;
use drill_local::stage::{
    ALARM_PERIOD, CHECK_INTERVAL, CHECK_THRESHOLD, DRAIN_TICKS, HOLD_DOWN, SERVERS,
    TARGET_INTERVAL, TICK, TTL, WATCH,
};
use failover_sim::timeline::{Phases, Setup, Summary, play};
use failover_words::PHASES;
use site::config::{Config, MINIMAL};

/// Enough for a steady p95; more would only cost time.
const COUNT: u32 = 20_000;
/// The same failovers in front of every drill.
const SEED: u64 = 1;
/// What takes its time on this machine.
const LOCAL: &str = include_str!("local.toml");

/// Of `drill local`, by its own shortened clock. It says nothing of AWS.
pub fn local() -> Vec<Prediction> {
    let phases = Phases::from_toml(LOCAL).expect("the file that ships is valid");
    of(&shortened(), &phases, "simulated by the drill's own clock")
}

/// Of a site with this setup, and these times of everything else.
pub fn of(setup: &Setup, phases: &Phases, source: &str) -> Vec<Prediction> {
    let summary = Summary::of(&play(setup, phases, SEED, COUNT));
    let parts = PHASES.into_iter().zip(summary.parts);
    let all = parts.chain([(Prediction::WHOLE, summary.served)]);
    all.map(|(phase, seconds)| Prediction {
        phase: phase.to_owned(),
        p50: seconds.p50,
        p95: seconds.p95,
        source: source.to_owned(),
    })
    .collect()
}

/// The site of the local drill.
fn shortened() -> Setup {
    let failover = format!(
        "[failover]\nfloor = 0\ntick = \"{}s\"\nhold_down = \"{}s\"\ndrain_ticks = {DRAIN_TICKS}\npeak_hint = {SERVERS}\n",
        TICK.as_secs(),
        HOLD_DOWN.as_secs()
    );
    let config = Config::from_toml(&format!("{MINIMAL}\n{failover}"), "drill.toml");
    Setup {
        policy: config.expect("the drill's numbers are valid").policy,
        check_interval: CHECK_INTERVAL,
        check_threshold: CHECK_THRESHOLD,
        alarm_datapoints: 1,
        alarm_period: ALARM_PERIOD,
        floor: 0,
        warm_pool: 0,
        verdict: true,
        watch: Some(WATCH),
        detector_dark: false,
        edge: None,
        target_interval: TARGET_INTERVAL,
        target_threshold: 1,
        ttl: TTL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_drill_is_predicted_in_seconds_and_part_by_part() {
        let predictions = local();
        let names: Vec<_> = predictions.iter().map(|one| one.phase.as_str()).collect();
        assert_eq!(names[..PHASES.len()], PHASES);
        let whole = predictions.last().unwrap();
        assert_eq!(whole.phase, Prediction::WHOLE);
        assert!((5.0..20.0).contains(&whole.p50) && whole.p95 > whole.p50, "{whole:?}");
    }
}
