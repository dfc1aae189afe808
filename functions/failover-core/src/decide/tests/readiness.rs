//! Findings: told once when they appear and once when they have been gone for an hour.

use expect_test::expect;

use super::shown::{check, silence};
use super::world::{World, start};
use crate::course::{Act, Course};
use crate::decision::News;
use crate::finding::Finding;
use crate::observation::{
    AlarmState, Answer, CheckConfig, Evaluation, Group, Known, Probe, Readiness, Subscriptions, Why,
};
use crate::record::{Gone, Lasting, Peak, Register, Slot, Told};
use crate::signal::Signal;
use crate::time::{Timestamp, after};

/// What people have been told of after this tick, if they are told of anything.
fn told(world: &World) -> Option<Vec<Finding>> {
    let News { notice, told, .. } = world.decide().news;
    // A failover that is under way has tests of its own.
    notice.filter(|notice| notice.subject != Finding::Failover.subject())?;
    let mut findings = told.expect("what is told is noted").findings;
    findings.remove(&Finding::Failover);
    Some(findings.into_iter().collect())
}

fn note(world: &mut World, findings: &[Finding], at: Timestamp) {
    let findings = findings.iter().copied().collect();
    world.write(&Register::Told(Told { findings, at, gone: None }));
}

/// A finding that appears is told on the next tick and then never again; `cause` makes it appear, `cure` makes it go.
fn comes_and_goes(
    finding: Finding,
    mut world: World,
    cause: impl FnOnce(&mut World),
    cure: impl FnOnce(&mut World),
) {
    assert_eq!(told(&world), None, "{finding:?} is not there yet");
    cause(&mut world);
    assert_eq!(told(&world), Some(vec![finding]));
    let subject = world.decide().news.notice.unwrap().subject;
    assert!(subject.starts_with(finding.subject()), "{subject}");
    world.step();
    world.wait_minutes(1);
    assert_eq!(told(&world), None, "{finding:?} is told once");
    cure(&mut world);
    assert_eq!(told(&world), None, "{finding:?} may come back");
    world.step();
    assert!(world.record().findings.held().unwrap().is_gone(finding), "{finding:?} is marked");
    world.wait_minutes(59);
    assert_eq!(told(&world), None, "{finding:?} may still come back");
    world.wait_minutes(1);
    let notice = world.decide().news.notice.expect("after an hour it is gone");
    assert_eq!(notice.subject, format!("resolved: {}", finding.word()));
    assert_eq!(told(&world), Some(vec![]));
    world.step();
    assert_eq!(told(&world), None);
}

fn alarm_actions(world: &mut World, actions: bool) {
    world.alarm_view().actions = actions;
}

fn check_is(disabled: bool, inverted: bool) -> impl FnOnce(&mut World) {
    move |world| {
        let check = Known::Known(CheckConfig { disabled, inverted });
        world.seen.readiness = Readiness { check, ..Readiness::NOT_ASKED };
    }
}

fn receivers(confirmed: u32, pending: u32) -> impl FnOnce(&mut World) {
    move |world| {
        let subscriptions = Known::Known(Subscriptions { confirmed, pending, asked: 2 });
        world.seen.readiness = Readiness { subscriptions, ..Readiness::NOT_ASKED };
    }
}

#[test]
fn what_is_wrong_with_the_detector_comes_and_goes() {
    let world = World::new;
    comes_and_goes(
        Finding::Actions,
        world(),
        |world| alarm_actions(world, false),
        |world| alarm_actions(world, true),
    );
    comes_and_goes(Finding::Disabled, world(), check_is(true, false), check_is(false, false));
    comes_and_goes(Finding::Inverted, world(), check_is(false, true), check_is(false, false));
    let blind = [
        |world: &mut World| world.alarm_view().state = AlarmState::Insufficient,
        |world: &mut World| world.alarm_view().evaluation = Evaluation::Failing,
    ];
    for cause in blind {
        comes_and_goes(Finding::Blind, world(), cause, |world| {
            *world.alarm_view() = *World::new().alarm_view();
        });
    }
    for why in [Why::Empty, Why::Denied] {
        let lost = |world: &mut World| world.seen.alarm = Known::Unknown(why);
        let found = |world: &mut World| world.seen.alarm = World::new().seen.alarm;
        comes_and_goes(Finding::Blind, world(), lost, found);
    }
    comes_and_goes(
        Finding::Blind,
        world(),
        |world| world.points().newest = after(start(), -301),
        |world| world.points().newest = world.now,
    );
}

