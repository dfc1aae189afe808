//! However a log was saved, the same is told of it.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use super::super::command::{Folder, told};
use super::super::night::Night;
use super::{data, raise};

/// Goal: however a log was saved, the same is told of it.
#[test]
fn a_log_is_read_in_every_form_in_which_aws_gives_it() {
    let night = raise();
    let line = night.lines();
    let line = line.trim_end();
    let other = r#"{"Reason":"Raise","Site":"shop","_aws":{"Timestamp":1}}"#;
    let record = serde_json::to_value(&night.log[0]).expect("plain data");
    let pretty =
        serde_json::to_string_pretty(&json!({ "level": "INFO", "decision_record": record }));
    let stream = "2026/01/01/[$LATEST]0123456789abcdef";
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let forms = [
        ("as written", format!("START RequestId: 1\n{line}\n{other}\n")),
        ("with Windows line ends", format!("START RequestId: 1\r\n{line}\r\n{other}\r\n")),
        (
            "tail",
            format!(
                "2026-01-01T03:01:00.123000+00:00 {stream} START RequestId: 1\n\
                 2026-01-01T03:01:00.123000+00:00 {stream} {line}\n\
                 2026-01-01T03:01:00.123000+00:00 {stream} {other}\n\n"
            ),
        ),
        (
            "tail --format json",
            format!(
                "2026-01-01T03:01:00 {stream} START\n2026-01-01T03:01:00 {stream} {}\n\
                 2026-01-01T03:01:00 {stream} {other}",
                pretty.expect("JSON")
            ),
        ),
        (
            "filter-log-events",
            serde_json::to_string_pretty(&json!({
                "events": [
                    { "logStreamName": stream, "timestamp": 1, "message": "START RequestId: 1\n" },
                    { "logStreamName": stream, "timestamp": 2, "message": format!("{line}\n") },
                    { "logStreamName": stream, "timestamp": 3, "message": other },
                ],
                "searchedLogStreams": [],
            }))
            .expect("JSON"),
        ),
        (
            "a table of the console",
            format!(
                "timestamp,message\n1767236460123,{}\n1767236460124,{}\n",
                quoted(line),
                quoted(other)
            ),
        ),
    ];
    let mut expected = data(line);
    expected["skipped"] = json!(2);
    for (form, text) in forms {
        assert_eq!(data(&text), expected, "{form}");
    }
    // A query's rows name their fields, and a rehearsal answers the record alone.
    let field = |name: &str, value: &str| json!({ "field": name, "value": value });
    let rows = json!({ "results": [[field("@timestamp", "2026"), field("@message", line)]] });
    expected["skipped"] = json!(0);
    for (form, text) in [("query", rows.to_string()), ("rehearsal", record.to_string())] {
        assert_eq!(data(&text), expected, "{form}");
    }
}

#[test]
fn standard_input_is_read_to_its_end() {
    let folder = Folder::empty();
    let mut command = folder.command("explain - --last 1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(raise().lines().as_bytes()).expect("it reads");
    drop(input);
    let told = told(&child.wait_with_output().expect("it ends"));
    assert!(told.starts_with("exit code: 0\n"), "{told}");
    assert!(told.contains("shop  Raise\n"), "{told}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::empty();
    std::fs::write(folder.path().join("night.log"), Night::whole().lines()).expect("a file");
    let mut command = folder.command("explain night.log");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let told = told(&child.wait_with_output().expect("it ends"));
    assert_eq!(told, "exit code: 0\n----- stdout -----\n----- stderr -----\n");
}
