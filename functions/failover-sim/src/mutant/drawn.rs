//! Readings that are drawn, whether or not a history reaches them: for rules whose fault no world shows.
//!
//! Each draw begins with readings on which a step is about to be taken, and changes a few of them. Every invariant of single
//! decisions judges the rules that ship on all of them, and has to refute the mutants that no search can reach.

use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Mode, Observation, Probe,
    Readiness, Verdict, Why,
};
use failover_core::policy::Policy;
use failover_core::record::{
    Base, Cause, Count, History, PrimaryUndo, Raised, Record, Sizes, Slot, Turn,
};
use failover_core::signal::{Claim, Signal};
use failover_core::time::after;
use failover_core::{ReasonKind, Timestamp, decide};

use crate::chance::Chance;
use crate::decide::Decide;
use crate::scope::start;
use crate::world::{Fleet, Judged, Ruling};

/// Readings of every run. Units: draws.
pub const DRAWS: u64 = 200_000;
/// So many readings are changed at most.
const CHANGES: u16 = 4;

/// The first of the drawn readings on which an invariant is broken, and which draw it was.
#[must_use]
pub fn refuting(policy: &Policy, decide: &dyn Decide, judged: Judged) -> Option<(u64, Ruling)> {
    (0..DRAWS).find_map(|number| {
        let (signal, observation) = drawn(policy, number);
        let at = after(start(), 30);
        let ruling = Ruling::new((0, policy), decide, judged, (signal, observation, at));
        ruling.broken.is_some().then_some((number, ruling))
    })
}

/// What the rules that ship would have decided.
#[must_use]
pub fn instead(policy: &Policy, ruling: &Ruling) -> ReasonKind {
    decide(policy, &ruling.signal, &ruling.observation, ruling.at).reason.kind()
}

fn drawn(policy: &Policy, number: u64) -> (Signal, Observation) {
    let mut chance = Chance::new(number, 3);
    let tick = i64::try_from(policy.tick().as_secs()).unwrap_or(60);
    let mut draw = Draw { chance: &mut chance, tick };
    let mut observation = draw.about_to(number % 3);
    let mut signal = Signal::Tick;
    for _ in 0..draw.chance.between(0, CHANGES) {
        draw.change(&mut signal, &mut observation);
    }
    (signal, observation)
}

struct Draw<'a> {
    chance: &'a mut Chance,
    /// Units: seconds.
    tick: i64,
}

