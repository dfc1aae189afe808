//! Conversations that lower, and everything that stops them.

use expect_test::expect;
use failover::error::WriteError;
use failover_core::observation::{AlarmState, Answer, Known};

use super::{DRAINED, RAISED, TICK, before_phase_1, before_phase_2, check, contention};
use crate::world::{Reply, Scenario, Script, alarm, standby};

/// Goal: while only the standby answers, nothing is lowered, however long it has been raised.
#[test]
fn a_blind_controller_lowers_nothing() {
    let blind = Scenario { alarm: Script::silent(), probe: Script::silent(), ..before_phase_1() };
    check(
        blind,
        TICK,
        &expect![[r#"
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
             2500 ms  write latch Open
             2540 ms  write notice a failover is under way
             2580 ms  write tags pilotlight:findings = v1 set=failo at=1767268802
            reason: Proving
            done: [Latch, Notify, Told]
            answer: the record, after 2620 ms
        "#]],
    );
}

/// Goal: before a lowering the note must be durable.
#[test]
fn a_failed_tag_write_stops_a_lowering() {
    let fault = Err(WriteError::Fault("InternalFailure".to_owned()));
    check(
        Scenario { tags: Script::always(fault), ..before_phase_1() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
              180 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
              420 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
              860 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
             1700 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
             2740 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
             2780 ms  write latch Open
            reason: LowerMin
            done: [Latch]
            failed: Before: service error: InternalFailure
            answer: the record, after 2820 ms
        "#]],
    );
}

/// Goal: phase 1 lowers the minimum alone, after a fresh look.
#[test]
fn phase_1_rechecks_and_lowers_the_minimum() {
    check(
        before_phase_1(),
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write standby LowerMin { min: 0 }
              140 ms  write latch Open
              180 ms  write notice the primary is proven back: lowering the standby
              220 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerMin
            done: [Before, Recheck, Standby, Latch, Notify, Told]
            answer: the record, after 260 ms
        "#]],
    );
}

/// Goal: phase 2 never sends the minimum.
#[test]
fn phase_2_lowers_the_desired_capacity() {
    check(
        before_phase_2(),
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write standby LowerDesired { desired: 0, max: 8 }
              140 ms  write latch Open
              180 ms  write notice a failover is under way
              220 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerDesired
            done: [Before, Recheck, Standby, Latch, Notify, Told]
            answer: the record, after 260 ms
        "#]],
    );
}

/// Goal: a failure between decision and write stops the lowering. Method: the second read of the
/// alarm differs.
#[test]
fn an_alarm_that_changed_meanwhile_stops_the_lowering() {
    let alarm = Script::then([
        Reply::Says(alarm(AlarmState::Ok, 40)),
        Reply::Says(alarm(AlarmState::Alarm, 0)),
    ]);
    check(
        Scenario { alarm, ..before_phase_2() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write latch Open
              140 ms  write notice a failover is under way
              180 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerDesired
            done: [Before, Latch, Notify, Told]
            failed: Recheck: not lowered: the alarm read Ok since 2026-01-01T11:20:00Z, evaluation Sound, actions on and now reads Alarm since 2026-01-01T12:00:00Z, evaluation Sound, actions on
            answer: the record, after 220 ms
        "#]],
    );
}

/// Goal: users who are back on the standby stop the lowering.
#[test]
fn an_answer_that_changed_meanwhile_stops_the_lowering() {
    let answer = Script::then([
        Reply::Says(Known::Known(Answer::Primary)),
        Reply::Says(Known::Known(Answer::Standby)),
    ]);
    check(
        Scenario { answer, ..before_phase_1() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write latch Open
            reason: LowerMin
            done: [Before, Latch]
            failed: Recheck: not lowered: DNS named the primary and now names the standby
            answer: the record, after 140 ms
        "#]],
    );
}

/// Goal: a second look that does not come within a second stops the lowering.
#[test]
fn a_silent_recheck_stops_the_lowering() {
    let alarm = Script::then([Reply::Says(alarm(AlarmState::Ok, 40)), Reply::Silence]);
    check(
        Scenario { alarm, ..before_phase_2() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
             1080 ms  write latch Open
             1120 ms  write notice a failover is under way
             1160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerDesired
            done: [Before, Latch, Notify, Told]
            failed: Recheck: not lowered: the alarm read Ok since 2026-01-01T11:20:00Z, evaluation Sound, actions on and now reads nothing (timeout)
            answer: the record, after 1200 ms
        "#]],
    );
}

/// Goal: a lowering is tried once; its readings age.
#[test]
fn contention_ends_a_lowering_at_once() {
    check(
        Scenario { group: Script::then([contention()]), ..before_phase_2() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write standby LowerDesired { desired: 0, max: 8 }
              140 ms  write latch Open
              180 ms  write notice a failover is under way
              220 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerDesired
            done: [Before, Recheck, Latch, Notify, Told]
            failed: Standby: another change is under way: ResourceContention: pending update
            answer: the record, after 260 ms
        "#]],
    );
}

/// Goal: AWS's refusal in phase 2 is an outcome and not a failure: a raise came between and stands.
#[test]
fn a_refused_phase_2_means_that_a_raise_came_between() {
    let words = "ValidationError: Desired capacity:0 must be between the specified min size:2 and max size:8";
    let group = Script::always(Err(WriteError::Refused(words.to_owned())));
    check(
        Scenario { group, ..before_phase_2() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=10 at=1767268800
               80 ms  read alarm
               80 ms  read answer
               80 ms  read verdict
              100 ms  write standby LowerDesired { desired: 0, max: 8 }
              140 ms  write latch Open
              180 ms  write notice a failover is under way
              220 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerDesired
            done: [Before, Recheck, Latch, Notify, Told]
            failed: Standby: raised meanwhile: ValidationError: Desired capacity:0 must be between the specified min size:2 and max size:8
            answer: the record, after 260 ms
        "#]],
    );
}

/// Goal: the record is closed when everything is back.
#[test]
fn the_last_step_closes_the_record() {
    let standby = Script::always(standby(0, 0, &[RAISED, DRAINED]));
    check(
        Scenario { standby, ..Scenario::default() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:history = v1 t=1767268800 | pilotlight:done = v1 at=1767265200
               80 ms  write latch Open
              120 ms  write notice failover finished: the standby is back to normal
            reason: Finish
            done: [After, Latch, Notify]
            answer: the record, after 160 ms
        "#]],
    );
}
