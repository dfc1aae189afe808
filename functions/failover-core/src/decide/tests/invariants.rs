//! Each invariant is broken by a decision that was made up: what judges must be seen to refuse.

mod raises;

use std::time::Duration;

use super::world::{World, policy, start};
use crate::decision::{
    Decision, DecisionRecord, Effect, Outcome, PrimaryWrite, Reason, StandbyWrite, Step,
};
use crate::invariant::{Case, broken, verify};
use crate::observation::{AlarmState, Answer, Evaluation, Group, Known, Mode, Why};
use crate::record::{Base, Count, Demand, Order, Peak, Register, Sizes, Slot};
use crate::signal::{Claim, Signal};
use crate::time::after;

const SIZES: Sizes = Sizes { min: 0, desired: 0, max: 8 };

/// What the invariant says of a made-up decision; `None` also where it does not apply.
pub(super) fn says(world: &World, decision: &Decision, id: &str) -> Option<&'static str> {
    let case = Case {
        policy: &world.policy,
        signal: &world.signal,
        observation: &world.seen,
        at: world.now,
        decision,
        outcome: None,
    };
    let found = broken(&case).find(|(other, _)| *other == id);
    found.map(|(_, what)| what)
}

/// The log line of a decision that was carried out so far.
fn logged(world: &World, decision: &Decision, done: &[Step]) -> DecisionRecord {
    DecisionRecord {
        schema: crate::decision::SCHEMA,
        site: "shop".to_owned(),
        at: world.now,
        policy: world.policy.clone(),
        signal: world.signal.clone(),
        observation: world.seen.clone(),
        decision: decision.clone(),
        outcome: Outcome { done: done.to_vec(), failed: vec![] },
    }
}

pub(super) fn applies(world: &World, decision: &Decision, id: &str) -> bool {
    let verdicts = verify(&[logged(world, decision, &[])]);
    verdicts.iter().any(|verdict| verdict.id == id && verdict.checked == 1)
}

fn standby(write: StandbyWrite) -> Decision {
    Decision { standby: Some(write), ..Decision::hold(Reason::LowerMin) }
}

pub(super) fn lower_min() -> Decision {
    standby(StandbyWrite::LowerMin { min: 0 })
}

/// The next decision lowers the minimum, rightly.
pub(super) fn about_to_lower() -> World {
    let mut world = World::blipped(30, &[]);
    world.write(&Register::Drain(Count { episode: start(), ticks: 2, at: after(world.now, -60) }));
    assert_eq!(world.decide().standby, lower_min().standby);
    for id in ["S1", "S3", "S4", "S5", "S6", "S15", "S18"] {
        assert_eq!(says(&world, &lower_min(), id), None);
    }
    world
}

#[test]
fn s1_asks_for_an_alarm_and_a_metric_of_the_whole_hold_down() {
    let s1 = |change: fn(&mut World)| {
        let mut world = about_to_lower();
        change(&mut world);
        says(&world, &lower_min(), "S1")
    };
    let unknown = Some("the alarm or its metric is unknown");
    assert_eq!(s1(|world| world.seen.alarm = Known::Unknown(Why::Timeout)), unknown);
    assert_eq!(s1(|world| world.seen.datapoints = Known::Unknown(Why::Timeout)), unknown);
    let state = s1(|world| world.alarm_view().state = AlarmState::Insufficient);
    assert_eq!(state, Some("the alarm is not OK"));
    let young = s1(|world| world.alarm_view().transitioned_at = after(world.now, -1799));
    assert_eq!(young, Some("the alarm is not OK for long enough"));
    let gap = s1(|world| world.points().healthy_run = 29);
    assert_eq!(gap, Some("the metric has a gap or a 0 in the hold-down"));
    assert_eq!(s1(|world| world.points().healthy_run = 30), None);
    assert!(!applies(&about_to_lower(), &Decision::hold(Reason::Idle), "S1"));
}

