//! What an operator asks for. The answer is the decision record, also to a request that is refused.

use expect_test::expect;
use failover_core::decision::{Refusal, Reply};
use failover_core::observation::{Answer, Known};

use super::{CLOSED, RAISED, check, denied};
use crate::world::{Scenario, Script, standby};

fn request(what: &str) -> Vec<u8> {
    let at = crate::world::START;
    format!(r#"{{"source":"pilotlight.request","what":"{what}","at":"{at}","by":"alice"}}"#)
        .into_bytes()
}

/// Goal: the order is kept with the intent, in one call, and the standby is raised by it.
#[test]
fn an_ordered_failover_is_noted_and_raises() {
    let run = Scenario::default().run(&request("failover"));
    assert_eq!(run.record.decision.reply, Some(Reply::Taken));
    assert_eq!(run.result.as_ref().ok(), Some(&run.record));
    check(
        Scenario::default(),
        &request("failover"),
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:order = v1 what=failover for=0 at=1767268800 by=alice | pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=order min=0 desired=0 max=8
               80 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              120 ms  write latch Open
              160 ms  write notice raising the standby from 0 to 2 instances
              200 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 240 ms
        "#]],
    );
}

/// Goal: an order moves users although the primary is well. Method: the standby is up already.
#[test]
fn an_ordered_failover_closes_the_latch_once_the_standby_carries_everybody() {
    let order = ("pilotlight:order", "v1 what=failover for=0 at=1767265190 by=alice");
    let ordered = Script::always(standby(2, 2, &[RAISED, order]));
    let ordered = Scenario { standby: ordered, ..Scenario::default() };
    check(
        ordered,
        super::TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:closed = v1 for=1767265200 at=1767268800
               80 ms  write latch Closed
              120 ms  write notice users stay on the standby until the failback
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800 | pilotlight:lasting = v1 unmoved=1767268800
            reason: CloseLatch
            done: [After, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: a request that does not count is answered and keeps nothing.
#[test]
fn a_refused_request_is_no_error() {
    let run = Scenario::default().run(&request("approve"));
    let refused = Some(Reply::Refused(Refusal::NothingRaised));
    assert_eq!(run.result.expect("the record").decision.reply, refused);
    check(
        Scenario::default(),
        &request("approve"),
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write latch Open
        reason: Idle
        done: [Latch]
        answer: the record, after 80 ms
    "#]],
    );
    let late = std::str::from_utf8(&request("failover")).expect("text").replace("12:00", "11:00");
    let run = Scenario::default().run(late.as_bytes());
    assert_eq!(run.record.decision.reply, Some(Reply::Refused(Refusal::Old)));
    assert!(!run.wrote_groups_or_tags());
}

/// Goal: whoever may freeze the controller may thaw it.
#[test]
fn a_frozen_controller_takes_another_mode() {
    let frozen = Script::always(standby(0, 0, &[("pilotlight:mode", "frozen")]));
    let frozen = Scenario { standby: frozen, ..Scenario::default() };
    check(
        frozen,
        &request("armed"),
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write tags pilotlight:mode = armed
           80 ms  write latch Open
          120 ms  write notice the mode is now armed
        reason: Idle
        done: [Before, Latch, Notify]
        answer: the record, after 160 ms
    "#]],
    );
}

/// Goal: a freeze reaches the record in an outage too, and nothing else is touched.
#[test]
fn a_freeze_in_an_outage_is_noted_and_stops_the_raise() {
    check(
        super::down(),
        &request("frozen"),
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:mode = frozen
               80 ms  write latch Open
              120 ms  write notice the mode is now frozen
              160 ms  write tags pilotlight:findings = v1 set=unarm.withh at=1767268800 | pilotlight:lasting = v1 unmoved=1767268800 split=1767268800
            reason: Frozen
            done: [Before, Latch, Notify, Told]
            answer: the record, after 200 ms
        "#]],
    );
}

/// Goal: a request that could not be kept is in the outcome, and nothing else was done.
#[test]
fn a_request_that_cannot_be_kept_fails_the_invocation_when_it_is_denied() {
    let held = Scenario {
        standby: Script::always(standby(2, 2, &[RAISED, CLOSED])),
        answer: Script::always(Known::Known(Answer::Standby)),
        tags: Script::always(denied()),
        ..Scenario::default()
    };
    check(
        held,
        &request("observe"),
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:mode = observe
               80 ms  write latch Closed
              120 ms  write notice a failover is under way
              160 ms  write tags pilotlight:findings = v1 set=unarm.failo at=1767268800
            reason: OpenLatch
            done: [Latch, Notify]
            failed: Before: access denied: AccessDenied: not authorized
            failed: Told: access denied: AccessDenied: not authorized
            error Denied, after 200 ms: access denied to the write Before: access denied: AccessDenied: not authorized; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}
