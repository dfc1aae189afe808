//! Rule 3b: DNS must have answered the primary on enough ticks in a row.

use expect_test::expect;

use super::shown::{check, hold, shown};
use super::world::{World, start};
use crate::decision::Reason;
use crate::observation::{AlarmState, Answer, Known, Mode, Why};
use crate::record::{Count, Register, Slot};
use crate::signal::{Claim, Signal, Wish};
use crate::time::after;

#[test]
fn dns_must_answer_the_primary_on_every_tick() {
    let mut world = World::blipped(31, &[]);
    world.dns(Answer::Mixed);
    assert_eq!(world.step(), "Draining");
    world.wait_minutes(1);
    assert_eq!(hold(&world), "Draining", "a counter at 0 is not written again");
    for answer in
        [Answer::Primary, Answer::Primary, Answer::Mixed, Answer::Primary, Answer::Primary]
    {
        world.dns(answer);
        assert_eq!(world.step(), "Draining");
        world.wait_minutes(1);
    }
    assert_eq!(world.step(), "LowerMin");
}

#[test]
fn dns_that_cannot_be_asked_restarts_the_count() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(2), "Draining x2");
    world.seen.answer = Known::Unknown(Why::Timeout);
    check(
        &world,
        &expect![[r#"
            Draining { ticks: 0, needed: 3 }
            after: pilotlight:drain = v1 for=1767225600 n=0 at=1767227880
        "#]],
    );
}

#[test]
fn dns_at_the_standby_is_evidence_and_restarts_the_count_too() {
    let mut world = World::blipped(31, &[]);
    world.primary().min = 4;
    assert_eq!(world.story(2), "Draining x2");
    world.dns(Answer::Standby);
    assert_eq!(world.step(), "AlreadyRaised");
    assert_eq!(world.record().drain.held().unwrap().ticks, 0);
}

#[test]
fn a_missed_tick_restarts_the_count_and_a_hasty_one_does_not_count() {
    let mut world = World::blipped(31, &[]);
    let draining = |ticks| Reason::Draining { ticks, needed: 3 };
    assert_eq!(world.step(), "Draining");
    let counted = world.now;
    for (seconds, ticks) in [(0, 1), (44, 1), (45, 2), (90, 2), (91, 1)] {
        world.now = after(counted, seconds);
        assert_eq!(world.decide().reason, draining(ticks), "after {seconds} s");
        assert_eq!(world.decide().after.is_empty(), seconds < 45, "after {seconds} s");
    }
}

/// Goal: a tick on which nobody looked is not bridged by an event at its edge. The model found it: an operator's request,
/// while DNS was at the standby on the tick before and the mode kept that from being written.
#[test]
fn nothing_but_a_tick_counts_and_nothing_but_a_tick_lowers() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(2), "Draining x2");
    let claim = Claim { state: AlarmState::Ok, at: start() };
    let request = world.request(Wish::Mode(Mode::Armed));
    let detail = "garbage".to_owned();
    for signal in [Signal::Alarm(claim), Signal::Request(request), Signal::Unreadable { detail }] {
        world.signal = signal;
        let decision = world.decide();
        assert_eq!(decision.reason, Reason::Draining { ticks: 2, needed: 3 });
        assert!(decision.before.is_empty() && decision.after.is_empty(), "{}", shown(&decision));
    }
    for signal in [Signal::Rehearsal, Signal::Tick] {
        world.signal = signal;
        assert_eq!(world.decide().reason, Reason::LowerMin, "{:?}", world.signal);
    }
    world.signal = Signal::Unreadable { detail: String::new() };
    world.dns(Answer::Mixed);
    assert_eq!(world.step(), "Draining");
    assert_eq!(
        world.record().drain.held().unwrap().ticks,
        0,
        "what speaks against it counts always"
    );
    world.record().drain = Slot::Absent;
    world.dns(Answer::Primary);
    assert_eq!(world.decide().reason, Reason::Draining { ticks: 0, needed: 3 });
}

#[test]
fn a_count_of_another_failover_is_worth_nothing() {
    let mut world = World::blipped(31, &[]);
    let earlier = after(start(), -86_400);
    let at = after(world.now, -60);
    world.write(&Register::Drain(Count { episode: earlier, ticks: 3, at }));
    assert_eq!(world.decide().reason, Reason::Draining { ticks: 1, needed: 3 });
    world.dns(Answer::Mixed);
    assert_eq!(world.decide().after.len(), 1, "its 0 is another one's");
}
