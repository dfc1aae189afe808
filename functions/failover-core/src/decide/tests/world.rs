//! A quiet world and small changes to it.

use std::time::Duration;

use crate::decision::{Decision, DecisionRecord, Effect, Outcome, Step};
use crate::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe,
};
use crate::policy::Policy;
use crate::record::{Record, Register};
use crate::signal::Signal;
use crate::time::{Timestamp, after};

pub const MINUTE: Duration = Duration::from_mins(1);

pub fn start() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap()
}

pub fn policy() -> Policy {
    let changed = |name: &str| match name {
        "peak_hint" => Some("4"),
        "drain_ticks" => Some("3"),
        _ => None,
    };
    Policy::from_settings(|setting| {
        Some(changed(setting.name).unwrap_or(setting.default).to_owned())
    })
    .unwrap()
}

/// A site with a clock: primary up for a day, standby dark.
pub struct World {
    pub policy: Policy,
    pub signal: Signal,
    pub seen: Observation,
    pub now: Timestamp,
    pub log: Vec<DecisionRecord>,
}

impl World {
    pub fn new() -> Self {
        let now = start();
        let group = |min, desired| Group {
            min,
            desired,
            max: 8,
            in_service: desired,
            healthy: Known::Known(desired),
            suspended: false,
        };
        let seen = Observation {
            alarm: Known::Known(AlarmView {
                state: AlarmState::Ok,
                transitioned_at: after(now, -86_400),
                evaluation: Evaluation::Sound,
            }),
            datapoints: Known::Known(Datapoints {
                period: MINUTE,
                newest: after(now, -75),
                healthy_run: 1000,
                newest_two_zero: false,
            }),
            standby: Known::Known(group(0, 0)),
            record: Known::Known(Record::default()),
            primary: Known::Known(group(2, 4)),
            answer: Known::Known(Answer::Primary),
            probe: Known::Known(Probe::Up),
            egress: true,
        };
        Self { policy: policy(), signal: Signal::Tick, seen, now, log: Vec::new() }
    }

    pub fn standby(&mut self) -> &mut Group {
        match &mut self.seen.standby {
            Known::Known(group) => group,
            Known::Unknown(_) => panic!("the standby is unknown"),
        }
    }

    pub fn alarm(&mut self, state: AlarmState) {
        self.seen.alarm = Known::Known(AlarmView {
            state,
            transitioned_at: self.now,
            evaluation: Evaluation::Sound,
        });
        if let Known::Known(points) = &mut self.seen.datapoints {
            points.healthy_run = 0;
            points.newest_two_zero = state == AlarmState::Alarm;
        }
    }

    pub fn decide(&self) -> Decision {
        crate::decide(&self.policy, &self.signal, &self.seen, self.now)
    }

    /// Decides, carries it out in full, logs it, and answers the reason's name.
    pub fn step(&mut self) -> &'static str {
        let decision = self.decide();
        let name = decision.reason.name();
        let done =
            if decision.writes() { vec![Step::Before, Step::Standby, Step::After] } else { vec![] };
        self.log.push(DecisionRecord {
            schema: crate::decision::SCHEMA,
            site: "shop".to_owned(),
            at: self.now,
            policy: self.policy.clone(),
            signal: self.signal.clone(),
            observation: self.seen.clone(),
            decision: decision.clone(),
            outcome: Outcome { done, failed: vec![] },
        });
        if decision.effect == Effect::Act {
            self.carry_out(&decision);
        }
        name
    }

    fn carry_out(&mut self, decision: &Decision) {
        for register in decision.before.iter().chain(&decision.after) {
            self.write(register);
        }
        if let Some(write) = decision.standby {
            let group = self.standby();
            let sizes = write.applied(group.sizes()).expect("AWS takes the sizes");
            (group.min, group.desired, group.max) = (sizes.min, sizes.desired, sizes.max);
            group.in_service = sizes.desired;
            group.healthy = Known::Known(sizes.desired);
        }
    }

    /// Registers go through their tags, as they do at AWS.
    pub fn write(&mut self, register: &Register) {
        if let Known::Known(record) = &mut self.seen.record {
            let (key, value) = register.tag();
            let read = Record::from_tags([(key.as_str(), value.as_str())]);
            assert_eq!(Record::default().with(register), read, "the tag reads back");
            *record = std::mem::take(record).with(register);
        }
    }

    /// Time passes; a green metric grows by one datapoint a minute.
    pub fn wait_minutes(&mut self, minutes: u16) {
        self.now = after(self.now, i64::from(minutes) * 60);
        if let Known::Known(points) = &mut self.seen.datapoints {
            points.newest = after(points.newest, i64::from(minutes) * 60);
            let green =
                matches!(self.seen.alarm, Known::Known(AlarmView { state: AlarmState::Ok, .. }));
            if green {
                points.healthy_run = points.healthy_run.saturating_add(minutes);
                points.newest_two_zero = false;
            }
        }
    }
}
