//! Route 53's verdict, the looks between two ticks, and precautions: what comes before the alarm, and what must not come of it.

use super::world::{World, policy};
use crate::decision::{Decision, Effect, Latch, News, Proof, Reason, StandbyWrite};
use crate::finding::Finding;
use crate::observation::{AlarmState, Answer, Known, Mode, Observation, Probe, Verdict, Why};
use crate::record::{Cause, Register, Sizes};
use crate::signal::Signal;
use crate::time::after;
use crate::verdict;

const HEALTHY: Known<Verdict> = Known::Known(Verdict::Healthy);
const UNHEALTHY: Known<Verdict> = Known::Known(Verdict::Unhealthy);
const UNREAD: Known<Verdict> = Known::Unknown(Why::Timeout);
const LOOK: Signal = Signal::Look { again: false };
const AGAIN: Signal = Signal::Look { again: true };

/// Goal: what the zone is given is what its answer is read as, and no other text is a verdict.
#[test]
fn a_verdict_is_one_of_two_words_under_a_name_of_its_own() {
    assert_eq!(verdict::name("www.example.com"), "pilotlight-verdict.www.example.com");
    for (verdict, word) in [(Verdict::Healthy, "healthy"), (Verdict::Unhealthy, "unhealthy")] {
        assert_eq!(verdict.word(), word);
        assert_eq!(verdict::parse(word), Some(verdict));
    }
    for other in ["", "Healthy", " healthy", "unknown"] {
        assert_eq!(verdict::parse(other), None, "{other:?}");
    }
}

/// Why it raises, if it does.
fn cause(world: &World) -> Option<Cause> {
    if let Reason::Raise { why, .. } = world.decide().reason { Some(why) } else { None }
}

fn missing(world: &World) -> Option<Proof> {
    if let Reason::Proving { missing, .. } = world.decide().reason { Some(missing) } else { None }
}

/// us-east-1 answers nobody.
fn detector_dark(world: &mut World) {
    world.seen.alarm = Known::Unknown(Why::Timeout);
    world.seen.datapoints = Known::Unknown(Why::Timeout);
}

/// A look that read no more than it needs to suspect: the normal sizes were noted, and our own probe fails.
pub(super) fn suspicious(changes: &[(&str, &str)]) -> World {
    let mut world = World::with(changes);
    assert_eq!(world.step(), "Sample");
    world.seen = Observation {
        alarm: Known::Unknown(Why::NotAsked),
        datapoints: Known::Unknown(Why::NotAsked),
        primary: Known::Unknown(Why::NotAsked),
        answer: Known::Unknown(Why::NotAsked),
        verdict: HEALTHY,
        probe: Known::Known(Probe::Down),
        ..world.seen
    };
    world.signal = AGAIN;
    world
}

#[test]
fn an_unhealthy_verdict_raises_while_the_alarm_still_reads_ok() {
    let mut world = World::new();
    world.seen.verdict = UNHEALTHY;
    assert_eq!(cause(&world), Some(Cause::Verdict));
    let notice = world.decide().notice.unwrap();
    assert_eq!(notice.subject, "raising the standby from 0 to 4 instances");
    assert!(notice.body.contains("verdict"), "{}", notice.body);
    world.alarm(AlarmState::Alarm);
    assert_eq!(cause(&world), Some(Cause::Alarm), "the alarm is named first");
    world.step();
    world.verified();
}

#[test]
fn a_dark_us_east_1_delays_no_raise() {
    let mut world = World::new();
    detector_dark(&mut world);
    world.seen.verdict = HEALTHY;
    assert_eq!(world.decide().reason, Reason::Blind);
    world.seen.verdict = UNHEALTHY;
    assert_eq!(cause(&world), Some(Cause::Verdict));
    world.seen.probe = Known::Unknown(Why::Timeout);
    world.seen.egress = false;
    assert_eq!(cause(&world), Some(Cause::Verdict), "it needs no probe of ours");
}

#[test]
fn a_verdict_that_is_not_known_raises_nothing() {
    for why in [Why::Timeout, Why::Empty, Why::Unparseable, Why::Foreign, Why::NotAsked] {
        let mut world = World::new();
        world.seen.verdict = Known::Unknown(why);
        assert_eq!(world.decide().standby, None, "{why:?}");
        detector_dark(&mut world);
        assert_eq!(world.decide().standby, None, "{why:?}");
    }
}

