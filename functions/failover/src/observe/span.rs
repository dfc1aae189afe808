//! Which stretch of a metric is asked for: whole periods, up to the end of the one that is open.

use std::time::Duration;

use failover_core::time::{Timestamp, after};

use crate::port::{CPU_PERIOD, REQUESTS_PERIOD, Span};

/// Datapoints asked for beyond the evidence: CloudWatch's evaluation range of 5 and the period that
/// is still open.
const PERIODS_BEYOND: i64 = 6;
/// BOUND: the longest hold-down is 24 hours, evidence may be asked for twice as long, 2880 periods
/// of a minute, and the periods beyond it.
const PERIODS_MAX: i64 = 2 * 1440 + PERIODS_BEYOND;
/// The open period, one whose datapoint may be on its way, and one that is there.
const CPU_PERIODS: i64 = 3;

/// The open minute, one whose datapoint may be on its way, and three that are there.
const REQUESTS_PERIODS: i64 = 5;

/// The evidence and a little more.
pub(super) fn evidence(now: Timestamp, period: Duration, evidence: Duration) -> Span {
    let periods = seconds(evidence) / seconds(period).max(1);
    newest(now, period, periods.saturating_add(PERIODS_BEYOND).min(PERIODS_MAX))
}

/// Enough to hold one datapoint of the CPU.
pub(super) fn cpu(now: Timestamp) -> Span {
    newest(now, CPU_PERIOD, CPU_PERIODS)
}

/// Enough to see a client that asks once in three minutes.
pub(super) fn requests(now: Timestamp) -> Span {
    newest(now, REQUESTS_PERIOD, REQUESTS_PERIODS)
}

fn newest(now: Timestamp, period: Duration, periods: i64) -> Span {
    let period = seconds(period).max(1);
    let open = now.as_second().div_euclid(period).saturating_mul(period);
    let end = after(Timestamp::from_second(open).unwrap_or(now), period);
    Span { start: after(end, periods.saturating_mul(period).saturating_neg()), end }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn bounds(span: Span) -> (i64, i64) {
        (span.start.as_second(), span.end.as_second())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a small number")
    }

    #[test]
    fn the_span_is_the_evidence_and_six_periods_on_whole_periods() {
        for now in [36_000, 36_007] {
            let span = evidence(at(now), MINUTE, 60 * MINUTE);
            assert_eq!(bounds(span), (36_060 - 66 * 60, 36_060));
        }
    }

    #[test]
    fn the_longest_evidence_fits_and_a_short_period_is_bounded() {
        let longest = 2 * Duration::from_hours(24);
        let (start, end) = bounds(evidence(at(900_000), MINUTE, longest));
        assert_eq!((end - start) / 60, PERIODS_MAX);
        let (start, end) = bounds(evidence(at(900_000), Duration::from_secs(1), longest));
        assert_eq!(end - start, PERIODS_MAX);
    }

    #[test]
    fn the_cpu_is_looked_for_in_the_open_period_and_two_before_it() {
        assert_eq!(bounds(cpu(at(36_007))), (35_400, 36_300));
        assert_eq!(bounds(requests(at(36_007))), (35_760, 36_060));
    }
}