#[test]
fn s3_and_s5_see_a_lowering_in_alarm_and_in_blindness() {
    let mut world = about_to_lower();
    assert!(!applies(&world, &lower_min(), "S3"));
    assert!(!applies(&world, &lower_min(), "S5"));
    world.alarm_view().state = AlarmState::Alarm;
    assert_eq!(says(&world, &lower_min(), "S3"), Some("lowered while the alarm reads ALARM"));
    let raise = standby(StandbyWrite::Raise(SIZES));
    assert!(says(&world, &raise, "S3").is_none() && applies(&world, &raise, "S3"));
    let blind: [fn(&mut World); 4] = [
        |world| world.seen.alarm = Known::Unknown(Why::Timeout),
        |world| world.alarm_view().state = AlarmState::Insufficient,
        |world| world.alarm_view().evaluation = Evaluation::Failing,
        |world| world.seen.datapoints = Known::Unknown(Why::Empty),
    ];
    for change in blind {
        let mut world = about_to_lower();
        change(&mut world);
        assert_eq!(says(&world, &lower_min(), "S5"), Some("lowered while blind"));
        assert_eq!(says(&world, &raise, "S5"), None);
    }
}

#[test]
fn s4_sees_sizes_that_do_not_fit() {
    let mut world = World::new();
    let misfit = Some("min, desired and max do not fit each other");
    let write = |min, desired, max| standby(StandbyWrite::Raise(Sizes { min, desired, max }));
    assert_eq!(says(&world, &write(5, 4, 8), "S4"), misfit);
    assert_eq!(says(&world, &write(4, 9, 8), "S4"), misfit);
    assert_eq!(says(&world, &write(4, 4, 8), "S4"), None);
    assert_eq!(says(&world, &write(4, 4, 9), "S4"), Some("above the cap"));
    world.standby().max = 9;
    assert_eq!(says(&world, &write(4, 4, 9), "S4"), None, "nobody shrinks what is there");
    *world.standby() = Group { max: 2, desired: 9, ..*world.standby() };
    assert_eq!(says(&world, &write(4, 9, 9), "S4"), None);
    assert!(!applies(&world, &Decision::hold(Reason::Idle), "S4"));
}

#[test]
fn s4_sees_sizes_of_the_primary_that_do_not_fit() {
    let world = World::new();
    let write = |min, desired| Decision {
        primary: Some(PrimaryWrite { min, desired }),
        ..Decision::hold(Reason::Idle)
    };
    let misfit = Some("the primary's sizes do not fit");
    assert_eq!(says(&world, &write(4, None), "S4"), None);
    assert_eq!(says(&world, &write(5, None), "S4"), misfit);
    assert_eq!(says(&world, &write(5, Some(8)), "S4"), None);
    assert_eq!(says(&world, &write(5, Some(9)), "S4"), misfit);
    assert!(applies(&world, &write(4, None), "S4"));
    let both = Decision { standby: Some(StandbyWrite::LowerMin { min: 0 }), ..write(5, None) };
    assert_eq!(says(&world, &both, "S4"), misfit);
    let mut unread = World::new();
    unread.seen.primary = Known::Unknown(Why::Timeout);
    let blindly = Some("the primary is written without having been read");
    assert_eq!(says(&unread, &write(4, None), "S4"), blindly);
}

#[test]
fn s6_sees_what_was_not_raised_and_sizes_that_were_not_noted() {
    let mut world = about_to_lower();
    let min = |min| standby(StandbyWrite::LowerMin { min });
    assert_eq!(says(&world, &min(1), "S6"), Some("not the recorded minimum"));
    *world.standby() = Group { min: 0, ..*world.standby() };
    let desired = |desired| standby(StandbyWrite::LowerDesired { desired, max: 8 });
    assert_eq!(says(&world, &desired(0), "S6"), None);
    assert_eq!(says(&world, &desired(1), "S6"), Some("not the recorded desired capacity"));
    let smaller = standby(StandbyWrite::LowerDesired { desired: 0, max: 7 });
    assert_eq!(says(&world, &smaller, "S6"), Some("not the maximum that is ours to put back"));
    let raise = standby(StandbyWrite::Raise(Sizes { min: 0, desired: 2, max: 8 }));
    assert_eq!(says(&world, &raise, "S6"), Some("a raise that lowers"));
    world.tag("done", "v1 at=1767225600");
    assert_eq!(says(&world, &lower_min(), "S6"), Some("lowered what we did not raise"));
    world.seen.record = Known::Unknown(Why::Timeout);
    assert_eq!(says(&world, &lower_min(), "S6"), Some("lowered what we did not raise"));
}

