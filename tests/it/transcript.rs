//! What a site's whole life prints, from the first plan to the last destroy: exit code, standard output, standard error.

use std::fmt::Write as _;

use drill_local::stage::host_architecture;
use e2e::command::{Told, Xtask};
use e2e::{program, room, stage};
use expect_test::expect_file;
use machine::workspace;
use serde_json::Value;

/// The life of a site.
const COMMANDS: [&str; 9] = [
    "plan",
    "deploy --yes",
    "deploy --yes",
    "plan",
    "status",
    "status --drift",
    "destroy --yes",
    "destroy --yes",
    "status",
];

/// How lines of Cargo begin.
const CARGO: [&str; 3] = ["    Blocking ", "    Finished ", "   Compiling "];

/// Goal: what an operator reads is looked at whenever it changes. Method: every command of a site's life, told without times and
/// made-up names; stacks of a wave come in any order, so their lines are sorted, and their resources are left out.
#[tokio::test]
async fn a_site_comes_and_goes_as_it_is_told() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "transcript");
    let mut transcript = String::new();
    for arguments in COMMANDS {
        let Told { code, out, error } = xtask.run(arguments).await;
        let code = code.expect("nobody kills it");
        writeln!(transcript, "$ cargo xtask {arguments}\n-- standard output").expect("it grows");
        transcript += &lasting(&out);
        transcript += "-- standard error\n";
        transcript += &lasting(&error);
        writeln!(transcript, "-- exit code {code}\n").expect("it grows");
    }
    stage.close().await.expect("everything ends");
    expect_file!["../fixtures/transcript.txt"].assert_eq(&transcript);
}

/// Goal: a program can read every line. Method: each is one object without a key twice, with the version of the schema.
#[tokio::test]
async fn events_are_objects_that_a_strict_reader_takes() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "events");
    for arguments in ["--format json deploy --yes", "--format json destroy --yes"] {
        let told = xtask.good(arguments).await;
        let mut events = 0;
        for line in told.out.lines() {
            let event: Value = serde_json::from_str(line).expect("it is JSON");
            // A key that was there twice would be there once now.
            assert_eq!(event.to_string().len(), line.len(), "{line}");
            assert!(event["schema"] == 1 && event["event"].is_string(), "{line}");
            events += 1;
        }
        assert!(events > 100, "{events} events of `{arguments}`");
    }
    stage.close().await.expect("everything ends");
}

/// The text without what differs from run to run.
fn lasting(text: &str) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut wave: Vec<String> = Vec::new();
    let host = host_architecture().as_str();
    let here = workspace().display().to_string();
    // What Cargo says of its own work is not ours.
    for line in text.lines().filter(|line| !CARGO.iter().any(|start| line.starts_with(start))) {
        let timed = line.trim_start().split_once("s ");
        let timed = timed.filter(|(clock, _)| clock.parse::<f64>().is_ok());
        let Some((_, step)) = timed else {
            let line = line.replace(host, "[ARCHITECTURE]");
            told.push(masked(&line.replace(&here, "[WORKSPACE]")));
            continue;
        };
        let words: Vec<_> = step.split_whitespace().collect();
        if words.get(1).is_some_and(|word| word.contains('_')) {
            continue;
        }
        if step.starts_with("wave") {
            wave.sort();
            told.append(&mut wave);
            told.push(format!("[TIME] {step}"));
        } else {
            wave.push(format!("[TIME] {}", masked(step)));
        }
    }
    wave.sort();
    told.append(&mut wave);
    told.push(String::new());
    told.join("\n")
}

/// Words that differ from run to run, by what they are.
fn masked(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let digits = bare.chars().filter(char::is_ascii_digit).count();
        let is_time = bare.len() == 8 && bare.matches(':').count() == 2;
        let is_date = bare.len() == 10 && bare.matches('-').count() == 2 && digits == 8;
        let is_age =
            !bare.is_empty() && digits == bare.len() && line.contains(&format!(" for {bare} s"));
        let of_zone = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let is_zone = bare.len() >= 12 && bare.starts_with('Z') && bare.chars().all(of_zone);
        let is_made_up = is_zone || bare.contains(".elb.") || (bare.len() >= 16 && digits >= 4);
        if is_time {
            word.replace(bare, "[TIME]")
        } else if is_date {
            word.replace(bare, "[DATE]")
        } else if is_age {
            word.replace(bare, "[AGE]")
        } else if is_made_up {
            word.replace(bare, "[ID]")
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
