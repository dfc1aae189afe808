//! Looks between ticks, and the verdict in every run.

use std::time::Duration;

use expect_test::expect;
use failover_core::observation::{AlarmState, Answer, Known, Probe, Verdict, Why};

use super::{TICK, before_phase_1, check, denied};
use crate::world::{Reply, Scenario, Script, alarm, red, standby};

const LOOK: &[u8] =
    br#"{"Records":[{"eventSource":"aws:sqs","body":"{\"source\":\"pilotlight.look\"}"}]}"#;
const WATCH: Duration = Duration::from_secs(10);

fn judged(verdict: Known<Verdict>) -> Scenario {
    Scenario { verdict: Script::always(verdict), ..Scenario::default() }
}

fn unhealthy() -> Scenario {
    judged(Known::Known(Verdict::Unhealthy))
}

/// Goal: six looks a minute cost next to nothing. Method: one question, and not a line in the log.
#[test]
fn a_look_at_a_healthy_primary_asks_for_the_verdict_alone() {
    for known in [Known::Known(Verdict::Healthy), Known::Unknown(Why::Timeout)] {
        let looked = judged(known).look(LOOK).remove(0);
        assert_eq!(looked.asked(), ["read verdict"]);
        assert_eq!((looked.lines.len(), looked.result), (0, Ok(None)));
    }
}

/// Goal: silent name servers do not hold up the next event.
#[test]
fn a_look_does_not_wait_for_silent_servers() {
    let looked = Scenario { verdict: Script::silent(), ..Scenario::default() }.look(LOOK).remove(0);
    assert_eq!(looked.result, Ok(None));
    assert!(looked.elapsed < Duration::from_millis(1500));
}

