//! Never silent: whatever lasts is told, a lost notice is sent again, and nobody is flooded.

use super::world::{World, start};
use crate::course::{Act, Course};
use crate::decision::{Latch, Reason};
use crate::finding::Finding;
use crate::observation::{AlarmState, Answer, Group, Known, Mode, Probe, Why};
use crate::record::{Demand, Register, Told};
use crate::signal::{Request, Signal, Wish};
use crate::time::after;

/// One minute in which the notice is published or lost, and no write is refused but that of the primary.
fn minute(world: &mut World, published: bool, refused: bool) -> Option<String> {
    let decision = world.decide();
    let mut course = Course::new(&decision);
    let mut subject = None;
    while let Some((_, act)) = course.next_act() {
        let confirmed = match &act {
            Act::Notify(notice) => {
                subject = published.then(|| notice.subject.clone());
                published
            }
            Act::Primary(_) => !refused,
            Act::Tags(_) | Act::Recheck | Act::Standby(_) | Act::Latch(_) => true,
        };
        if confirmed {
            world.carry_out(act);
        }
        course.took(confirmed);
    }
    world.wait_minutes(1);
    subject
}

/// The minutes at which people are told within so many days, and of what.
fn told(mut world: World, days: u16) -> Vec<(u16, String)> {
    let told = |minute_of: u16| minute(&mut world, true, false).map(|subject| (minute_of, subject));
    (0..days * 1440).filter_map(told).collect()
}

/// Told within so many minutes, and then at least once a day, for a week.
fn is_never_silent(name: &str, world: &World, finding: Finding, within: u16) {
    let notices = told(world.clone(), 7);
    let first = notices.iter().find(|(_, subject)| subject.contains(finding.subject()));
    let first = first.unwrap_or_else(|| panic!("{name}: nobody is told: {notices:?}"));
    assert!(first.0 <= within, "{name}: told after {} minutes: {notices:?}", first.0);
    let mut last = first.0;
    for (at, _) in &notices {
        assert!(at.saturating_sub(last) <= 1440, "{name}: silent for more than a day: {notices:?}");
        last = *at;
    }
    assert!(7 * 1440 - last <= 1440, "{name}: silent at the end: {notices:?}");
    assert!(notices.len() <= 14, "{name}: {} notices a week: {notices:?}", notices.len());
}

/// The primary fails and returns, and DNS has followed both times: the standby is being lowered.
fn draining() -> World {
    let mut world = World::blipped(31, &[]);
    world.dns(Answer::Mixed);
    world
}

#[test]
fn dns_that_does_not_follow_is_told() {
    let mut dead = World::new();
    dead.alarm(AlarmState::Alarm);
    dead.step();
    dead.wait_minutes(1);
    is_never_silent("DNS stays at the dead primary", &dead, Finding::Unmoved, 5);
    let mut closed = World::latched(1, &[]);
    closed.seen.datapoints = Known::Unknown(Why::Empty);
    closed.dns(Answer::Primary);
    is_never_silent("the latch holds nobody", &closed, Finding::Unheld, 5);
    let mut open = World::new();
    open.dns(Answer::Standby);
    is_never_silent("DNS stays at the standby", &open, Finding::Unreturned, 11);
    is_never_silent("DNS answers both regions", &draining(), Finding::Answer, 10);
    let mut lost = World::new();
    lost.seen.answer = Known::Unknown(Why::Empty);
    is_never_silent("DNS answers nothing", &lost, Finding::Answer, 10);
}

#[test]
fn a_short_disagreement_of_dns_is_not_told() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world.primary().healthy = Known::Known(0);
    world.step();
    for _ in 0..5 {
        world.wait_minutes(1);
        assert_eq!(world.decide().news.notice, None);
        world.step();
    }
    world.dns(Answer::Standby);
    world.wait_minutes(1);
    world.step();
    let known = &world.record().findings.held().unwrap().findings;
    assert_eq!(*known, [Finding::Failover].into());
    let since = &world.record().lasting.held().unwrap().since;
    assert!(!since.contains_key(&Finding::Unmoved), "{since:?}");
}

