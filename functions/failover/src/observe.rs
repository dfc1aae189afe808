//! Reads everything at once, and ends early when nothing that is still on its way could change what
//! to do.

use std::time::Duration;

use failover_core::observation::{
    AlarmState, Answer, Datapoints, Group, Known, Observation, Probe, Why,
};
use failover_core::record::Record;
use failover_core::time::{Timestamp, after};
use futures::future::{BoxFuture, Either, FutureExt, select};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::port::{AlarmReading, Metric, Ports, Role, Span};

/// BOUND: the raise's write must start within 3.5 s, and 0.7 s of them belong to the intent tag.
pub(crate) const READS_MAX: Duration = Duration::from_millis(2500);
/// Datapoints asked for beyond the hold-down: CloudWatch's evaluation range of 5 and the period
/// that is still open.
const PERIODS_BEYOND: i64 = 6;
/// BOUND: the longest hold-down is 24 hours, 1440 periods of a minute, and the periods beyond it.
const PERIODS_MAX: i64 = 1440 + PERIODS_BEYOND;

/// One answer of the world.
enum Reading {
    Alarm(Known<AlarmReading>),
    Datapoints(Known<Datapoints>),
    /// The record makes it several times as large as the others.
    Standby(Box<Known<(Group, Record)>>),
    Primary(Known<Group>),
    Healthy(Role, Known<u16>),
    Answer(Known<Answer>),
    Probe(Known<Probe>),
}

/// What has been answered so far.
#[derive(Default)]
struct Gathered {
    alarm: Option<Known<AlarmReading>>,
    datapoints: Option<Known<Datapoints>>,
    standby: Option<Known<(Group, Record)>>,
    primary: Option<Known<Group>>,
    standby_healthy: Option<Known<u16>>,
    primary_healthy: Option<Known<u16>>,
    answer: Option<Known<Answer>>,
    probe: Option<Known<Probe>>,
}

/// Reads the world, for at most [`READS_MAX`]. What is late is `Unknown(Timeout)`.
///
/// As soon as the alarm reads ALARM and the standby is known the rest is `Unknown(NotAsked)`: in an
/// outage the slowest reads are those of the dead region, and a raise needs none of them.
pub(crate) async fn observe(ports: &Ports, hold_down: Duration) -> Observation {
    let now = ports.clock.now();
    let mut deadline = ports.clock.sleep(READS_MAX);
    let mut reads = first_round(ports);
    let mut gathered = Gathered::default();
    // BOUND: every round takes one of at most nine reads, or the deadline.
    loop {
        match select(reads.next(), &mut deadline).await {
            Either::Left((Some(reading), _)) => {
                if let Reading::Alarm(Known::Known(alarm)) = &reading
                    && let Known::Known(metric) = &alarm.metric
                {
                    reads.push(datapoints(ports, metric.clone(), now, hold_down));
                }
                gathered.take(reading);
                if gathered.raise_is_clear() {
                    return gathered.observation(Why::NotAsked);
                }
            }
            Either::Left((None, _)) => return gathered.observation(Why::NotAsked),
            Either::Right(((), _)) => return gathered.observation(Why::Timeout),
        }
    }
}

type Reads<'a> = FuturesUnordered<BoxFuture<'a, Reading>>;

/// Every read that needs no other one. The two that a raise waits for go first.
fn first_round(ports: &Ports) -> Reads<'_> {
    let Ports { reads, names, prober, .. } = ports;
    let reads: [BoxFuture<'_, Reading>; 7] = [
        reads.read_alarm().map(Reading::Alarm).boxed(),
        reads.read_standby().map(|known| Reading::Standby(Box::new(known))).boxed(),
        reads
            .read_healthy(Role::Standby)
            .map(|known| Reading::Healthy(Role::Standby, known))
            .boxed(),
        reads.read_primary().map(Reading::Primary).boxed(),
        reads
            .read_healthy(Role::Primary)
            .map(|known| Reading::Healthy(Role::Primary, known))
            .boxed(),
        names.read_answer().map(Reading::Answer).boxed(),
        prober.probe().map(Reading::Probe).boxed(),
    ];
    reads.into_iter().collect()
}