#[test]
fn s6_puts_back_a_maximum_that_was_raised_for_the_target() {
    let mut world = about_to_lower();
    world.tag(
        "raised",
        "v1 first=1767225600 at=1767225600 target=9 why=alarm min=0 desired=0 max=8",
    );
    *world.standby() = Group { min: 0, max: 9, ..*world.standby() };
    let lower = |max| standby(StandbyWrite::LowerDesired { desired: 0, max });
    assert_eq!(says(&world, &lower(8), "S6"), None);
    let kept = says(&world, &lower(9), "S6");
    assert_eq!(kept, Some("not the maximum that is ours to put back"));
}

#[test]
fn s6_lets_a_floor_go_down_to_the_load_only_where_it_follows() {
    let mut world = World::new();
    *world.standby() = Group { min: 6, desired: 6, ..*world.standby() };
    let lower = |min| Decision {
        standby: Some(StandbyWrite::LowerMin { min }),
        ..Decision::hold(Reason::LowerFloor { target: 4 })
    };
    let wrong = Some("lowered a floor that does not follow the load");
    assert_eq!(says(&world, &lower(4), "S6"), wrong);
    world.policy = policy(&[("floor", "match")]);
    assert_eq!(says(&world, &lower(4), "S6"), None);
    assert_eq!(says(&world, &lower(5), "S6"), wrong);
    world.write(&Register::Peak(Peak::sampled(None, 1, 5)));
    assert_eq!(says(&world, &lower(5), "S6"), None, "the target is the ring's");
    world.tag("raised", "v1 first=1 at=1 target=4 why=alarm min=0 desired=0 max=8");
    assert_eq!(says(&world, &lower(5), "S6"), wrong);
}

#[test]
fn s7_sees_a_second_write_on_the_same_reading() {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    let again = Some("a second write on the same reading");
    let small = standby(StandbyWrite::Raise(Sizes { min: 2, desired: 2, max: 8 }));
    assert_eq!(says(&world, &small, "S7"), again);
    assert_eq!(says(&world, &world.decide(), "S7"), None);
    let report = Decision { effect: Effect::Report, ..small };
    assert!(!applies(&world, &report, "S7"));
    assert!(!applies(&world, &Decision::hold(Reason::Idle), "S7"));
    let noted = Decision { after: vec![Register::Done(start())], ..Decision::hold(Reason::Idle) };
    assert_eq!(says(&world, &noted, "S7"), None, "a note is followed by a write");
}

#[test]
fn s7_sees_the_primary_and_the_latch_move_twice() {
    let again = Some("a second write on the same reading");
    let world = World::latched(30, &[]);
    let write = |min, desired| Decision {
        primary: Some(PrimaryWrite { min, desired }),
        ..Decision::hold(Reason::Prewarm { demand: min })
    };
    assert_eq!(says(&world, &write(3, None), "S7"), again);
    assert_eq!(says(&world, &write(4, Some(4)), "S7"), None);
    let mut ready = World::latched(30, &[]);
    ready.primary().min = 4;
    let closed = |after| Decision { after, ..Decision::hold(Reason::CloseLatch) };
    let late = closed(vec![Register::Closed(after(ready.now, 1).into())]);
    assert_eq!(says(&ready, &late, "S7"), again, "closed, and opened at once");
    let noted = closed(vec![Register::Drain(Count { episode: start(), ticks: 0, at: ready.now })]);
    assert_eq!(says(&ready, &noted, "S7"), None);
    let both = Decision {
        standby: Some(StandbyWrite::Raise(Sizes { min: 4, desired: 4, max: 8 })),
        ..Decision::hold(Reason::Idle)
    };
    assert_eq!(says(&world, &both, "S7"), None, "the other group may follow");
}

#[test]
fn s8_sees_a_decision_on_an_events_text() {
    let mut world = World::new();
    world.signal = Signal::Alarm(Claim { state: AlarmState::Alarm, at: world.now });
    let changed = Some("the event's text changed the decision");
    let raise = standby(StandbyWrite::Raise(Sizes { min: 4, desired: 4, max: 8 }));
    assert_eq!(says(&world, &Decision { reason: Reason::Idle, ..raise }, "S8"), changed);
    assert_eq!(says(&world, &Decision::hold(Reason::Blind), "S8"), changed);
    assert_eq!(says(&world, &Decision::hold(Reason::Idle), "S8"), None);
    assert!(applies(&world, &Decision::hold(Reason::Idle), "S8"));
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert!(!applies(&world, &Decision::hold(Reason::Idle), "S8"));
    let tick = World::new();
    assert!(!applies(&tick, &Decision::hold(Reason::Idle), "S8"));
}

