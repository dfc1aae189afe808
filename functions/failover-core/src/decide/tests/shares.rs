//! Shares and times instead of "all or nothing": one server, or one reading, never changes which region serves.

use super::world::{World, policy, start};
use crate::decision::{Latch, Reason};
use crate::observation::{AlarmState, Answer, Evaluation, Group, Known, Probe, Why};
use crate::record::{Count, Demand, Order, Peak, Register};
use crate::signal::{Signal, Wish};
use crate::time::after;

const EIGHT: [(&str, &str); 1] = [("peak_hint", "8")];

fn world_of(
    peak: &str,
    changes: &[(&str, &str)],
    build: impl FnOnce(&[(&str, &str)]) -> World,
) -> World {
    let hint = ("peak_hint", peak);
    let all: Vec<_> = std::iter::once(hint).chain(changes.iter().copied()).collect();
    build(&all)
}

/// Behind a closed latch, the primary back for a minute; so many of 8 are healthy at the standby, and so many at the primary.
fn held(standby: u16, primary: u16, changes: &[(&str, &str)]) -> World {
    let mut world = world_of("8", changes, |all| World::latched(1, all));
    world.standby().healthy = Known::Known(standby);
    let all = Known::Known(primary);
    *world.primary() = Group {
        min: primary,
        desired: primary,
        max: primary,
        in_service: primary,
        healthy: all,
        ..*world.primary()
    };
    world
}

fn gate(world: &mut World) -> Latch {
    world.record().gate().unwrap().latch
}

#[test]
fn one_unhealthy_server_waives_neither_the_hold_down_nor_the_person() {
    for failback in ["automatic", "approve", "manual"] {
        let mut world = held(7, 8, &[("failback", failback)]);
        assert_eq!(world.story(20), "Proving x20", "{failback}");
        let mut half = held(4, 8, &[("failback", failback)]);
        assert_eq!(half.story(20), "Proving x20", "{failback}: half is its share");
    }
    let mut asked = held(7, 8, &[("failback", "approve")]);
    asked.story(30);
    assert_eq!(asked.step(), "AwaitingApproval");
}

#[test]
fn users_are_released_from_a_standby_that_lacks_its_share_for_five_ticks_and_no_sooner() {
    for failback in ["automatic", "approve", "manual"] {
        let mut world = held(3, 8, &[("failback", failback)]);
        assert_eq!(world.story(5), "Proving x4, OpenLatch", "{failback}");
        assert_eq!(gate(&mut world), Latch::Open);
        assert_eq!(world.standby().min, 8, "nothing is lowered by it");
        world.verified();
    }
}

#[test]
fn users_are_not_held_on_one_server_beside_a_primary_at_its_limit() {
    let mut world = held(1, 7, &[]);
    assert_eq!(world.story(5), "Proving x4, OpenLatch");
    let mut proven = held(5, 7, &[]);
    assert_eq!(proven.story(30), "Proving x29, OpenLatch", "above its share the hold-down is kept");
    let mut full = held(8, 7, &[]);
    full.primary().max = 8;
    full.primary().min = 7;
    full.story(29);
    full.step();
    full.primary().healthy = Known::Known(7);
    full.wait_minutes(1);
    assert_eq!(full.step(), "Prewarming", "nobody leaves a full standby for less");
}

#[test]
fn a_count_of_ticks_breaks_off_with_one_good_reading_or_a_gap() {
    let mut world = held(3, 8, &[]);
    assert_eq!(world.story(3), "Proving x3");
    world.standby().healthy = Known::Known(4);
    assert_eq!(world.story(1), "Proving");
    world.standby().healthy = Known::Known(3);
    assert_eq!(world.story(4), "Proving x4");
    world.wait_minutes(1);
    assert_eq!(world.story(4), "Proving x4", "nobody looked for a minute");
    assert_eq!(world.story(1), "OpenLatch");
}

#[test]
fn only_a_primary_that_is_seen_up_and_has_more_is_opened_onto() {
    let counted = |change: fn(&mut World)| {
        let mut world = held(2, 8, &[]);
        world.story(4);
        assert_eq!(world.decide().reason, Reason::OpenLatch);
        change(&mut world);
        world.decide().reason.name()
    };
    assert_eq!(counted(|world| world.standby().healthy = Known::Unknown(Why::Timeout)), "Proving");
    assert_eq!(counted(|world| world.alarm_view().state = AlarmState::Insufficient), "Proving");
    assert_eq!(counted(|world| world.alarm_view().evaluation = Evaluation::Failing), "Proving");
    assert_eq!(counted(|world| world.seen.alarm = Known::Unknown(Why::Timeout)), "Proving");
    assert_eq!(counted(|world| world.seen.datapoints = Known::Unknown(Why::Empty)), "Proving");
    assert_eq!(counted(|world| world.seen.probe = Known::Known(Probe::Down)), "Proving");
    assert_eq!(counted(|world| world.seen.primary = Known::Unknown(Why::Timeout)), "Proving");
    assert_eq!(counted(|world| world.primary().healthy = Known::Known(2)), "Proving");
    assert_eq!(counted(|world| world.tag("mode", "FROZEN")), "NotArmed");
}

