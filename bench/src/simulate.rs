//! Simulated failovers on every core, and whether a seed decides all of their bytes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use failover_core::Policy;
use failover_sim::timeline::{Phases, Setup, Timeline, play};

use crate::sample::{Samples, note};

/// Like every number, it would do.
const SEED: u64 = 1;

/// Measures. `simulate.digest` is a digest of the bytes of each run; `simulate.other` that of another seed.
pub fn run(runs: u32, count: u32) -> Samples {
    let (setup, phases) = (setup(), Phases::built_in());
    let mut samples = Samples::default();
    for run in 1..=runs {
        note(format_args!("simulated failovers: run {run} of {runs}"));
        let begun = Instant::now();
        let played = play(&setup, &phases, SEED, count);
        samples.time("simulate", begun.elapsed());
        samples.add("simulate.digest", digest(&played));
    }
    samples.add("simulate.other", digest(&play(&setup, &phases, SEED + 1, count)));
    samples
}

/// Of every bit of every number, cut to the bits that a number of JSON holds.
fn digest(played: &[Timeline]) -> f64 {
    let mut hasher = DefaultHasher::new();
    for timeline in played {
        let Timeline { verdict, alarm, raised, served, reads, full, parts } = timeline;
        for number in [verdict, alarm, raised, served, reads, full].into_iter().chain(parts) {
            number.to_bits().hash(&mut hasher);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "the digest is cut on purpose")]
    f64::from(hasher.finish() as u32)
}

/// A pilot light with the defaults.
fn setup() -> Setup {
    let policy = Policy::from_settings(|setting| Some(setting.default.to_owned()));
    Setup {
        policy: policy.expect("the defaults are valid"),
        check_interval: Duration::from_secs(10),
        check_threshold: 3,
        alarm_datapoints: 1,
        alarm_period: Duration::from_mins(1),
        floor: 0,
        warm_pool: 0,
        verdict: true,
        watch: Some(Duration::from_secs(10)),
        detector_dark: false,
        edge: None,
        target_interval: Duration::from_secs(5),
        target_threshold: 2,
        ttl: Duration::from_mins(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_sees_a_single_bit_of_a_single_number() {
        let played = play(&setup(), &Phases::built_in(), SEED, 3);
        let mut other = played.clone();
        other[1].full = f64::from_bits(other[1].full.to_bits() ^ 1);
        assert!((digest(&played) - digest(&played)).abs() < f64::EPSILON);
        assert!((digest(&played) - digest(&other)).abs() > f64::EPSILON);
    }
}