#[test]
fn s9_sees_what_was_written_where_nothing_may_be() {
    let world = World::new();
    let s9 = |decision: &Decision, done: &[Step]| {
        let verdicts = verify(&[logged(&world, decision, done)]);
        let verdict = verdicts.into_iter().find(|verdict| verdict.id == "S9").unwrap();
        (verdict.checked == 1).then(|| verdict.holds())
    };
    let report = Decision { effect: Effect::Report, ..lower_min() };
    assert_eq!(s9(&report, &[Step::Recheck, Step::Latch, Step::Notify]), Some(true));
    for step in [Step::Before, Step::Standby, Step::Primary, Step::After] {
        assert_eq!(s9(&report, &[step]), Some(false), "{step:?}");
    }
    let asked = Decision { request: Some(Register::Mode(Mode::Observe)), ..report };
    assert_eq!(s9(&asked, &[Step::Before]), Some(true));
    assert_eq!(s9(&lower_min(), &[Step::Standby]), None);
    let frozen = Decision::hold(Reason::Frozen);
    assert_eq!(s9(&frozen, &[]), Some(true));
    let note = || vec![Register::Done(start())];
    let primary = Some(PrimaryWrite { min: 1, desired: None });
    for decision in [
        Decision { standby: lower_min().standby, ..frozen.clone() },
        Decision { primary, ..frozen.clone() },
        Decision { before: note(), ..frozen.clone() },
        Decision { after: note(), ..frozen.clone() },
    ] {
        assert_eq!(s9(&decision, &[]), Some(false), "{decision:?}");
    }
}

#[test]
fn s9_knows_the_frozen_mode_by_the_record() {
    let mut world = World::new();
    world.record().mode = Slot::Held(Mode::Frozen);
    assert_eq!(says(&world, &lower_min(), "S9"), Some("wrote all the same"));
    let request = Some(Register::Mode(Mode::Armed));
    assert!(!applies(&world, &Decision { request, ..lower_min() }, "S9"), "not after a request");
    world.seen.standby = Known::Unknown(Why::Timeout);
    assert!(!applies(&world, &Decision::hold(Reason::Idle), "S9"));
    world = World::new();
    world.record().mode = Slot::Held(Mode::Armed);
    assert!(!applies(&world, &lower_min(), "S9"));
}

#[test]
fn s12_sees_a_normal_state_that_was_noted_in_unrest() {
    let base = Register::Base(Base { sizes: SIZES, at: start() });
    for register in [base, Register::Peak(Peak::sampled(None, 1, 1))] {
        let decision = Decision { after: vec![register], ..Decision::hold(Reason::Idle) };
        let s12 = |change: fn(&mut World)| {
            let mut world = World::new();
            change(&mut world);
            says(&world, &decision, "S12")
        };
        assert_eq!(s12(|_| {}), None);
        let unread = s12(|world| world.seen.alarm = Known::Unknown(Why::Timeout));
        assert_eq!(unread, Some("the alarm cannot be read"));
        let young = Some("the alarm has not been OK for an hour");
        let at = |world: &mut World, ago: i64| {
            world.alarm_view().transitioned_at = after(world.now, -ago);
        };
        assert_eq!(s12(|world| world.alarm_view().state = AlarmState::Alarm), young);
        let mut world = World::new();
        at(&mut world, 3599);
        assert_eq!(says(&world, &decision, "S12"), young);
        at(&mut world, 3600);
        assert_eq!(says(&world, &decision, "S12"), None);
        world.dns(Answer::Mixed);
        assert_eq!(says(&world, &decision, "S12"), Some("the users are elsewhere"));
        world.policy = policy(&[("routing", "active-active"), ("floor", "match")]);
        assert_eq!(says(&world, &decision, "S12"), None);
    }
    let drain = Register::Drain(Count { episode: start(), ticks: 0, at: start() });
    let other = Decision { after: vec![drain], ..Decision::hold(Reason::Idle) };
    assert!(!applies(&World::new(), &other, "S12"));
}