#[test]
fn nothing_is_lowered_on_a_verdict_that_is_not_known() {
    let mut world = World::blipped(31, &[]);
    for why in [Why::Timeout, Why::Empty, Why::Unparseable, Why::Foreign] {
        world.seen.verdict = Known::Unknown(why);
        assert_eq!(missing(&world), Some(Proof::Verdict), "{why:?}");
    }
    world.seen.verdict = Known::Unknown(Why::NotAsked);
    assert_eq!(
        missing(&world),
        None,
        "a site that names no servers has the alarm alone, as before"
    );
    world.seen.verdict = HEALTHY;
    assert_eq!(world.story(6), "Draining x2, LowerMin, LowerDesired, Finish, Idle");
    world.verified();
}

/// The records were edited by hand, or somebody lies: the standby costs money, and no user is moved.
#[test]
fn a_verdict_that_is_wrong_for_ever_raises_and_moves_nobody() {
    let mut world = World::new();
    world.seen.verdict = UNHEALTHY;
    assert_eq!(world.story(12), "Raise, AlreadyRaised x4, Prewarm, AlreadyRaised x6");
    assert_eq!(world.record().gate().unwrap().latch, Latch::Open);
    let told = world.record().findings.held().unwrap().findings.clone();
    assert!(told.contains(&Finding::Split), "{told:?}");
    assert!(!told.contains(&Finding::Unmoved), "DNS is where the alarm says: {told:?}");
    world.seen.verdict = HEALTHY;
    assert_eq!(world.story(6), "Draining x2, LowerMin, LowerDesired, Finish, Sample");
    world.verified();
}

#[test]
fn the_alarm_raises_against_a_healthy_verdict_and_nothing_is_lowered_then() {
    let mut world = World::new();
    world.seen.verdict = HEALTHY;
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    world.wait_minutes(1);
    assert_eq!(world.story(11), "AlreadyRaised x4, Prewarm, AlreadyRaised x6");
    let told = world.record().findings.held().unwrap().findings.clone();
    assert!(told.contains(&Finding::Split), "{told:?}");
    world.verified();
}

/// A closed latch can be opened by evidence of us-east-1 alone, so it is closed by that alone.
#[test]
fn the_verdict_does_not_close_the_latch_in_the_alarms_place() {
    let mut world = World::new();
    detector_dark(&mut world);
    world.seen.verdict = UNHEALTHY;
    assert_eq!(world.step(), "Raise");
    world.wait_minutes(2);
    world.dns(Answer::Standby);
    assert_eq!(world.step(), "AlreadyRaised");
    world.alarm(AlarmState::Alarm);
    world.seen.datapoints = World::new().seen.datapoints;
    world.points().healthy_run = 0;
    assert_eq!(world.step(), "CloseLatch", "us-east-1 is back, and says the same");
    world.verified();
}

#[test]
fn a_flapping_verdict_raises_once_and_floods_nobody() {
    let mut world = World::new();
    let mut mails = 0;
    for minute in 0..60 {
        world.seen.verdict = if minute % 2 == 0 { UNHEALTHY } else { HEALTHY };
        for signal in [LOOK, Signal::Tick] {
            world.signal = signal;
            let decision = world.decide();
            mails += usize::from(decision.notice.is_some())
                + usize::from(decision.news.notice.is_some());
            world.step();
        }
        world.wait_minutes(1);
    }
    let raises = world.log.iter().filter(|line| line.decision.standby.is_some()).count();
    // The raise, and the floor of a primary that no latch holds the users from.
    assert_eq!((raises, mails), (1, 2), "no ticks in a row prove the primary up");
    world.verified();
}

#[test]
fn the_two_findings_are_told_when_they_last_and_when_they_are_gone() {
    let told = |verdict, alarm| {
        let mut world = World::new();
        world.seen.verdict = verdict;
        if alarm == AlarmState::Alarm {
            world.alarm(alarm);
        }
        let mut first = None;
        for minute in 0..20 {
            world.step();
            let known = world.record().findings.held().map(|told| told.findings.clone());
            let known = known.unwrap_or_default();
            let any =
                [Finding::Verdict, Finding::Split].into_iter().find(|any| known.contains(any));
            first = first.or(any.map(|finding| (minute, finding)));
            world.wait_minutes(1);
        }
        first
    };
    assert_eq!(told(UNREAD, AlarmState::Ok), Some((10, Finding::Verdict)));
    assert_eq!(
        told(UNHEALTHY, AlarmState::Ok),
        Some((11, Finding::Split)),
        "the raise comes first"
    );
    assert_eq!(told(HEALTHY, AlarmState::Alarm), Some((11, Finding::Split)));
    assert_eq!(told(HEALTHY, AlarmState::Ok), None);
    assert_eq!(told(UNHEALTHY, AlarmState::Alarm), None);
    assert_eq!(told(Known::Unknown(Why::NotAsked), AlarmState::Ok), None);
    assert_eq!(told(Known::Unknown(Why::NotAsked), AlarmState::Alarm), None);
}

