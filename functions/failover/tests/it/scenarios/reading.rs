//! What is waited for, and what is asked only sometimes.

use std::time::Duration;

use expect_test::expect;
use failover::port::AlarmReading;
use failover_core::Reason;
use failover_core::finding::Finding;
use failover_core::observation::{
    AlarmState, CheckConfig, Known, Probe, Readiness, Subscriptions, Why,
};

use super::{RAISED, REHEARSAL, TICK, check, denied, down, event};
use crate::world::{Reply, Scenario, Script, alarm, standby};

/// A site whose own tick of the hour is the one at which every test begins.
const IN_TURN: &str = "shop-75";

/// Goal: a raised standby has time: the latch closes on healthy counts and on DNS.
#[test]
fn in_an_outage_a_raised_standby_waits_for_every_read() {
    let late = Reply::Late(Duration::from_secs(2), Known::Known(Probe::Down));
    let raised = Scenario {
        standby: Script::always(standby(2, 2, &[RAISED])),
        probe: Script::then([late]),
        ..down()
    };
    let run = raised.run(TICK);
    assert_eq!(run.record.decision.reason, Reason::AlreadyRaised { target: 2 });
    assert_eq!(run.record.observation.probe, Known::Known(Probe::Down));
    assert_eq!(
        run.record.observation.standby.known().map(|group| group.healthy),
        Some(Known::Known(2))
    );
    assert_eq!(run.elapsed, Duration::from_millis(2120));
}

/// Goal: of the reads that a raise does not need, none is waited for, whatever woke us. The last 40 ms note what was told.
#[test]
fn a_raise_waits_for_nothing_else() {
    let slow = || Scenario { probe: Script::silent(), egress: Script::silent(), ..down() };
    for payload in [TICK, &event("ALARM", "2026-01-01T12:00:00Z")[..], b"garbage"] {
        let run = Scenario { site: IN_TURN, ..slow() }.run(payload);
        assert_eq!(run.elapsed, Duration::from_millis(220));
        assert_eq!(run.record.observation.readiness, Readiness::NOT_ASKED);
    }
}

/// Goal: a proof of egress that nobody needs delays nothing.
#[test]
fn egress_is_not_waited_for_when_it_is_proven() {
    let run = Scenario { egress: Script::silent(), ..Scenario::default() }.run(TICK);
    assert!(run.record.observation.egress);
    assert_eq!(run.elapsed, Duration::from_millis(80));
}

/// Goal: any of three answers proves that we reach the outside, a refusal too; silence does not.
#[test]
fn egress_is_proven_by_the_alarm_the_primary_or_a_third_party() {
    let dark = || Scenario {
        alarm: Script::silent(),
        primary: Script::silent(),
        egress: Script::always(false),
        ..Scenario::default()
    };
    let egress = |scenario: Scenario| scenario.run(REHEARSAL).record.observation.egress;
    assert!(!egress(dark()));
    assert!(!egress(Scenario { egress: Script::silent(), ..dark() }));
    let timeout = Script::always(Known::Unknown(Why::Timeout));
    assert!(!egress(Scenario { primary: timeout, ..dark() }));
    assert!(egress(Scenario { egress: Script::always(true), ..dark() }));
    assert!(egress(Scenario { primary: Script::always(Known::Unknown(Why::Denied)), ..dark() }));
    assert!(egress(Scenario { alarm: Script::always(Known::Unknown(Why::Fault)), ..dark() }));
}

