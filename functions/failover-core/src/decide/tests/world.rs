//! A quiet world and small changes to it.

use std::time::Duration;

use crate::course::{Act, Course};
use crate::decision::{Decision, DecisionRecord, Outcome};
use crate::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe,
    Readiness, Why,
};
use crate::policy::Policy;
use crate::record::{Record, Register, Sizes};
use crate::signal::{Request, Signal, Wish};
use crate::time::{Timestamp, after};
use crate::{Explanation, invariant};

pub const MINUTE: Duration = Duration::from_mins(1);

pub fn start() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap()
}

/// The defaults, but a peak of 4 and 3 ticks of draining, with `changes` on top.
pub fn policy(changes: &[(&str, &str)]) -> Policy {
    let ours = [("peak_hint", "4"), ("drain_ticks", "3")];
    Policy::from_settings(|setting| {
        let chosen = changes.iter().chain(&ours).find(|(name, _)| *name == setting.name);
        Some(chosen.map_or(setting.default, |(_, value)| value).to_owned())
    })
    .unwrap()
}

/// A site with a clock: primary up for a day, standby dark.
#[derive(Clone)]
pub struct World {
    pub policy: Policy,
    pub signal: Signal,
    pub seen: Observation,
    pub now: Timestamp,
    pub log: Vec<DecisionRecord>,
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(changes: &[(&str, &str)]) -> Self {
        let now = start();
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
        let seen = Observation {
            alarm: Known::Known(AlarmView {
                state: AlarmState::Ok,
                transitioned_at: after(now, -86_400),
                evaluation: Evaluation::Sound,
                actions: true,
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
            verdict: Known::Unknown(Why::NotAsked),
            answer: Known::Known(Answer::Primary),
            probe: Known::Known(Probe::Up),
            egress: true,
            readiness: Readiness::NOT_ASKED,
            requests: Known::Known(0),
        };
        Self { policy: policy(changes), signal: Signal::Tick, seen, now, log: Vec::new() }
    }

    /// The alarm has read ALARM for 5 minutes; the standby is raised, the users are there, and the latch is closed.
    pub fn failed_over(changes: &[(&str, &str)]) -> Self {
        let mut world = Self::with(changes);
        world.alarm(AlarmState::Alarm);
        assert_eq!(world.step(), "Raise");
        world.wait_minutes(2);
        world.dns(Answer::Standby);
        assert_eq!(world.step(), "CloseLatch");
        world.wait_minutes(3);
        world
    }

    /// The same, and the primary has been back for `minutes`; DNS still names the standby.
    pub fn latched(minutes: u16, changes: &[(&str, &str)]) -> Self {
        let mut world = Self::failed_over(changes);
        world.alarm(AlarmState::Ok);
        world.wait_minutes(minutes);
        world
    }

    /// The alarm read ALARM for 5 minutes, `minutes` ago; DNS never left the primary, so the latch stayed open.
    pub fn blipped(minutes: u16, changes: &[(&str, &str)]) -> Self {
        let mut world = Self::with(changes);
        world.alarm(AlarmState::Alarm);
        assert_eq!(world.step(), "Raise");
        world.wait_minutes(5);
        world.alarm(AlarmState::Ok);
        world.wait_minutes(minutes);
        world
    }

    pub fn standby(&mut self) -> &mut Group {
        known(&mut self.seen.standby)
    }

    pub fn primary(&mut self) -> &mut Group {
        known(&mut self.seen.primary)
    }

    pub fn record(&mut self) -> &mut Record {
        known(&mut self.seen.record)
    }

    pub fn points(&mut self) -> &mut Datapoints {
        known(&mut self.seen.datapoints)
    }

    /// The metric, with its newest datapoint `seconds` from now.
    pub fn points_at(&mut self, seconds: i64) {
        let mut points = *World::new().points();
        points.newest = after(self.now, seconds);
        points.newest_two_zero = true;
        self.seen.datapoints = Known::Known(points);
    }

    /// Changes the alarm's state now, and the metric with it.
    pub fn alarm(&mut self, state: AlarmState) {
        self.seen.alarm = Known::Known(AlarmView {
            state,
            transitioned_at: self.now,
            evaluation: Evaluation::Sound,
            actions: true,
        });
        if let Known::Known(points) = &mut self.seen.datapoints {
            points.healthy_run = 0;
            points.newest_two_zero = state == AlarmState::Alarm;
        }
    }

    pub fn alarm_view(&mut self) -> &mut AlarmView {
        known(&mut self.seen.alarm)
    }

    pub fn dns(&mut self, answer: Answer) {
        self.seen.answer = Known::Known(answer);
    }

    pub fn decide(&self) -> Decision {
        crate::decide(&self.policy, &self.signal, &self.seen, self.now)
    }

    pub fn explain(&self) -> Explanation {
        crate::explain(&self.policy, &self.signal, &self.seen, self.now)
    }

    pub fn request(&self, what: Wish) -> Request {
        Request { what, episode: None, at: self.now, by: "alice".to_owned() }
    }

    /// Asks, carries it out, and goes back to ticking.
    pub fn ask(&mut self, what: Wish) -> &'static str {
        let request = Signal::Request(self.request(what));
        let ticking = std::mem::replace(&mut self.signal, request);
        let name = self.step();
        self.signal = ticking;
        name
    }

    /// Decides, carries it out in full, logs it, and answers the reason's name.
    pub fn step(&mut self) -> &'static str {
        let decision = self.decide();
        let mut record = DecisionRecord {
            schema: crate::decision::SCHEMA,
            site: "shop".to_owned(),
            at: self.now,
            policy: self.policy.clone(),
            signal: self.signal.clone(),
            observation: self.seen.clone(),
            decision: decision.clone(),
            outcome: Outcome::default(),
        };
        let mut course = Course::new(&decision);
        while let Some((step, act)) = course.next_act() {
            self.carry_out(act);
            record.outcome.done.push(step);
            course.took(true);
        }
        self.log.push(record);
        decision.reason.name()
    }

