//! The invariants of raises and of their notes.

use super::super::world::{World, start};
use super::{applies, says};
use crate::decision::{Decision, Reason, StandbyWrite};
use crate::observation::{AlarmState, Evaluation, Known, Why};
use crate::record::{Cause, Raised, Register, Sizes};
use crate::time::{Timestamp, after};

const UNDO: Sizes = Sizes { min: 0, desired: 0, max: 8 };

fn raise(why: Cause, at: Timestamp) -> Decision {
    let raised = Raised { first: start(), at, target: 4, why, undo: UNDO };
    Decision {
        before: vec![Register::Raised(raised)],
        standby: Some(StandbyWrite::Raise(Sizes { min: 4, desired: 4, max: 8 })),
        ..Decision::hold(Reason::Raise { why, target: 4 })
    }
}

#[test]
fn s16_sees_a_raise_on_one_lost_reading() {
    let mut world = World::new();
    let (by_probe, by_alarm) = (raise(Cause::Probe, world.now), raise(Cause::Alarm, world.now));
    assert!(!applies(&world, &by_probe, "S16"), "the metric was read");
    world.seen.datapoints = Known::Unknown(Why::Timeout);
    let once = Some("one lost reading beside an alarm that reads OK");
    assert_eq!(says(&world, &by_probe, "S16"), once);
    assert!(applies(&world, &by_alarm, "S16"));
    assert_eq!(says(&world, &by_alarm, "S16"), None);
    let gap = i64::try_from(world.policy.drain_gap().as_secs()).unwrap();
    world.write(&Register::Unseen(after(world.now, -gap - 1)));
    assert_eq!(says(&world, &by_probe, "S16"), once, "the one before is too long ago");
    world.write(&Register::Unseen(after(world.now, -gap)));
    assert_eq!(says(&world, &by_probe, "S16"), None, "it was lost twice");
    world.untag("unseen");
    world.alarm_view().evaluation = Evaluation::Failing;
    assert!(!applies(&world, &by_probe, "S16"), "the alarm does not judge");
    world.alarm_view().evaluation = Evaluation::Sound;
    world.alarm_view().state = AlarmState::Insufficient;
    assert!(!applies(&world, &by_probe, "S16"), "the alarm has nothing to say");
}

#[test]
fn s17_sees_a_raise_that_does_not_pass_the_last_one() {
    let mut world = World::new();
    let last = after(start(), 60);
    let stale = Some("a raise that does not pass the last one");
    let says = |world: &World, at| says(world, &raise(Cause::Alarm, at), "S17");
    assert_eq!(says(&world, last), None, "it is the first");
    for register in [raise(Cause::Alarm, last).before.remove(0), Register::Done(last)] {
        let mut world = world.clone();
        world.write(&register);
        assert_eq!(says(&world, last), stale);
        assert_eq!(says(&world, after(last, 1)), None);
    }
    world.seen.record = Known::Unknown(Why::Timeout);
    assert!(!applies(&world, &raise(Cause::Alarm, last), "S17"));
}
