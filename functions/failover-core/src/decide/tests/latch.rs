//! Rule 2: raises that lost their note, the latch that closes late, and the floor that is held where there is none.

use expect_test::expect;

use super::shown::{check, hold, skipped};
use super::world::{World, start};
use crate::decision::{Latch, PrimaryWrite, Reason};
use crate::observation::{AlarmState, Answer, Known, Why};
use crate::record::{Base, Demand, Order, Register, Sizes, Slot};
use crate::time::after;

const ADOPT: &str = "record a raise whose record was lost";
const CLOSE: &str = "close the latch once the standby carries the users";
const PIN: &str = "hold the primary's floor where no latch holds the users";
const DARK: Sizes = Sizes { min: 0, desired: 0, max: 8 };

/// A raise that went through, and its note did not.
fn lost_note() -> World {
    let mut world = World::new();
    world.write(&Register::Base(Base { sizes: DARK, at: after(start(), -7200) }));
    world.alarm(AlarmState::Alarm);
    world.step();
    world.record().raised = Slot::Absent;
    world
}

/// A standby that carried everything before we came; DNS has moved by itself.
fn found_raised() -> World {
    let mut world = World::failed_over(&[]);
    world.record().raised = Slot::Absent;
    world.record().closed = Slot::Absent;
    world
}

fn order(what: Demand) -> Register {
    Register::Order(Order { what, episode: start(), at: start(), by: "alice".to_owned() })
}

