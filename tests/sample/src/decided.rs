//! Decision records as the controller would log them: made by the same `decide`.

use failover_core::decision::{Outcome, SCHEMA};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, Evaluation, Group, Known, Observation, Readiness, Why,
};
use failover_core::record::Sizes;
use failover_core::{DecisionRecord, Record, Signal, Timestamp, decide};
use site::model::Site;

/// What the controller sees: an alarm, a standby of these sizes with all of them healthy, and what it remembers.
#[must_use]
pub fn seen(alarm: AlarmState, since: Timestamp, sizes: Sizes, record: Record) -> Observation {
    let unasked = Why::NotAsked;
    Observation {
        alarm: Known::Known(AlarmView {
            state: alarm,
            transitioned_at: since,
            evaluation: Evaluation::Sound,
            actions: true,
        }),
        datapoints: Known::Unknown(unasked),
        standby: Known::Known(Group {
            min: sizes.min,
            desired: sizes.desired,
            max: sizes.max,
            in_service: sizes.desired,
            healthy: Known::Known(sizes.desired),
            suspended: false,
            paused: false,
            cpu: Known::Unknown(unasked),
        }),
        record: Known::Known(record),
        primary: Known::Unknown(Why::Timeout),
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Known(Answer::Standby),
        probe: Known::Unknown(unasked),
        egress: false,
        readiness: Readiness::NOT_ASKED,
        requests: Known::Unknown(unasked),
    }
}

/// The record of a decision, all of whose writes went through.
#[must_use]
pub fn decided(
    site: &Site,
    signal: Signal,
    observation: Observation,
    at: Timestamp,
) -> DecisionRecord {
    let policy = site.config.policy.clone();
    let decision = decide(&policy, &signal, &observation, at);
    DecisionRecord {
        schema: SCHEMA,
        site: site.config.name.to_string(),
        at,
        policy,
        signal,
        observation,
        decision,
        outcome: Outcome::default(),
    }
}