#[test]
fn an_early_opening_makes_the_primary_ready_first_and_waits_for_no_refused_write() {
    let mut world = held(1, 2, &[]);
    world.primary().max = 8;
    let decision = world.decide();
    assert_eq!(decision.reason, Reason::Prewarm { demand: 8 });
    // The write is refused each time; its note and the count are there.
    for register in &decision.before {
        world.write(register);
    }
    for minute in 0..8 {
        world.wait_minutes(1);
        let decision = world.decide();
        assert_eq!(decision.reason, Reason::Prewarm { demand: 8 }, "{minute}");
        for register in &decision.before {
            world.write(register);
        }
    }
    world.wait_minutes(1);
    assert_eq!(world.decide().reason, Reason::OpenLatch, "with the two that it has");
}

#[test]
fn time_in_which_nobody_saw_the_primary_is_no_refused_write() {
    let mut world = held(1, 2, &[]);
    world.primary().max = 8;
    world.seen.probe = Known::Known(Probe::Down);
    assert_eq!(world.story(12), "Proving x12");
    world.seen.probe = Known::Known(Probe::Up);
    assert_eq!(world.decide().reason, Reason::Prewarm { demand: 8 });
}

#[test]
fn an_ordered_failover_with_seven_of_eight_moves_the_users_after_its_time() {
    let mut world = World::with(&EIGHT);
    assert_eq!(world.ask(Wish::Order(Demand::Failover)), "Raise");
    world.standby().healthy = Known::Known(7);
    assert_eq!(world.story(6), "AlreadyRaised x5, CloseLatch");
    let mut few = World::with(&EIGHT);
    few.ask(Wish::Order(Demand::Failover));
    few.standby().healthy = Known::Known(5);
    assert!(!few.story(20).contains("CloseLatch"), "less than three quarters");
    world.verified();
}

#[test]
fn an_order_for_a_hot_standby_with_seven_of_eight_moves_the_users_too() {
    let mut world = World::with(&[("peak_hint", "8"), ("floor", "match")]);
    *world.standby() =
        Group { min: 8, desired: 8, in_service: 8, healthy: Known::Known(7), ..*world.standby() };
    assert_eq!(world.ask(Wish::Order(Demand::Failover)), "Adopt");
    world.wait_minutes(5);
    assert_eq!(world.step(), "CloseLatch");
}

#[test]
fn the_latch_protects_users_although_the_eighth_server_cannot_be_had() {
    let mut world = World::with(&EIGHT);
    world.alarm(AlarmState::Alarm);
    world.step();
    world.standby().healthy = Known::Known(7);
    world.dns(Answer::Standby);
    world.wait_minutes(4);
    assert_eq!(world.step(), "AlreadyRaised");
    world.wait_minutes(1);
    assert_eq!(world.step(), "CloseLatch");
}

#[test]
fn an_order_does_not_hold_users_on_a_standby_that_lost_its_servers() {
    let mut world = World::with(&EIGHT);
    world.ask(Wish::Order(Demand::Failover));
    assert_eq!(world.step(), "CloseLatch");
    world.dns(Answer::Standby);
    world.primary().healthy = Known::Known(4);
    world.standby().healthy = Known::Known(1);
    world.wait_minutes(1);
    let story = world.story(5);
    assert!(story.ends_with("OpenLatch"), "{story}");
    let order = world.record().order.held().cloned();
    assert!(matches!(order, Some(Order { what: Demand::Failover, .. })), "the order stands");
    assert!(!world.story(10).contains("CloseLatch"), "and waits for servers");
    world.standby().healthy = Known::Known(8);
    assert_eq!(world.step(), "CloseLatch");
    world.verified();
}

#[test]
fn shares_of_0_and_100_are_valid_where_they_have_a_meaning() {
    let all = [("carry_percent", "100"), ("hold_percent", "100")];
    let mut world = held(7, 8, &all);
    assert_eq!(world.story(5), "Proving x4, OpenLatch", "all or nothing, but never at once");
    let mut never = held(1, 8, &[("hold_percent", "0")]);
    assert_eq!(never.story(20), "Proving x20");
    let mut strict = World::with(&[("peak_hint", "8"), ("carry_percent", "100")]);
    strict.ask(Wish::Order(Demand::Failover));
    strict.standby().healthy = Known::Known(7);
    assert!(!strict.story(20).contains("CloseLatch"));
}

