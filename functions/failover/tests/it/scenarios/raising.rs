//! Conversations that raise, whatever else goes wrong.

use std::time::Duration;

use expect_test::expect;
use failover::error::WriteError;
use failover_core::observation::{Known, Probe, Why};

use super::{TICK, check, contention, denied, down, event};
use crate::world::{Reply, Scenario, Script, standby};

/// Goal: a raise is one round of reads, one tag write, one group write.
#[test]
fn an_alarm_raises_after_one_round_of_reads() {
    check(
        down(),
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write latch Open
              140 ms  write notice raising the standby from 0 to 2 instances
              180 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 220 ms
        "#]],
    );
}

/// Goal: nothing of the dead region is waited for. Method: all that needs it hangs.
#[test]
fn a_dead_primary_region_does_not_delay_the_raise() {
    let dead = Scenario {
        primary: Script::silent(),
        healthy: Script::silent(),
        answer: Script::silent(),
        probe: Script::silent(),
        ..down()
    };
    let run = dead.clone().run(TICK);
    assert_eq!(run.record.observation.primary, Known::Unknown(Why::NotAsked));
    check(
        dead,
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write latch Open
              140 ms  write notice raising the standby from 0 to 2 instances
              180 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 220 ms
        "#]],
    );
}

/// Goal: a late standby read is waited for, within the bound of all reads.
#[test]
fn the_raise_waits_for_the_standby_alone() {
    let known = standby(0, 0, &[]);
    let late = Reply::Late(Duration::from_secs(2), known);
    let late = Scenario { standby: Script::then([late]), probe: Script::silent(), ..down() };
    check(
        late,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
             2000 ms  write tags pilotlight:raised = v1 first=1767268802 at=1767268802 target=2 why=alarm min=0 desired=0 max=8
             2040 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
             2080 ms  write latch Open
             2120 ms  write notice raising the standby from 0 to 2 instances
             2160 ms  write tags pilotlight:findings = v1 set=failo at=1767268802
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 2200 ms
        "#]],
    );
}

