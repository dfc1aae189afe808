//! Registers that belong to another episode, that an earlier version wrote, or that somebody deleted: nothing is lowered and
//! nobody is moved by them.

use super::world::World;
use crate::decision::{Latch, Reason};
use crate::observation::{AlarmState, Answer, Known, Probe};
use crate::record::{Cause, Ownership, Register, Slot, Turn};
use crate::time::after;

fn gate(world: &mut World) -> Latch {
    world.record().gate().expect("the gate can be read").latch
}

/// Failed over, as the version before episodes were noted wrote it: the latch's registers have times alone.
fn by_the_version_before(mut world: World) -> World {
    for key in ["closed", "opened"] {
        let turn = match key {
            "closed" => world.record().closed.held().copied(),
            _ => world.record().opened.held().copied(),
        };
        if let Some(turn) = turn {
            world.tag(key, &format!("v1 at={}", turn.at.as_second()));
        }
    }
    if let Some(undo) = world.record().primary.held().copied() {
        let first = undo.episode.as_second();
        world.tag("primary", &format!("v1 for={first} min={} desired={}", undo.min, undo.desired));
    }
    world
}

#[test]
fn a_latch_left_closed_by_an_earlier_failover_does_not_close_at_the_next_raise() {
    for stale in ["v1 at=1767139200", "v1 for=1767135600 at=1767139200"] {
        let mut world = World::new();
        world.tag("closed", stale);
        world.tag("done", "v1 at=1767138000");
        assert_eq!(world.decide().latch, Known::Known(Latch::Open), "{stale}");
        // One wrong verdict of a minute; the primary is full all the time.
        world.alarm(AlarmState::Alarm);
        assert_eq!(world.step(), "Raise");
        assert_eq!(world.decide().latch, Known::Known(Latch::Open), "{stale}");
        world.standby().healthy = Known::Known(1);
        world.alarm(AlarmState::Ok);
        world.wait_minutes(1);
        assert_eq!(world.decide().latch, Known::Known(Latch::Open), "{stale}");
    }
}

#[test]
fn a_finished_failover_leaves_no_closed_latch_behind() {
    let mut world = World::latched(31, &[]);
    world.policy = super::world::policy(&[("latch", "off")]);
    world.dns(Answer::Primary);
    assert!(world.story(9).contains("Finish"));
    assert!(matches!(world.record().ownership(), Ownership::Idle));
    let (closed, opened) = (world.record().closed, world.record().opened);
    assert!(opened.held().unwrap().at > closed.held().unwrap().at);
    let finish = world.log.iter().find(|record| record.decision.reason == Reason::Finish).unwrap();
    let mut course = crate::course::Course::new(&finish.decision);
    while let Some((step, _)) = course.next_act() {
        assert_ne!(step, crate::decision::Step::Latch, "there is no latch to put a value for");
        course.took(true);
    }
}

#[test]
fn a_latch_that_was_deployed_away_in_mid_failover_does_not_close_when_it_is_back() {
    let mut world = World::latched(3, &[]);
    world.policy = super::world::policy(&[("latch", "off")]);
    world.dns(Answer::Primary);
    world.step();
    world.wait_minutes(1);
    world.policy = super::world::policy(&[]);
    assert_eq!(gate(&mut world), Latch::Open);
    assert_eq!(world.decide().latch, Known::Known(Latch::Open));
}

#[test]
fn a_deleted_raise_does_not_open_the_latch_that_holds_the_users() {
    let mut world = World::latched(3, &[]);
    world.tag("base", "v1 min=0 desired=0 max=8 at=1767139200");
    world.untag("raised");
    // The idle primary has been trimmed.
    *world.primary() = crate::observation::Group { desired: 2, in_service: 2, ..*world.primary() };
    assert_eq!(gate(&mut world), Latch::Closed);
    assert_eq!(world.decide().latch, Known::Known(Latch::Closed));
    assert_eq!(world.decide().reason, Reason::Adopt { target: 4 });
    world.step();
    let Ownership::Ours(raised) = world.record().ownership() else { panic!("it is noted again") };
    assert!(world.record().closed.held().unwrap().is_of(raised.first));
    assert_eq!(raised.undo.min, 0, "the sizes that were noted while idle");
    world.wait_minutes(1);
    let story = world.story(32);
    assert!(story.starts_with("Proving") && story.contains("Prewarm, OpenLatch"), "{story}");
    world.verified();
}

