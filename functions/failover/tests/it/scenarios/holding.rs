//! Conversations that write nothing.

use expect_test::expect;
use failover_core::decision::Effect;
use failover_core::observation::{Known, Why};

use super::{REHEARSAL, TICK, check, down};
use crate::world::{Scenario, Script, standby};

/// Goal: silence ends at the deadline, writes nothing, and asks Lambda to try again.
#[test]
fn silence_ends_at_the_deadline_and_writes_nothing() {
    let silence = Scenario {
        alarm: Script::silent(),
        standby: Script::silent(),
        primary: Script::silent(),
        healthy: Script::silent(),
        answer: Script::silent(),
        probe: Script::silent(),
        egress: Script::silent(),
        ..Scenario::default()
    };
    let run = silence.clone().run(TICK);
    assert!(!run.record.observation.egress);
    check(
        silence,
        TICK,
        &expect![[r#"
             3500 ms  read standby
            reason: StandbyUnreadable
            done: []
            error StandbyUnreadable, after 8000 ms: standby group cannot be read: timeout
        "#]],
    );
}

/// Goal: frozen means frozen, in an outage too. Only the latch is fed.
#[test]
fn frozen_writes_nothing_but_the_latch_in_an_outage() {
    let frozen = Script::always(standby(0, 0, &[("pilotlight:mode", "frozen")]));
    check(
        Scenario { standby: frozen, ..down() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               40 ms  write latch Open
               80 ms  write notice no failover will happen: the mode is not armed, and 1 more
              120 ms  write tags pilotlight:findings = v1 set=unarm.withh at=1767268800 | pilotlight:lasting = v1 unmoved=1767268800 split=1767268800
            reason: Frozen
            done: [Latch, Notify, Told]
            answer: the record, after 160 ms
        "#]],
    );
}

/// Goal: observing decides and writes nothing, not even a notice. Only the latch is fed.
#[test]
fn observing_writes_nothing_but_the_latch_in_an_outage() {
    let observe = Script::always(standby(0, 0, &[("pilotlight:mode", "observe")]));
    check(
        Scenario { standby: observe, ..down() },
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               40 ms  write latch Open
               80 ms  write notice no failover will happen: the mode is not armed, and 1 more
              120 ms  write tags pilotlight:findings = v1 set=unarm.withh at=1767268800 | pilotlight:lasting = v1 unmoved=1767268800 split=1767268800
            reason: Raise
            done: [Latch, Notify, Told]
            answer: the record, after 160 ms
        "#]],
    );
}

/// Goal: a rehearsal decides like the real thing and writes nothing.
#[test]
fn a_rehearsal_writes_nothing_and_answers_with_the_record() {
    let run = down().run(REHEARSAL);
    assert_eq!(run.record.decision.effect, Effect::Report);
    assert_eq!(run.result.as_ref().ok(), Some(&run.record));
    check(
        down(),
        REHEARSAL,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
        reason: Raise
        done: []
        answer: the record, after 40 ms
    "#]],
    );
}

/// Goal: a rehearsal answers even where a real run would fail.
#[test]
fn a_rehearsal_answers_when_the_standby_cannot_be_read() {
    let standby = Script::always(Known::Unknown(Why::Denied));
    check(
        Scenario { standby, ..down() },
        REHEARSAL,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
        reason: StandbyUnreadable
        done: []
        answer: the record, after 40 ms
    "#]],
    );
}

/// Goal: a missing permission is never taken for silence.
#[test]
fn a_denied_reading_fails_the_invocation() {
    let alarm = Script::always(Known::Unknown(Why::Denied));
    check(
        Scenario { alarm, ..Scenario::default() },
        TICK,
        &expect![[r#"
               20 ms  write latch Open
               60 ms  write notice a failure of the primary may go unseen: no data from the health check
              100 ms  write tags pilotlight:findings = v1 set=blind at=1767268800
            reason: Blind
            done: [Latch, Notify, Told]
            error Denied, after 140 ms: access denied to the alarm; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}

/// Goal: the first round asks everything at once, and the metric that the alarm watches second.
#[test]
fn everything_is_asked_at_once() {
    let run = Scenario::default().run(TICK);
    expect![[r#"
        read alarm
        read standby
        read healthy standby
        read primary
        read healthy primary
        read answer
        read verdict
        read probe
        read outside
        read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
        write latch Open"#]]
    .assert_eq(&run.asked().join("\n"));
}