#[test]
fn s13_lets_users_go_early_only_from_a_standby_that_lacks_servers_onto_more() {
    let open = Decision {
        after: vec![Register::Opened(start().into())],
        ..Decision::hold(Reason::OpenLatch)
    };
    let mut world = World::latched(30, &[]);
    world.standby().in_service = 6;
    for (there, here) in [(5, 4), (2, 3), (3, 3)] {
        world.primary().healthy = Known::Known(there);
        world.standby().healthy = Known::Known(here);
        let few = Some("the primary cannot carry everybody");
        assert_eq!(says(&world, &open, "S13"), few, "{there} there, {here} here");
    }
    world.policy = policy(&[("latch", "off")]);
    assert_eq!(says(&world, &open, "S13"), None, "nothing holds the users");
}

#[test]
fn s13_sees_a_latch_that_opens_onto_too_little() {
    let open = Decision {
        after: vec![Register::Opened(start().into())],
        ..Decision::hold(Reason::OpenLatch)
    };
    let mut world = World::latched(30, &[]);
    assert_eq!(says(&world, &open, "S13"), None);
    world.primary().healthy = Known::Known(3);
    let few = Some("the primary cannot carry everybody");
    assert_eq!(says(&world, &open, "S13"), few);
    world.primary().max = 3;
    assert_eq!(says(&world, &open, "S13"), None, "more than its maximum cannot be asked");
    *world.primary() = Group { max: 8, healthy: Known::Known(4), ..*world.primary() };
    world.standby().in_service = 5;
    assert_eq!(says(&world, &open, "S13"), few);
    world.standby().healthy = Known::Known(3);
    assert_eq!(says(&world, &open, "S13"), None, "it has more than the standby");
    world.standby().healthy = Known::Known(4);
    world.standby().in_service = 0;
    assert_eq!(says(&world, &open, "S13"), None);
    *world.primary() =
        Group { in_service: 3, healthy: Known::Unknown(Why::Denied), ..*world.primary() };
    assert_eq!(says(&world, &open, "S13"), few);
    world.seen.primary = Known::Unknown(Why::Denied);
    assert_eq!(says(&world, &open, "S13"), Some("a group is unknown"));
    let mut young = World::latched(29, &[]);
    let hasty = Some("neither proven nor starved for long");
    assert_eq!(says(&young, &open, "S13"), hasty);
    young.standby().healthy = Known::Known(1);
    assert_eq!(says(&young, &open, "S13"), hasty);
    let count = Count { episode: start(), ticks: 4, at: young.now };
    young.write(&Register::Starved(count));
    assert_eq!(says(&young, &open, "S13"), None);
    young.standby().healthy = Known::Known(2);
    assert_eq!(says(&young, &open, "S13"), hasty, "half is its share");
    young.seen.datapoints = Known::Unknown(Why::Timeout);
    assert_eq!(says(&young, &open, "S13"), Some("the alarm or its metric is unknown"));
    let closed = Register::Closed(start().into());
    let close = Decision { after: vec![closed], ..Decision::hold(Reason::CloseLatch) };
    assert!(!applies(&world, &close, "S13"));
    assert!(!applies(&world, &open, "S14"));
}

#[test]
fn s14_sees_a_latch_that_closes_onto_too_little_or_moves_users() {
    let close = Decision {
        after: vec![Register::Closed(start().into())],
        ..Decision::hold(Reason::CloseLatch)
    };
    let moved = || {
        let mut world = World::failed_over(&[]);
        world.untag("closed");
        world
    };
    let s14 = |change: fn(&mut World)| {
        let mut world = moved();
        change(&mut world);
        says(&world, &close, "S14")
    };
    assert_eq!(s14(|_| {}), None);
    let few = Some("the standby does not carry everybody");
    assert_eq!(s14(|world| world.standby().healthy = Known::Known(2)), few);
    assert_eq!(s14(|world| world.standby().healthy = Known::Known(3)), None, "its share, in time");
    assert_eq!(s14(|world| world.standby().healthy = Known::Unknown(Why::Denied)), few);
    let unasked = Some("the latch would move users unasked");
    assert_eq!(s14(|world| world.alarm_view().state = AlarmState::Ok), unasked);
    assert_eq!(s14(|world| world.dns(Answer::Mixed)), unasked);
    assert_eq!(s14(|world| world.points().healthy_run = 1), unasked);
    let order = |what| {
        Register::Order(Order { what, episode: start(), at: start(), by: "alice".to_owned() })
    };
    let mut world = moved();
    world.dns(Answer::Primary);
    world.write(&order(Demand::Failback));
    assert_eq!(says(&world, &close, "S14"), unasked);
    world.write(&order(Demand::Failover));
    assert_eq!(says(&world, &close, "S14"), None);
    world.untag("order");
    let asked = |what| Decision { request: Some(order(what)), ..close.clone() };
    assert_eq!(says(&world, &asked(Demand::Approve), "S14"), unasked);
    assert_eq!(says(&world, &asked(Demand::Failover), "S14"), None);
}