/// Goal: when the alarm cannot be read, a fresh event stands in for it, towards raising.
#[test]
fn a_fresh_event_raises_while_the_alarm_is_silent() {
    let blind = Scenario { alarm: Script::silent(), ..Scenario::default() };
    check(
        blind,
        &event("ALARM", "2026-01-01T11:59:50.000+0000"),
        &expect![[r#"
             2500 ms  write tags pilotlight:raised = v1 first=1767268802 at=1767268802 target=2 why=claim min=0 desired=0 max=8
             2540 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
             2580 ms  write latch Open
             2620 ms  write notice raising the standby from 0 to 2 instances
             2660 ms  write tags pilotlight:findings = v1 set=failo at=1767268802
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 2700 ms
        "#]],
    );
}

/// Goal: with us-east-1 and the primary's region dark together, a third party proves that it is not
/// us who are cut off.
#[test]
fn egress_proven_by_a_third_party_lets_the_probe_raise() {
    let base = ("pilotlight:base", "v1 min=0 desired=0 max=8 at=1767200000");
    let dark = Scenario {
        alarm: Script::silent(),
        primary: Script::silent(),
        standby: Script::always(standby(0, 0, &[base])),
        answer: Script::silent(),
        probe: Script::always(Known::Known(Probe::Down)),
        ..Scenario::default()
    };
    check(
        dark.clone(),
        TICK,
        &expect![[r#"
             2500 ms  write tags pilotlight:raised = v1 first=1767268802 at=1767268802 target=2 why=probe min=0 desired=0 max=8
             2540 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
             2580 ms  write latch Open
             2620 ms  write notice raising the standby from 0 to 2 instances
             2660 ms  write tags pilotlight:findings = v1 set=failo at=1767268802
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 2700 ms
        "#]],
    );
    check(
        Scenario { egress: Script::always(false), ..dark },
        TICK,
        &expect![[r#"
             2500 ms  write latch Open
             2540 ms  write tags pilotlight:lasting = v1 answer=1767268802
            reason: Blind
            done: [Latch, Told]
            answer: the record, after 2580 ms
        "#]],
    );
}

/// Goal: all the bounds of a raise together leave room below the function's own timeout. Method:
/// whatever may be late is as late as it may be.
#[test]
fn the_slowest_raise_ends_in_time() {
    let late = |millis, value| Reply::Late(Duration::from_millis(millis), value);
    let slow = Scenario {
        standby: Script::then([late(2490, standby(0, 0, &[]))]),
        tags: Script::silent(),
        group: Script::then([Reply::Late(Duration::from_millis(9990), Ok(()))]),
        latch: Script::silent(),
        notify: Script::silent(),
        ..down()
    };
    check(
        slow,
        TICK,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
         2490 ms  write tags pilotlight:raised = v1 first=1767268802 at=1767268802 target=2 why=alarm min=0 desired=0 max=8
         3190 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
        13180 ms  write tags pilotlight:raised = v1 first=1767268802 at=1767268802 target=2 why=alarm min=0 desired=0 max=8
        16180 ms  write latch Open
        17680 ms  write notice raising the standby from 0 to 2 instances
        reason: Raise
        done: [Standby]
        failed: Before: no answer, it may have happened: within 700 ms
        failed: After: no answer, it may have happened: within 3000 ms
        failed: Latch: no answer, it may have happened: within 1500 ms
        failed: Notify: no answer, it may have happened: within 2000 ms
        error RaiseUnnoted, after 19680 ms: standby is raised, but its record could not be written: no answer, it may have happened: within 3000 ms; hint: cargo xtask status
    "#]],
    );
}

/// Goal: the intent is best effort. Method: the first tag write hangs.
#[test]
fn a_silent_tag_write_delays_the_raise_by_its_bound_and_is_made_good() {
    let tags = Script::then([Reply::Silence, Reply::Says(Ok(()))]);
    check(
        Scenario { tags, ..down() },
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
              720 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              760 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
              800 ms  write latch Open
              840 ms  write notice raising the standby from 0 to 2 instances
              880 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Standby, After, Latch, Notify, Told]
            failed: Before: no answer, it may have happened: within 700 ms
            answer: the record, after 920 ms
        "#]],
    );
}

/// Goal: a raise that cannot be noted is done all the same, and a person is told.
#[test]
fn a_raise_that_cannot_be_noted_fails_the_invocation_but_not_the_raise() {
    check(
        Scenario { tags: Script::always(denied()), ..down() },
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
              140 ms  write latch Open
              180 ms  write notice raising the standby from 0 to 2 instances
              220 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Standby, Latch, Notify]
            failed: Before: access denied: AccessDenied: not authorized
            failed: After: access denied: AccessDenied: not authorized
            failed: Told: access denied: AccessDenied: not authorized
            error RaiseUnnoted, after 260 ms: standby is raised, but its record could not be written: access denied: AccessDenied: not authorized; hint: cargo xtask status
        "#]],
    );
}

/// Goal: a raise outlasts another change of the group.
#[test]
fn contention_is_retried_with_growing_pauses() {
    let group = Script::then([contention(), contention(), Reply::Says(Ok(()))]);
    check(
        Scenario { group, ..down() },
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              200 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              440 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              480 ms  write latch Open
              520 ms  write notice raising the standby from 0 to 2 instances
              560 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 600 ms
        "#]],
    );
}

/// Goal: the retries end, and Lambda takes over.
#[test]
fn contention_that_does_not_end_fails_the_invocation() {
    let run = Scenario { group: Script::then([contention()]), ..down() }.run(TICK);
    let tries = run.asked().iter().filter(|call| call.starts_with("write standby")).count();
    assert!((6..=15).contains(&tries), "{tries} tries");
    assert!(run.elapsed <= Duration::from_secs(11), "{:?}", run.elapsed);
    let error = run.result.expect_err("the raise failed");
    expect![
        "standby was not raised: another change is under way: ResourceContention: pending update"
    ]
    .assert_eq(&error.to_string());
}

/// Goal: a notice that fails undoes and hides nothing.
#[test]
fn a_failed_notice_changes_nothing() {
    let fault = Err(WriteError::NoAnswer("dispatch failure".to_owned()));
    check(
        Scenario { notify: Script::always(fault), ..down() },
        TICK,
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write latch Open
              140 ms  write notice raising the standby from 0 to 2 instances
              280 ms  write notice raising the standby from 0 to 2 instances
              520 ms  write notice raising the standby from 0 to 2 instances
              960 ms  write notice raising the standby from 0 to 2 instances
             1800 ms  write notice raising the standby from 0 to 2 instances
            reason: Raise
            done: [Before, Standby, Latch]
            failed: Notify: no answer, it may have happened: dispatch failure
            answer: the record, after 1840 ms
        "#]],
    );
}

/// Goal: the text of an event decides nothing. Method: the OK arrives first, then the older ALARM.
#[test]
fn events_out_of_order_change_nothing() {
    check(
        down(),
        &event("OK", "2026-01-01T12:00:00.000+0000"),
        &expect![[r#"
               20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=alarm min=0 desired=0 max=8
               60 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
              100 ms  write latch Open
              140 ms  write notice raising the standby from 0 to 2 instances
              180 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Raise
            done: [Before, Standby, Latch, Notify, Told]
            answer: the record, after 220 ms
        "#]],
    );
    check(
        Scenario::default(),
        &event("ALARM", "2026-01-01T11:59:00.000+0000"),
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write latch Open
        reason: Idle
        done: [Latch]
        answer: the record, after 80 ms
    "#]],
    );
}

/// Goal: garbage of any size still reconciles.
#[test]
fn garbage_still_raises_in_an_outage() {
    let run = down().run(&vec![b'{'; 256 * 1024]);
    assert!(run.wrote());
    expect![[r#"Unreadable { detail: "not JSON: key must be a string at line 1 column 2" }"#]]
        .assert_eq(&format!("{:?}", run.record.signal));
}