/// The metric that the alarm itself watches: asked second, because only the alarm knows its name
/// and period.
fn datapoints(
    ports: &Ports,
    metric: Metric,
    now: Timestamp,
    hold_down: Duration,
) -> BoxFuture<'_, Reading> {
    let span = span(now, metric.period, hold_down);
    async move { Reading::Datapoints(ports.reads.read_datapoints(&metric, span).await) }.boxed()
}

/// The hold-down and a little more, up to the end of the period that is still open, on whole
/// periods.
#[must_use]
fn span(now: Timestamp, period: Duration, hold_down: Duration) -> Span {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let period = seconds(period).max(1);
    let periods = (seconds(hold_down) / period).saturating_add(PERIODS_BEYOND).min(PERIODS_MAX);
    let open = now.as_second().div_euclid(period).saturating_mul(period);
    let end = after(Timestamp::from_second(open).unwrap_or(now), period);
    Span { start: after(end, periods.saturating_mul(period).saturating_neg()), end }
}

impl Gathered {
    fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Alarm(known) => self.alarm = Some(known),
            Reading::Datapoints(known) => self.datapoints = Some(known),
            Reading::Standby(known) => self.standby = Some(*known),
            Reading::Primary(known) => self.primary = Some(known),
            Reading::Healthy(Role::Standby, known) => self.standby_healthy = Some(known),
            Reading::Healthy(Role::Primary, known) => self.primary_healthy = Some(known),
            Reading::Answer(known) => self.answer = Some(known),
            Reading::Probe(known) => self.probe = Some(known),
        }
    }

    fn raise_is_clear(&self) -> bool {
        let alarm = matches!(
            &self.alarm,
            Some(Known::Known(alarm)) if alarm.view.state == AlarmState::Alarm
        );
        alarm && matches!(self.standby, Some(Known::Known(_)))
    }

    fn observation(self, missing: Why) -> Observation {
        let late = Known::Unknown(missing);
        let alarm = self.alarm.unwrap_or(Known::Unknown(missing)).map(|alarm| alarm.view);
        let counted = |group: Known<Group>, healthy: Option<Known<u16>>| {
            let healthy = healthy.unwrap_or(Known::Unknown(missing));
            group.map(|group| Group { healthy, ..group })
        };
        let (standby, record) = match self.standby.unwrap_or(Known::Unknown(missing)) {
            Known::Known((group, record)) => (Known::Known(group), Known::Known(record)),
            Known::Unknown(why) => (Known::Unknown(why), Known::Unknown(why)),
        };
        let primary = self.primary.unwrap_or(late);
        Observation {
            egress: answered(&alarm) || answered(&primary),
            alarm,
            datapoints: self.datapoints.unwrap_or(Known::Unknown(missing)),
            standby: counted(standby, self.standby_healthy),
            record,
            primary: counted(primary, self.primary_healthy),
            answer: self.answer.unwrap_or(Known::Unknown(missing)),
            probe: self.probe.unwrap_or(Known::Unknown(missing)),
        }
    }
}

/// Any answer from another region, a refusal too, proves that we reach the outside.
const fn answered<T>(known: &Known<T>) -> bool {
    match known {
        Known::Known(_)
        | Known::Unknown(
            Why::Throttled | Why::Denied | Why::Empty | Why::Unparseable | Why::Fault,
        ) => true,
        Known::Unknown(Why::Timeout | Why::NotAsked) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn asked(now: i64, period: Duration, hold_down: Duration) -> (i64, i64) {
        let span = span(Timestamp::from_second(now).expect("a small number"), period, hold_down);
        (span.start.as_second(), span.end.as_second())
    }

    #[test]
    fn the_span_is_the_hold_down_and_six_periods_on_whole_periods() {
        assert_eq!(asked(36_007, MINUTE, 30 * MINUTE), (36_060 - 36 * 60, 36_060));
        assert_eq!(asked(36_000, MINUTE, 30 * MINUTE), (36_060 - 36 * 60, 36_060));
    }

    #[test]
    fn the_longest_hold_down_fits_and_a_short_period_is_bounded() {
        let (start, end) = asked(900_000, MINUTE, 1440 * MINUTE);
        assert_eq!((end - start) / 60, PERIODS_MAX);
        let (start, end) = asked(900_000, Duration::from_secs(1), 1440 * MINUTE);
        assert_eq!(end - start, PERIODS_MAX);
    }
}