#[test]
fn a_raise_that_lost_its_note_is_noted_from_the_normal_sizes() {
    let world = lost_note();
    check(
        &world,
        &expect![[r#"
            Adopt { target: 4 }
            before: pilotlight:raised = v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=8
            notice: the running standby is recorded as a failover
        "#]],
    );
}

#[test]
fn only_what_looks_like_our_own_raise_is_taken_for_one() {
    let not_ours = "the standby does not carry everything yet";
    let starting = || {
        let mut world = lost_note();
        world.standby().healthy = Known::Known(0);
        world
    };
    assert_eq!(starting().decide().reason.name(), "Adopt");
    let mut datapoints = starting();
    datapoints.alarm_view().state = AlarmState::Ok;
    datapoints.points().newest_two_zero = true;
    let mut larger = starting();
    *larger.standby() = crate::observation::Group { min: 5, desired: 5, ..*larger.standby() };
    let mut usual = starting();
    usual.write(&Register::Base(Base { sizes: Sizes { min: 4, desired: 4, max: 8 }, at: start() }));
    let mut unnoted = starting();
    unnoted.record().base = Slot::Absent;
    let mut garbled = starting();
    garbled.record().base = Slot::Unreadable;
    for world in [datapoints, larger, usual, unnoted, garbled] {
        assert_eq!(skipped(&world, ADOPT), not_ours);
        assert_eq!(hold(&world), "AlreadyRaised");
    }
}

#[test]
fn a_standby_that_carried_everything_before_we_came_is_adopted_with_its_own_sizes() {
    let mut world = found_raised();
    check(
        &world,
        &expect![[r#"
            Adopt { target: 4 }
            before: pilotlight:raised = v1 first=1767225900 at=1767225900 target=4 why=alarm min=4 desired=4 max=8
            notice: the running standby is recorded as a failover
        "#]],
    );
    assert_eq!(world.story(2), "Adopt, CloseLatch");
    assert_eq!(world.record().gate().unwrap().latch, Latch::Closed);
}

#[test]
fn nothing_is_adopted_that_the_latch_would_not_hold() {
    let mut elsewhere = found_raised();
    elsewhere.dns(Answer::Primary);
    assert_eq!(skipped(&elsewhere, ADOPT), "DNS does not name the standby");
    let mut garbled = found_raised();
    garbled.record().raised = Slot::Unreadable;
    assert_eq!(skipped(&garbled, ADOPT), "the record cannot be read");
    let mut without_latch = World::with(&[("latch", "off")]);
    without_latch.alarm(AlarmState::Alarm);
    without_latch.dns(Answer::Standby);
    *without_latch.standby() = *found_raised().standby();
    assert_eq!(skipped(&without_latch, ADOPT), "there is no latch");
    assert_eq!(skipped(&World::failed_over(&[]), ADOPT), "it is recorded already");
    for world in [elsewhere, garbled, without_latch] {
        assert_eq!(hold(&world), "AlreadyRaised");
    }
}

/// Raised; DNS has moved to a standby that carries everybody.
fn moved() -> World {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.wait_minutes(2);
    world.dns(Answer::Standby);
    world
}

#[test]
fn the_latch_closes_late_and_then_stays() {
    let mut world = moved();
    check(
        &world,
        &expect![[r#"
            CloseLatch
            after: pilotlight:closed = v1 for=1767225600 at=1767225720
            notice: users stay on the standby until the failback
        "#]],
    );
    world.step();
    assert_eq!(hold(&world), "AlreadyRaised");
    assert_eq!(skipped(&world, CLOSE), "the latch is closed already");
    assert_eq!(world.decide().latch, Known::Known(Latch::Closed));
}

#[test]
fn the_latch_does_not_close_before_the_standby_carries_everybody() {
    for healthy in [Known::Known(3), Known::Unknown(Why::Timeout)] {
        let mut world = moved();
        world.standby().healthy = healthy;
        assert_eq!(skipped(&world, CLOSE), "the standby does not carry everything yet");
        assert_eq!(hold(&world), "AlreadyRaised");
    }
    let mut more = moved();
    more.standby().healthy = Known::Known(5);
    assert_eq!(more.decide().reason, Reason::CloseLatch);
}

#[test]
fn the_latch_never_moves_users_by_itself() {
    for answer in
        [Known::Known(Answer::Primary), Known::Known(Answer::Mixed), Known::Unknown(Why::Timeout)]
    {
        let mut world = moved();
        world.seen.answer = answer;
        assert_eq!(skipped(&world, CLOSE), "DNS does not name the standby");
        assert_eq!(hold(&world), "AlreadyRaised");
    }
    for state in [AlarmState::Ok, AlarmState::Insufficient] {
        let mut world = moved();
        world.alarm_view().state = state;
        assert_eq!(
            skipped(&world, CLOSE),
            "the alarm does not read ALARM",
            "DNS alone does not do"
        );
        assert_eq!(hold(&world), "AlreadyRaised");
    }
    let mut unread = moved();
    unread.seen.alarm = Known::Unknown(Why::Timeout);
    assert_eq!(skipped(&unread, CLOSE), "the alarm cannot be read");
    let mut back = moved();
    back.points().healthy_run = 1;
    assert_eq!(skipped(&back, CLOSE), "the newest datapoint says that the primary is back");
    let mut unmeasured = moved();
    unmeasured.seen.datapoints = Known::Unknown(Why::Timeout);
    assert_eq!(skipped(&unmeasured, CLOSE), "the metric cannot be read");
    for world in [unread, back, unmeasured] {
        assert_eq!(hold(&world), "AlreadyRaised");
    }
}

#[test]
fn an_operators_order_closes_the_latch_wherever_dns_is() {
    let mut world = moved();
    world.alarm(AlarmState::Ok);
    world.dns(Answer::Primary);
    world.write(&order(Demand::Failover));
    assert_eq!(world.decide().reason, Reason::CloseLatch);
    world.standby().healthy = Known::Known(3);
    assert_eq!(hold(&world), "AlreadyRaised", "not even then before the standby is full");
    world.write(&order(Demand::Failback));
    assert_eq!(hold(&world), "Proving");
}

#[test]
fn the_latch_does_not_close_on_a_gate_that_cannot_be_read() {
    let mut world = moved();
    world.record().opened = Slot::Unreadable;
    assert_eq!(skipped(&world, CLOSE), "nobody knows whether the latch is open");
    assert_eq!(hold(&world), "AlreadyRaised");
    assert_eq!(world.decide().latch, Known::Unknown(Why::Unparseable), "and nothing is put");
    world.seen.record = Known::Unknown(Why::Timeout);
    assert_eq!(world.decide().latch, Known::Unknown(Why::Unparseable));
}

#[test]
fn the_times_of_the_gate_grow_whatever_the_clocks_say() {
    for key in ["opened", "closed"] {
        let mut world = moved();
        world.write(&Register::Closed(after(world.now, 10).into()));
        world.write(&Register::Opened(after(world.now, 10).into()));
        world.tag(key, "v1 at=1767225740");
        let Reason::CloseLatch = world.decide().reason else { continue };
        let [Register::Closed(at)] = world.decide().after[..] else { panic!("it closes") };
        assert_eq!(at.at, after(start(), 141), "past the newer of both");
    }
    let mut world = moved();
    world.tag("opened", "v1 at=1767225740");
    let [Register::Closed(at)] = world.decide().after[..] else { panic!("it closes") };
    assert_eq!(at.at, after(start(), 141));
}

#[test]
fn the_recorded_latch_is_put_in_every_mode_and_on_every_event() {
    let mut world = World::failed_over(&[]);
    let latch = |world: &World| world.decide().latch;
    for mode in ["armed", "observe", "frozen", "FROZEN"] {
        world.tag("mode", mode);
        assert_eq!(latch(&world), Known::Known(Latch::Closed), "{mode}");
    }
    let mut without_latch = World::with(&[("latch", "off")]);
    without_latch.seen.record = world.seen.record.clone();
    assert_eq!(latch(&without_latch), Known::Unknown(Why::NotAsked));
    let mut both_serve = World::with(&[("routing", "active-active"), ("floor", "match")]);
    both_serve.seen.record = world.seen.record.clone();
    assert_eq!(latch(&both_serve), Known::Unknown(Why::NotAsked));
}

/// Raised without a latch; the primary group can still be read.
fn unlatched() -> World {
    let mut world = World::with(&[("latch", "off")]);
    world.alarm(AlarmState::Alarm);
    world.step();
    world.wait_minutes(1);
    world.dns(Answer::Standby);
    world
}

#[test]
fn without_a_latch_the_primarys_floor_is_held_its_note_first_and_once() {
    let mut world = unlatched();
    check(
        &world,
        &expect![[r#"
            Prewarm { demand: 4 }
            before: pilotlight:primary = v1 for=1767225600 min=2 desired=4 was=2 wrote=4
            primary: PrimaryWrite { min: 4, desired: Some(4) }
            latch: Unknown(NotAsked)
            notice: prewarming the primary: at least 4 instances
        "#]],
    );
    world.step();
    assert_eq!(skipped(&world, PIN), "the primary's floor is high enough");
    assert_eq!(hold(&world), "AlreadyRaised");
    // A deploy sets another minimum: that is what the operator wants to find again.
    world.primary().min = 1;
    let decision = world.decide();
    assert_eq!(decision.primary, Some(PrimaryWrite { min: 4, desired: Some(4) }));
    let [Register::Primary(undo)] = decision.before[..] else { panic!("{decision:?}") };
    assert_eq!((undo.min, undo.ours), (1, Some([1, 4])));
}

#[test]
fn where_the_latch_could_not_close_the_primarys_floor_is_held_after_five_minutes() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.standby().healthy = Known::Known(3);
    world.now = after(start(), 299);
    assert_eq!(skipped(&world, PIN), "the latch may still close");
    assert_eq!(hold(&world), "AlreadyRaised");
    world.now = after(start(), 300);
    assert_eq!(world.decide().reason, Reason::Prewarm { demand: 4 });
    world.step();
    world.wait_minutes(1);
    assert_eq!(hold(&world), "AlreadyRaised");
}

#[test]
fn a_note_of_another_failover_is_replaced() {
    let mut world = unlatched();
    world.tag("primary", "v1 for=1700000000 min=1 desired=1");
    assert_eq!(world.decide().before.len(), 1);
}

#[test]
fn the_primarys_floor_is_held_within_its_maximum_and_never_lowered() {
    let mut world = unlatched();
    *world.primary() = crate::observation::Group { max: 3, desired: 2, ..*world.primary() };
    let decision = world.decide();
    assert_eq!(decision.primary, Some(PrimaryWrite { min: 3, desired: Some(3) }));
    *world.primary() = crate::observation::Group { max: 8, desired: 7, ..*world.primary() };
    let decision = world.decide();
    assert_eq!(decision.primary, Some(PrimaryWrite { min: 4, desired: Some(7) }));
    world.primary().min = 6;
    assert_eq!(hold(&world), "AlreadyRaised");
}

#[test]
fn the_primarys_floor_is_left_alone_where_it_cannot_be_read_or_is_not_ours() {
    let mut dark = unlatched();
    dark.seen.primary = Known::Unknown(Why::Timeout);
    assert_eq!(skipped(&dark, PIN), "the primary cannot be read");
    let mut garbled = unlatched();
    garbled.record().done = Slot::Unreadable;
    assert_eq!(skipped(&garbled, PIN), "the record cannot be read");
    let mut finished = unlatched();
    finished.write(&Register::Done(start()));
    assert_eq!(skipped(&finished, PIN), "nothing is raised");
    for world in [dark, garbled, finished] {
        assert_eq!(hold(&world), "AlreadyRaised");
    }
    assert_eq!(skipped(&World::failed_over(&[]), PIN), "the latch holds the users");
    let mut unread = World::failed_over(&[]);
    unread.record().closed = Slot::Unreadable;
    assert_eq!(skipped(&unread, PIN), "the latch holds the users");
}

#[test]
fn without_a_latch_the_floor_is_held_while_the_primary_proves_itself_too() {
    let mut world = unlatched();
    world.alarm(AlarmState::Ok);
    world.dns(Answer::Primary);
    assert_eq!(
        world.story(38),
        "Prewarm, Proving x29, Draining x2, LowerMin, LowerDesired, Finish, Idle x3"
    );
    let primary = world.primary();
    assert_eq!((primary.min, primary.desired), (2, 4), "the floor is as it was");
}