#[test]
fn a_raise_over_a_deleted_note_keeps_its_episode() {
    let mut world = World::failed_over(&[]);
    world.untag("raised");
    world.standby().min = 0;
    assert_eq!(world.step(), "Raise");
    assert_eq!(gate(&mut world), Latch::Closed);
}

#[test]
fn a_deleted_done_does_not_make_an_old_failover_ours_again() {
    let mut world = World::latched(31, &[]);
    world.step();
    world.step();
    world.dns(Answer::Primary);
    assert!(world.story(6).ends_with("Finish, Idle"));
    // Weeks later somebody keeps two servers running there.
    world.wait_minutes(30_000);
    *world.standby() = crate::observation::Group { min: 2, desired: 2, ..*world.standby() };
    world.step();
    for lost in ["done", "history"] {
        world.untag(lost);
        assert_eq!(world.record().ownership(), Ownership::Idle, "{lost}");
        for _ in 0..5 {
            assert_eq!(world.decide().standby, None);
            world.wait_minutes(1);
            world.step();
        }
    }
}

#[test]
fn normal_sizes_that_cannot_be_read_do_not_lower_a_standby_whose_done_was_deleted() {
    for key in ["base", "history"] {
        let mut world = World::latched(31, &[]);
        world.step();
        world.step();
        world.dns(Answer::Primary);
        assert!(world.story(6).ends_with("Finish, Idle"));
        world.wait_minutes(30_000);
        // Somebody else's four servers, and one of what says that the old failover is finished is deleted.
        *world.standby() = crate::observation::Group { min: 4, desired: 4, ..*world.standby() };
        world.untag("done");
        world.untag(if key == "base" { "history" } else { "base" });
        world.tag(key, "?");
        for _ in 0..15 {
            assert_eq!(world.decide().standby, None, "{key}");
            world.wait_minutes(1);
            assert_eq!(world.step(), "RecordUnreadable", "{key}");
        }
    }
}

#[test]
fn a_raise_beside_an_end_that_cannot_be_read_keeps_the_latch_closed_and_its_sizes() {
    for damage in [&[("base", "?")][..], &[("done", "?")], &[("base", "?"), ("done", "?")]] {
        let mut world = World::failed_over(&[]);
        world.untag("done");
        for (key, value) in damage {
            world.tag(key, value);
        }
        let before = *world.record().raised.held().unwrap();
        assert_eq!(gate(&mut world), Latch::Closed);
        // A deploy in the middle takes the minimum back.
        world.standby().min = 0;
        assert_eq!(world.step(), "Raise", "{damage:?}");
        assert_eq!(gate(&mut world), Latch::Closed, "{damage:?}");
        let raised = *world.record().raised.held().unwrap();
        assert_eq!((raised.first, raised.undo), (before.first, before.undo), "{damage:?}");
        assert!(raised.at > before.at);
    }
}

#[test]
fn an_idle_site_of_the_version_before_survives_the_update() {
    let mut world = World::latched(31, &[]);
    world.step();
    world.step();
    world.dns(Answer::Primary);
    world.story(6);
    let mut world = by_the_version_before(world);
    assert_eq!(world.record().unreadable(), [""; 0]);
    assert_eq!((world.record().ownership(), gate(&mut world)), (Ownership::Idle, Latch::Open));
    assert_eq!(world.story(5), "Idle x5");
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    assert_eq!(gate(&mut world), Latch::Open);
}

