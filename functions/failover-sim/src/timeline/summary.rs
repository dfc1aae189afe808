//! What many failovers come to.

use failover_words::PHASES;

use super::failover::Timeline;
use super::spread::count;

/// How long something took, over many failovers. Units: seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half of them took no longer.
    pub p50: f64,
    /// Nineteen of twenty.
    pub p95: f64,
    /// Ninety-nine of a hundred.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// A summary of many failovers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How many.
    pub count: usize,
    /// Until the first page from the standby.
    pub served: Quantiles,
    /// Until the first page from a path that CloudFront asks the standby for by itself.
    pub reads: Quantiles,
    /// Until the standby has everything that was asked for.
    pub full: Quantiles,
    /// Each of [`PHASES`]. Quantiles of parts do not add up to those of the whole.
    pub parts: [Quantiles; PHASES.len()],
    /// Share of failovers that served within so many seconds: one entry for each second from 0.
    pub within: Vec<f64>,
}

impl Quantiles {
    /// Of these durations. All 0 if there are none.
    #[must_use]
    pub fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        // The smallest value that so many of a hundred do not exceed.
        let at = |percent: usize| {
            let rank = (seconds.len() * percent).div_ceil(100).max(1);
            seconds.get(rank - 1).copied().unwrap_or_default()
        };
        Self { p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

impl Summary {
    /// Of these failovers.
    #[must_use]
    pub fn of(timelines: &[Timeline]) -> Self {
        let column = |value: &dyn Fn(&Timeline) -> f64| timelines.iter().map(value).collect();
        let mut served: Vec<f64> = column(&|timeline| timeline.served);
        served.sort_by(f64::total_cmp);
        let parts = std::array::from_fn(|part| {
            Quantiles::of(column(&|timeline: &Timeline| timeline.parts[part]))
        });
        Self {
            count: timelines.len(),
            within: within(&served),
            served: Quantiles::of(served),
            reads: Quantiles::of(column(&|timeline| timeline.reads)),
            full: Quantiles::of(column(&|timeline| timeline.full)),
            parts,
        }
    }
}

/// BOUND: ten minutes of a chart; what takes longer shows as a share that stays below 1.
const SECONDS_SHOWN: usize = 600;

/// Of durations in rising order.
fn within(served: &[f64]) -> Vec<f64> {
    let total = count(served.len().max(1));
    let share = |second| count(served.partition_point(|at| *at <= count(second))) / total;
    (0..=SECONDS_SHOWN).map(share).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values that were put in come out as they are")]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_there() {
        let quantiles = Quantiles::of((1..=200).rev().map(f64::from).collect());
        assert_eq!([quantiles.p50, quantiles.p95, quantiles.p99], [100.0, 190.0, 198.0]);
        assert_eq!(quantiles.max, 200.0);
        assert_eq!(Quantiles::of(vec![7.0]).p99, 7.0);
        assert_eq!(Quantiles::of(Vec::new()).max, 0.0);
    }

    #[test]
    fn the_share_within_a_time_counts_whoever_was_no_slower() {
        let within = within(&[1.0, 1.5, 3.0, 700.0]);
        assert_eq!(within[..5], [0.0, 0.25, 0.5, 0.75, 0.75]);
        assert_eq!(within[SECONDS_SHOWN], 0.75);
    }
}