#[test]
fn a_site_that_names_no_servers_any_more_is_told_that_the_finding_is_gone() {
    let mut world = World::new();
    world.seen.verdict = UNREAD;
    world.story(11);
    assert!(world.record().findings.held().unwrap().findings.contains(&Finding::Verdict));
    world.seen.verdict = Known::Unknown(Why::NotAsked);
    world.story(70);
    assert!(world.record().findings.held().unwrap().findings.is_empty());
}

#[test]
fn a_blind_alarm_and_a_verdict_do_not_disagree() {
    let mut world = World::new();
    world.alarm_view().state = AlarmState::Insufficient;
    world.seen.verdict = UNHEALTHY;
    world.story(30);
    let told = world.record().findings.held().unwrap().findings.clone();
    assert!(!told.contains(&Finding::Split) && told.contains(&Finding::Blind), "{told:?}");
}

/// Every step of a whole failover and failback, and a look right before it.
#[test]
fn a_look_does_nothing_but_raise_and_counts_nothing() {
    let mut world = World::with(&[("failback", "approve")]);
    let looked = |world: &mut World, expected: &str| {
        let before = world.seen.clone();
        for signal in [LOOK, AGAIN] {
            world.signal = signal;
            let decision = world.decide();
            assert_eq!(
                decision,
                Decision { latch: decision.latch, ..Decision::hold(Reason::Looked) }
            );
            assert_eq!(decision.latch, Known::Unknown(Why::NotAsked));
            assert_eq!(world.step(), "Looked");
        }
        assert_eq!(world.seen, before, "before {expected}");
        world.signal = Signal::Tick;
        assert_eq!(world.step(), expected);
        world.wait_minutes(1);
    };
    looked(&mut world, "Sample");
    world.alarm(AlarmState::Alarm);
    assert_eq!(world.step(), "Raise");
    world.wait_minutes(2);
    world.dns(Answer::Standby);
    looked(&mut world, "CloseLatch");
    looked(&mut world, "AlreadyRaised");
    world.alarm(AlarmState::Ok);
    looked(&mut world, "Proving");
    world.wait_minutes(30);
    looked(&mut world, "AwaitingApproval");
    let approve = crate::signal::Wish::Order(crate::record::Demand::Approve);
    assert_eq!(world.ask(approve), "Prewarm");
    looked(&mut world, "OpenLatch");
    world.dns(Answer::Primary);
    for expected in ["Draining", "Draining", "LowerMin", "LowerDesired", "Finish", "Idle"] {
        looked(&mut world, expected);
    }
    world.verified();
}

/// Ten looks between two ticks do not make the drain shorter, nor does a look in the place of a tick.
#[test]
fn looks_do_not_drain() {
    let mut world = World::blipped(31, &[]);
    world.seen.verdict = HEALTHY;
    world.signal = LOOK;
    assert_eq!(world.story(20), "Looked x20");
    world.signal = Signal::Tick;
    assert_eq!(world.story(3), "Draining x2, LowerMin");
}

#[test]
fn a_look_raises_by_what_a_tick_raises_by_but_for_a_detector_that_nobody_asked() {
    let mut world = World::new();
    world.signal = LOOK;
    world.seen.verdict = UNHEALTHY;
    assert_eq!(cause(&world), Some(Cause::Verdict));
    world.seen.verdict = HEALTHY;
    world.alarm(AlarmState::Alarm);
    assert_eq!(cause(&world), Some(Cause::Alarm));
    let mut world = suspicious(&[]);
    assert_eq!(world.decide().reason, Reason::Looked, "`eager` is off, and nobody asked the alarm");
    world.signal = Signal::Tick;
    assert_eq!(cause(&world), Some(Cause::Probe), "a tick would have asked");
}

