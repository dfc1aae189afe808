//! Every verb with every ending, as a program reads it: one document, whose ending is that of the exit code.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::thread::scope;

use expect_test::expect;
use serde_json::Value;

use super::command::{Folder, SITE, told};
use super::endpoint::Endpoint;

/// They ask nobody.
const OFFLINE: [&str; 6] =
    ["render", "check", "diagram", "simulate --count 10", "cost", "drill restore"];
const READING: [&str; 4] = ["plan", "status", "status --drift", "doctor"];
const CHANGING: [&str; 8] = [
    "deploy --yes",
    "failover --yes",
    "failover --direct --yes",
    "failback --yes",
    "failback --direct --accept-unproven --yes",
    "approve --yes",
    "mode frozen --yes",
    "destroy --yes",
];

/// The words for an exit code.
fn words(code: i32) -> &'static [&'static str] {
    match code {
        0 => &["done", "nothing"],
        1 => &["error"],
        2 => &["usage"],
        3 => &["pending"],
        4 => &["drifted"],
        5 => &["missed"],
        6 => &["refused"],
        7 => &["unread"],
        8 => &["declined"],
        130 => &["interrupted"],
        _ => &[],
    }
}

/// The last thing on standard output: of an event verb the last line, of any other the only document.
fn last(verb: &str, output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let whole = || format!("`{verb}`: {}", told(output));
    if !["deploy", "destroy"].iter().any(|events| verb.starts_with(events)) {
        return serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {}", whole()));
    }
    let lines = text.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<_> = lines.map(|line| line.unwrap_or_else(|_| panic!("{}", whole()))).collect();
    let endings = lines.iter().filter(|line| line.get("ending").is_some()).count();
    assert_eq!(endings, 1, "{}", whole());
    lines.last().cloned().unwrap_or_else(|| panic!("{}", whole()))
}

fn check(verb: &str, output: &Output) -> String {
    let code = output.status.code().expect("it ends by itself");
    let last = last(verb, output);
    let ending = last["ending"].as_str().unwrap_or_else(|| panic!("`{verb}`: {}", told(output)));
    assert!(words(code).contains(&ending), "`{verb}`: {code}, {ending}");
    let failed = ["error", "usage", "refused"].contains(&ending);
    assert_eq!(last.get("error").is_some(), failed, "`{verb}`: {}", told(output));
    ending.to_owned()
}

/// Runs verbs at once and answers how each ended.
fn endings<'a>(
    verbs: impl IntoIterator<Item = &'a str>,
    command: impl Fn(&str) -> Output + Sync,
) -> Vec<String> {
    let verbs: Vec<_> = verbs.into_iter().collect();
    scope(|scope| {
        let run = |verb: &'a str| {
            let command = &command;
            scope.spawn(move || check(verb, &command(&format!("{verb} --format json"))))
        };
        let running: Vec<_> = verbs.iter().map(|verb| run(verb)).collect();
        running.into_iter().map(|one| one.join().expect("it is checked")).collect()
    })
}

fn output(command: &mut Command) -> Output {
    command.output().expect("it starts")
}

#[test]
fn every_verb_tells_that_it_is_used_wrongly() {
    let all = OFFLINE.into_iter().chain(READING).chain(CHANGING);
    let told =
        endings(all, |verb| output(&mut Folder::with(SITE).command(&format!("{verb} --nope"))));
    assert!(told.iter().all(|ending| ending == "usage"), "{told:?}");
}

#[test]
fn every_verb_tells_that_there_is_no_site_file() {
    let all = OFFLINE.into_iter().chain(READING).chain(CHANGING);
    let told = endings(all, |verb| output(&mut Folder::empty().command(verb)));
    assert!(told.iter().all(|ending| ending == "error"), "{told:?}");
}

