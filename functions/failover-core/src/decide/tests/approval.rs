//! Rule 3: how often a failback is automatic, and what a person's word is worth.

use expect_test::expect;

use super::shown::{check, hold};
use super::world::{World, start};
use crate::decision::{Proof, Reason};
use crate::observation::{AlarmState, Known, Mode, Why};
use crate::record::{Demand, History, Order, Register, Slot};
use crate::signal::Wish;
use crate::time::{Timestamp, after};

/// Back for `minutes` after a blip, with failbacks that finished so many hours ago.
fn back_again(minutes: u16, hours: &[i64]) -> World {
    let mut world = World::blipped(minutes, &[]);
    let finished: Vec<_> = hours.iter().map(|hours| after(world.now, -hours * 3600)).collect();
    if !finished.is_empty() {
        world.write(&Register::History(History { finished }));
    }
    world
}

fn released(world: &mut World, what: Demand, episode: Timestamp, at: Timestamp) -> &'static str {
    world.write(&Register::Order(Order { what, episode, at, by: "alice".to_owned() }));
    world.decide().reason.name()
}

#[test]
fn the_second_failback_of_a_day_takes_twice_as_long() {
    let left = |left_seconds| Reason::Proving { left_seconds, missing: Proof::Age };
    assert_eq!(back_again(30, &[5]).decide().reason, left(1800));
    assert_eq!(back_again(59, &[5]).decide().reason, left(60));
    assert_eq!(back_again(60, &[5]).decide().reason.name(), "Draining");
    assert_eq!(back_again(30, &[24, 25, 26]).decide().reason.name(), "Draining", "of another day");
    let mut almost = back_again(30, &[24]);
    almost.now = after(almost.now, -1);
    assert_eq!(almost.decide().reason.name(), "Proving");
}

#[test]
fn the_third_failback_of_a_day_waits_for_a_person() {
    assert_eq!(hold(&back_again(59, &[2, 5])), "Proving");
    let mut world = back_again(60, &[2, 5]);
    check(
        &world,
        &expect![[r#"
            AwaitingApproval
            told: pilotlight:findings = v1 set=appro.failo at=1767229500
            news: the failback waits for your approval
        "#]],
    );
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "Draining");
    world.wait_minutes(1);
    assert_eq!(world.story(5), "Draining x2, LowerMin, LowerDesired, Finish");
}

#[test]
fn a_history_that_cannot_be_read_counts_as_too_many() {
    let mut world = back_again(59, &[]);
    world.tag("done", "v1 at=1767139200");
    world.record().history = Slot::Unreadable;
    assert_eq!(hold(&world), "Proving");
    world.wait_minutes(1);
    assert_eq!(hold(&world), "AwaitingApproval");
    assert_eq!(back_again(30, &[]).decide().reason.name(), "Draining");
}

#[test]
fn the_history_holds_the_newest_eight_and_a_time_once() {
    let mut world = back_again(60, &[2, 30, 31, 32, 33, 34, 35, 36]);
    *world.standby() = crate::observation::Group { min: 0, desired: 0, ..*world.standby() };
    world.step();
    let history = world.record().history.held().unwrap().clone();
    assert_eq!(history.finished.len(), 8);
    assert_eq!(history.finished[0], world.now);
    assert_eq!(history.with(world.now), history);
}

#[test]
fn behind_a_closed_latch_a_person_is_asked_before_it_opens() {
    let mut world = World::latched(30, &[("failback", "approve")]);
    assert_eq!(hold(&world), "AwaitingApproval");
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "Prewarm");
    assert_eq!(world.step(), "OpenLatch");
}

#[test]
fn an_approval_releases_this_failover_alone() {
    let approve = [("failback", "approve")];
    let mut world = World::blipped(30, &approve);
    assert_eq!(hold(&world), "AwaitingApproval");
    let raised = start();
    let transition = after(start(), 300);
    let now = world.now;
    let mut words = |what, episode, at| released(&mut world, what, episode, at);
    assert_eq!(words(Demand::Approve, raised, now), "Draining");
    assert_eq!(words(Demand::Approve, raised, transition), "Draining");
    assert_eq!(words(Demand::Failback, raised, transition), "Draining");
    assert_eq!(words(Demand::Approve, raised, after(transition, -1)), "AwaitingApproval");
    assert_eq!(words(Demand::Approve, after(raised, 1), now), "AwaitingApproval");
    assert_eq!(words(Demand::Approve, after(raised, -1), now), "AwaitingApproval");
    assert_eq!(words(Demand::Failover, raised, now), "CloseLatch");
}

#[test]
fn a_transition_within_a_second_of_the_approval_does_not_void_it() {
    let mut world = World::blipped(30, &[("failback", "approve")]);
    let transition = after(start(), 300);
    world.alarm_view().transitioned_at =
        transition.checked_add(std::time::Duration::from_millis(900)).unwrap();
    world.points().healthy_run = 60;
    world.wait_minutes(1);
    assert_eq!(released(&mut world, Demand::Approve, start(), transition), "Draining");
}

#[test]
fn a_new_failure_voids_an_approval() {
    let mut world = World::blipped(30, &[("failback", "approve")]);
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "Draining");
    world.primary().min = 4;
    world.alarm(AlarmState::Alarm);
    world.wait_minutes(1);
    assert_eq!(world.step(), "AlreadyRaised");
    world.alarm(AlarmState::Ok);
    world.wait_minutes(30);
    assert_eq!(hold(&world), "AwaitingApproval");
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "Draining");
    // A second raise in the same failover is another failure, even if the alarm did not change.
    world.wait_minutes(1);
    world.standby().min = 0;
    world.points().newest_two_zero = true;
    assert_eq!(world.step(), "Raise");
    world.points().newest_two_zero = false;
    world.wait_minutes(2);
    assert_eq!(hold(&world), "AwaitingApproval");
}

#[test]
fn a_manual_failback_waits_for_the_request_for_one() {
    let mut world = World::blipped(30, &[("failback", "manual")]);
    assert_eq!(hold(&world), "AwaitingApproval");
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "AwaitingApproval");
    world.wait_minutes(1);
    assert_eq!(world.ask(Wish::Order(Demand::Failback)), "Draining");
}

#[test]
fn a_word_is_worth_nothing_while_the_alarm_cannot_be_read() {
    let mut world = World::latched(30, &[("failback", "approve")]);
    assert_eq!(world.ask(Wish::Order(Demand::Approve)), "Prewarm");
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert_eq!(hold(&world), "Proving");
}

#[test]
fn observing_reports_what_waits_and_tells_nobody() {
    let mut world = World::blipped(30, &[("failback", "approve")]);
    world.record().mode = Slot::Held(Mode::Observe);
    check(
        &world,
        &expect![[r#"
            AwaitingApproval
            only reported
            told: pilotlight:findings = v1 set=appro.unarm.failo at=1767227700
            news: the failback waits for your approval, and 1 more
        "#]],
    );
}