#[test]
fn a_controller_that_is_not_armed_is_told_and_an_outage_meanwhile_at_once() {
    for mode in [Mode::Frozen, Mode::Observe] {
        let mut world = World::new();
        world.tag("mode", mode.word());
        is_never_silent("a mode set by hand", &world, Finding::Unarmed, 0);
        for _ in 0..3 {
            world.step();
            world.wait_minutes(1);
        }
        world.alarm(AlarmState::Alarm);
        let notice = world.decide().news.notice.expect("the outage is told");
        assert_eq!(notice.subject, Finding::Withheld.subject());
        let armed = "cargo xtask mode armed";
        assert!(
            notice.body.contains(armed) && notice.body.contains(mode.word()),
            "{}",
            notice.body
        );
        world.step();
        world.untag("mode");
        world.alarm(AlarmState::Ok);
        let notice = world.decide().news.notice.expect("armed again");
        assert_eq!(notice.subject, "resolved: unarmed, withheld");
    }
}

#[test]
fn a_mode_that_was_asked_for_is_told_once() {
    let mut world = World::new();
    let mode = |world: &mut World, mode| {
        let request =
            Request { what: Wish::Mode(mode), episode: None, at: world.now, by: "al".into() };
        world.signal = Signal::Request(request);
        let subject = minute(world, true, false);
        world.signal = Signal::Tick;
        subject
    };
    assert_eq!(mode(&mut world, Mode::Frozen).as_deref(), Some("the mode is now frozen"));
    assert_eq!(minute(&mut world, true, false), None);
    assert_eq!(mode(&mut world, Mode::Armed).as_deref(), Some("the mode is now armed"));
    assert_eq!(minute(&mut world, true, false), None);
    assert_eq!(world.record().findings.held().unwrap().findings.len(), 0);
}

#[test]
fn a_mode_whose_notice_was_lost_is_told_on_the_next_tick() {
    let mut world = World::new();
    world.signal = Signal::Request(world.request(Wish::Mode(Mode::Frozen)));
    assert_eq!(minute(&mut world, false, false), None);
    world.signal = Signal::Tick;
    let told = minute(&mut world, true, false);
    assert_eq!(told.as_deref(), Some(Finding::Unarmed.subject()));
}

#[test]
fn whatever_holds_a_failover_for_four_hours_is_told() {
    const FOUR_HOURS: u16 = 240;
    let down = World::failed_over(&[]);
    is_never_silent("the primary stays down", &down, Finding::Held, FOUR_HOURS);
    is_never_silent("draining", &draining(), Finding::Held, FOUR_HOURS);
    let mut gaps = World::latched(1, &[]);
    gaps.seen.datapoints = Known::Unknown(Why::Empty);
    is_never_silent("proving", &gaps, Finding::Held, FOUR_HOURS);
    let approve = World::latched(29, &[("failback", "approve")]);
    is_never_silent("awaiting approval", &approve, Finding::Held, FOUR_HOURS);
    is_never_silent("awaiting approval", &approve, Finding::Approval, 2);
    let mut unreadable = World::latched(31, &[]);
    unreadable.seen.primary = Known::Unknown(Why::Timeout);
    is_never_silent("primary unreadable", &unreadable, Finding::Held, FOUR_HOURS);
    let mut short = World::latched(31, &[]);
    *short.primary() = Group { min: 4, healthy: Known::Known(3), ..*short.primary() };
    assert_eq!(short.decide().reason.name(), "Prewarming");
    is_never_silent("prewarming", &short, Finding::Held, FOUR_HOURS);
    let mut frozen = World::failed_over(&[]);
    frozen.tag("mode", "frozen");
    is_never_silent("frozen", &frozen, Finding::Held, FOUR_HOURS);
}

#[test]
fn a_write_that_is_refused_for_ever_is_told() {
    let mut world = World::latched(31, &[]);
    let mut told = Vec::new();
    for _ in 0..300 {
        assert_eq!(world.decide().reason.name(), "Prewarm");
        told.extend(minute(&mut world, true, true));
    }
    assert_eq!(told, [Finding::Held.subject()]);
}

#[test]
fn a_notice_that_is_lost_is_sent_on_the_next_tick() {
    let mut world = World::latched(29, &[("failback", "approve")]);
    for _ in 0..60 {
        assert_eq!(minute(&mut world, false, false), None);
    }
    let told = minute(&mut world, true, false);
    assert_eq!(told.as_deref(), Some(Finding::Approval.subject()));
    assert_eq!(minute(&mut world, true, false), None);
}

