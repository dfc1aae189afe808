//! The invariants of what may come before the alarm are broken by decisions that were made up.

use super::invariants::{about_to_lower, applies, lower_min, says};
use super::world::{World, policy, start};
use crate::decision::{Decision, Latch, News, Notice, PrimaryWrite, Reason};
use crate::observation::{Known, Probe, Verdict, Why};
use crate::record::{Cause, Count, Register};
use crate::signal::Signal;

#[test]
fn l1_sees_an_unhealthy_verdict_on_which_nothing_is_raised() {
    let mut world = World::new();
    let idle = Decision::hold(Reason::Idle);
    world.seen.alarm = Known::Unknown(Why::Timeout);
    assert!(!applies(&world, &idle, "L1"));
    world.seen.verdict = Known::Known(Verdict::Unhealthy);
    let unraised = Some("read an unhealthy verdict and did not raise");
    assert_eq!(says(&world, &idle, "L1"), unraised);
    assert_eq!(says(&world, &world.decide(), "L1"), None);
    world.seen.verdict = Known::Unknown(Why::Timeout);
    assert!(!applies(&world, &idle, "L1"));
}

#[test]
fn s19_sees_a_look_that_does_more_than_raise() {
    let mut world = World::failed_over(&[]);
    let s19 = |world: &World, decision: &Decision| says(world, decision, "S19");
    assert!(!applies(&world, &lower_min(), "S19"), "a tick may");
    world.signal = Signal::Look { again: true };
    let hold = Decision::hold(Reason::Looked);
    assert_eq!(s19(&world, &hold), None);
    assert_eq!(s19(&world, &lower_min()), Some("a look wrote a size that is no raise"));
    let primary = Some(PrimaryWrite { min: 2, desired: None });
    let wrote = s19(&world, &Decision { primary, ..hold.clone() });
    assert_eq!(wrote, Some("a look wrote a size that is no raise"));
    let count = Register::Drain(Count { episode: start(), ticks: 1, at: world.now });
    let registers = [
        Decision { before: vec![count.clone()], ..hold.clone() },
        Decision { after: vec![count.clone()], ..hold.clone() },
        Decision { request: Some(count.clone()), ..hold.clone() },
    ];
    for decision in registers {
        assert_eq!(s19(&world, &decision), Some("a look wrote a register"), "{decision:?}");
    }
    let latch = Known::Known(Latch::Closed);
    assert_eq!(s19(&world, &Decision { latch, ..hold.clone() }), Some("a look put the latch"));
    let notice = Notice { subject: "x".to_owned(), body: String::new() };
    let told = Decision { notice: Some(notice.clone()), ..hold.clone() };
    assert_eq!(s19(&world, &told), Some("a look told a finding"));
    let news = News { notice: Some(notice), told: None, lasting: None };
    assert_eq!(s19(&world, &Decision { news, ..hold }), Some("a look told a finding"));
    let mut down = World::new();
    down.signal = Signal::Look { again: false };
    down.seen.verdict = Known::Known(Verdict::Unhealthy);
    let raise = down.decide();
    assert_eq!(s19(&down, &raise), None);
    let before = [raise.before.clone(), vec![count]].concat();
    let counted = Decision { before, ..raise.clone() };
    assert_eq!(s19(&down, &counted), Some("a look wrote a register"));
    let unspoken = Decision { reason: Reason::Looked, ..raise.clone() };
    assert_eq!(s19(&down, &unspoken), Some("a look wrote a size that is no raise"));
    let lowered = Decision { standby: lower_min().standby, ..raise };
    assert_eq!(s19(&down, &lowered), Some("a look wrote a size that is no raise"));
}

#[test]
fn s20_sees_a_precaution_on_too_little() {
    let mut world = super::verdict::suspicious(&[("eager", "on")]);
    let raise = world.decide();
    assert_eq!(says(&world, &raise, "S20"), None);
    let says = |change: fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        says(&world, &raise, "S20")
    };
    let off = says(|world| world.policy = policy(&[]));
    assert_eq!(off, Some("raised on suspicion where `eager` is off"));
    let once = says(|world| world.signal = Signal::Look { again: false });
    assert_eq!(once, Some("raised on one look"));
    let tick = says(|world| world.signal = Signal::Tick);
    assert_eq!(tick, Some("raised on suspicion by something that is no look"));
    let cut = Some("raised on a line of our own that is cut");
    assert_eq!(says(|world| world.seen.egress = false), cut);
    assert_eq!(says(|world| world.seen.probe = Known::Known(Probe::Up)), cut);
    let new = says(|world| world.untag("base"));
    assert_eq!(new, Some("raised before the normal sizes were ever recorded"));
    let reason = Reason::Raise { why: Cause::Probe, target: 4 };
    let judged = Decision { reason, ..raise.clone() };
    world.seen.egress = true;
    assert_eq!(super::invariants::says(&world, &judged, "S20"), Some("a look judged the detector"));
    let reason = Reason::Raise { why: Cause::Verdict, target: 4 };
    assert!(
        applies(&world, &Decision { reason, ..raise }, "S20"),
        "every raise of a look is judged"
    );
}

#[test]
fn s21_sees_a_lowering_against_the_verdict() {
    let s21 = |verdict| {
        let mut world = about_to_lower();
        world.seen.verdict = verdict;
        says(&world, &lower_min(), "S21")
    };
    assert_eq!(s21(Known::Known(Verdict::Healthy)), None);
    assert_eq!(s21(Known::Unknown(Why::NotAsked)), None);
    let red = s21(Known::Known(Verdict::Unhealthy));
    assert_eq!(red, Some("lowered while the verdict reads unhealthy"));
    let lost = s21(Known::Unknown(Why::Timeout));
    assert_eq!(lost, Some("lowered while the verdict cannot be read"));
}
