//! The whole story, as `cargo xtask drill` plays it.

use std::process::Stdio;

use drill::journal::{Bucket, Phase};
use drill_local::story::{self, Script, Teller};
use e2e::shell::Shell;
use e2e::{program, room, settings};
use machine::target;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Goal: the promise of the README. Method: play the drill and read its report.
#[tokio::test]
async fn the_site_fails_over_and_comes_back_and_leaves_nothing() {
    let _room = room().await;
    let (teller, _scenes) = Teller::channel();
    let script = Script { target_seconds: Some(60.0), predictions: Vec::new() };
    let played = story::play(&settings().await, program().await, script, &teller).await;
    let report = played.expect("it plays");
    assert!(report.passed(), "{report}");
    assert!(report.clients.from_standby > 0, "{report}");
    let lowered = ["Raise", "LowerMin", "LowerDesired", "Finish", "Raise"];
    let reasons: Vec<&str> = report.decisions.iter().map(|line| line.reason.as_str()).collect();
    let told: Vec<&str> = reasons.into_iter().filter(|reason| lowered.contains(reason)).collect();
    assert_eq!(told, lowered, "one failover, one failback, one failover in the dark: {report}");
    assert!(report.dark_seconds.is_some(), "{report}");
    for id in ["S1", "S4", "S6", "S7", "S15", "L1", "R"] {
        let verdict = report.invariants.iter().find(|verdict| verdict.id == id);
        assert!(verdict.is_some_and(|verdict| verdict.checked > 0), "{id} was not exercised");
    }
    let phases: Vec<&str> = report.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(phases, failover_words::PHASES, "every phase has both its ends: {report}");
    let sum: f64 = report.phases.iter().map(Phase::seconds).sum();
    let took = report.recovery_seconds.expect("it recovered");
    assert!((sum - took).abs() < 0.01, "the parts are the whole: {sum} and {took}");
    let sent: u32 = report.requests.iter().map(Bucket::sent).sum();
    assert!(u64::from(sent) >= report.clients.sent, "no request is forgotten");
    let json = serde_json::to_value(&report).expect("it is plain data");
    assert_eq!(json["missed"], serde_json::json!([]));
}

/// Goal: whoever keeps the drill's site can try every verb on it. Method: keep it, type what is printed, end it with Ctrl-C.
#[tokio::test]
async fn the_verbs_reach_a_kept_drill_by_what_it_prints() {
    let _room = room().await;
    program().await;
    let shell = Shell::alone("kept").await;
    let mut drill = Command::new(target().join("debug").join("pilotlight"));
    drill.args(["drill", "--keep"]).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut drill = drill.spawn().expect("it starts");
    let mut lines = BufReader::new(drill.stderr.take().expect("a pipe")).lines();
    let mut told = String::new();
    let command = loop {
        let line = lines.next_line().await.expect("text");
        let line = line.unwrap_or_else(|| panic!("it ended: {told}"));
        if let Some((_, command)) = line.split_once("every verb: ") {
            break command.to_owned();
        }
        told.push_str(&line);
        told.push('\n');
    };
    let status = shell.typed(&command).await;
    assert!(status.contains("standby"), "{status}");
    for verb in ["plan", "cost", "failover --yes"] {
        let command = command.replace(" status", &format!(" {verb}"));
        shell.typed(&command).await;
    }
    shell.typed(&format!("kill -INT {}", drill.id().expect("it runs"))).await;
    let ended = drill.wait().await.expect("it ends");
    assert_eq!(ended.code(), Some(130));
}