#[test]
fn an_approval_that_a_new_failure_voids_is_asked_for_again() {
    let mut world = World::latched(31, &[("failback", "approve")]);
    let asked = || Some(Finding::Approval.subject().to_owned());
    assert_eq!(minute(&mut world, true, false), asked());
    let request = world.request(Wish::Order(Demand::Approve));
    world.signal = Signal::Request(request);
    minute(&mut world, true, false);
    world.signal = Signal::Tick;
    let findings = world.record().findings.held().unwrap().findings.clone();
    assert!(!findings.contains(&Finding::Approval), "an order that is taken answers it");
    world.alarm(AlarmState::Alarm);
    minute(&mut world, true, false);
    world.alarm(AlarmState::Ok);
    let told: Vec<_> = (0..40).filter_map(|_| minute(&mut world, true, false)).collect();
    assert_eq!(told.last().cloned(), asked(), "{told:?}");
}

#[test]
fn an_approval_of_a_manual_failback_is_refused_and_the_question_names_the_way() {
    let mut world = World::latched(31, &[("failback", "manual")]);
    let body = world.decide().news.notice.expect("it asks").body;
    assert!(body.contains("cargo xtask failback"), "{body}");
    world.signal = Signal::Request(world.request(Wish::Order(Demand::Approve)));
    let reply = format!("{:?}", world.decide().reply.unwrap());
    assert_eq!(reply, "Refused(Manual)");
}

#[test]
fn a_check_that_disagrees_with_the_targets_is_told() {
    let mut green = World::new();
    green.primary().healthy = Known::Known(0);
    is_never_silent("the check is green, no target is healthy", &green, Finding::Disagree, 10);
    let mut red = World::failed_over(&[]);
    red.primary().healthy = Known::Known(4);
    is_never_silent("the check is red, all targets are healthy", &red, Finding::Disagree, 10);
}

#[test]
fn a_probe_or_a_scaling_process_that_fails_for_an_hour_is_told() {
    for probe in [Known::Known(Probe::Down), Known::Unknown(Why::Timeout)] {
        let mut world = World::new();
        world.seen.probe = probe;
        is_never_silent("the probe's way is blocked", &world, Finding::Probe, 60);
    }
    let mut standby = World::new();
    standby.standby().paused = true;
    is_never_silent("the standby's processes", &standby, Finding::Processes, 60);
    let mut primary = World::new();
    primary.primary().paused = true;
    is_never_silent("the primary's processes", &primary, Finding::Processes, 60);
}

#[test]
fn another_check_that_is_disabled_is_told() {
    use crate::observation::{CheckConfig, Readiness};
    let plain = CheckConfig { disabled: false, inverted: false };
    let mut world = World::new();
    world.seen.readiness = Readiness {
        check: Known::Known(plain),
        others: Known::Known(CheckConfig { disabled: true, ..plain }),
        ..Readiness::NOT_ASKED
    };
    is_never_silent("the gate is disabled", &world, Finding::Disabled, 0);
    world.seen.readiness.others = Known::Unknown(Why::Throttled);
    assert_eq!(world.decide().news.notice, None, "nobody can tell");
}

#[test]
fn a_time_from_the_future_in_what_lasts_delays_nothing() {
    let mut world = World::new();
    world.dns(Answer::Standby);
    world.tag("lasting", &format!("v1 unreturned={}", after(start(), 1_000_000).as_second()));
    // The first tick raises the standby, and says that alone.
    is_never_silent("a tag edited by hand", &world, Finding::Unreturned, 11);
}

#[test]
fn a_finding_of_an_unknown_later_version_is_told_anew_and_never_lowers() {
    let mut world = World::failed_over(&[]);
    world.tag("findings", "v2 anything");
    world.tag("lasting", "v1 =");
    let decision = world.decide();
    assert!(decision.standby.is_none());
    let subject = decision.news.notice.unwrap().subject;
    assert!(subject.starts_with(Finding::Record.subject()), "{subject}");
    world.step();
    let left: Vec<_> = world.record().unreadable();
    assert_eq!(left, [""; 0], "both are written anew");
}

/// What people know of a failover that is under way.
fn knows_of_it(world: &World) -> bool {
    let told = world.seen.record.known().and_then(|record| record.findings.held());
    told.is_some_and(|told| told.findings.contains(&Finding::Failover))
}