fn others_are(others: Known<CheckConfig>) -> impl FnOnce(&mut World) {
    move |world| {
        let check = Known::Known(CheckConfig { disabled: false, inverted: false });
        world.seen.readiness = Readiness { check, others, ..Readiness::NOT_ASKED };
    }
}

#[test]
fn a_health_check_that_nobody_can_look_at_comes_and_goes() {
    let sound = || others_are(Known::Known(CheckConfig { disabled: false, inverted: false }));
    for why in [Why::Empty, Why::Denied, Why::Unparseable, Why::Foreign] {
        let others = others_are(Known::Unknown(why));
        comes_and_goes(Finding::Checks, World::new(), others, sound());
        let own = |world: &mut World| {
            world.seen.readiness = Readiness { check: Known::Unknown(why), ..Readiness::NOT_ASKED };
        };
        comes_and_goes(Finding::Checks, World::new(), own, sound());
    }
}

#[test]
fn a_health_check_that_answers_late_says_nothing_about_itself() {
    for why in [Why::Timeout, Why::Throttled, Why::Fault, Why::Expired] {
        let mut world = World::new();
        others_are(Known::Unknown(why))(&mut world);
        assert_eq!(told(&world), None, "{why:?}");
        note(&mut world, &[Finding::Checks], start());
        world.step();
        assert!(!world.record().findings.held().unwrap().is_gone(Finding::Checks), "{why:?}");
    }
}

#[test]
fn what_is_wrong_with_the_receivers_comes_and_goes() {
    comes_and_goes(Finding::Unconfirmed, World::new(), receivers(2, 1), receivers(2, 0));
    comes_and_goes(Finding::Unconfirmed, World::new(), receivers(0, 0), receivers(3, 0));
    // A mail scanner followed the link to unsubscribe.
    comes_and_goes(Finding::Unconfirmed, World::new(), receivers(1, 0), receivers(2, 0));
}

#[test]
fn what_is_wrong_with_the_groups_comes_and_goes() {
    comes_and_goes(
        Finding::Suspended,
        World::new(),
        |world| world.standby().suspended = true,
        |world| world.standby().suspended = false,
    );
    let failed_over = || {
        let mut world = World::failed_over(&[]);
        world.primary().healthy = Known::Known(0);
        world
    };
    comes_and_goes(
        Finding::Starved,
        failed_over(),
        |world| world.standby().healthy = Known::Known(3),
        |world| world.standby().healthy = Known::Known(4),
    );
    comes_and_goes(
        Finding::Primary,
        failed_over(),
        |world| *world.primary() = Group { desired: 3, max: 3, ..*world.primary() },
        |world| world.primary().max = 8,
    );
}

fn peak(hour: i64, instances: u16) -> Register {
    Register::Peak(Peak::sampled(None, hour, instances))
}

#[test]
fn what_is_wrong_with_the_sampled_peak_comes_and_goes() {
    // Nobody asked DNS, so that no tick samples.
    let unsampled = || {
        let mut world = World::new();
        world.seen.answer = Known::Unknown(Why::NotAsked);
        world
    };
    comes_and_goes(
        Finding::Capacity,
        unsampled(),
        |world| world.write(&peak(490_896, 9)),
        |world| world.write(&peak(490_896, 8)),
    );
    let mut sampled = unsampled();
    sampled.write(&peak(490_871, 4));
    comes_and_goes(
        Finding::Stale,
        sampled,
        |world| world.now = after(start(), 1),
        |world| world.write(&peak(490_896, 4)),
    );
    let mut raised = World::failed_over(&[]);
    raised.write(&peak(1, 4));
    assert_eq!(told(&raised), None, "nothing is sampled in a failover");
}

#[test]
fn a_probe_that_the_failback_waits_for_comes_and_goes() {
    comes_and_goes(
        Finding::Probe,
        World::blipped(31, &[("drain_ticks", "60")]),
        |world| world.seen.probe = Known::Unknown(Why::Timeout),
        |world| world.seen.probe = Known::Known(Probe::Up),
    );
}