/// Goal: once an hour a tick looks at what changes by hand only.
#[test]
fn readiness_is_read_on_the_sites_own_tick() {
    let check = CheckConfig { disabled: false, inverted: true };
    let inverted = Scenario {
        site: IN_TURN,
        check: Script::always(Known::Known(check)),
        ..Scenario::default()
    };
    let run = inverted.clone().run(TICK);
    let subscriptions = Subscriptions { confirmed: 1, pending: 0, asked: 1 };
    let readiness = Readiness {
        check: Known::Known(check),
        others: Known::Unknown(Why::NotAsked),
        subscriptions: Known::Known(subscriptions),
    };
    assert_eq!(run.record.observation.readiness, readiness);
    super::check(
        inverted.clone(),
        TICK,
        &expect![[r#"
               20 ms  read health check hc
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               40 ms  write latch Open
               80 ms  write notice a health check of the site is inverted
              120 ms  write tags pilotlight:findings = v1 set=inver at=1767268800
            reason: Idle
            done: [Latch, Notify, Told]
            answer: the record, after 160 ms
        "#]],
    );
    let woken = inverted.run(&event("OK", "2026-01-01T12:00:00Z"));
    assert_eq!(woken.record.observation.readiness, Readiness::NOT_ASKED, "an event is no tick");
    let another = Scenario::default().run(TICK);
    assert_eq!(another.record.observation.readiness, Readiness::NOT_ASKED, "nor its turn");
}

/// Goal: what is late is unknown, and what was not asked stays so. Method: both readings hang.
#[test]
fn readiness_that_does_not_answer_is_late_and_harms_nothing() {
    let silent = Scenario {
        site: IN_TURN,
        check: Script::silent(),
        subscriptions: Script::silent(),
        ..Scenario::default()
    };
    let run = silent.clone().run(TICK);
    let late = Readiness {
        check: Known::Unknown(Why::Timeout),
        others: Known::Unknown(Why::NotAsked),
        subscriptions: Known::Unknown(Why::Timeout),
    };
    assert_eq!(run.record.observation.readiness, late);
    assert_eq!(
        run.record.observation.primary.known().map(|group| group.cpu),
        Some(Known::Unknown(Why::NotAsked))
    );
    check(
        silent,
        TICK,
        &expect![[r#"
           20 ms  read health check hc
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
         2500 ms  write latch Open
        reason: Idle
        done: [Latch]
        answer: the record, after 2540 ms
    "#]],
    );
}

/// Goal: the checks that DNS moves by are looked at too, as the alarm's description names them. Method: three of them, the last
/// one inverted.
#[test]
fn the_checks_that_the_alarm_names_are_read_on_the_same_tick() {
    let sound = CheckConfig { disabled: false, inverted: false };
    let inverted = CheckConfig { inverted: true, ..sound };
    let checks = ["gate", "latch", "standby"].map(str::to_owned).to_vec();
    let looks = [sound, sound, sound, inverted].map(|check| Reply::Says(Known::Known(check)));
    let named = Scenario {
        site: IN_TURN,
        alarm: Script::always(named(Known::Known(checks))),
        check: Script::then(looks),
        ..Scenario::default()
    };
    let run = named.run(TICK);
    for id in ["hc", "gate", "latch", "standby"] {
        let read = format!("read health check {id}");
        assert!(run.asked().contains(&read.as_str()), "{id}: {:?}", run.asked());
    }
    let findings = run.record.decision.news.told.expect("it is told").findings;
    assert_eq!(Vec::from_iter(findings), [Finding::Inverted]);
}

/// Goal: an alarm whose description names no check, or another site's, is told once and changes nothing else.
#[test]
fn a_description_without_the_sites_checks_is_told_once() {
    for why in [Why::Unparseable, Why::Foreign] {
        let alarm = Script::always(named(Known::Unknown(why)));
        let garbled = Scenario { site: IN_TURN, alarm, ..Scenario::default() };
        let run = garbled.clone().run(TICK);
        let notice = run.record.decision.news.notice.as_ref().expect("it is told");
        assert_eq!(notice.subject, Finding::Checks.subject());
        assert_eq!(run.record.observation.readiness.others, Known::Unknown(why));
        assert!(!run.asked().iter().any(|read| read.starts_with("read health check gate")));
        let known = [("pilotlight:findings", "v1 set=check at=1767268740")];
        let again = Scenario { standby: Script::always(standby(0, 0, &known)), ..garbled };
        assert_eq!(again.run(TICK).record.decision.news.notice, None, "{why:?} is told once");
    }
    let old = Scenario {
        site: IN_TURN,
        alarm: Script::always(named(Known::Unknown(Why::NotAsked))),
        ..Scenario::default()
    };
    assert_eq!(old.run(TICK).record.decision.news.notice, None, "an earlier version's is no fault");
}

/// The failover alarm at rest, and what its description names.
fn named(checks: Known<Vec<String>>) -> Known<AlarmReading> {
    alarm(AlarmState::Ok, 90).map(|alarm| AlarmReading { checks, ..alarm })
}

/// Goal: a role that may not look is told of.
#[test]
fn denied_readiness_fails_the_invocation() {
    let check = Script::always(Known::Unknown(Why::Denied));
    let run = Scenario { site: IN_TURN, check, ..Scenario::default() }.run(TICK);
    let error = run.result.expect_err("it was denied");
    expect!["access denied to the health check; hint: deploy the controller's role again: cargo xtask deploy"].assert_eq(&error.to_string());
}

/// Both regions serve, and both groups stand at the target.
fn both() -> Scenario {
    Scenario {
        policy: &[("routing", "active-active"), ("floor", "match")],
        standby: Script::always(standby(2, 2, &[])),
        ..Scenario::default()
    }
}

/// Goal: where both regions serve, the load is told by the CPU of both.
#[test]
fn active_active_reads_the_cpu_of_both_groups() {
    let run = both().run(TICK);
    let cpu =
        |group: &Known<failover_core::observation::Group>| group.known().map(|group| group.cpu);
    assert_eq!(cpu(&run.record.observation.standby), Some(Known::Known(40)));
    assert_eq!(cpu(&run.record.observation.primary), Some(Known::Known(40)));
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
        read CPU of the standby from 2026-01-01T11:50:00Z to 2026-01-01T12:05:00Z
        read CPU of the primary from 2026-01-01T11:50:00Z to 2026-01-01T12:05:00Z
        read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z"#]]
    .assert_eq(&run.asked().join("\n"));
}

/// Goal: both floors follow the load in one invocation.
#[test]
fn active_active_raises_both_floors() {
    let low = Scenario {
        policy: &[("routing", "active-active"), ("floor", "match"), ("peak_hint", "4")],
        ..both()
    };
    check(
        low.clone(),
        TICK,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write standby Raise(Sizes { min: 4, desired: 4, max: 8 })
           80 ms  write primary PrimaryWrite { min: 4, desired: Some(4) }
          120 ms  write notice the floor follows the load: 4 instances
        reason: Follow
        done: [Standby, Primary, Notify]
        answer: the record, after 160 ms
    "#]],
    );
    check(
        Scenario { group: Script::always(denied()), ..low },
        TICK,
        &expect![[r#"
           20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
           40 ms  write standby Raise(Sizes { min: 4, desired: 4, max: 8 })
        reason: Follow
        done: []
        failed: Standby: access denied: AccessDenied: not authorized
        error RaiseFailed, after 80 ms: standby was not raised: access denied: AccessDenied: not authorized
    "#]],
    );
}

/// Goal: a process whose token has expired is told to end, because it can never read again; the next one has a fresh token.
#[test]
fn an_expired_session_token_ends_the_process() {
    let expired =
        Scenario { alarm: Script::always(Known::Unknown(Why::Expired)), ..Scenario::default() };
    check(
        expired,
        TICK,
        &expect![[r#"
           20 ms  write latch Open
        reason: Blind
        done: [Latch]
        error Expired, after 60 ms: the session token has expired, so this process ends; Lambda starts another one
    "#]],
    );
}

/// Goal: a role that may not count the standby's requests is an error at once, and not only a finding after an hour.
#[test]
fn requests_that_may_not_be_counted_fail_the_invocation() {
    let refused = Scenario {
        standby: Script::always(standby(2, 2, &[RAISED])),
        requests: Script::always(Known::Unknown(Why::Denied)),
        ..Scenario::default()
    };
    check(
        refused,
        TICK,
        &expect![[r#"
               20 ms  read datapoints of HealthCheckStatus from 2026-01-01T10:55:00Z to 2026-01-01T12:01:00Z
               20 ms  read requests of the standby from 2026-01-01T11:56:00Z to 2026-01-01T12:01:00Z
               40 ms  write tags pilotlight:drain = v1 for=1767265200 n=1 at=1767268800
               80 ms  write latch Open
              120 ms  write notice a failover is under way
              160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
            reason: Draining
            done: [After, Latch, Notify, Told]
            error Denied, after 200 ms: access denied to the standby's requests; hint: deploy the controller's role again: cargo xtask deploy
        "#]],
    );
}