#[test]
fn a_look_in_a_mode_that_is_not_armed_writes_and_tells_nothing() {
    for mode in [Mode::Observe, Mode::Frozen] {
        let mut world = World::new();
        world.write(&Register::Mode(mode));
        world.seen.verdict = UNHEALTHY;
        world.signal = LOOK;
        let decision = world.decide();
        assert!(!decision.writes() && decision.news == News::NONE, "{decision:?}");
        let before = world.seen.clone();
        let name = world.step();
        assert_eq!(world.seen, before);
        let expected = if mode == Mode::Frozen { "Frozen" } else { "Raise" };
        assert_eq!(name, expected);
        assert!(mode == Mode::Frozen || decision.effect == Effect::Report);
        world.verified();
    }
}

#[test]
fn two_looks_in_a_row_raise_on_suspicion_where_the_site_asks_for_it() {
    type Change = fn(&mut World);
    let world = suspicious(&[("eager", "on")]);
    assert_eq!(cause(&world), Some(Cause::Suspicion));
    let decision = world.decide();
    let sizes = Sizes { min: 4, desired: 4, max: 8 };
    assert_eq!(decision.standby, Some(StandbyWrite::Raise(sizes)));
    let notice = decision.notice.unwrap();
    assert_eq!(notice.subject, "precaution: raising the standby from 0 to 4 instances");
    assert!(notice.body.contains("users stay at the primary"), "{}", notice.body);
    let not: [(&str, Change); 8] = [
        ("eager is off", |world| world.policy = policy(&[])),
        ("one look", |world| world.signal = LOOK),
        ("a tick, which asks the detector", |world| {
            world.signal = Signal::Tick;
            world.seen.alarm = World::new().seen.alarm;
            world.seen.datapoints = World::new().seen.datapoints;
        }),
        ("our own line is cut", |world| world.seen.egress = false),
        ("the probe got through", |world| world.seen.probe = Known::Known(Probe::Up)),
        ("nobody knows", |world| world.seen.probe = Known::Unknown(Why::Timeout)),
        ("a new site", |world| world.untag("base")),
        ("the record cannot be read", |world| world.seen.record = Known::Unknown(Why::Timeout)),
    ];
    for (why, change) in not {
        let mut world = world.clone();
        change(&mut world);
        assert_ne!(cause(&world), Some(Cause::Suspicion), "{why}");
        assert_eq!(world.decide().standby, None, "{why}");
    }
}

/// What a false alarm of the precaution costs: the drain, and nothing else. No user moves, and the latch stays open.
#[test]
fn a_precaution_for_nothing_is_lowered_after_the_drain() {
    let mut world = suspicious(&[("eager", "on")]);
    let seen = World::new().seen;
    assert_eq!(world.step(), "Raise");
    world.signal = Signal::Tick;
    world.seen.alarm = seen.alarm;
    world.seen.datapoints = seen.datapoints;
    world.seen.primary = seen.primary;
    world.seen.answer = seen.answer;
    assert_eq!(world.step(), "Proving", "our own probe must reach it first");
    world.wait_minutes(1);
    world.seen.probe = seen.probe;
    assert_eq!(world.story(6), "Draining x2, LowerMin, LowerDesired, Finish, Sample");
    assert_eq!(world.standby().sizes(), Sizes { min: 0, desired: 0, max: 8 });
    world.verified();
}

#[test]
fn a_third_precaution_of_a_day_is_not_taken() {
    let mut world = suspicious(&[("eager", "on")]);
    let finished = vec![after(world.now, -3600), after(world.now, -7200)];
    world.write(&Register::History(crate::record::History { finished }));
    assert_eq!(world.decide().reason, Reason::Looked);
    world.seen.verdict = UNHEALTHY;
    assert_eq!(cause(&world), Some(Cause::Verdict), "what is no suspicion raises as ever");
}

#[test]
fn a_precaution_becomes_a_failover_when_route_53_has_made_up_its_mind() {
    let mut world = suspicious(&[("eager", "on")]);
    let seen = World::new().seen;
    assert_eq!(world.step(), "Raise");
    world.signal = Signal::Tick;
    world.seen.primary = seen.primary;
    world.seen.verdict = UNHEALTHY;
    world.alarm(AlarmState::Alarm);
    world.seen.datapoints = seen.datapoints;
    world.points().healthy_run = 0;
    world.dns(Answer::Primary);
    assert_eq!(world.step(), "AlreadyRaised");
    world.wait_minutes(1);
    world.dns(Answer::Standby);
    assert_eq!(world.step(), "CloseLatch");
    world.verified();
}
