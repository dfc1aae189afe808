//! Any world, likely or not: the readings of one invocation without a history that would explain them.

use proptest::prelude::*;
use proptest::sample::select;

use super::world::{MINUTE, World, policy, start};
use crate::finding::Finding;
use crate::observation::{
    AlarmState, AlarmView, Answer, CheckConfig, Datapoints, Evaluation, Group, Known, Mode,
    Observation, Probe, Readiness, Subscriptions, Verdict, Why,
};
use crate::policy::Policy;
use crate::record::{
    Base, Cause, Count, Demand, History, Lasting, Order, Peak, PrimaryUndo, Raised, Record, Sizes,
    Slot, Told, Turn,
};
use crate::signal::{Claim, Request, Signal, Wish};
use crate::time::{Timestamp, after};

fn known<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Known<T>> {
    let why = select(vec![
        Why::Timeout,
        Why::Throttled,
        Why::Denied,
        Why::Empty,
        Why::Unparseable,
        Why::Fault,
        Why::NotAsked,
    ]);
    prop_oneof![9 => value.prop_map(Known::Known), 1 => why.prop_map(Known::Unknown)]
}

fn slot<T: Clone + std::fmt::Debug + 'static>(
    absent: u32,
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Slot<T>> {
    prop_oneof![
        absent => Just(Slot::Absent),
        14 => value.prop_map(Slot::Held),
        1 => Just(Slot::Unreadable),
    ]
}

/// A time of the record: one of a few within two hours, so that registers meet, or rarely one that has not come yet.
fn time() -> impl Strategy<Value = Timestamp> {
    let past = select(vec![-7200, -7199, -4000, -3999, -3990, -2000, -700, -400, -60, -1]);
    prop_oneof![40 => past, 1 => select(vec![1_i64, 299, 301, 90_000])]
        .prop_map(|seconds| after(start(), seconds))
}

fn sizes() -> impl Strategy<Value = Sizes> {
    (0_u16..7, 0_u16..4, 0_u16..4).prop_map(|(min, more, room)| Sizes {
        min,
        desired: min + more,
        max: min + more + room,
    })
}

fn group() -> impl Strategy<Value = Group> {
    let servers = known(0_u16..10);
    (sizes(), 0_u16..10, servers, any::<bool>(), known(0_u16..100)).prop_map(
        |(Sizes { min, desired, max }, in_service, healthy, suspended, cpu)| Group {
            min,
            desired,
            max,
            in_service,
            healthy,
            suspended,
            paused: suspended,
            cpu,
        },
    )
}

fn raised() -> impl Strategy<Value = Raised> {
    (time(), time(), 0_u16..10, select(Cause::ALL.to_vec()), sizes()).prop_map(
        |(one, other, target, why, undo)| Raised {
            first: one.min(other),
            at: one.max(other),
            target,
            why,
            undo,
        },
    )
}

fn order() -> impl Strategy<Value = Order> {
    (select(Demand::ALL.to_vec()), time(), time()).prop_map(|(what, episode, at)| Order {
        what,
        episode,
        at,
        by: "alice".to_owned(),
    })
}

pub fn record() -> impl Strategy<Value = Record> {
    let base = (sizes(), time()).prop_map(|(sizes, at)| Base { sizes, at });
    let peak = (490_860_i64..490_898, 0_u16..12)
        .prop_map(|(hour, value)| Peak::sampled(None, hour, value));
    let ours = prop::option::of(prop::array::uniform2(0_u16..6));
    let primary = (time(), 0_u16..6, 0_u16..6, ours)
        .prop_map(|(episode, min, desired, ours)| PrimaryUndo { episode, min, desired, ours });
    let turn = || (prop::option::of(time()), time()).prop_map(|(episode, at)| Turn { episode, at });
    let starved = (time(), 0_u16..6, select(vec![-120_i64, -60, -60, -60, -10]))
        .prop_map(|(episode, ticks, ago)| Count { episode, ticks, at: after(start(), ago) });
    let unseen = select(vec![-120_i64, -60, -1]).prop_map(|ago| after(start(), ago));
    let drain = (time(), 0_u16..5, select(vec![-120_i64, -60, -60, -60, -10]))
        .prop_map(|(episode, ticks, ago)| Count { episode, ticks, at: after(start(), ago) });
    let history = prop::collection::vec(time(), 1..4).prop_map(|finished| History { finished });
    let findings = (prop::collection::btree_set(select(Finding::ALL.to_vec()), 0..4), time())
        .prop_map(|(findings, at)| Told { findings, at, gone: None });
    let lasting = prop::collection::btree_map(select(Finding::LASTING.to_vec()), time(), 0..4)
        .prop_map(|since| Lasting { since });
    let notes =
        (slot(6, base), slot(6, peak), slot(6, raised()), slot(20, time()), slot(6, primary));
    let counts = (slot(6, drain), slot(6, starved), slot(6, unseen));
    let steps = (slot(6, turn()), slot(6, turn()), counts, slot(20, history));
    let people = (
        slot(40, select(Mode::ALL.to_vec())),
        slot(20, order()),
        slot(14, findings),
        slot(14, lasting),
    );
    (notes, steps, people).prop_map(
        |(
            (base, peak, raised, done, primary),
            (closed, opened, (drain, starved, unseen), history),
            (mode, order, findings, lasting),
        )| Record {
            base,
            peak,
            raised,
            done,
            closed,
            opened,
            primary,
            drain,
            starved,
            unseen,
            history,
            mode,
            order,
            findings,
            lasting,
        },
    )
}