/// Goal: the write of the raise starts within 2 s of the look, though the alarm is still OK and us-east-1 silent.
#[test]
fn a_look_raises_on_the_verdict_alone() {
    let scenario = Scenario { alarm: Script::silent(), ..unhealthy() };
    let run = scenario.look(LOOK).remove(0).raised();
    expect![[r#"
           20 ms  read alarm
           20 ms  read standby
           40 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=verdict min=0 desired=0 max=8
           80 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
          120 ms  write notice raising the standby from 0 to 2 instances
          160 ms  write tags pilotlight:findings = v1 set=failo at=1767268800
        reason: Raise
        done: [Before, Standby, Notify, Told]
        answer: the record, after 200 ms
    "#]].assert_eq(&run.story());
}

/// Goal: a look that raises is told from one that reads. Method: whatever else is unread stays so.
#[test]
fn a_look_reads_no_more_than_a_raise_needs() {
    let run = unhealthy().look(LOOK).remove(0).raised();
    let reads: Vec<_> = run.asked().into_iter().filter(|call| call.starts_with("read")).collect();
    assert_eq!(reads, ["read verdict", "read alarm", "read standby"]);
    assert_eq!(run.record.observation.probe, Known::Unknown(Why::NotAsked));
}

/// Goal: nothing is lowered, noted or fed by a look. Method: a standby that the next tick lowers, and one that is raised.
#[test]
fn a_look_at_a_raised_standby_writes_nothing() {
    let raised =
        Scenario { standby: Script::always(standby(2, 2, &[super::RAISED])), ..unhealthy() };
    for scenario in [before_phase_1(), raised] {
        let looked = scenario.look(LOOK).remove(0);
        assert!(looked.asked().iter().all(|call| call.starts_with("read")), "{:?}", looked.asked());
        assert_eq!((looked.lines.len(), looked.result), (0, Ok(None)));
    }
}

/// Goal: a raise that failed is tried again. Method: the message comes back after an error alone.
#[test]
fn a_look_whose_raise_failed_is_an_error() {
    let scenario = Scenario { group: Script::always(denied()), ..unhealthy() };
    let looked = scenario.look(LOOK).remove(0);
    assert_eq!(looked.result.expect_err("it failed").kind(), "RaiseFailed");
}

/// Goal: a tick does not wait for an alarm that lags behind the verdict.
#[test]
fn a_tick_raises_on_the_verdict_before_the_alarm() {
    check(
        unhealthy(),
        TICK,
        &expect![[r#"
           20 ms  write tags pilotlight:raised = v1 first=1767268800 at=1767268800 target=2 why=verdict min=0 desired=0 max=8
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

/// Goal: a primary that fails again in the middle of a lowering keeps the standby.
#[test]
fn a_verdict_that_turns_before_a_lowering_stops_it() {
    let healthy = Reply::Says(Known::Known(Verdict::Healthy));
    let turns = [healthy, Reply::Says(Known::Known(Verdict::Unhealthy))];
    let scenario = Scenario { verdict: Script::then(turns), ..before_phase_1() };
    let run = scenario.run(TICK);
    assert!(!run.story().contains("write standby"), "{}", run.story());
    assert!(run.story().contains("verdict read healthy and now reads unhealthy"));
}

/// Goal: the looks are sent last, and their failure fails nothing.
#[test]
fn a_tick_sends_the_looks_until_the_next_one() {
    let run = Scenario { looks: true, ..Scenario::default() }.run(TICK);
    assert_eq!(run.asked().last(), Some(&"write looks after [10, 20, 30, 40, 50] s"));
    let run =
        Scenario { looks: true, send: Script::always(denied()), ..Scenario::default() }.run(TICK);
    assert!(run.result.is_ok());
    assert!(run.lines.iter().any(|line| line.contains("looks not sent")), "{:?}", run.lines);
    let quiet = Scenario::default().run(TICK);
    assert!(!quiet.asked().iter().any(|call| call.contains("looks")));
    let late = Scenario { looks: true, send: Script::silent(), ..Scenario::default() }.run(TICK);
    assert!(late.elapsed < Duration::from_secs(4));
}

const EAGER: &[(&str, &str)] = &[("eager", "on")];

/// The standby's sizes were noted while nothing was raised.
const BASE: (&str, &str) = ("pilotlight:base", "v1 min=0 desired=0 max=8 at=1767200000");

fn suspected() -> Scenario {
    Scenario {
        policy: EAGER,
        standby: Script::always(standby(0, 0, &[BASE])),
        probe: Script::always(Known::Known(Probe::Down)),
        ..Scenario::default()
    }
}

/// Goal: eager raises on the second look in a row that finds the primary down, and not on the first.
#[test]
fn two_looks_in_a_row_raise_on_suspicion() {
    let mut looked = suspected().look_each(&[(WATCH, LOOK), (WATCH, LOOK)]);
    let second = looked.remove(1).raised();
    let first = looked.remove(0);
    assert_eq!(first.asked(), ["read verdict", "read probe"]);
    assert_eq!((first.lines.len(), first.result), (0, Ok(None)));
    expect![[r#"
        20040 ms  read verdict
        20060 ms  read probe
        20080 ms  read alarm
        20080 ms  read standby
        20080 ms  read outside
        20100 ms  write tags pilotlight:raised = v1 first=1767268820 at=1767268820 target=2 why=suspicion min=0 desired=0 max=8
        20140 ms  write standby Raise(Sizes { min: 2, desired: 2, max: 8 })
        20180 ms  write notice precaution: raising the standby from 0 to 2 instances
        20220 ms  write tags pilotlight:findings = v1 set=failo at=1767268820
        reason: Raise
        done: [Before, Standby, Notify, Told]
        answer: the record, after 220 ms
    "#]].assert_eq(&second.story());
}

/// Goal: a partition of our own raises nothing. Method: no egress; and a probe that answers in between; and a pause.
#[test]
fn a_suspicion_needs_two_looks_and_a_proof_of_egress() {
    let cut = Scenario { egress: Script::always(false), alarm: Script::silent(), ..suspected() };
    let probe = [Probe::Down, Probe::Up, Probe::Down].map(|probe| Reply::Says(Known::Known(probe)));
    let flaps = Scenario { probe: Script::then(probe), ..suspected() };
    let patient = Scenario { policy: &[], ..suspected() };
    for (scenario, pause) in [(cut, 10), (flaps, 10), (suspected(), 60), (patient, 10)] {
        let pause = Duration::from_secs(pause);
        for looked in scenario.look_each(&[(pause, LOOK), (pause, LOOK), (pause, LOOK)]) {
            assert_eq!((looked.lines.len(), looked.result), (0, Ok(None)));
        }
    }
}

/// Goal: what both say is told with the raise: verdict and alarm may disagree, and either raises.
#[test]
fn the_alarm_raises_though_the_verdict_is_healthy() {
    let scenario = Scenario {
        alarm: Script::always(alarm(AlarmState::Alarm, 1)),
        datapoints: Script::always(red()),
        answer: Script::always(Known::Known(Answer::Primary)),
        ..Scenario::default()
    };
    let run = scenario.run(TICK);
    assert!(run.wrote_groups_or_tags(), "{}", run.story());
}