    /// Steps once a minute, `minutes` times, and tells the reasons: `Proving x30, OpenLatch`.
    pub fn story(&mut self, minutes: u16) -> String {
        let mut told: Vec<(&str, usize)> = Vec::new();
        for _ in 0..minutes {
            let name = self.step();
            match told.last_mut() {
                Some((last, times)) if *last == name => *times += 1,
                Some(_) | None => told.push((name, 1)),
            }
            self.wait_minutes(1);
        }
        let words = told.into_iter().map(|(name, times)| match times {
            1 => name.to_owned(),
            more => format!("{name} x{more}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    pub fn carry_out(&mut self, act: Act) {
        match act {
            Act::Tags(registers) => registers.iter().for_each(|register| self.write(register)),
            Act::Standby(write) => {
                let sizes = write.applied(self.standby().sizes()).expect("AWS takes the sizes");
                resize(self.standby(), sizes);
            }
            Act::Primary(write) => {
                let live = self.primary().sizes();
                let desired = write.desired.unwrap_or(live.desired);
                let sizes = Sizes { min: write.min, desired, max: live.max };
                assert!(sizes.plausible(), "AWS takes the sizes: {sizes:?}");
                resize(self.primary(), sizes);
            }
            Act::Recheck | Act::Latch(_) | Act::Notify(_) => {}
        }
    }

    /// Registers go through their tags, as they do at AWS.
    pub fn write(&mut self, register: &Register) {
        let (key, value) = register.tag();
        let read = Record::from_tags([(key.as_str(), value.as_str())]);
        assert_eq!(Record::default().with(register), read, "the tag reads back");
        if let Known::Known(record) = &mut self.seen.record {
            *record = std::mem::take(record).with(register);
        }
    }

    /// Somebody writes a tag by hand.
    pub fn tag(&mut self, key: &str, value: &str) {
        let tag = format!("{}{key}", crate::record::TAG_PREFIX);
        self.replace(key, Record::from_tags([(tag.as_str(), value)]));
    }

    /// Somebody deletes a tag.
    pub fn untag(&mut self, key: &str) {
        self.replace(key, Record::default());
    }

    fn replace(&mut self, key: &str, read: Record) {
        let record = self.record();
        match key {
            "base" => record.base = read.base,
            "peak" => record.peak = read.peak,
            "raised" => record.raised = read.raised,
            "done" => record.done = read.done,
            "closed" => record.closed = read.closed,
            "opened" => record.opened = read.opened,
            "primary" => record.primary = read.primary,
            "drain" => record.drain = read.drain,
            "starved" => record.starved = read.starved,
            "unseen" => record.unseen = read.unseen,
            "history" => record.history = read.history,
            "mode" => record.mode = read.mode,
            "order" => record.order = read.order,
            "findings" => record.findings = read.findings,
            "lasting" => record.lasting = read.lasting,
            other => panic!("there is no such register: {other}"),
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

    /// Every invariant holds over the log.
    pub fn verified(&self) -> Vec<invariant::Verdict> {
        let verdicts = invariant::verify(&self.log);
        for verdict in &verdicts {
            assert!(verdict.holds(), "{verdict:?}");
        }
        verdicts
    }
}

fn known<T>(reading: &mut Known<T>) -> &mut T {
    match reading {
        Known::Known(value) => value,
        Known::Unknown(why) => panic!("it is unknown: {why:?}"),
    }
}

/// Servers come and go at once.
fn resize(group: &mut Group, sizes: Sizes) {
    (group.min, group.desired, group.max) = (sizes.min, sizes.desired, sizes.max);
    group.in_service = sizes.desired;
    group.healthy = Known::Known(sizes.desired);
}

/// The readable registers of a record.
pub fn registers(record: &Record) -> Vec<Register> {
    [
        record.base.held().copied().map(Register::Base),
        record.peak.held().copied().map(Register::Peak),
        record.raised.held().copied().map(Register::Raised),
        record.done.held().copied().map(Register::Done),
        record.closed.held().copied().map(Register::Closed),
        record.opened.held().copied().map(Register::Opened),
        record.primary.held().copied().map(Register::Primary),
        record.drain.held().copied().map(Register::Drain),
        record.starved.held().copied().map(Register::Starved),
        record.unseen.held().copied().map(Register::Unseen),
        record.history.held().cloned().map(Register::History),
        record.mode.held().copied().map(Register::Mode),
        record.order.held().cloned().map(Register::Order),
        record.findings.held().cloned().map(Register::Told),
        record.lasting.held().cloned().map(Register::Lasting),
    ]
    .into_iter()
    .flatten()
    .collect()
}
