//! Records as versions before the present one wrote them: the latch's turns name no episode, the primary's note tells no write.
//! The first invocation after an update reads them, and neither lowers nor releases anything.

use expect_test::expect;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Known};

use super::{RAISED, TICK, check, down};
use crate::world::{Run, Scenario, Script, alarm, red, standby};

/// The latch was closed five minutes after the raise.
const CLOSED: (&str, &str) = ("pilotlight:closed", "v1 at=1767265500");
/// It was opened five minutes ago.
const OPENED: (&str, &str) = ("pilotlight:opened", "v1 at=1767268500");
/// The primary's minimum before it was prewarmed.
const PRIMARY: (&str, &str) = ("pilotlight:primary", "v1 for=1767265200 min=2 desired=2");
/// Four ticks were drained, the last one a minute ago.
const DRAINED: (&str, &str) = ("pilotlight:drain", "v1 for=1767265200 n=4 at=1767268740");
/// Noted while nothing was raised.
const BASE: (&str, &str) = ("pilotlight:base", "v1 min=0 desired=0 max=8 at=1767180000");

/// Nothing was taken away, and the latch is where the record says.
fn assert_kept(run: &Run, latch: Latch) {
    let decision = &run.record.decision;
    assert_eq!(decision.latch, Known::Known(latch));
    assert!(decision.standby.is_none_or(|write| !write.lowers()), "{decision:?}");
    let record = run.record.observation.record.known().expect("it was read");
    assert_eq!(record.unreadable(), [""; 0]);
}

#[test]
fn an_idle_site_stays_idle() {
    let finished = [
        BASE,
        (
            "pilotlight:raised",
            "v1 first=1767190000 at=1767190000 target=2 why=alarm min=0 desired=0 max=8",
        ),
        ("pilotlight:closed", "v1 at=1767190300"),
        ("pilotlight:opened", "v1 at=1767192400"),
        ("pilotlight:done", "v1 at=1767190000"),
        ("pilotlight:history", "v1 t=1767193200"),
    ];
    let idle =
        Scenario { standby: Script::always(standby(0, 0, &finished)), ..Scenario::default() };
    assert_kept(&idle.clone().run(TICK), Latch::Open);
    check(
        idle,
        TICK,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write latch Open
        reason: Idle
        done: [Latch]
        answer: the record, after 80 ms
    "#]],
    );
}

#[test]
fn a_raised_site_whose_users_are_held_stays_raised_and_held() {
    let held = Scenario {
        standby: Script::always(standby(2, 2, &[BASE, RAISED, CLOSED])),
        answer: Script::always(Known::Known(Answer::Standby)),
        datapoints: Script::always(red()),
        ..down()
    };
    assert_kept(&held.clone().run(TICK), Latch::Closed);
    check(
        held,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767265500
               80 ms  write latch Closed
              120 ms  write notice a failover is under way
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800 | pilotlight:lasting = v1 split=1767268800 disagree=1767268800
            reason: AlreadyRaised
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

#[test]
fn a_latch_in_the_middle_of_the_hold_down_stays_closed() {
    let proving = Scenario {
        alarm: Script::always(alarm(AlarmState::Ok, 5)),
        standby: Script::always(standby(2, 2, &[BASE, RAISED, CLOSED])),
        answer: Script::always(Known::Known(Answer::Standby)),
        ..Scenario::default()
    };
    assert_kept(&proving.clone().run(TICK), Latch::Closed);
    check(
        proving,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767265500
               80 ms  write latch Closed
              120 ms  write notice a failover is under way
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Proving
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

#[test]
fn a_site_that_drains_goes_on_draining() {
    let tags = [BASE, RAISED, CLOSED, OPENED, PRIMARY, DRAINED];
    let draining =
        Scenario { standby: Script::always(standby(2, 2, &tags)), ..Scenario::default() };
    assert_kept(&draining.clone().run(TICK), Latch::Open);
    check(
        draining,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=5 at=1767268800
               80 ms  write latch Open
              120 ms  write notice a failover is under way
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Draining
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}