#[test]
fn a_raise_whose_notice_was_lost_is_told_by_the_next_tick() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    assert_eq!(minute(&mut world, false, false), None);
    assert!(!knows_of_it(&world), "a notice that was lost is not noted");
    for _ in 0..3 {
        assert_eq!(minute(&mut world, false, false), None);
    }
    let told = minute(&mut world, true, false);
    assert_eq!(told.as_deref(), Some(Finding::Failover.subject()), "as soon as one arrives");
    assert_ne!(
        minute(&mut world, true, false).as_deref(),
        Some(Finding::Failover.subject()),
        "once"
    );
}

#[test]
fn a_raise_that_was_told_is_not_told_again_by_the_next_tick() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    let raise = minute(&mut world, true, false).expect("a raise is told");
    assert!(raise.starts_with("raising the standby"), "{raise}");
    assert!(knows_of_it(&world));
    assert_eq!(minute(&mut world, true, false), None);
    let raised = world.clone();
    world.write(&Register::Told(Told { at: start(), ..Told::default() }));
    assert_ne!(minute(&mut world, true, false), None, "it would be, were it not noted");
    let reminded = told(raised, 2);
    assert!(reminded.iter().any(|(_, subject)| subject.starts_with("reminder")), "{reminded:?}");
}

#[test]
fn the_end_of_a_failover_is_told_once_although_its_notice_was_lost() {
    for published in [true, false] {
        let mut world = World::blipped(31, &[]);
        let mut ended = false;
        let mut subjects = Vec::new();
        for _ in 0..180 {
            let finishes = world.decide().reason == Reason::Finish;
            ended |= finishes;
            subjects.extend(minute(&mut world, published || !finishes, false));
        }
        assert!(ended && !knows_of_it(&world), "{subjects:?}");
        let last = subjects.last().expect("some are told").as_str();
        let expected = if published {
            "failover finished: the standby is back to normal"
        } else {
            "resolved: failover"
        };
        assert_eq!(last, expected, "{subjects:?}");
    }
}

/// The most notices of any 24 hours.
fn most_in_a_day(at: &[u16]) -> usize {
    let within = |first: &u16| at.iter().filter(|at| (*first..first + 1440).contains(at)).count();
    at.iter().map(within).max().unwrap_or(0)
}

/// The number that docs/runbook.md states.
const NOTICES_A_DAY_MAX: usize = 72;

/// A primary that is down for `down` of each `period` minutes, for three days: the most notices of a day.
fn flapping(mut world: World, period: u16, down: u16, dns_follows: bool) -> usize {
    let (mut up, mut at) = (true, Vec::new());
    for minute_of in 0..3 * 1440 {
        let is_up = minute_of % period >= down;
        if is_up != up {
            up = is_up;
            world.alarm(if up { AlarmState::Ok } else { AlarmState::Alarm });
        }
        let held = world.record().gate().unwrap().latch == Latch::Closed;
        let standby = (held || !up) && *world.standby().healthy.known().unwrap() > 0;
        if dns_follows {
            world.dns(if standby { Answer::Standby } else { Answer::Primary });
        }
        at.extend(minute(&mut world, true, false).map(|_| minute_of));
    }
    most_in_a_day(&at)
}

#[test]
fn a_flapping_primary_sends_no_more_than_the_stated_number_of_notices_a_day() {
    let mut worst = (0, String::new());
    for period in [2_u16, 5, 10, 20, 31, 34, 45, 60, 75, 90, 120, 180, 240, 360, 720] {
        for (failback, latch) in
            [("automatic", "on"), ("automatic", "off"), ("approve", "on"), ("manual", "on")]
        {
            for (share, follows) in [(2, true), (3, true), (5, true), (3, false), (5, false)] {
                let world = World::with(&[("failback", failback), ("latch", latch)]);
                let most = flapping(world, period, period / share, follows);
                let shape = format!("{failback}, {latch}, down 1/{share} of {period} minutes");
                worst = worst.max((most, shape));
            }
        }
    }
    assert!(worst.0 <= NOTICES_A_DAY_MAX, "{worst:?}");
    assert!(worst.0 > NOTICES_A_DAY_MAX / 2, "the stated number is too large: {worst:?}");
}
