//! When each finding is there, when it is not, and when nobody can tell.

use super::super::readiness::{answered, condition, patience};
use super::super::request;
use super::super::situation::Situation;
use super::world::{World, start};
use crate::decision::Reason;
use crate::finding::Finding;
use crate::observation::{
    AlarmState, Answer, CheckConfig, Evaluation, Group, Known, Probe, Readiness, Verdict, Why,
};
use crate::record::{Demand, Gone, Order, PrimaryUndo, Raised, Register, Told};
use crate::signal::{Signal, Wish};
use crate::time::{Timestamp, after};

const BOTH: [(&str, &str); 2] = [("routing", "active-active"), ("floor", "match")];

fn with_situation<T>(world: &World, ask: impl FnOnce(&Situation<'_>) -> T) -> T {
    let situation = Situation::new(&world.policy, &world.signal, &world.seen, world.now).unwrap();
    ask(&request::answered(situation))
}

fn is(world: &World, finding: Finding) -> Option<bool> {
    let decision = world.decide();
    with_situation(world, |situation| condition(situation, &decision, finding))
}

fn order(world: &mut World, what: Demand, at: Timestamp) {
    let order = Order { what, episode: Timestamp::UNIX_EPOCH, at, by: "alice".to_owned() };
    world.write(&Register::Order(order));
}

/// The primary is down, and so many of four servers of the standby are healthy; DNS has not moved.
fn down(healthy: u16, changes: &[(&str, &str)]) -> World {
    let mut world = World::with(changes);
    world.alarm(AlarmState::Alarm);
    let healthy = Known::Known(healthy);
    *world.standby() = Group { min: 4, desired: 4, in_service: 4, healthy, ..*world.standby() };
    world
}

#[test]
fn dns_should_have_moved_to_the_first_healthy_server_of_the_standby() {
    assert_eq!(is(&down(0, &[]), Finding::Unmoved), Some(false), "there is none");
    assert_eq!(is(&down(1, &[]), Finding::Unmoved), Some(true));
    assert_eq!(is(&down(4, &[("latch", "off")]), Finding::Unmoved), Some(true));
    assert_eq!(is(&down(4, &BOTH), Finding::Unmoved), Some(false), "nobody is moved there");
    let mut moved = down(1, &[]);
    moved.dns(Answer::Standby);
    assert_eq!(is(&moved, Finding::Unmoved), Some(false));
    assert_eq!(is(&World::new(), Finding::Unmoved), Some(false), "the primary is up");
}

/// Goal: only a verdict that the alarm contradicts may leave DNS where it is.
#[test]
fn dns_should_have_moved_unless_the_alarm_contradicts_the_verdict() {
    let mut contradicted = down(4, &[]);
    contradicted.seen.verdict = Known::Known(Verdict::Healthy);
    assert_eq!(is(&contradicted, Finding::Split), Some(true));
    assert_eq!(is(&contradicted, Finding::Unmoved), Some(true), "the alarm itself needs no other");
    let mut alone = down(4, &[]);
    alone.seen.verdict = Known::Known(Verdict::Unhealthy);
    alone.seen.alarm = Known::Unknown(Why::Timeout);
    alone.seen.datapoints = Known::Unknown(Why::Timeout);
    assert_eq!(is(&alone, Finding::Split), None);
    assert_eq!(is(&alone, Finding::Unmoved), Some(true), "nobody contradicts it");
    alone.seen.alarm = World::new().seen.alarm;
    alone.seen.datapoints = World::new().seen.datapoints;
    assert_eq!(is(&alone, Finding::Split), Some(true));
    assert_eq!(is(&alone, Finding::Unmoved), Some(false), "which of them is right is told");
}

#[test]
fn an_alarm_that_is_blind_contradicts_no_verdict() {
    let mut world = World::new();
    world.seen.verdict = Known::Known(Verdict::Unhealthy);
    assert_eq!(is(&world, Finding::Split), Some(true));
    world.alarm_view().evaluation = Evaluation::Failing;
    assert_eq!(is(&world, Finding::Split), None);
    world.seen.verdict = Known::Unknown(Why::NotAsked);
    assert_eq!(is(&world, Finding::Split), Some(false), "a tick of a site without name servers");
    world.signal = Signal::Look { again: false };
    assert_eq!(is(&world, Finding::Split), None, "a look that did not ask");
}

#[test]
fn an_order_moves_dns_by_the_latch_once_the_standby_carries_everybody() {
    let ordered = |healthy, changes: &[(&str, &str)]| {
        let mut world = down(healthy, changes);
        world.seen.alarm = World::new().seen.alarm;
        world.seen.datapoints = World::new().seen.datapoints;
        order(&mut world, Demand::Failover, start());
        is(&world, Finding::Unmoved)
    };
    assert_eq!(ordered(4, &[]), Some(true));
    assert_eq!(ordered(1, &[]), Some(false), "it does not carry everybody yet");
    assert_eq!(ordered(4, &[("latch", "off")]), Some(false), "nothing moves DNS there");
}

#[test]
fn dns_should_have_returned_only_to_a_primary_that_is_seen_up() {
    let at_standby = |changes: &[(&str, &str)]| {
        let mut world = World::with(changes);
        world.dns(Answer::Standby);
        world
    };
    assert_eq!(is(&at_standby(&[]), Finding::Unreturned), Some(true));
    assert_eq!(is(&at_standby(&BOTH), Finding::Unreturned), Some(false));
    let mut blind = at_standby(&[]);
    blind.alarm_view().evaluation = Evaluation::Failing;
    assert_eq!(is(&blind, Finding::Unreturned), Some(false));
    let mut mixed = World::with(&BOTH);
    mixed.dns(Answer::Mixed);
    assert_eq!(is(&mixed, Finding::Answer), Some(false), "both regions are answered there");
    mixed = World::new();
    mixed.dns(Answer::Mixed);
    assert_eq!(is(&mixed, Finding::Answer), Some(true));
}

#[test]
fn a_check_that_was_not_read_says_nothing_and_one_that_is_not_there_is_sound() {
    let sound = Known::Known(CheckConfig { disabled: false, inverted: false });
    let others = |others| {
        let mut world = World::new();
        world.seen.readiness = Readiness { check: sound, others, ..Readiness::NOT_ASKED };
        is(&world, Finding::Disabled)
    };
    assert_eq!(others(sound), Some(false));
    assert_eq!(others(Known::Unknown(Why::NotAsked)), Some(false));
    assert_eq!(others(Known::Unknown(Why::Timeout)), None);
}

#[test]
fn a_peak_that_was_never_sampled_is_stale_once_the_alarm_has_let_it() {
    let since = |state, hours: i64| {
        let mut world = World::new();
        world.alarm_view().state = state;
        world.alarm_view().transitioned_at = after(world.now, -hours * 3600);
        is(&world, Finding::Stale)
    };
    assert_eq!(since(AlarmState::Ok, 26), Some(true));
    assert_eq!(since(AlarmState::Ok, 25), Some(false));
    assert_eq!(since(AlarmState::Insufficient, 26), Some(false));
}

#[test]
fn a_probe_that_fails_is_wrong_only_beside_an_alarm_that_has_long_proven_the_primary_up() {
    let mut world = World::new();
    world.seen.probe = Known::Known(Probe::Down);
    assert_eq!(is(&world, Finding::Probe), Some(true));
    let decision = world.decide();
    let waits = with_situation(&world, |situation| patience(situation, &decision, Finding::Probe));
    assert_eq!(waits, world.policy.hour());
    let mut young = world.clone();
    young.alarm_view().transitioned_at = after(young.now, -60);
    assert_eq!(is(&young, Finding::Probe), None);
    let mut blind = world.clone();
    blind.points().newest = after(blind.now, -301);
    assert_eq!(is(&blind, Finding::Probe), None);
    let mut raised = world;
    let undo = raised.standby().sizes();
    let why = crate::record::Cause::Order;
    let raised_at = Raised { first: start(), at: start(), target: 4, why, undo };
    raised.write(&Register::Raised(raised_at));
    assert_eq!(is(&raised, Finding::Probe), None);
}

#[test]
fn the_check_and_the_targets_disagree_only_where_both_can_be_judged() {
    let mut world = World::new();
    world.primary().healthy = Known::Known(0);
    assert_eq!(is(&world, Finding::Disagree), Some(true));
    world.points().healthy_run = 0;
    assert_eq!(is(&world, Finding::Disagree), Some(false), "the metric has turned, the alarm will");
    world.points().healthy_run = 9;
    world.primary().in_service = 0;
    assert_eq!(is(&world, Finding::Disagree), Some(false), "there is nothing to check");
}

#[test]
fn an_approval_is_answered_by_a_later_order_for_the_way_back_alone() {
    let told = after(start(), 1800);
    let answers = |what, at| {
        let mut world = World::blipped(31, &[("failback", "approve")]);
        order(&mut world, what, at);
        with_situation(&world, |situation| answered(situation, Finding::Approval, told))
    };
    assert!(answers(Demand::Approve, told));
    assert!(!answers(Demand::Approve, after(told, -1)), "it answered an earlier question");
    assert!(!answers(Demand::Failover, told), "it asks for the opposite");
}

/// The primary's floor was grown in that failover.
fn grown(episode: Timestamp) -> Register {
    Register::Primary(PrimaryUndo { episode, min: 2, desired: 4, ours: None })
}

#[test]
fn the_primarys_size_is_the_load_only_while_it_has_the_users_and_is_not_of_our_doing() {
    let target = |change: fn(&mut World)| {
        let mut world = World::blipped(1, &[]);
        *world.primary() = Group { min: 6, desired: 6, in_service: 6, ..*world.primary() };
        change(&mut world);
        crate::target(&world.policy, &world.seen, world.now)
    };
    assert_eq!(target(|_| ()), 6);
    assert_eq!(target(|world| world.dns(Answer::Standby)), 4);
    let ours = target(|world| world.write(&grown(start())));
    assert_eq!(ours, 4);
    let mut other = World::blipped(1, &[]);
    *other.primary() = Group { min: 6, desired: 6, in_service: 6, ..*other.primary() };
    other.write(&grown(after(start(), -86_400)));
    assert_eq!(crate::target(&other.policy, &other.seen, other.now), 6, "of an earlier failover");
    let mut closed = World::latched(1, &[]);
    *closed.primary() = Group { min: 6, desired: 6, in_service: 6, ..*closed.primary() };
    closed.dns(Answer::Primary);
    assert_eq!(crate::target(&closed.policy, &closed.seen, closed.now), 4, "the latch is closed");
}

fn told(findings: &[Finding], at: Timestamp, gone: Option<(&[Finding], Timestamp)>) -> Register {
    let gone = gone.map(|(gone, at)| Gone { findings: gone.iter().copied().collect(), at });
    Register::Told(Told { findings: findings.iter().copied().collect(), at, gone })
}

#[test]
fn a_raise_takes_its_failover_from_what_was_gone_and_nothing_else() {
    let gone = |before: &[Finding]| {
        let mut world = World::new();
        world.write(&told(before, start(), Some((before, start()))));
        world.alarm(AlarmState::Alarm);
        let told = world.decide().news.told.expect("the raise tells of it");
        assert!(told.findings.contains(&Finding::Failover));
        told.gone.map(|gone| gone.findings.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(gone(&[Finding::Failover]), None);
    assert_eq!(gone(&[Finding::Failover, Finding::Probe]), Some(vec![Finding::Probe]));
}

#[test]
fn what_is_gone_is_gone_for_an_hour_from_the_last_that_went() {
    let both = [Finding::Actions, Finding::Suspended];
    let mut world = World::new();
    let at = after(world.now, -3600);
    world.write(&told(&both, at, Some((&both[..1], at))));
    assert_eq!(world.decide().news.notice, None, "the other one went just now");
    world.write(&told(&both, at, Some((&both, at))));
    let notice = world.decide().news.notice.expect("both are gone for an hour");
    assert!(notice.subject.starts_with("resolved"), "{}", notice.subject);
}

#[test]
fn a_mode_that_was_asked_for_counts_as_told_where_it_is_a_finding() {
    let mut world = World::new();
    world.seen.standby = {
        let mut group = *world.standby();
        group.suspended = true;
        Known::Known(group)
    };
    let before = after(world.now, -60);
    world.write(&told(&[Finding::Suspended], before, None));
    world.signal = Signal::Request(world.request(Wish::Mode(crate::observation::Mode::Frozen)));
    assert_eq!(world.decide().news.told.expect("the mode is a finding").at, world.now);
}

#[test]
fn a_failover_that_lasts_says_what_it_waits_for() {
    let mut world = World::latched(60 * 5, &[]);
    world.seen.probe = Known::Known(Probe::Down);
    let body = world.decide().news.notice.expect("it is told").body;
    assert!(body.contains("It waits because the primary is not proven up"), "{body}");
    assert!(body.contains("the controller's own probe does not reach it"), "{body}");
    world.seen.probe = Known::Known(Probe::Up);
    world.seen.verdict = Known::Known(Verdict::Unhealthy);
    world.alarm_view().state = AlarmState::Ok;
    let reason = world.decide().reason;
    assert!(matches!(reason, Reason::AlreadyRaised { .. }), "{reason:?}");
    world.seen.verdict = Known::Unknown(Why::Timeout);
    let body = world.decide().news.notice.expect("it is told").body;
    assert!(body.contains("not proven up: Route 53's verdict does not read healthy"), "{body}");
    let approve = World::latched(31, &[("failback", "approve")]);
    let body = approve.decide().news.notice.expect("it asks").body;
    assert!(!body.contains("cargo xtask failback"), "{body}");
}