impl Draw<'_> {
    /// 0: the minimum is lowered. 1: the primary has just failed. 2: the record is closed.
    fn about_to(&mut self, what: u64) -> Observation {
        let now = after(start(), 30);
        let ago = |ticks: i64| after(now, -ticks * self.tick);
        let down = what == 1;
        let first = ago(40);
        let undo = Sizes { min: 0, desired: 0, max: 2 };
        let raised = Raised { first, at: first, target: 2, why: Cause::Alarm, undo };
        let turn = |ticks| Slot::Held(Turn { episode: Some(first), at: ago(ticks) });
        let base = Slot::Held(Base { sizes: undo, at: ago(200) });
        let primary = PrimaryUndo { episode: first, min: 1, desired: 1, ours: Some([1, 2]) };
        let record = if down {
            Record { base, ..Record::default() }
        } else {
            Record {
                base,
                raised: Slot::Held(raised),
                closed: turn(35),
                opened: turn(15),
                primary: Slot::Held(primary),
                drain: Slot::Held(Count { episode: first, ticks: 9, at: ago(1) }),
                ..Record::default()
            }
        };
        let state = if down { AlarmState::Alarm } else { AlarmState::Ok };
        let group = |size| Fleet {
            up: true,
            min: size,
            desired: size,
            max: 2,
            in_service: size,
            unhealthy: 0,
        };
        Observation {
            alarm: Known::Known(AlarmView {
                state,
                transitioned_at: ago(if down { 1 } else { 30 }),
                evaluation: Evaluation::Sound,
                actions: true,
            }),
            datapoints: Known::Known(Datapoints {
                period: std::time::Duration::from_secs(self.tick.unsigned_abs()),
                newest: ago(1),
                healthy_run: if down { 0 } else { 30 },
                newest_two_zero: down,
            }),
            standby: Known::Known(group(if what == 0 { 2 } else { 0 }).group()),
            record: Known::Known(record),
            primary: Known::Known(group(2).group()),
            verdict: Known::Unknown(Why::NotAsked),
            answer: Known::Known(Answer::Primary),
            probe: Known::Known(if down { Probe::Down } else { Probe::Up }),
            egress: true,
            readiness: Readiness::NOT_ASKED,
            requests: Known::Known(0),
        }
    }

    fn time(&mut self) -> Timestamp {
        let ticks = self.chance.among(&[0, 1, 1, 2, 3, 5, 7, 15, 35, 40, 41, 300, -2]);
        after(start(), 30 - ticks * self.tick)
    }

    fn sizes(&mut self) -> Sizes {
        let max = self.chance.between(0, 4);
        let desired = self.chance.between(0, max);
        Sizes { min: self.chance.between(0, desired), desired, max }
    }

    fn group(&mut self) -> Known<Group> {
        if self.chance.one_in(8) {
            return Known::Unknown(Why::Timeout);
        }
        let Sizes { min, desired, max } = self.sizes();
        let in_service = self.chance.between(0, desired);
        let healthy = self.chance.between(0, in_service);
        let unhealthy = in_service - healthy;
        let mut group = Fleet { up: true, min, desired, max, in_service, unhealthy }.group();
        if self.chance.one_in(6) {
            group.healthy = Known::Unknown(Why::Timeout);
        }
        Known::Known(group)
    }

    fn slot<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Slot<T> {
        match self.chance.below(8) {
            0 => Slot::Unreadable,
            1 | 2 => Slot::Absent,
            _ => Slot::Held(value(self)),
        }
    }

    fn turn(&mut self) -> Turn {
        let episode = (!self.chance.one_in(5)).then(|| self.time());
        Turn { episode, at: self.time() }
    }

    fn count(&mut self) -> Count {
        Count { episode: self.time(), ticks: self.chance.between(0, 12), at: self.time() }
    }

    fn change(&mut self, signal: &mut Signal, seen: &mut Observation) {
        let unknown = self.chance.one_in(6);
        match self.chance.below(13) {
            0 if unknown => seen.alarm = Known::Unknown(Why::Timeout),
            0 => {
                let states = [AlarmState::Ok, AlarmState::Alarm, AlarmState::Insufficient];
                let state = self.chance.among(&states);
                let transitioned_at = self.time();
                let evaluation = Evaluation::Sound;
                seen.alarm =
                    Known::Known(AlarmView { state, transitioned_at, evaluation, actions: true });
            }
            1 if unknown => seen.datapoints = Known::Unknown(Why::Timeout),
            1 => {
                if let Known::Known(points) = &mut seen.datapoints {
                    points.newest = self.time();
                    points.healthy_run = self.chance.among(&[0, 1, 2, 3, 6, 30, 90]);
                    points.newest_two_zero = points.healthy_run == 0 && self.chance.one_in(2);
                }
            }
            2 => seen.standby = self.group(),
            3 => seen.primary = self.group(),
            4 if unknown => seen.answer = Known::Unknown(Why::Foreign),
            4 => {
                let answers = [Answer::Primary, Answer::Standby, Answer::Mixed];
                seen.answer = Known::Known(self.chance.among(&answers));
            }
            5 => {
                let probes = [Probe::Up, Probe::Down].map(Known::Known);
                seen.probe =
                    self.chance.among(&[probes[0], probes[1], Known::Unknown(Why::Timeout)]);
                seen.egress = !self.chance.one_in(3);
            }
            6 => {
                let at = self.time();
                *signal = Signal::Alarm(Claim { state: AlarmState::Alarm, at });
            }
            11 if unknown => seen.verdict = Known::Unknown(Why::Foreign),
            11 => {
                let verdicts = [Verdict::Healthy, Verdict::Unhealthy];
                seen.verdict = Known::Known(self.chance.among(&verdicts));
            }
            12 => *signal = Signal::Look { again: self.chance.one_in(2) },
            7 if unknown => seen.requests = Known::Unknown(Why::Timeout),
            7 => seen.requests = Known::Known(self.chance.among(&[0, 30, 31, 121, 1000])),
            _ => {
                if let Known::Known(record) = &mut seen.record {
                    self.edit(record);
                }
            }
        }
    }

    fn edit(&mut self, record: &mut Record) {
        match self.chance.below(10) {
            0 => record.base = self.slot(|draw| Base { sizes: draw.sizes(), at: draw.time() }),
            1 => {
                record.raised = self.slot(|draw| {
                    let (one, other) = (draw.time(), draw.time());
                    let (first, at) = (one.min(other), one.max(other));
                    let (target, undo) = (draw.chance.between(1, 3), draw.sizes());
                    Raised { first, at, target, why: Cause::Alarm, undo }
                });
            }
            2 => record.done = self.slot(Self::time),
            3 => record.closed = self.slot(Self::turn),
            4 => record.opened = self.slot(Self::turn),
            5 => {
                record.primary = self.slot(|draw| PrimaryUndo {
                    episode: draw.time(),
                    min: draw.chance.between(0, 3),
                    desired: 1,
                    ours: None,
                });
            }
            6 => record.drain = self.slot(Self::count),
            7 => record.starved = self.slot(Self::count),
            8 => {
                record.history = self.slot(|draw| History { finished: vec![draw.time()] });
            }
            _ => record.mode = self.slot(|draw| draw.chance.among(Mode::ALL)),
        }
    }
}
