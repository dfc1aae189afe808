use proptest::prelude::*;

use super::world::{MINUTE, World, start};
use crate::invariant;
use crate::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe, Why,
};
use crate::record::{Cause, Drain, Peak, Raised, Record, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;

fn known<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Known<T>> {
    prop_oneof![
        4 => value.prop_map(Known::Known),
        1 => prop::sample::select(vec![Why::Timeout, Why::Throttled, Why::Denied, Why::Empty]).prop_map(Known::Unknown),
    ]
}

fn slot<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Slot<T>> {
    prop_oneof![2 => Just(Slot::Absent), 4 => value.prop_map(Slot::Held), 1 => Just(Slot::Unreadable)]
}

fn alarm_state() -> impl Strategy<Value = AlarmState> {
    prop::sample::select(vec![
        AlarmState::Ok,
        AlarmState::Ok,
        AlarmState::Alarm,
        AlarmState::Insufficient,
    ])
}

fn group() -> impl Strategy<Value = Group> {
    (0_u16..6, 0_u16..6, 0_u16..6, any::<bool>()).prop_map(|(min, more, room, suspended)| Group {
        min,
        desired: min + more,
        max: min + more + room,
        in_service: min,
        healthy: Known::Known(min),
        suspended,
    })
}

fn record() -> impl Strategy<Value = Record> {
    let raised =
        (0_i64..4, 0_i64..4, 0_u16..3, 0_u16..3).prop_map(|(first, at, min, more)| Raised {
            first: after(start(), -4000 + first),
            at: after(start(), -3990 + at),
            target: 4,
            why: Cause::Alarm,
            undo: Sizes { min, desired: min + more, max: 8 },
        });
    let drain = (0_i64..4, 0_u16..5, 0_i64..120).prop_map(|(first, ticks, ago)| Drain {
        episode: after(start(), -4000 + first),
        ticks,
        at: after(start(), -ago),
    });
    let done = (0_i64..6).prop_map(|at| after(start(), -3992 + at));
    let peak = (0_u16..20).prop_map(|value| Peak::sampled(None, 1, value));
    let mode = prop::sample::select(vec![
        crate::observation::Mode::Armed,
        crate::observation::Mode::Observe,
        crate::observation::Mode::Frozen,
    ]);
    (slot(raised), slot(done), slot(drain), slot(peak), slot(mode)).prop_map(
        |(raised, done, drain, peak, mode)| Record {
            peak,
            raised,
            done,
            drain,
            mode,
            ..Record::default()
        },
    )
}

fn observation() -> impl Strategy<Value = Observation> {
    let alarm =
        (alarm_state(), 0_i64..4000, any::<bool>()).prop_map(|(state, ago, sound)| AlarmView {
            state,
            transitioned_at: after(start(), -ago),
            evaluation: if sound { Evaluation::Sound } else { Evaluation::Failing },
        });
    let datapoints =
        (0_i64..400, 0_u16..60, any::<bool>()).prop_map(|(ago, run, zero)| Datapoints {
            period: MINUTE,
            newest: after(start(), -ago),
            healthy_run: if zero { 0 } else { run },
            newest_two_zero: zero,
        });
    let answer = prop::sample::select(vec![
        Answer::Primary,
        Answer::Primary,
        Answer::Standby,
        Answer::Mixed,
    ]);
    let probe = prop::sample::select(vec![Probe::Up, Probe::Down]);
    (
        known(alarm),
        known(datapoints),
        known(group()),
        known(record()),
        known(group()),
        known(answer),
        known(probe),
    )
        .prop_map(|(alarm, datapoints, standby, record, primary, answer, probe)| Observation {
            alarm,
            datapoints,
            standby,
            record,
            primary,
            answer,
            probe,
            egress: true,
        })
}

fn signal() -> impl Strategy<Value = Signal> {
    prop_oneof![
        Just(Signal::Tick),
        Just(Signal::Rehearsal),
        (alarm_state(), -100_i64..2000)
            .prop_map(|(state, ago)| Signal::Alarm(Claim { state, at: after(start(), -ago) })),
        Just(Signal::Unreadable { detail: "noise".to_owned() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Every invariant holds for any single observation, likely or not.
    #[test]
    fn every_invariant_holds_for_any_observation(seen in observation(), signal in signal()) {
        let mut world = World::new();
        (world.seen, world.signal) = (seen, signal);
        let decision = world.decide();
        let refused = match (&world.seen.standby, decision.standby) {
            (Known::Known(live), Some(write)) => write.applied(live.sizes()).is_none(),
            _ => false,
        };
        prop_assert!(!refused, "AWS would refuse {decision:?}");
        world.step();
        for verdict in invariant::verify(&world.log) {
            prop_assert!(verdict.holds(), "{verdict:?}");
        }
    }

    /// S8: with the alarm readable, the event's text does not matter for what is written.
    #[test]
    fn the_event_does_not_matter_while_the_alarm_can_be_read(seen in observation(), state in alarm_state(), ago in 0_i64..2000) {
        prop_assume!(seen.alarm.known().is_some());
        let mut world = World::new();
        world.seen = seen;
        world.signal = Signal::Unreadable { detail: "noise".to_owned() };
        let silent = world.decide();
        world.signal = Signal::Alarm(Claim { state, at: after(start(), -ago) });
        prop_assert_eq!(silent.standby, world.decide().standby);
        prop_assert_eq!(silent.reason, world.decide().reason);
    }
}