pub fn alarm_state() -> impl Strategy<Value = AlarmState> {
    prop_oneof![
        6 => Just(AlarmState::Ok),
        2 => Just(AlarmState::Alarm),
        1 => Just(AlarmState::Insufficient),
    ]
}

#[expect(clippy::too_many_lines, reason = "a line or two for each reading")]
pub fn observation() -> impl Strategy<Value = Observation> {
    let evaluation = prop_oneof![8 => Just(Evaluation::Sound), 1 => Just(Evaluation::Failing)];
    let alarm = (alarm_state(), 0_i64..9000, evaluation, any::<bool>()).prop_map(
        |(state, ago, evaluation, actions)| AlarmView {
            state,
            transitioned_at: after(start(), -ago),
            evaluation,
            actions,
        },
    );
    let datapoints = (0_i64..330, 0_u16..200, 0_u8..8).prop_map(|(ago, run, zero)| Datapoints {
        period: MINUTE,
        newest: after(start(), -ago),
        healthy_run: if zero == 0 { 0 } else { run },
        newest_two_zero: zero == 0,
    });
    let answer = prop_oneof![
        6 => Just(Answer::Primary),
        3 => Just(Answer::Standby),
        1 => Just(Answer::Mixed),
    ];
    let probe = prop_oneof![5 => Just(Probe::Up), 1 => Just(Probe::Down)];
    let check = (any::<bool>(), any::<bool>())
        .prop_map(|(disabled, inverted)| CheckConfig { disabled, inverted });
    let subscriptions = (0_u32..3, 0_u32..3, 0_u32..3)
        .prop_map(|(confirmed, pending, asked)| Subscriptions { confirmed, pending, asked });
    let readiness = (known(check.clone()), known(check), known(subscriptions))
        .prop_map(|(check, others, subscriptions)| Readiness { check, others, subscriptions });
    let requests = prop_oneof![4 => Just(0), 1 => 0_u32..1000];
    let verdict = prop_oneof![
        6 => Just(Known::Known(Verdict::Healthy)),
        1 => Just(Known::Known(Verdict::Unhealthy)),
        3 => Just(Known::Unknown(Why::NotAsked)),
        1 => Just(Known::Unknown(Why::Foreign)),
    ];
    let seen = (known(probe), any::<bool>(), known(requests));
    let detector = (known(alarm), known(datapoints), verdict, seen);
    let groups = (known(group()), known(group()), known(record()), known(answer), readiness);
    (detector, groups, prop::array::uniform5(any::<bool>())).prop_map(
        |(
            (alarm, datapoints, verdict, (probe, egress, requests)),
            (standby, primary, record, answer, readiness),
            [normal, this_episode, recovered, unhindered, latched],
        )| {
            let mut seen = Observation {
                alarm,
                datapoints,
                standby,
                record,
                primary,
                verdict,
                answer,
                probe,
                egress,
                readiness,
                requests,
            };
            if normal {
                note_normal(&mut seen);
            }
            if this_episode {
                name_this_episode(&mut seen);
            }
            if recovered {
                recover(&mut seen);
            }
            if unhindered {
                unhinder(&mut seen);
            }
            if latched && recovered {
                latch(&mut seen);
            }
            seen
        },
    )
}

/// What is live is what was noted while idle.
fn note_normal(seen: &mut Observation) {
    let (Known::Known(live), Known::Known(record)) = (&seen.standby, &mut seen.record) else {
        return;
    };
    if let Slot::Held(base) = &mut record.base {
        base.sizes = live.sizes();
    }
}