#[test]
fn a_register_that_cannot_be_read_comes_and_goes() {
    for key in ["base", "peak", "primary", "drain", "history", "mode", "order", "opened"] {
        let mut world = World::new();
        world.seen.answer = Known::Unknown(Why::NotAsked);
        let hour = world.now.as_second() / 3600;
        world.write(&Register::Peak(Peak::sampled(None, hour, 2)));
        let whole = world.record().clone();
        let cure = |world: &mut World| {
            let findings = world.record().findings.clone();
            *world.record() = crate::Record { findings, ..whole };
        };
        comes_and_goes(Finding::Record, world, |world| world.tag(key, "?"), cure);
    }
}

#[test]
fn without_the_note_of_the_raise_what_needs_it_is_not_told() {
    let mut world = World::new();
    world.standby().suspended = true;
    world.standby().healthy = Known::Known(0);
    world.tag("raised", "?");
    assert_eq!(told(&world), Some(vec![Finding::Suspended, Finding::Record]));
    world.seen.record = Known::Unknown(Why::Timeout);
    assert_eq!(silence(&world), "RecordUnreadable", "there is no room to note it");
}

#[test]
fn a_register_of_findings_that_cannot_be_read_is_told_and_written_anew() {
    let mut world = World::new();
    world.standby().suspended = true;
    world.tag("findings", "v1 set=suspended.nonsense at=1767225600");
    assert_eq!(told(&world), Some(vec![Finding::Suspended, Finding::Record]));
    world.step();
    assert_eq!(world.record().findings.held().unwrap().at, start());
    assert_eq!(told(&world), None);
    world.tag("lasting", "v1 probe=soon");
    world.step();
    assert_eq!(world.record().lasting, Slot::Held(Lasting::default()));
}

#[test]
fn what_cannot_be_seen_now_stays_as_it_was_told() {
    let unseen = [
        Finding::Blind,
        Finding::Actions,
        Finding::Disabled,
        Finding::Inverted,
        Finding::Unconfirmed,
    ];
    let mut world = World::new();
    world.seen.alarm = Known::Unknown(Why::Timeout);
    note(&mut world, &unseen, after(start(), -7200));
    assert_eq!(told(&world), None);
    world.seen.alarm = World::new().seen.alarm;
    world.seen.datapoints = Known::Unknown(Why::Empty);
    world.step();
    let told_of = world.record().findings.held().unwrap().clone();
    let gone = told_of.gone.unwrap().findings;
    assert_eq!(gone, [Finding::Actions].into(), "the actions can be seen again");
    for probe in [Known::Known(Probe::Down), Known::Unknown(Why::Timeout)] {
        let mut world = World::new();
        world.seen.probe = probe;
        note(&mut world, &[Finding::Probe], after(start(), -7200));
        assert_eq!(
            told(&world),
            None,
            "a probe that fails while the alarm reads OK proves nothing new"
        );
    }
    let mut world = World::failed_over(&[]);
    world.seen.primary = Known::Unknown(Why::Timeout);
    world.standby().healthy = Known::Unknown(Why::Timeout);
    note(&mut world, &[Finding::Primary, Finding::Starved], after(start(), -7200));
    assert_eq!(told(&world), None);
}

#[test]
fn a_raised_standby_is_given_five_minutes_to_become_healthy() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.step();
    world.standby().healthy = Known::Known(0);
    world.primary().min = 4;
    world.wait_minutes(5);
    world.now = after(start(), 299);
    assert_eq!(told(&world), None);
    world.now = after(start(), 300);
    assert_eq!(told(&world), Some(vec![Finding::Starved]));
    world.standby().healthy = Known::Known(4);
    assert_eq!(told(&world), None);
    world.write(&Register::Done(start()));
    world.standby().healthy = Known::Known(0);
    assert_eq!(told(&world), None, "at rest nobody is missed");
}

#[test]
fn what_the_primary_must_take_back_is_what_the_standby_carries() {
    let mut world = World::failed_over(&[]);
    world.standby().in_service = 6;
    world.primary().max = 6;
    assert_eq!(told(&world), None);
    world.primary().max = 5;
    assert_eq!(told(&world), Some(vec![Finding::Primary]));
    world.write(&Register::Done(after(start(), 100)));
    world.alarm(AlarmState::Ok);
    world.dns(Answer::Primary);
    assert_eq!(told(&world), None, "at rest nobody comes back");
}

