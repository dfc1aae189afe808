//! A site in a bad night, and the log that the controller writes of it: every record is decided by the core that ships.

use std::time::Duration;

use failover_core::course::{Act, Course};
use failover_core::decision::{Outcome, SCHEMA, Step};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Observation, Probe, Readiness,
};
use failover_core::record::Sizes;
use failover_core::time::after;
use failover_core::{DecisionRecord, Known, Policy, Record, Signal, Timestamp, Why, decide};

/// The site, its clock and its log.
pub struct Night {
    policy: Policy,
    pub signal: Signal,
    pub seen: Observation,
    pub now: Timestamp,
    /// Steps that AWS refuses.
    pub refused: Vec<Step>,
    /// One record for each invocation so far.
    pub log: Vec<DecisionRecord>,
}

impl Night {
    /// The primary has been up for a day and serves with four servers; the standby is dark.
    pub fn quiet() -> Self {
        let now = Timestamp::from_second(1_767_236_400).expect("a small number");
        let group = |min, desired| Group {
            min,
            desired,
            max: 8,
            in_service: desired,
            healthy: Known::Known(desired),
            suspended: false,
            paused: false,
            cpu: Known::Unknown(Why::NotAsked),
        };
        let policy = Policy::from_settings(|setting| {
            Some(if setting.name == "peak_hint" { "4" } else { setting.default }.to_owned())
        });
        let seen = Observation {
            alarm: alarm(AlarmState::Ok, after(now, -86_400)),
            datapoints: Known::Known(Datapoints {
                period: Duration::from_mins(1),
                newest: after(now, -75),
                healthy_run: 60,
                newest_two_zero: false,
            }),
            standby: Known::Known(group(0, 0)),
            record: Known::Known(Record::default()),
            primary: Known::Known(group(2, 4)),
            verdict: Known::Unknown(Why::NotAsked),
            answer: Known::Known(Answer::Primary),
            probe: Known::Known(Probe::Up),
            egress: true,
            readiness: Readiness::NOT_ASKED,
            requests: Known::Known(0),
        };
        let policy = policy.expect("the defaults are valid");
        Self { policy, signal: Signal::Tick, seen, now, refused: Vec::new(), log: Vec::new() }
    }

    /// A failover and the whole failback, a decision each minute.
    pub fn whole() -> Self {
        let mut night = Self::quiet();
        night.minutes(2);
        night.fails();
        night.minutes(1);
        night.arrive();
        night.minutes(3);
        night.returns();
        night.minutes(31);
        night.arrive();
        night.seen.answer = Known::Known(Answer::Primary);
        night.minutes(14);
        night
    }

    /// The primary dies.
    pub fn fails(&mut self) {
        self.seen.alarm = alarm(AlarmState::Alarm, self.now);
        self.seen.probe = Known::Known(Probe::Down);
        let points = known(&mut self.seen.datapoints);
        (points.healthy_run, points.newest_two_zero) = (0, true);
        known(&mut self.seen.primary).healthy = Known::Known(0);
    }

    /// The primary is back, and its alarm says so.
    pub fn returns(&mut self) {
        self.seen.alarm = alarm(AlarmState::Ok, self.now);
        self.seen.probe = Known::Known(Probe::Up);
        known(&mut self.seen.datapoints).newest_two_zero = false;
        self.arrive();
    }

    /// The servers that were asked for are healthy, and the users move to the standby while the primary is down.
    pub fn arrive(&mut self) {
        for group in [&mut self.seen.standby, &mut self.seen.primary] {
            let group = known(group);
            group.in_service = group.desired;
            group.healthy = Known::Known(group.desired);
        }
        if self.seen.probe == Known::Known(Probe::Down) {
            self.seen.answer = Known::Known(Answer::Standby);
        }
    }

    /// A decision each minute.
    pub fn minutes(&mut self, count: u16) {
        for _ in 0..count {
            self.decide();
            self.now = after(self.now, 60);
            let green = self.seen.probe == Known::Known(Probe::Up);
            let points = known(&mut self.seen.datapoints);
            points.newest = after(points.newest, 60);
            points.healthy_run += u16::from(green);
        }
    }

    /// One decision, carried out as far as AWS takes it.
    pub fn decide(&mut self) {
        let decision = decide(&self.policy, &self.signal, &self.seen, self.now);
        let observation = self.seen.clone();
        let mut outcome = Outcome::default();
        let mut course = Course::new(&decision);
        while let Some((step, act)) = course.next_act() {
            let confirmed = !self.refused.contains(&step);
            if confirmed {
                outcome.done.push(step);
                self.carry_out(&act);
            } else {
                outcome.failed.push((step, "throttled: Rate exceeded".to_owned()));
            }
            course.took(confirmed);
        }
        let (policy, signal) = (self.policy.clone(), self.signal.clone());
        let (schema, site, at) = (SCHEMA, "shop".to_owned(), self.now);
        let record =
            DecisionRecord { schema, site, at, policy, signal, observation, decision, outcome };
        self.log.push(record);
    }

    fn carry_out(&mut self, act: &Act) {
        match act {
            Act::Tags(registers) => {
                let record = known(&mut self.seen.record);
                *record = registers.iter().fold(std::mem::take(record), Record::with);
            }
            Act::Standby(write) => {
                let group = known(&mut self.seen.standby);
                let Sizes { min, desired, max } = write.applied(group.sizes()).expect("they fit");
                (group.min, group.desired, group.max) = (min, desired, max);
                group.in_service = group.in_service.min(desired);
                group.healthy = Known::Known(group.in_service);
            }
            Act::Primary(write) => {
                let group = known(&mut self.seen.primary);
                group.min = write.min;
                group.desired = write.desired.unwrap_or(group.desired);
            }
            Act::Recheck | Act::Latch(_) | Act::Notify(_) => {}
        }
    }

    /// The log as the function writes it.
    pub fn lines(&self) -> String {
        self.log.iter().map(|record| record.to_log_line() + "\n").collect()
    }
}

fn alarm(state: AlarmState, transitioned_at: Timestamp) -> Known<AlarmView> {
    let evaluation = Evaluation::Sound;
    Known::Known(AlarmView { state, transitioned_at, evaluation, actions: true })
}

fn known<T>(reading: &mut Known<T>) -> &mut T {
    match reading {
        Known::Known(value) => value,
        Known::Unknown(why) => unreachable!("it is known, not {why:?}"),
    }
}
