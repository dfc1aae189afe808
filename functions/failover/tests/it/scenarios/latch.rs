//! The latch: closed late, opened onto a primary that carries everybody, and fed whatever happens.

use expect_test::expect;
use failover::error::WriteError;
use failover_core::observation::{AlarmState, Answer, Known};

use super::{CLOSED, RAISED, TICK, before_phase_1, check, denied, down, held};
use crate::world::{Reply, Scenario, Script, alarm, group, red, standby};

/// Raised, the users are there, and the primary is down.
fn carrying() -> Scenario {
    Scenario {
        standby: Script::always(standby(2, 2, &[RAISED])),
        answer: Script::always(Known::Known(Answer::Standby)),
        datapoints: Script::always(red()),
        ..down()
    }
}

/// Goal: the register first, then the metric.
#[test]
fn the_latch_closes_once_the_standby_carries_the_users() {
    check(
        carrying(),
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767268800
               80 ms  write latch Closed
              120 ms  write notice users stay on the standby until the failback
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800 | pilotlight:lasting = v1 split=1767268800 disagree=1767268800
            reason: CloseLatch
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: nobody knows what the record says after a write that was not confirmed, so nothing is put.
#[test]
fn a_close_that_cannot_be_noted_puts_nothing() {
    let tags = Script::always(Err(WriteError::Refused("LimitExceeded: tags".to_owned())));
    check(
        Scenario { tags, ..carrying() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767268800
               80 ms  write tags pilotlight:lasting = v1 split=1767268800 disagree=1767268800
            reason: CloseLatch
            done: []
            failed: After: refused: LimitExceeded: tags
            failed: Told: refused: LimitExceeded: tags
            answer: the record, after 120 ms
        "#]],
    );
}

/// Goal: the users move back when the primary is proven and can carry them.
#[test]
fn the_latch_opens_onto_a_primary_that_carries_everybody() {
    check(
        held(),
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:opened = v1 for=1767265200 at=1767268800
               80 ms  write latch Open
              120 ms  write notice the users move back to the primary
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800 | pilotlight:lasting = v1 unheld=1767268800
            reason: OpenLatch
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: the operator's freeze keeps DNS where it is.
#[test]
fn frozen_feeds_a_closed_latch() {
    let frozen = standby(2, 2, &[RAISED, CLOSED, ("pilotlight:mode", "frozen")]);
    check(
        Scenario { standby: Script::always(frozen), ..held() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write latch Closed
               80 ms  write notice no failover will happen: the mode is not armed, and 1 more
              120 ms  write tags pilotlight:findings = v1 set=unarm.failo at=1767268800 | pilotlight:lasting = v1 unheld=1767268800
            reason: Frozen
            done: [Latch, Notify, Told]
            answer: the record, after 160 ms
        "#]],
    );
}

/// Goal: observing would open the latch, and goes on feeding the closed one.
#[test]
fn observing_feeds_a_closed_latch() {
    let observed = standby(2, 2, &[RAISED, CLOSED, ("pilotlight:mode", "observe")]);
    check(
        Scenario { standby: Script::always(observed), ..held() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write latch Closed
               80 ms  write notice no failover will happen: the mode is not armed, and 1 more
              120 ms  write tags pilotlight:findings = v1 set=unarm.failo at=1767268800 | pilotlight:lasting = v1 unheld=1767268800
            reason: OpenLatch
            done: [Latch, Notify, Told]
            answer: the record, after 160 ms
        "#]],
    );
}

/// Goal: a write that failed does not silence the latch. Method: the prewarm is refused.
#[test]
fn a_failed_write_does_not_silence_the_latch() {
    let refused = WriteError::Refused("ValidationError: something".to_owned());
    let short = Scenario {
        primary: Script::always(Known::Known(group(1, 1))),
        group: Script::always(Err(refused)),
        ..held()
    };
    check(
        short,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:primary = v1 for=1767265200 min=1 desired=1 was=1 wrote=2
               80 ms  write primary PrimaryWrite { min: 2, desired: Some(2) }
              120 ms  write latch Closed
              160 ms  write tags pilotlight:lasting = v1 unheld=1767268800
            reason: Prewarm
            done: [Before, Latch, Told]
            failed: Primary: refused: ValidationError: something
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: a put that fails undoes and hides nothing.
#[test]
fn a_failed_put_changes_nothing() {
    let silent = Scenario { latch: Script::then([Reply::Silence]), ..before_phase_1() };
    check(
        silent,
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
             1640 ms  write notice the primary is proven back: lowering the standby
             1680 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: LowerMin
            done: [Before, Recheck, Standby, Notify, Told]
            failed: Latch: no answer, it may have happened: within 1500 ms
            answer: the record, after 1720 ms
        "#]],
    );
}

/// Goal: a missing permission is told, as for every other write.
#[test]
fn a_denied_put_fails_the_invocation() {
    let denied = Scenario { latch: Script::always(denied()), ..before_phase_1() };
    check(
        denied,
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
            done: [Before, Recheck, Standby, Notify, Told]
            failed: Latch: access denied: AccessDenied: not authorized
            error Denied, after 260 ms: access denied to the write Latch: access denied: AccessDenied: not authorized; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}

/// Goal: without a latch nothing is put.
#[test]
fn a_site_without_a_latch_puts_nothing() {
    check(
        Scenario { policy: &[("latch", "off")], ..down() },
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write notice raising the standby from 0 to 2 instances
              140 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Notify, Told]
            answer: the record, after 180 ms
        "#]],
    );
}

/// Goal: a record that does not tell the latch's value puts none: the gate keeps the last one.
#[test]
fn an_unreadable_latch_is_not_fed() {
    let unreadable = standby(2, 2, &[RAISED, ("pilotlight:closed", "yes")]);
    let alarm = Script::always(alarm(AlarmState::Ok, 40));
    let silent = Scenario { standby: Script::always(unreadable), alarm, ..Scenario::default() };
    check(
        silent,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write notice a tag of the record cannot be read, and 1 more
               80 ms  write tags pilotlight:findings = v1 set=recor.failo at=1767268800
            reason: RecordUnreadable
            done: [Notify, Told]
            answer: the record, after 120 ms
        "#]],
    );
}
