//! What is told of a decision.

use expect_test::expect;
use failover_core::decision::{Proof, Reason, ReasonKind};
use failover_core::observation::{
    AlarmState, CheckConfig, Mode, Readiness, Subscriptions, Verdict,
};
use failover_core::record::{Cause, Demand};
use failover_core::signal::{Claim, Request, Signal, Wish};
use failover_core::{Known, Why};
use serde_json::Value;

use super::super::night::Night;
use super::{check, data, explain, raise};

#[test]
fn a_raise_is_told_with_what_it_stands_on() {
    check(
        &raise().lines(),
        "",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            2026-01-01 03:01:00 UTC  shop  Raise
              The alarm reads ALARM: the standby is raised to 4 instances.
              Recomputed offline: the same verdict.
              writes
                FAILED    record: raised at 03:01:00 to 4 because of the alarm; to go back to min 0, desired 0,
                          max 8: throttled: Rate exceeded; written after the group instead
                done      the standby group to min 4, desired 4, max 8
                done      the latch's metric: open
                done      notice: raising the standby from 0 to 4 instances
                done      record: findings that were told: failover
              inputs
                woken by   the tick
                alarm      ALARM for 0 s, since 03:01:00
                metric     0 in the newest two datapoints; the newest began 1 min 15 s ago
                primary    min 2, desired 4, max 8; in service 4, healthy 0
                standby    min 0, desired 0, max 8; in service 0, healthy 0
                DNS        names the primary
                probe      the primary does not answer, three times of three
                way out    other endpoints answer
                mode       armed
                requests   0 requests a minute at each server of the standby
                ours       nothing is raised
                latch      open, never closed
                normal     min 0, desired 0, max 8, recorded at 03:00:00
                settings   a raise asks for 4 instances (peak 4); floor 0; hold-down 30 min; drain 10 ticks
              evidence that the primary is down
                D1  YES  alarm
                D7  no   verdict: Route 53's verdict was not asked for
                D2  YES  datapoints
                D3  no   order: nobody has ordered a failover
                D4  no   answer: DNS does not name the standby
                D5  no   probe: the detector sees, or one reading alone was lost
                D6  no   claim: the alarm itself can be read
                D8  no   suspicion: `eager` is off
              rules, the first that matches wins
                0   no   try again while the standby cannot be read: it can be read
                1   no   touch nothing while frozen: the mode is not frozen
                2   YES  raise the standby while the primary is down

            1 decision.
            Every verdict recomputes to the same; 20 invariants hold.
            ----- stderr -----
        "#]],
    );
}