#[test]
fn the_target_is_no_smaller_than_the_primary_and_falls_in_no_failover() {
    let target = |world: &World| crate::target(&world.policy, &world.seen, world.now);
    let mut world = World::with(&[("peak_hint", "2")]);
    *world.primary() = Group { min: 5, in_service: 1, ..*world.primary() };
    assert_eq!(target(&world), 5, "its minimum");
    world.primary().in_service = 7;
    assert_eq!(target(&world), 7, "what it runs");
    world.primary().in_service = 70;
    assert_eq!(target(&world), 8, "and no more than may be asked for");
    world.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(target(&world), 2);
    let mut raised = World::with(&[("peak_hint", "2")]);
    raised.write(&Register::Peak(Peak::sampled(None, 490_896, 8)));
    raised.alarm(AlarmState::Alarm);
    assert_eq!(
        raised.decide().reason,
        Reason::Raise { why: crate::record::Cause::Alarm, target: 8 }
    );
    raised.step();
    raised.tag("peak", "v1 hour=4");
    assert_eq!(target(&raised), 8, "a garbled ring forgets nothing in mid-outage");
    let mut both = World::with(&[("routing", "active-active"), ("floor", "match")]);
    both.primary().in_service = 7;
    assert_eq!(target(&both), 4, "floors that we hold are no load");
}

#[test]
fn what_an_operator_set_in_mid_failover_is_not_restored() {
    let prewarmed = || {
        let mut world = World::latched(31, &[]);
        assert_eq!(world.story(2), "Prewarm, OpenLatch");
        world.dns(Answer::Primary);
        world
    };
    let mut alone = prewarmed();
    alone.story(6);
    assert_eq!(alone.primary().min, 2);
    let mut changed = prewarmed();
    changed.primary().min = 6;
    changed.primary().desired = 6;
    changed.standby().max = 20;
    assert!(changed.story(6).contains("Finish"));
    assert_eq!((changed.primary().min, changed.standby().max), (6, 20));
    changed.verified();
}

#[test]
fn a_maximum_that_the_raise_had_to_grow_is_put_back() {
    let mut world = World::new();
    world.standby().max = 2;
    world.alarm(AlarmState::Alarm);
    world.step();
    assert_eq!(world.standby().max, 4);
    world.wait_minutes(5);
    world.alarm(AlarmState::Ok);
    world.wait_minutes(31);
    assert!(world.story(6).contains("LowerMin, LowerDesired, Finish"));
    assert_eq!(world.standby().max, 2);
}

#[test]
fn the_first_times_are_what_the_settings_say() {
    let slow = policy(&[("starved_ticks", "12")]);
    assert_eq!((slow.starved_ticks(), slow.starved()), (12, super::world::MINUTE * 12));
    assert!(after(start(), 1) > start());
}

/// The count of ticks without its share that a decision notes.
fn noted(world: &World) -> Option<u16> {
    world.decide().before.iter().find_map(|register| {
        if let Register::Starved(count) = register { Some(count.ticks) } else { None }
    })
}

fn count(world: &mut World, ticks: u16, age: i64) {
    let at = after(world.now, -age);
    world.write(&Register::Starved(Count { episode: start(), ticks, at }));
}

#[test]
fn an_event_between_two_ticks_counts_nothing_and_opens_on_a_count_that_is_not_too_old() {
    let mut world = held(3, 8, &[]);
    world.signal = Signal::Unreadable { detail: String::new() };
    assert_eq!(noted(&world), None);
    let gap = i64::try_from(world.policy.drain_gap().as_secs()).unwrap();
    count(&mut world, 5, gap + 1);
    assert_eq!(world.decide().reason.name(), "Proving", "nobody has looked since");
    count(&mut world, 5, gap);
    assert_eq!(world.decide().reason, Reason::OpenLatch);
}

#[test]
fn a_count_is_noted_by_who_acts_and_reset_once() {
    let mut world = held(3, 8, &[]);
    assert_eq!(noted(&world), Some(1));
    for mode in ["observe", "frozen"] {
        let mut passive = world.clone();
        passive.tag("mode", mode);
        assert_eq!(noted(&passive), None, "{mode}");
    }
    world.standby().healthy = Known::Known(8);
    assert_eq!(noted(&world), None, "there was nothing to reset");
    count(&mut world, 3, 60);
    assert_eq!(noted(&world), Some(0));
    count(&mut world, 0, 60);
    assert_eq!(noted(&world), None, "it was reset");
}

#[test]
fn nobody_leaves_a_standby_with_all_its_servers_for_fewer_than_it_runs() {
    let mut world = held(8, 9, &[]);
    world.standby().in_service = 10;
    *world.primary() = Group { min: 10, desired: 10, max: 12, ..*world.primary() };
    assert_eq!(world.story(30), "Proving x29, Prewarming");
}

#[test]
fn a_maximum_that_the_raise_did_not_grow_is_no_step_of_the_failback() {
    let mut world = World::new();
    world.standby().max = 4;
    world.alarm(AlarmState::Alarm);
    world.step();
    world.wait_minutes(5);
    world.alarm(AlarmState::Ok);
    world.wait_minutes(31);
    assert!(world.story(6).contains("LowerMin, LowerDesired, Finish"));
    assert_eq!(world.standby().max, 4);
}
