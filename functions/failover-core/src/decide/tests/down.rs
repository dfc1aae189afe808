//! Rule 2: what counts as evidence that the primary is down, and what a raise asks for.

use std::time::Duration;

use expect_test::expect;

use super::shown::{check, hold, shown, silence};
use super::world::{MINUTE, World, start};
use crate::decision::{Reason, StandbyWrite};
use crate::observation::{AlarmState, Answer, Evaluation, Group, Known, Mode, Probe, Why};
use crate::record::{Base, Cause, Count, Ownership, Peak, Raised, Register, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;

const DARK: Sizes = Sizes { min: 0, desired: 0, max: 8 };

/// The evidence on which the standby is raised.
fn cause(world: &World) -> Option<Cause> {
    if let Reason::Raise { why, .. } = world.decide().reason { Some(why) } else { None }
}

fn raised(world: &mut World) -> Raised {
    let Ownership::Ours(raised) = world.record().ownership() else { panic!("it is ours") };
    raised
}

#[test]
fn an_alarm_raises_with_intent_first_and_one_write() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    check(
        &world,
        &expect![[r#"
            Raise { why: Alarm, target: 4 }
            before: pilotlight:raised = v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=8
            standby: Raise(Sizes { min: 4, desired: 4, max: 8 })
            notice: raising the standby from 0 to 4 instances
            told: pilotlight:findings = v1 set=failo at=1767225600
        "#]],
    );
}

#[test]
fn two_zero_datapoints_raise_although_the_alarm_says_ok() {
    let mut world = World::new();
    world.points().newest_two_zero = true;
    assert_eq!(cause(&world), Some(Cause::Datapoints));
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert_eq!(cause(&world), Some(Cause::Datapoints));
}

#[test]
fn zero_datapoints_count_for_five_periods() {
    let mut world = World::new();
    world.points().newest_two_zero = true;
    world.points().newest = after(world.now, -300);
    assert_eq!(cause(&world), Some(Cause::Datapoints));
    world.points().newest = after(world.now, -301);
    assert_eq!(hold(&world), "Blind");
    world.points().period = Duration::from_secs(61);
    assert_eq!(cause(&world), Some(Cause::Datapoints), "in a drill the period is another one");
}

#[test]
fn dns_at_the_standby_counts_while_the_latch_has_been_open_for_five_minutes() {
    let mut world = World::new();
    world.dns(Answer::Standby);
    assert_eq!(cause(&world), Some(Cause::Answer), "it was never closed");
    for answer in [Known::Known(Answer::Mixed), Known::Unknown(Why::Timeout)] {
        world.seen.answer = answer;
        assert_eq!(hold(&world), "Idle");
    }
    world.dns(Answer::Standby);
    world.write(&Register::Closed(after(world.now, -900).into()));
    world.write(&Register::Opened(after(world.now, -299).into()));
    assert_eq!(hold(&world), "Idle", "Route 53 and the resolvers have not followed yet");
    world.write(&Register::Opened(after(world.now, -300).into()));
    assert_eq!(cause(&world), Some(Cause::Answer));
    world.record().opened = Slot::Unreadable;
    assert_eq!(hold(&world), "Idle", "nobody knows whether we keep DNS there");
}

#[test]
fn dns_at_the_standby_is_no_evidence_while_the_latch_keeps_it_there() {
    let mut world = World::failed_over(&[]);
    world.alarm(AlarmState::Ok);
    *world.standby() = Group { min: 1, desired: 1, ..*world.standby() };
    assert_eq!(cause(&world), None);
    let mut without_latch = World::with(&[("latch", "off")]);
    without_latch.write(&Register::Closed(without_latch.now.into()));
    without_latch.dns(Answer::Standby);
    assert_eq!(
        cause(&without_latch),
        Some(Cause::Answer),
        "without a latch nothing keeps it there"
    );
}

/// A world whose detector is blind and whose own probe finds the primary down.
fn blind_and_down() -> World {
    let mut world = World::new();
    world.write(&Register::Base(Base { sizes: DARK, at: after(start(), -7200) }));
    world.seen.probe = Known::Known(Probe::Down);
    world.seen.alarm = Known::Unknown(Why::Timeout);
    world
}

#[test]
fn our_own_probe_counts_only_while_the_detector_is_blind() {
    assert_eq!(cause(&blind_and_down()), Some(Cause::Probe));
    let mut sees = blind_and_down();
    sees.seen.alarm = World::new().seen.alarm;
    assert_eq!(cause(&sees), None);
    let mut insufficient = sees.clone();
    insufficient.alarm_view().state = AlarmState::Insufficient;
    let mut failing = sees.clone();
    failing.alarm_view().evaluation = Evaluation::Failing;
    let mut silent = sees.clone();
    silent.seen.datapoints = Known::Unknown(Why::Empty);
    silent.write(&Register::Unseen(after(silent.now, -60)));
    let mut stale = sees.clone();
    stale.points().newest = after(sees.now, -301);
    for blind in [insufficient, failing, silent, stale] {
        assert_eq!(cause(&blind), Some(Cause::Probe));
    }
    sees.points().newest = after(sees.now, -300);
    assert_eq!(cause(&sees), None);
}

#[test]
fn our_own_probe_counts_only_with_egress_and_once_the_primary_was_up_for_an_hour() {
    let mut world = blind_and_down();
    world.seen.egress = false;
    assert_eq!(hold(&world), "Blind", "whatever broke may be ours");
    for probe in [Known::Known(Probe::Up), Known::Unknown(Why::Timeout)] {
        let mut world = blind_and_down();
        world.seen.probe = probe;
        assert_eq!(hold(&world), "Blind");
    }
    for base in [Slot::Absent, Slot::Unreadable] {
        let mut world = blind_and_down();
        world.record().base = base;
        assert_eq!(hold(&world), "Blind", "the first deploy is not a failure");
    }
    let mut world = blind_and_down();
    world.seen.record = Known::Unknown(Why::Timeout);
    assert_eq!(hold(&world), "RecordUnreadable");
}

#[test]
fn a_claim_counts_only_while_the_alarm_is_unknown_and_the_claim_is_fresh() {
    let mut world = World::new();
    let claim = |state, at| Signal::Alarm(Claim { state, at });
    world.signal = claim(AlarmState::Alarm, world.now);
    assert_eq!(hold(&world), "Idle", "the alarm reads OK: the event is stale");
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert_eq!(cause(&world), Some(Cause::Claim));
    world.signal = claim(AlarmState::Alarm, after(world.now, -900));
    assert_eq!(cause(&world), Some(Cause::Claim));
    world.signal = claim(AlarmState::Alarm, after(world.now, -901));
    assert_eq!(hold(&world), "Blind", "an event that waited is news of yesterday");
    world.signal = claim(AlarmState::Alarm, after(world.now, 60));
    assert_eq!(cause(&world), Some(Cause::Claim), "a clock that runs ahead is age zero");
    world.signal = claim(AlarmState::Ok, world.now);
    assert_eq!(hold(&world), "Blind");
    world.signal = Signal::Unreadable { detail: "ALARM".to_owned() };
    assert_eq!(hold(&world), "Blind");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table for each of some worlds")]
fn explain_names_what_keeps_each_evidence_from_counting() {
    let told = |world: &World| {
        let evidence = world.explain().evidence.into_iter();
        let line = |(cause, result): (Cause, Result<(), &str>)| {
            format!("{}: {}\n", cause.word(), result.err().unwrap_or("counts"))
        };
        evidence.map(line).collect::<String>()
    };
    expect![[r#"
        alarm: the alarm does not read ALARM
        verdict: Route 53's verdict was not asked for
        datapoints: the newest two datapoints are not both 0
        order: nobody has ordered a failover
        answer: DNS does not name the standby
        probe: the detector sees, or one reading alone was lost
        claim: the alarm itself can be read
        suspicion: `eager` is off
    "#]]
    .assert_eq(&told(&World::new()));
    let mut world = blind_and_down();
    world.dns(Answer::Standby);
    world.seen.datapoints = Known::Unknown(Why::Timeout);
    world.tag("order", "v1 what=failover for=0 at=1767225600 by=alice");
    expect![[r#"
        alarm: the alarm cannot be read
        verdict: Route 53's verdict was not asked for
        datapoints: the metric cannot be read
        order: counts
        answer: counts
        probe: counts
        claim: no fresh event claims ALARM
        suspicion: `eager` is off
    "#]]
    .assert_eq(&told(&world));
    world.tag("opened", "v1 at=1767225599");
    world.points_at(-301);
    world.seen.egress = false;
    expect![[r#"
        alarm: the alarm cannot be read
        verdict: Route 53's verdict was not asked for
        datapoints: the datapoints are too old
        order: counts
        answer: the latch was opened a moment ago
        probe: no other endpoint answers either
        claim: no fresh event claims ALARM
        suspicion: `eager` is off
    "#]]
    .assert_eq(&told(&world));
    let mut closed = World::failed_over(&[]);
    closed.seen.alarm = Known::Unknown(Why::Timeout);
    closed.seen.record =
        closed.seen.record.clone().map(|record| crate::Record { base: Slot::Absent, ..record });
    closed.seen.probe = Known::Known(Probe::Down);
    expect![[r#"
        alarm: the alarm cannot be read
        verdict: Route 53's verdict was not asked for
        datapoints: counts
        order: nobody has ordered a failover
        answer: the latch keeps DNS there
        probe: the primary has not been up for an hour yet
        claim: no fresh event claims ALARM
        suspicion: `eager` is off
    "#]]
    .assert_eq(&told(&closed));
    closed.record().closed = Slot::Unreadable;
    closed.seen.probe = Known::Unknown(Why::Timeout);
    expect![[r#"
        alarm: the alarm cannot be read
        verdict: Route 53's verdict was not asked for
        datapoints: counts
        order: nobody has ordered a failover
        answer: nobody knows whether the latch is open
        probe: our own probe did not find the primary down
        claim: no fresh event claims ALARM
        suspicion: `eager` is off
    "#]]
    .assert_eq(&told(&closed));
}

#[test]
fn a_second_raise_keeps_the_sizes_to_go_back_to() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.wait_minutes(1);
    assert_eq!(hold(&world), "AlreadyRaised");
    // Somebody, or a deploy, puts the minimum back in mid-outage.
    world.standby().min = 0;
    check(
        &world,
        &expect![[r#"
            Raise { why: Alarm, target: 4 }
            before: pilotlight:raised = v1 first=1767225600 at=1767225660 target=4 why=alarm min=0 desired=0 max=8
            standby: Raise(Sizes { min: 4, desired: 4, max: 8 })
            notice: holding the standby at no less than 4 instances
        "#]],
    );
    *world.standby() = Group { min: 4, desired: 3, ..*world.standby() };
    assert_eq!(cause(&world), Some(Cause::Alarm), "either size alone is reason enough");
    // A deploy asks for more, and the alarm does not say why any longer.
    world.policy = super::world::policy(&[("match_percent", "150")]);
    world.seen.alarm = Known::Unknown(Why::Timeout);
    world.step();
    let raised = raised(&mut world);
    assert_eq!((raised.target, raised.why, raised.first), (6, Cause::Datapoints, start()));
}

#[test]
fn the_times_of_raises_grow_whatever_the_clocks_say() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.now = after(world.now, -60);
    world.standby().min = 0;
    world.step();
    let again = raised(&mut world);
    assert_eq!((again.first, again.at), (start(), after(start(), 1)));
    world.write(&Register::Done(after(start(), 30)));
    world.standby().min = 0;
    world.step();
    let next = raised(&mut world);
    assert_eq!((next.first, next.at), (after(start(), 31), after(start(), 31)));
}

#[test]
fn fractions_of_a_second_do_not_reach_the_record() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.now = world.now.checked_add(Duration::from_millis(900)).unwrap();
    world.step();
    assert_eq!(raised(&mut world).at, start());
}

#[test]
fn a_raise_never_takes_away_what_is_live() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    *world.standby() = Group { min: 1, desired: 6, max: 20, ..*world.standby() };
    let standby = |world: &World| world.decide().standby;
    let raise = |min, desired, max| Some(StandbyWrite::Raise(Sizes { min, desired, max }));
    assert_eq!(standby(&world), raise(4, 6, 20));
    *world.standby() = Group { min: 6, desired: 2, max: 3, ..*world.standby() };
    assert_eq!(standby(&world), raise(6, 4, 4), "sizes in the middle of a change");
}

#[test]
fn the_target_follows_the_sampled_peak_up_to_the_cap() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    *world.primary() = Group { min: 1, in_service: 1, ..*world.primary() };
    for (peak, expected) in [(1, 2), (7, 7), (700, 8)] {
        world.write(&Register::Peak(Peak::sampled(None, 1, peak)));
        let reason = world.decide().reason;
        assert_eq!(reason, Reason::Raise { why: Cause::Alarm, target: expected });
    }
    world.write(&Register::Peak(Peak::sampled(None, 1, 0)));
    let reason = world.decide().reason;
    assert_eq!(reason, Reason::Raise { why: Cause::Alarm, target: 4 }, "nothing sampled: the hint");
}

#[test]
fn an_unreadable_note_raises_with_the_sizes_recorded_while_idle() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.standby().desired = 3;
    world.record().raised = Slot::Unreadable;
    let undo = |world: &World| match world.decide().before[..] {
        [Register::Raised(raised)] => raised.undo,
        ref other => panic!("no note: {other:?}"),
    };
    assert_eq!(undo(&world), Sizes { min: 0, desired: 3, max: 8 }, "nothing was noted");
    world.write(&Register::Base(Base { sizes: DARK, at: after(start(), -7200) }));
    assert_eq!(undo(&world), DARK);
    world.seen.record = Known::Unknown(Why::Throttled);
    assert_eq!(undo(&world), Sizes { min: 0, desired: 3, max: 8 });
}

#[test]
fn an_unreadable_standby_is_tried_again() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.seen.standby = Known::Unknown(Why::Throttled);
    world.seen.record = Known::Unknown(Why::Throttled);
    let decision = world.decide();
    assert!(decision.retry());
    assert_eq!(silence(&world), "StandbyUnreadable");
    expect![[r#"
        StandbyUnreadable { why: Throttled }
        latch: Unknown(NotAsked)
    "#]]
    .assert_eq(&shown(&decision));
    let explanation = world.explain();
    assert_eq!(explanation.evidence, []);
    assert_eq!(explanation.rules.len(), 1);
    assert_eq!((explanation.rules[0].number, explanation.rules[0].skipped), ("0", None));
    world.seen.standby = World::new().seen.standby;
    assert!(!world.decide().retry());
    assert_eq!(world.explain().rules[0].skipped, Some("it can be read"));
}

#[test]
fn frozen_touches_nothing_and_observe_only_reports() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.record().mode = Slot::Held(Mode::Frozen);
    assert_eq!(silence(&world), "Frozen");
    world.record().mode = Slot::Held(Mode::Observe);
    assert_eq!(silence(&world), "Raise", "reported, not written");
    world.record().mode = Slot::Unreadable;
    assert_eq!(world.step(), "Raise", "an unreadable mode may raise");
    world.alarm(AlarmState::Ok);
    world.wait_minutes(60);
    assert_eq!(hold(&world), "NotArmed", "and may not lower");
}

#[test]
fn a_rehearsal_decides_and_writes_nothing() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.signal = Signal::Rehearsal;
    assert_eq!(silence(&world), "Raise");
    check(
        &world,
        &expect![[r#"
            Raise { why: Alarm, target: 4 }
            only reported
            before: pilotlight:raised = v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=8
            standby: Raise(Sizes { min: 4, desired: 4, max: 8 })
            latch: Unknown(NotAsked)
            notice: raising the standby from 0 to 4 instances
        "#]],
    );
}

#[test]
fn a_count_of_drained_ticks_does_not_survive_evidence_against_the_primary() {
    let mut world = World::blipped(31, &[]);
    world.primary().min = 4;
    assert_eq!(world.story(2), "Draining x2");
    world.alarm(AlarmState::Alarm);
    check(
        &world,
        &expect![[r#"
            AlreadyRaised { target: 4 }
            after: pilotlight:drain = v1 for=1767225600 n=0 at=1767227880
        "#]],
    );
    world.step();
    assert_eq!(hold(&world), "AlreadyRaised", "a counter at 0 is not written again");
    world.write(&Register::Drain(Count { episode: start(), ticks: 1, at: world.now }));
    assert_eq!(world.decide().after.len(), 1);
}

#[test]
fn what_we_did_not_raise_is_never_lowered() {
    let mut world = World::new();
    *world.standby() = Group { min: 6, desired: 6, ..*world.standby() };
    world.write(&Register::Drain(Count { episode: world.now, ticks: 60, at: world.now }));
    assert_eq!(world.story(30), "Sample x30");
    assert_eq!(world.standby().sizes(), Sizes { min: 6, desired: 6, max: 8 });
}

#[test]
fn the_metric_is_judged_by_its_own_period() {
    let mut world = World::new();
    world.points().period = MINUTE / 6;
    assert_eq!(hold(&world), "Blind", "75 s are late for a metric of 10 s");
}
