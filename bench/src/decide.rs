//! One decision: the raise, on what is read in the minute in which the primary has failed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use failover_core::decision::{Outcome, SCHEMA};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe,
    Readiness, Why,
};
use failover_core::record::Record;
use failover_core::time::after;
use failover_core::{DecisionRecord, Policy, Signal, Timestamp, decide};

use crate::sample::Samples;

/// Decisions of one measurement: enough that the clock's own time does not show.
const TIMES: u32 = 20_000;

/// Measures both in turn.
pub fn run(runs: u32) -> Samples {
    let record = record();
    let line = record.to_log_line();
    let mut samples = Samples::default();
    for _ in 0..runs {
        samples.add("decide", nanoseconds(|| drop(black_box(once(black_box(&record))))));
        let read = || drop(black_box(DecisionRecord::from_log_line(black_box(&line))));
        samples.add("decide.json", nanoseconds(read));
    }
    samples
}

/// Decides so often.
pub fn spin(times: u32) {
    let record = record();
    for _ in 0..times {
        drop(black_box(once(black_box(&record))));
    }
}

fn once(record: &DecisionRecord) -> failover_core::Decision {
    decide(&record.policy, &record.signal, &record.observation, record.at)
}

fn nanoseconds(mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES)
}

fn record() -> DecisionRecord {
    let now = Timestamp::from_second(1_767_225_600).expect("a time");
    let policy = Policy::from_settings(|setting| Some(setting.default.to_owned()));
    let policy = policy.expect("the defaults are valid");
    let group = |min, desired| Group {
        min,
        desired,
        max: 8,
        in_service: desired,
        healthy: Known::Known(0),
        suspended: false,
        paused: false,
        cpu: Known::Unknown(Why::NotAsked),
    };
    let observation = Observation {
        alarm: Known::Known(AlarmView {
            state: AlarmState::Alarm,
            transitioned_at: after(now, -5),
            evaluation: Evaluation::Sound,
            actions: true,
        }),
        datapoints: Known::Known(Datapoints {
            period: Duration::from_mins(1),
            newest: after(now, -75),
            healthy_run: 0,
            newest_two_zero: false,
        }),
        standby: Known::Known(group(0, 0)),
        record: Known::Known(Record::default()),
        primary: Known::Known(group(2, 2)),
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Known(Answer::Primary),
        probe: Known::Known(Probe::Down),
        egress: true,
        readiness: Readiness::NOT_ASKED,
        requests: Known::Known(0),
    };
    let decision = decide(&policy, &Signal::Tick, &observation, now);
    DecisionRecord {
        schema: SCHEMA,
        site: "shop".to_owned(),
        at: now,
        policy,
        signal: Signal::Tick,
        observation,
        decision,
        outcome: Outcome::default(),
    }
}

#[cfg(test)]
mod tests {
    use failover_core::decision::StandbyWrite;

    use super::*;

    /// Goal: what is timed is the decision that the project is about, and the yardstick reads all of it.
    #[test]
    fn the_decision_is_a_raise_and_its_line_is_read_whole() {
        let record = record();
        assert!(matches!(record.decision.standby, Some(StandbyWrite::Raise(_))));
        assert_eq!(once(&record), record.decision);
        assert_eq!(DecisionRecord::from_log_line(&record.to_log_line()), Some(record));
    }
}
