//! The lines of the log, and the payload's way to the handler.

use expect_test::expect;
use failover::log::{self, Level};
use failover::runtime::quoted;
use failover_core::observation::{AlarmState, Known, Why};

use crate::world::{Scenario, Script, alarm, standby};

const TICK: &[u8] = br#"{"source":"pilotlight.tick"}"#;

/// Goal: one decision line and one metrics line, each a JSON object without a line break.
#[test]
fn an_invocation_logs_one_decision_and_one_line_of_metrics() {
    let run =
        Scenario { alarm: Script::always(alarm(AlarmState::Alarm, 1)), ..Scenario::default() }
            .run(TICK);
    let [decision, metrics] = &run.lines[..] else { panic!("{:?}", run.lines) };
    assert!(
        decision
            .starts_with(r#"{"level":"INFO","message":"decision","decision_record":{"schema":"#)
    );
    assert!(!decision.contains('\n'));
    let metrics: serde_json::Value = serde_json::from_str(metrics).expect("JSON");
    expect![[r#"
        {"AlarmReadable":1,"DecisionReason":1,"FailedSteps":0,"Findings":0,"InvocationMillis":220,"Raised":0,"ReadMillis":20,"Reason":"Raise","Site":"shop","StandbyDesired":0,"StandbyInService":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Site"]],
        "Metrics":[{"Name":"StandbyDesired","Unit":"Count"},
        {"Name":"StandbyInService","Unit":"Count"},
        {"Name":"Raised","Unit":"Count"},
        {"Name":"AlarmReadable","Unit":"Count"},
        {"Name":"Findings","Unit":"Count"},
        {"Name":"FailedSteps","Unit":"Count"},
        {"Name":"ReadMillis","Unit":"Milliseconds"},
        {"Name":"InvocationMillis","Unit":"Milliseconds"}],
        "Namespace":"Pilotlight"},
        {"Dimensions":[["Site","Reason"]],
        "Metrics":[{"Name":"DecisionReason","Unit":"Count"}],
        "Namespace":"Pilotlight"}],
        "Timestamp":1767268800020}}"#]].assert_eq(&metrics.to_string().replace("],", "],\n").replace("},", "},\n"));
}

/// Goal: what is unknown is left out of the metrics.
#[test]
fn metrics_of_an_unknown_standby_are_left_out() {
    let standby = Script::always(Known::Unknown(Why::Throttled));
    let run = Scenario { standby, ..Scenario::default() }.run(TICK);
    let metrics: serde_json::Value = serde_json::from_str(&run.lines[1]).expect("JSON");
    assert_eq!(metrics.get("StandbyDesired"), None);
    assert_eq!(metrics["Reason"], "StandbyUnreadable");
    expect![[r#"{"error":"standby group cannot be read: throttled","kind":"StandbyUnreadable","level":"ERROR","message":"invocation failed"}"#]].assert_eq(&run.lines[2]);
}

/// Goal: what a raised standby lacks is a metric; a dark one lacks nothing.
#[test]
fn only_a_raised_standby_lacks_servers() {
    let lacking = |tags: &[(&str, &str)], healthy| {
        let standby = Script::always(standby(2, 2, tags));
        let healthy = Script::always(healthy);
        let run = Scenario { standby, healthy, ..Scenario::default() }.run(TICK);
        let metrics: serde_json::Value = serde_json::from_str(&run.lines[1]).expect("JSON");
        metrics.get("StandbyLacking").and_then(serde_json::Value::as_u64)
    };
    let raised = "v1 first=1767265200 at=1767265200 target=2 why=alarm min=0 desired=0 max=8";
    let tags = [("pilotlight:raised", raised)];
    assert_eq!(lacking(&tags, Known::Known(0)), Some(2));
    assert_eq!(lacking(&tags, Known::Known(3)), Some(0), "never less than none");
    assert_eq!(lacking(&tags, Known::Unknown(Why::Timeout)), None);
    assert_eq!(lacking(&[], Known::Known(0)), None);
}

/// Goal: a problem is one JSON object with its words as they are.
#[test]
fn a_problem_is_one_line() {
    let line = log::problem(Level::Warn, "read failed", &[("error", "a \"quoted\"\nline")]);
    expect![[r#"{"error":"a \"quoted\"\nline","level":"WARN","message":"read failed"}"#]]
        .assert_eq(&line);
}

/// Goal: whatever bytes Lambda delivers reach the handler as one JSON string.
#[test]
fn any_payload_becomes_one_json_string() {
    let read =
        |bytes: &[u8]| serde_json::from_slice::<String>(&quoted(bytes)).expect("a JSON string");
    assert_eq!(read(br#"{"a": "b\n"}"#), r#"{"a": "b\n"}"#);
    assert_eq!(read(b"\xff{"), "\u{fffd}{");
    assert_eq!(read(&vec![b'['; 256 * 1024]).len(), 256 * 1024);
}