#[test]
fn every_verb_that_asks_aws_tells_that_nobody_is_signed_in() {
    // `doctor` finds it: that is one of its list.
    let all = READING.into_iter().filter(|verb| *verb != "doctor").chain(CHANGING);
    let told = endings(all, |verb| output(&mut Folder::with(SITE).command(verb)));
    assert!(told.iter().all(|ending| ending == "error"), "{told:?}");
}

#[test]
fn every_verb_that_changes_something_tells_that_there_is_nobody_to_ask() {
    let all = CHANGING.map(|verb| verb.trim_end_matches(" --yes"));
    let told = endings(all, |verb| output(&mut Folder::with(SITE).command(verb)));
    assert!(told.iter().all(|ending| ending == "refused"), "{told:?}");
}

#[test]
fn a_verb_that_is_done_or_has_nothing_to_do_tells_it() {
    let done = |verb: &str| output(&mut Endpoint::new().command(&Folder::with(SITE), verb));
    let all =
        ["diagram", "simulate --count 10", "cost", "status", "failover --yes", "mode frozen --yes"];
    assert_eq!(endings(all, done), vec!["done"; all.len()]);
    assert_eq!(endings(["drill restore"], done), ["nothing"]);
    let again = |verb: &str| {
        let endpoint = Endpoint::new();
        output(&mut endpoint.command(&Folder::with(SITE), verb));
        output(&mut endpoint.command(&Folder::with(SITE), verb))
    };
    assert_eq!(endings(["failover --direct --yes"], again), ["nothing"]);
    let bare = |verb: &str| {
        let endpoint = Endpoint::new();
        endpoint.state().bare = true;
        output(&mut endpoint.command(&Folder::with(SITE), verb))
    };
    assert_eq!(endings(["destroy --yes"], bare), ["nothing"]);
    assert_eq!(endings(["status", "status --drift"], bare), ["error", "drifted"]);
}

/// What is a list, or a map of files, has no place for the ending.
#[test]
fn lists_and_maps_of_files_keep_their_form() {
    let folder = Folder::with(SITE);
    for verb in ["check", "check --rules", "render", "init --json-schema"] {
        let output = output(&mut folder.command(&format!("{verb} --format json")));
        let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
        assert!(document.get("ending").is_none(), "{verb}");
        assert_eq!(output.status.code(), Some(0), "{verb}");
    }
}

#[test]
fn every_verb_that_asks_aws_tells_that_it_was_interrupted() {
    let run = |verb: &str| {
        // Somebody who takes the call and never answers: the command is certain to be waiting when the signal comes.
        let silence = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", silence.local_addr().expect("an address"));
        let folder = Folder::with(SITE);
        let mut command = folder.command(verb);
        command.env("AWS_ENDPOINT_URL", endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("it starts");
        let _call = silence.accept().expect("the command calls");
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.expect("kill starts").success());
        child.wait_with_output().expect("it ends")
    };
    let told = endings(READING.into_iter().chain(CHANGING), run);
    assert!(told.iter().all(|ending| ending == "interrupted"), "{told:?}");
}

/// Goal: an order in an outage does not wait for what it does not need. Method: the calls before the controller is asked, each of
/// which has a bound of 8 s or less.
#[test]
fn a_failover_asks_little_before_its_order() {
    let endpoint = Endpoint::new();
    endpoint.run("failover --yes --no-wait");
    let calls = endpoint.state().calls.clone();
    let order = calls.iter().position(|call| call == "Invoke").expect("it is ordered");
    let mut counts = std::collections::BTreeMap::new();
    for call in &calls[..order] {
        *counts.entry(call.as_str()).or_insert(0) += 1;
    }
    expect![[r#"
        {
            "DescribeAlarms": 2,
            "DescribeAutoScalingGroups": 3,
            "DescribeStacks": 9,
            "DescribeTargetHealth": 2,
            "FilterLogEvents": 1,
            "GetCallerIdentity": 1,
            "GetHealthCheckStatus": 1,
        }
    "#]]
    .assert_debug_eq(&counts);
    assert!(!calls[order..].contains(&"GetCallerIdentity".to_owned()), "{calls:?}");
}