#[test]
fn a_long_log_is_told_in_short() {
    let told = explain(&Night::whole().lines(), "--changes --last 1");
    let (last, short) = told.split_once("\nthe log in short").expect("it is told in short");
    assert!(last.contains("2026-01-01 03:50:00 UTC  shop  Idle\n"), "{last}");
    assert_eq!(last.matches("shop").count(), 1, "{last}");
    expect![[r#"
        , 2026-01-01 UTC
          03:00:00  Sample x2            Nothing to do: 4 instances carry the load, recorded as normal.
          03:02:00  Raise                The alarm reads ALARM: the standby is raised to 4 instances.
          03:03:00  CloseLatch           The standby carries the users: the latch closes, and keeps them
                                         there until failback is released.
          03:04:00  AlreadyRaised x2     The alarm reads ALARM, and the standby already runs its 4
                                         instances: nothing to do.
          03:06:00  Proving x30          The standby is raised, and the primary is not proven up yet: the
                                         alarm has not been OK for the whole hold-down. At least 1 min more.
          03:36:00  Prewarm              The controller raises the primary's minimum to 4 instances before
                                         the users return.
          03:37:00  OpenLatch            The latch opens: the primary's health check alone decides again
                                         where the users go.
          03:38:00  Draining x9          The primary is proven up, and DNS has named it on 9 of 10 ticks in
                                         a row: wait.
          03:47:00  LowerMin             The primary is proven up and has the users: the controller lowers
                                         the standby's minimum, which stops nothing.
          03:48:00  LowerDesired         The primary is proven up and has the users: the controller lowers
                                         the standby's desired capacity, and its instances stop.
          03:49:00  Finish               The standby is back at its normal sizes: this failover is closed.
          03:50:00  Idle                 Nothing to do.
        51 decisions, 1 shown.
        Every verdict recomputes to the same; 20 invariants hold.
        ----- stderr -----
    "#]].assert_eq(short);
}

#[test]
fn whatever_cannot_be_read_is_told_with_its_cause() {
    let mut night = Night::quiet();
    let seen = &mut night.seen;
    seen.alarm = Known::Unknown(Why::Timeout);
    seen.datapoints = Known::Unknown(Why::NotAsked);
    seen.record = Known::Unknown(Why::Unparseable);
    seen.primary = Known::Unknown(Why::Denied);
    seen.answer = Known::Unknown(Why::Empty);
    seen.probe = Known::Unknown(Why::Fault);
    seen.egress = false;
    night.signal = Signal::Unreadable { detail: "no JSON: expected value".to_owned() };
    night.decide();
    check(
        &night.lines(),
        "",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            2026-01-01 03:00:00 UTC  shop  RecordUnreadable
              The record on the standby group cannot be read: nothing is lowered on it.
              Recomputed offline: the same verdict.
              writes
                none
              inputs
                woken by   a message that is none of ours: no JSON: expected value
                alarm      unknown: timeout
                metric     not asked
                primary    unknown: access denied
                standby    min 0, desired 0, max 8; in service 0, healthy 0
                DNS        unknown: not found
                probe      unknown: service error
                way out    no other endpoint answers
                mode       unknown: unreadable
                requests   0 requests a minute at each server of the standby
                record     unknown: unreadable
                settings   a raise asks for 4 instances (peak not sampled yet); floor 0; hold-down 30 min; drain
                           10 ticks
              evidence that the primary is down
                D1  no   alarm: the alarm cannot be read
                D7  no   verdict: Route 53's verdict was not asked for
                D2  no   datapoints: the metric cannot be read
                D3  no   order: nobody has ordered a failover
                D4  no   answer: DNS does not name the standby
                D5  no   probe: no other endpoint answers either
                D6  no   claim: no fresh event claims ALARM
                D8  no   suspicion: `eager` is off
              rules, the first that matches wins
                0   no   try again while the standby cannot be read: it can be read
                1   no   touch nothing while frozen: the mode is not frozen
                2   no   raise the standby while the primary is down: nothing says that the primary is down
                2   no   do nothing more at a look between two ticks: this is no look
                2   no   record a raise whose record was lost: nothing says that the primary is down
                2   no   record a failover again whose record was deleted: the record cannot be read
                2   no   close the latch once the standby carries the users: nothing says that the primary is
                         down
                2   no   hold the primary's floor where no latch holds the users: likewise
                2   no   release the users from a standby that has long lacked its share: the record cannot be
                         read
                2   no   hold the raised standby while the primary is down: nothing says that the primary is
                         down
                3   no   keep both floors at the load: one region serves at a time
                3   YES  hold while the mode or the record does not allow a failback

            1 decision.
            Every verdict recomputes to the same; 20 invariants hold.
            ----- stderr -----
        "#]],
    );
}

#[test]
fn a_standby_that_cannot_be_read_is_told_without_evidence() {
    let mut night = Night::quiet();
    night.seen.standby = Known::Unknown(Why::Throttled);
    night.decide();
    check(
        &night.lines(),
        "",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            2026-01-01 03:00:00 UTC  shop  StandbyUnreadable
              The standby group cannot be read (throttled): nothing can be decided, and Lambda tries again.
              Recomputed offline: the same verdict.
              writes
                none
              inputs
                woken by   the tick
                alarm      OK for 1 d, since 2025-12-31 03:00:00
                metric     1 in the newest 60 datapoints without a gap (1 h); the newest began 1 min 15 s ago
                primary    min 2, desired 4, max 8; in service 4, healthy 4
                standby    unknown: throttled
                DNS        names the primary
                probe      the primary answers, three times of three
                way out    other endpoints answer
                mode       armed
                requests   0 requests a minute at each server of the standby
                ours       nothing is raised
                latch      open, never closed
                settings   a raise asks for 4 instances (peak not sampled yet); floor 0; hold-down 30 min; drain
                           10 ticks
              rules, the first that matches wins
                0   YES  try again while the standby cannot be read

            1 decision.
            Every verdict recomputes to the same; 20 invariants hold.
            ----- stderr -----
        "#]],
    );
}

#[test]
fn an_operators_request_is_told_with_its_reply() {
    let mut night = Night::quiet();
    let ask = |night: &mut Night, what| {
        let at = night.now;
        night.signal = Signal::Request(Request { what, episode: None, at, by: "alice".to_owned() });
        night.minutes(1);
    };
    ask(&mut night, Wish::Order(Demand::Failback));
    ask(&mut night, Wish::Order(Demand::Failover));
    ask(&mut night, Wish::Mode(Mode::Observe));
    let lines = explain(&night.lines(), "");
    let asked: Vec<&str> = lines
        .lines()
        .map(str::trim_start)
        .filter(|line| {
            ["woken by", "request", "record a", "record: "].iter().any(|word| line.contains(word))
        })
        .collect();
    expect![[r#"
        woken by   alice asks for a failback, at 03:00:00
        request    refused: nothing is raised, so there is nothing to go back from
        requests   0 requests a minute at each server of the standby
        2   no   record a raise whose record was lost: nothing says that the primary is down
        2   no   record a failover again whose record was deleted: no failover has lost its record
        3c  no   restore the primary's floor and close the record: likewise
        A failover was requested by alice: the standby is raised to 4 instances.
        done      record: alice orders failover
        done      record: raised at 03:01:00 to 4 because of the order; to go back to min 0, desired 0,
        done      record: findings that were told: failover
        woken by   alice asks for a failover, at 03:01:00
        request    taken: it counts from now on
        requests   0 requests a minute at each server of the standby
        A failover was requested by alice, and the standby already runs its 4 instances: nothing to do.
        done      record: the mode is `observe`
        done      record: findings that were told: unarmed, withheld, failover
        woken by   alice asks for the mode `observe`, at 03:02:00
        request    taken: it counts from now on
        requests   0 requests a minute at each server of the standby
        2   no   record a raise whose record was lost: it is recorded already
        2   no   record a failover again whose record was deleted: the raise is recorded
        03:01:00  Raise                A failover was requested by alice: the standby is raised to 4
        03:02:00  AlreadyRaised        A failover was requested by alice, and the standby already runs its"#]].assert_eq(&asked.join("\n"));
}

/// Goal: a hint that AWS delivered late, and findings, are told as they are.
#[test]
fn events_and_readiness_are_told() {
    let mut night = Night::quiet();
    night.signal = Signal::Alarm(Claim { state: AlarmState::Alarm, at: night.now });
    night.seen.readiness = Readiness {
        check: Known::Known(CheckConfig { disabled: false, inverted: true }),
        others: Known::Unknown(Why::NotAsked),
        subscriptions: Known::Known(Subscriptions { confirmed: 1, pending: 1, asked: 2 }),
    };
    night.decide();
    let told = explain(&night.lines(), "");
    let shown: Vec<&str> = told
        .lines()
        .map(str::trim_start)
        .filter(|line| {
            ["woken by", "readiness", "record", "notice"].iter().any(|it| line.contains(it))
        })
        .collect();
    expect![[r#"
        done      notice: a health check of the site is inverted, and 1 more
        done      record: findings that were told: inverted, unconfirmed
        woken by   an alarm event that says ALARM for 0 s, since 03:00:00
        readiness  HEALTH CHECK INVERTED; 1 receiver of notices, 1 NOT CONFIRMED
        2   no   record a raise whose record was lost: nothing says that the primary is down
        2   no   record a failover again whose record was deleted: no failover has lost its record
        3   no   hold while the mode or the record does not allow a failback: nothing is raised
        3c  no   restore the primary's floor and close the record: likewise
        4   no   record the normal sizes: only ticks sample"#]]
    .assert_eq(&shown.join("\n"));
}

/// Goal: whoever reads the log sees what Route 53 said, and why the controller ran.
#[test]
fn a_look_that_raises_is_told_with_the_verdict() {
    let mut night = Night::quiet();
    night.signal = Signal::Look { again: false };
    night.seen.verdict = Known::Known(Verdict::Unhealthy);
    night.decide();
    let told = explain(&night.lines(), "");
    let shown: Vec<&str> = told
        .lines()
        .map(str::trim_start)
        .filter(|line| ["woken by", "verdict", "D7"].iter().any(|it| line.contains(it)))
        .collect();
    expect![[r#"
        Route 53's verdict reads unhealthy: the standby is raised to 4 instances.
        Recomputed offline: the same verdict.
        done      record: raised at 03:00:00 to 4 because of the verdict; to go back to min 0, desired
        woken by   a look between two ticks
        verdict    Route 53 says: unhealthy
        D7  YES  verdict
        Every verdict recomputes to the same; 20 invariants hold."#]]
    .assert_eq(&shown.join("\n"));
}

/// One of each, and of each cause and each missing proof.
fn reasons() -> Vec<Reason> {
    let why = Why::Timeout;
    vec![
        Reason::StandbyUnreadable { why },
        Reason::Frozen,
        Reason::Raise { why: Cause::Alarm, target: 4 },
        Reason::Raise { why: Cause::Verdict, target: 4 },
        Reason::Raise { why: Cause::Datapoints, target: 4 },
        Reason::Raise { why: Cause::Order, target: 4 },
        Reason::Raise { why: Cause::Answer, target: 4 },
        Reason::Raise { why: Cause::Probe, target: 4 },
        Reason::Raise { why: Cause::Claim, target: 1 },
        Reason::Raise { why: Cause::Suspicion, target: 4 },
        Reason::Looked,
        Reason::AlreadyRaised { target: 4 },
        Reason::Adopt { target: 4 },
        Reason::CloseLatch,
        Reason::NotArmed { mode: Known::Known(Mode::Frozen) },
        Reason::NotArmed { mode: Known::Unknown(Why::Unparseable) },
        Reason::Proving { left_seconds: 1800, missing: Proof::Alarm },
        Reason::Proving { left_seconds: 1800, missing: Proof::Sight },
        Reason::Proving { left_seconds: 754, missing: Proof::Age },
        Reason::Proving { left_seconds: 60, missing: Proof::Datapoints },
        Reason::Proving { left_seconds: 60, missing: Proof::Probe },
        Reason::Proving { left_seconds: 60, missing: Proof::Verdict },
        Reason::Proving { left_seconds: 90, missing: Proof::Raise },
        Reason::AwaitingApproval,
        Reason::PrimaryUnreadable { why },
        Reason::KeepRaised { target: 4 },
        Reason::Prewarm { demand: 4 },
        Reason::Prewarming { healthy: 1, demand: 4 },
        Reason::OpenLatch,
        Reason::Draining { ticks: 3, needed: 10 },
        Reason::Busy { requests: Known::Known(40) },
        Reason::Busy { requests: Known::Unknown(why) },
        Reason::LowerMin,
        Reason::LowerDesired,
        Reason::Finish,
        Reason::Sample { load: 4 },
        Reason::Follow { target: 4 },
        Reason::LowerFloor { target: 1 },
        Reason::RecordUnreadable,
        Reason::Blind,
        Reason::Idle,
    ]
}

/// Goal: no reason is told by its name alone.
#[test]
fn every_reason_has_its_sentence() {
    let mut night = raise();
    let record = night.log.pop().expect("a record");
    for reason in reasons() {
        let mut record = record.clone();
        record.decision.reason = reason;
        night.log.push(record);
    }
    let data = data(&night.lines());
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let told = data["decisions"].as_array().expect("decisions");
    let sentences: Vec<String> = told
        .iter()
        .map(|told| format!("{}: {}", text(&told["reason"]), text(&told["summary"])))
        .collect();
    for kind in ReasonKind::ALL {
        assert!(sentences.iter().any(|sentence| sentence.starts_with(kind.name())), "{kind}");
    }
    expect![[r#"
        StandbyUnreadable: The standby group cannot be read (timeout): nothing can be decided, and Lambda tries again.
        Frozen: An operator froze the controller: it changes nothing.
        Raise: The alarm reads ALARM: the standby is raised to 4 instances.
        Raise: Route 53's verdict reads unhealthy: the standby is raised to 4 instances.
        Raise: The newest two datapoints are 0: the standby is raised to 4 instances.
        Raise: A failover was requested by somebody: the standby is raised to 4 instances.
        Raise: DNS names the standby although the latch is open: the standby is raised to 4 instances.
        Raise: The detector is blind and our own probe finds the primary down: the standby is raised to 4 instances.
        Raise: An event says ALARM and the alarm itself cannot be read: the standby is raised to 1 instance.
        Raise: Two looks in a row with our own probe found the primary down, as a precaution: the standby is raised to 4 instances.
        Looked: Nothing to raise: a look between two ticks does nothing else.
        AlreadyRaised: The alarm reads ALARM, and the standby already runs its 4 instances: nothing to do.
        Adopt: The alarm reads ALARM. The standby already runs its 4 instances but was not recorded as ours; it is now.
        CloseLatch: The standby carries the users: the latch closes, and keeps them there until failback is released.
        NotArmed: The standby is raised, and the mode is `frozen`: nothing is lowered.
        NotArmed: The standby is raised, and the mode is unknown: unreadable: nothing is lowered.
        Proving: The standby is raised, and the primary is not proven up yet: the alarm does not read OK. At least 30 min more.
        Proving: The standby is raised, and the primary is not proven up yet: the detector is blind. At least 30 min more.
        Proving: The standby is raised, and the primary is not proven up yet: the alarm has not been OK for the whole hold-down. At least 12 min 34 s more.
        Proving: The standby is raised, and the primary is not proven up yet: the metric has not been 1 without a gap for the whole hold-down, or is late. At least 1 min more.
        Proving: The standby is raised, and the primary is not proven up yet: our own probe does not reach it. At least 1 min more.
        Proving: The standby is raised, and the primary is not proven up yet: Route 53's verdict does not read healthy, or cannot be read. At least 1 min more.
        Proving: The standby is raised, and the primary is not proven up yet: the last raise is so recent that its handler may still be running. At least 1 min 30 s more.
        AwaitingApproval: The primary is proven up, and the failback waits for a person: cargo xtask approve.
        PrimaryUnreadable: The primary group cannot be read (timeout): it can be neither prewarmed nor restored, so the failback waits.
        KeepRaised: The latch holds the users on the standby, and the group was lowered: raised again to 4 instances.
        Prewarm: The controller raises the primary's minimum to 4 instances before the users return.
        Prewarming: The primary has 1 of the 4 healthy instances that the users need: wait.
        OpenLatch: The latch opens: the primary's health check alone decides again where the users go.
        Draining: The primary is proven up, and DNS has named it on 3 of 10 ticks in a row: wait.
        Busy: DNS names the primary, and clients still ask the standby for pages (40 requests a minute at each server of the standby): nothing is lowered.
        Busy: DNS names the primary, and clients still ask the standby for pages (unknown: timeout): nothing is lowered.
        LowerMin: The primary is proven up and has the users: the controller lowers the standby's minimum, which stops nothing.
        LowerDesired: The primary is proven up and has the users: the controller lowers the standby's desired capacity, and its instances stop.
        Finish: The standby is back at its normal sizes: this failover is closed.
        Sample: Nothing to do: 4 instances carry the load, recorded as normal.
        Follow: The load needs 4 instances: the floor is raised to it.
        LowerFloor: The load needs only 1 instance: the floor is lowered to it.
        RecordUnreadable: The record on the standby group cannot be read: nothing is lowered on it.
        Blind: The health check has no data, and nothing else shows that the primary is down: nothing to do.
        Idle: Nothing to do."#]].assert_eq(&sentences.join("\n"));
}