#[test]
fn s15_sees_users_who_have_not_left() {
    let mut world = about_to_lower();
    let few = Some("too few ticks were counted");
    world.write(&Register::Drain(Count { episode: start(), ticks: 1, at: world.now }));
    assert_eq!(says(&world, &lower_min(), "S15"), few);
    world.untag("drain");
    assert_eq!(says(&world, &lower_min(), "S15"), few);
    world.dns(Answer::Mixed);
    assert_eq!(says(&world, &lower_min(), "S15"), Some("DNS does not answer the primary"));
}

#[test]
fn s18_sees_clients_who_still_ask_the_standby() {
    let mut world = about_to_lower();
    let busy = Some("lowered while clients ask the standby");
    for requests in [Known::Known(241), Known::Unknown(Why::Timeout)] {
        world.seen.requests = requests;
        assert_eq!(says(&world, &lower_min(), "S18"), busy);
    }
    let floor = Decision { reason: Reason::LowerFloor { target: 4 }, ..lower_min() };
    assert!(!applies(&world, &floor, "S18"), "nobody is led there");
    let (episode, at) = (start(), world.now);
    let order = Order { what: Demand::Failback, episode, at, by: "alice".to_owned() };
    world.write(&Register::Order(order));
    assert_eq!(says(&world, &lower_min(), "S18"), None);
}

#[test]
fn l1_sees_an_alarm_on_which_nothing_is_raised() {
    let mut world = World::new();
    let idle = Decision::hold(Reason::Idle);
    assert!(!applies(&world, &idle, "L1"));
    world.alarm(AlarmState::Alarm);
    let unraised = Some("read ALARM and did not raise");
    assert_eq!(says(&world, &idle, "L1"), unraised);
    assert!(!applies(&world, &Decision::hold(Reason::Frozen), "L1"));
    let raise = |min, desired| standby(StandbyWrite::Raise(Sizes { min, desired, max: 8 }));
    assert_eq!(says(&world, &raise(4, 4), "L1"), None);
    assert_eq!(says(&world, &raise(3, 4), "L1"), unraised);
    assert_eq!(says(&world, &raise(5, 3), "L1"), unraised, "AWS would refuse it");
    *world.standby() = Group { min: 4, desired: 4, ..*world.standby() };
    assert_eq!(says(&world, &idle, "L1"), None);
    *world.standby() = Group { min: 3, desired: 4, ..*world.standby() };
    assert_eq!(says(&world, &idle, "L1"), unraised);
    world.policy = policy(&[("routing", "active-active"), ("floor", "match")]);
    assert!(!applies(&world, &idle, "L1"));
}

#[test]
fn r_sees_a_decision_that_this_code_would_not_make() {
    let world = World::new();
    let other = Some("recomputes to another decision");
    assert_eq!(says(&world, &Decision::hold(Reason::Idle), "R"), other);
    assert_eq!(says(&world, &world.decide(), "R"), None);
    let mut later = world.clone();
    later.now = later.now.checked_add(Duration::from_secs(1)).unwrap();
    let told = verify(&[logged(&later, &world.decide(), &[])]);
    let violations: Vec<_> = told.iter().flat_map(|verdict| &verdict.violations).collect();
    assert_eq!(violations, ["2026-01-01T00:00:01Z Sample: recomputes to another decision"]);
    assert_eq!(told.iter().filter(|verdict| !verdict.holds()).count(), 1);
}