#[test]
fn a_raised_site_of_the_version_before_is_neither_lowered_nor_released_by_the_update() {
    let mut world = by_the_version_before(World::latched(3, &[]));
    assert_eq!(world.record().unreadable(), [""; 0]);
    assert_eq!(world.decide().latch, Known::Known(Latch::Closed));
    assert_eq!(world.decide().standby, None);
    let closed = *world.record().closed.held().unwrap();
    assert_eq!(world.step(), "Proving");
    let first = world.record().raised.held().unwrap().first;
    let named = Turn { episode: Some(first), at: closed.at };
    assert_eq!(world.record().closed, Slot::Held(named), "it is given its name at once");
    world.wait_minutes(1);
    assert_eq!(world.story(29), "Proving x26, Prewarm, OpenLatch, Draining");
    world.verified();
}

#[test]
fn an_open_latch_of_the_version_before_stays_open_and_its_primary_is_restored() {
    let mut world = World::latched(31, &[]);
    world.step();
    world.step();
    let mut world = by_the_version_before(world);
    assert_eq!(gate(&mut world), Latch::Open);
    world.dns(Answer::Primary);
    assert_eq!(world.story(6), "Draining x2, LowerMin, LowerDesired, Finish, Idle");
    assert_eq!(world.primary().min, 2);
}

#[test]
fn registers_of_a_later_form_are_unreadable_and_lower_nothing() {
    for (key, value) in [
        ("closed", "v2 for=1767225600 at=1767225720"),
        ("closed", "v1 for=soon at=1767225720"),
        ("opened", "v1 for= at=1767225720"),
        ("starved", "v3 n=1"),
        ("primary", "v1 for=1767225600 min=2 desired=4 was=2"),
        ("unseen", "v2 at=1767225720"),
    ] {
        let mut world = World::latched(33, &[]);
        world.tag(key, value);
        assert_eq!(world.record().unreadable(), [key], "{value}");
        let decision = world.decide();
        assert!(decision.standby.is_none_or(|write| !write.lowers()), "{value}");
        if matches!(key, "closed" | "opened") {
            assert_eq!(decision.latch.known(), None, "{value}");
        }
    }
}

#[test]
fn a_log_line_of_the_version_before_still_reads() {
    let mut world = World::latched(3, &[]);
    world.step();
    let line = world.log.pop().unwrap().to_log_line();
    let closed = world.record().closed.held().unwrap().at;
    let first = world.record().raised.held().unwrap().first;
    let present = format!(r#"{{"episode":"{first}","at":"{closed}"}}"#);
    assert!(line.contains(&present));
    let earlier = line
        .replace(&present, &format!("\"{closed}\""))
        .replace(r#""carry_percent":"75","#, "")
        .replace(r#""hold_percent":"50","#, "")
        .replace(r#""starved_ticks":"5","#, "")
        .replace(r#""cpu_target_percent":"50","#, "");
    assert_ne!(earlier, line);
    let read = crate::DecisionRecord::from_log_line(&earlier).expect("it reads");
    let record = read.observation.record.known().unwrap();
    assert_eq!(record.closed, Slot::Held(Turn::from(closed)));
}

#[test]
fn one_lost_reading_of_the_metric_beside_an_alarm_that_reads_ok_raises_nothing() {
    let mut world = World::new();
    world.tag("base", "v1 min=0 desired=0 max=8 at=1767139200");
    world.seen.probe = Known::Known(Probe::Down);
    let lost = Known::Unknown(crate::Why::Timeout);
    for minute in 0..20 {
        world.points_at(-75);
        (world.points().healthy_run, world.points().newest_two_zero) = (30, false);
        if minute % 2 == 0 {
            world.seen.datapoints = lost;
        }
        let reason = world.decide().reason;
        assert!(!matches!(reason, Reason::Raise { .. }), "{minute}: {reason:?}");
        world.step();
        world.now = after(world.now, 60);
    }
    world.seen.datapoints = lost;
    world.step();
    world.now = after(world.now, 60);
    let raise = Reason::Raise { why: Cause::Probe, target: 4 };
    assert_eq!(world.decide().reason, raise, "twice in a row");
    world.write(&Register::Unseen(after(world.now, -91)));
    assert_ne!(world.decide().reason, raise, "and not with a gap between");
    world.verified();
}
