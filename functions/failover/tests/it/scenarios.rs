//! Named conversations with the world, each as text: what was asked after the first round of reads,
//! when, and how it ended.

mod failback;
mod holding;
mod latch;
mod looks;
mod lowering;
mod migration;
mod raising;
mod reading;
mod requests;

use std::time::Duration;

use expect_test::Expect;
use failover::error::WriteError;
use failover_core::observation::AlarmState;

use crate::world::{ALARM_ARN, Reply, Scenario, Script, alarm, standby};

const TICK: &[u8] = br#"{"source":"pilotlight.tick"}"#;
const REHEARSAL: &[u8] = br#"{"source":"pilotlight.rehearsal"}"#;

/// We raised it an hour ago.
const RAISED: (&str, &str) = (
    "pilotlight:raised",
    "v1 first=1767265200 at=1767265200 target=2 why=alarm min=0 desired=0 max=8",
);
/// Nine ticks were drained, the last one a minute ago.
const DRAINED: (&str, &str) = ("pilotlight:drain", "v1 for=1767265200 n=9 at=1767268740");

/// The latch was closed five minutes after the raise.
const CLOSED: (&str, &str) = ("pilotlight:closed", "v1 at=1767265500");

fn event(state: &str, at: &str) -> Vec<u8> {
    format!(
        r#"{{"source":"aws.cloudwatch","alarmArn":"{ALARM_ARN}","alarmData":{{"state":{{"value":"{state}","timestamp":"{at}"}}}}}}"#
    )
    .into_bytes()
}

fn down() -> Scenario {
    Scenario { alarm: Script::always(alarm(AlarmState::Alarm, 1)), ..Scenario::default() }
}

/// The standby carries the users, and the latch keeps them there.
fn held() -> Scenario {
    Scenario { standby: Script::always(standby(2, 2, &[RAISED, CLOSED])), ..Scenario::default() }
}

/// Everything is proven and drained; the next step lowers the minimum.
fn before_phase_1() -> Scenario {
    Scenario { standby: Script::always(standby(2, 2, &[RAISED, DRAINED])), ..Scenario::default() }
}

/// The minimum is back; the next step lowers the desired capacity.
fn before_phase_2() -> Scenario {
    Scenario { standby: Script::always(standby(0, 2, &[RAISED, DRAINED])), ..Scenario::default() }
}

fn check(scenario: Scenario, payload: &[u8], story: &Expect) {
    let run = scenario.run(payload);
    assert!(run.elapsed < Duration::from_secs(20), "an invocation ends in time");
    let verdicts = failover_core::invariant::verify(std::slice::from_ref(&run.record));
    let broken: Vec<_> = verdicts.into_iter().filter(|verdict| !verdict.holds()).collect();
    assert!(broken.is_empty(), "{broken:?}");
    story.assert_eq(&run.story());
}

fn contention() -> Reply<Result<(), WriteError>> {
    Reply::Says(Err(WriteError::Contention("ResourceContention: pending update".to_owned())))
}

fn denied() -> Result<(), WriteError> {
    Err(WriteError::Denied("AccessDenied: not authorized".to_owned()))
}
