//! The primary's floor in a failback.

use expect_test::expect;
use failover_core::observation::Known;

use super::{CLOSED, DRAINED, RAISED, TICK, check, denied, held};
use crate::world::{Scenario, Script, group, standby};

/// The primary's floor was 1 before it was made ready.
const PRIMARY: (&str, &str) = ("pilotlight:primary", "v1 for=1767265200 min=1 desired=1");
const OPENED: (&str, &str) = ("pilotlight:opened", "v1 at=1767268000");

/// Goal: the primary's undo note is durable before its floor grows.
#[test]
fn a_prewarm_notes_the_floor_and_then_grows_it() {
    let short = Scenario { primary: Script::always(Known::Known(group(1, 1))), ..held() };
    check(
        short,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:primary = v1 for=1767265200 min=1 desired=1 was=1 wrote=2
               80 ms  write primary PrimaryWrite { min: 2, desired: Some(2) }
              120 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767265500
              160 ms  write latch Closed
              200 ms  write notice prewarming the primary: at least 2 instances
              240 ms  write tags pilotlight:findings = v1 set=failo at=1767268800 | pilotlight:lasting = v1 unheld=1767268800
            reason: Prewarm
            done: [Before, Primary, After, Latch, Notify, Told]
            answer: the record, after 280 ms
        "#]],
    );
}

/// Goal: a floor that cannot be noted is not grown.
#[test]
fn a_prewarm_that_cannot_be_noted_is_not_done() {
    let short = Scenario {
        primary: Script::always(Known::Known(group(1, 1))),
        tags: Script::always(denied()),
        ..held()
    };
    check(
        short,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:primary = v1 for=1767265200 min=1 desired=1 was=1 wrote=2
               80 ms  write latch Closed
              120 ms  write tags pilotlight:lasting = v1 unheld=1767268800
            reason: Prewarm
            done: [Latch]
            failed: Before: access denied: AccessDenied: not authorized
            failed: Told: access denied: AccessDenied: not authorized
            error Denied, after 160 ms: access denied to the write Before: access denied: AccessDenied: not authorized; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}

fn back() -> Scenario {
    let tags = [RAISED, CLOSED, OPENED, DRAINED, PRIMARY];
    Scenario { standby: Script::always(standby(0, 0, &tags)), ..Scenario::default() }
}

/// Goal: the primary's floor goes back, and only then is the record closed.
#[test]
fn the_last_step_restores_the_primary_and_then_closes_the_record() {
    check(
        back(),
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write primary PrimaryWrite { min: 1, desired: None }
               80 ms  write tags pilotlight:history = v1 t=1767268800 | pilotlight:done = v1 at=1767265200
              120 ms  write latch Open
              160 ms  write notice failover finished: the standby is back to normal
            reason: Finish
            done: [Primary, After, Latch, Notify]
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: a floor that was not restored keeps the record open, so that the next tick tries again.
#[test]
fn a_floor_that_cannot_be_restored_keeps_the_record_open() {
    check(
        Scenario { group: Script::always(denied()), ..back() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write primary PrimaryWrite { min: 1, desired: None }
               80 ms  write latch Open
            reason: Finish
            done: [Latch]
            failed: Primary: access denied: AccessDenied: not authorized
            error Denied, after 120 ms: access denied to the write Primary: access denied: AccessDenied: not authorized; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}