#[test]
fn several_findings_are_told_together() {
    let mut world = World::new();
    let findings = [Finding::Disabled, Finding::Probe].into();
    let gone = Gone { findings: [Finding::Probe].into(), at: after(start(), -3600) };
    world.write(&Register::Told(Told { findings, at: after(start(), -7200), gone: Some(gone) }));
    alarm_actions(&mut world, false);
    world.standby().suspended = true;
    world.seen.answer = Known::Unknown(Why::NotAsked);
    check(
        &world,
        &expect![[r#"
        Idle
        told: pilotlight:findings = v1 set=actio.disab.suspe at=1767225600
        news: the failover alarm has no enabled action, and 1 more
    "#]],
    );
    expect![[r#"
        New:
        - actions: A failover starts up to a minute late: the failover alarm has no enabled action, so only the controller's tick sees it. Enable them: aws cloudwatch enable-alarm-actions --region us-east-1 --alarm-names <alarm>. If they are gone: "A part of the site is gone" in docs/runbook.md.
        - suspended: A raise brings no servers: Launch or AddToLoadBalancer is suspended on the standby group. Resume them: aws autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes Launch AddToLoadBalancer.
        Resolved: probe.
        Still open: disabled."#]].assert_eq(&world.decide().news.notice.unwrap().body);
    let findings = [Finding::Actions, Finding::Suspended, Finding::Starved].into();
    let gone = Gone { findings: [Finding::Starved].into(), at: after(start(), -3600) };
    world.write(&Register::Told(Told { findings, at: after(start(), -7200), gone: Some(gone) }));
    expect![[r#"
        Resolved: starved.
        Still open: actions, suspended."#]]
    .assert_eq(&world.decide().news.notice.unwrap().body);
}

#[test]
fn what_comes_and_goes_within_an_hour_is_told_once() {
    let mut world = World::new();
    let mut notices = 0;
    for minute in 0..600 {
        world.standby().suspended = minute % 50 < 25;
        notices += usize::from(world.decide().news.notice.is_some());
        world.step();
        world.wait_minutes(1);
    }
    assert_eq!(notices, 1);
}

#[test]
fn a_finding_joins_the_notice_of_what_is_done() {
    let mut world = World::failed_over(&[]);
    world.write(&Register::Closed(after(start(), -1).into()));
    world.write(&Register::Opened(start().into()));
    world.standby().suspended = true;
    let decision = world.decide();
    assert_eq!(decision.reason.name(), "CloseLatch");
    let mut course = Course::new(&decision);
    let mut body = String::new();
    while let Some((_, act)) = course.next_act() {
        if let Act::Notify(notice) = act {
            body = notice.body;
        }
        course.took(true);
    }
    let (_, also) = body.split_once("\n\n").expect("the finding is a paragraph of its own");
    expect![[r#"
        Also: the standby group cannot launch servers
        New:
        - suspended: A raise brings no servers: Launch or AddToLoadBalancer is suspended on the standby group. Resume them: aws autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes Launch AddToLoadBalancer.
        Still open: failover."#]].assert_eq(also);
}

#[test]
fn findings_wait_for_a_raise_and_for_nothing_else() {
    let mut world = World::new();
    world.standby().suspended = true;
    world.alarm(AlarmState::Alarm);
    assert_eq!((world.decide().reason.name(), told(&world)), ("Raise", None));
    let mut primary = World::latched(30, &[]);
    primary.standby().suspended = true;
    let told = (primary.decide().reason.name(), told(&primary));
    assert_eq!(told, ("Prewarm", Some(vec![Finding::Suspended])));
}

#[test]
fn a_rehearsal_tells_nobody_and_any_other_event_does() {
    let mut world = World::new();
    world.standby().suspended = true;
    world.signal = Signal::Rehearsal;
    assert_eq!(world.decide().news, News::NONE);
    world.signal = Signal::Unreadable { detail: String::new() };
    assert_eq!(told(&world), Some(vec![Finding::Suspended]));
}