/// The counter and the notes are of the present failover, or of the floor that was noted.
fn name_this_episode(seen: &mut Observation) {
    let Known::Known(record) = &mut seen.record else { return };
    let episode = match (&record.raised, &record.base) {
        (Slot::Held(raised), _) => raised.first,
        (_, Slot::Held(base)) => base.at,
        _ => return,
    };
    if let Slot::Held(drain) = &mut record.drain {
        drain.episode = episode;
    }
    if let Slot::Held(starved) = &mut record.starved {
        starved.episode = episode;
    }
    if let Slot::Held(primary) = &mut record.primary {
        primary.episode = episode;
    }
    if let (Slot::Held(order), Slot::Held(raised)) = (&mut record.order, &record.raised) {
        order.episode = raised.at;
    }
}

/// The primary has been well for hours, whatever else is.
fn recover(seen: &mut Observation) {
    if let Known::Known(alarm) = &mut seen.alarm {
        (alarm.state, alarm.evaluation) = (AlarmState::Ok, Evaluation::Sound);
        alarm.transitioned_at = after(start(), -8000);
    }
    if let Known::Known(points) = &mut seen.datapoints {
        (points.newest, points.healthy_run) = (after(start(), -75), 1000);
        points.newest_two_zero = false;
    }
    if let Known::Known(primary) = &mut seen.primary {
        primary.healthy = Known::Known(primary.in_service * 2);
    }
    if let Known::Known(Probe::Down) = seen.probe {
        seen.probe = Known::Known(Probe::Up);
    }
    if let Known::Known(Answer::Mixed | Answer::Standby) = seen.answer {
        seen.answer = Known::Known(Answer::Primary);
    }
}

/// Nobody and nothing of the past stands in the way of the present failover's end.
fn unhinder(seen: &mut Observation) {
    if let Known::Known(record) = &mut seen.record {
        record.done = Slot::Absent;
        (record.closed, record.opened) = (Slot::Absent, Slot::Absent);
        (record.mode, record.order) = (Slot::Absent, Slot::Absent);
        record.history = Slot::Absent;
        if let Slot::Held(drain) = &mut record.drain {
            (drain.ticks, drain.at) = (2, after(start(), -60));
        }
    }
}

/// The latch is closed, if there is one and something to hold users for, over a primary that has room for all.
fn latch(seen: &mut Observation) {
    if let Known::Known(record) = &mut seen.record {
        let episode = record.raised.held().map(|raised| raised.first);
        record.closed = Slot::Held(Turn { episode, at: after(start(), -700) });
        record.opened = Slot::Absent;
    }
    if let Known::Known(primary) = &mut seen.primary {
        primary.min = primary.desired;
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        select(Demand::ALL.to_vec()).prop_map(Wish::Order),
        select(Mode::ALL.to_vec()).prop_map(Wish::Mode),
    ]
}

pub fn signal() -> impl Strategy<Value = Signal> {
    let request =
        (wish(), prop::option::of(time()), -120_i64..1000).prop_map(|(what, episode, ago)| {
            let at = after(start(), -ago);
            Signal::Request(Request { what, episode, at, by: "bob".to_owned() })
        });
    prop_oneof![
        6 => Just(Signal::Tick),
        1 => any::<bool>().prop_map(|again| Signal::Look { again }),
        1 => Just(Signal::Rehearsal),
        2 => (alarm_state(), -100_i64..2000)
            .prop_map(|(state, ago)| Signal::Alarm(Claim { state, at: after(start(), -ago) })),
        3 => request,
        1 => Just(Signal::Unreadable { detail: "noise".to_owned() }),
    ]
}

pub fn policies() -> impl Strategy<Value = Policy> {
    let floor = prop_oneof![2 => Just("0"), 1 => Just("1"), 2 => Just("match")];
    let latch = prop_oneof![2 => Just("on"), 1 => Just("off")];
    let routing = prop_oneof![5 => Just("failover"), 1 => Just("active-active")];
    let failback = prop_oneof![2 => Just("automatic"), 1 => Just("approve"), 1 => Just("manual")];
    let rest = (select(vec!["50", "100", "150"]), select(vec!["on", "off"]));
    (routing, latch, failback, floor, rest).prop_map(
        |(routing, latch, failback, floor, (percent, eager))| {
            let floor = if routing == "active-active" { "match" } else { floor };
            policy(&[
                ("routing", routing),
                ("latch", latch),
                ("failback", failback),
                ("floor", floor),
                ("match_percent", percent),
                ("eager", eager),
            ])
        },
    )
}

pub fn world() -> impl Strategy<Value = World> {
    (policies(), observation(), signal()).prop_map(|(policy, seen, signal)| World {
        policy,
        seen,
        signal,
        now: start(),
        log: Vec::new(),
    })
}

/// One line of JSON for each part, as the log has them.
impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = serde_json::json!([self.policy, self.signal, self.seen, self.now]);
        writeln!(f, "{parts}")
    }
}
