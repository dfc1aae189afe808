//! Every verb with every bad input that it can meet. Each file in `matrix/` has one input and the whole of every command.

use std::fmt::Write as _;
use std::io::pipe;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::scope;

use expect_test::{ExpectFile, expect_file};

use super::command::{Folder, SITE, told};
use super::endpoint::{Endpoint, timeless};

/// They read the site file and ask nobody.
const OFFLINE: [&str; 5] = ["render", "check", "diagram", "simulate --count 10", "cost"];
/// They ask AWS what stands.
const READING: [&str; 3] = ["plan", "status", "status --drift"];
/// They change it.
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
/// `status` tells of what it cannot read, and steering goes on: an outage is no reason not to fail over.
const SITE_AWAY: [&str; 11] = [
    "status",
    "status --drift",
    "failover --yes --no-wait",
    "failover --direct --yes",
    "failback --yes --no-wait",
    "failback --direct --accept-unproven --yes",
    "approve --yes --no-wait",
    "mode frozen --yes",
    "destroy --yes",
    "plan",
    "deploy --yes",
];

fn all() -> impl Iterator<Item = &'static str> {
    OFFLINE.into_iter().chain(READING).chain(CHANGING)
}

/// Runs every verb at once and shows each with its outcome, in their order.
fn check(
    verbs: impl IntoIterator<Item = &'static str>,
    run: impl Fn(&str) -> String + Sync,
    expected: &ExpectFile,
) {
    let verbs: Vec<_> = verbs.into_iter().collect();
    let outcomes: Vec<String> = scope(|scope| {
        let running: Vec<_> = verbs.iter().map(|verb| scope.spawn(|| run(verb))).collect();
        running.into_iter().map(|one| one.join().expect("a command runs")).collect()
    });
    let mut shown = String::new();
    for (verb, outcome) in verbs.iter().zip(outcomes) {
        assert_clear(verb, &outcome);
        writeln!(shown, "$ cargo xtask {verb}\n{outcome}").expect("a string grows");
    }
    expected.assert_eq(&shown);
}

/// Whatever the words are: at most one error, with a hint, and no panic.
fn assert_clear(verb: &str, outcome: &str) {
    let count = |start: &str| outcome.lines().filter(|line| line.starts_with(start)).count();
    // Nothing went wrong, or what was looked for was found: changes that are pending, drift, what cannot be read.
    let fine = ["exit code: 0\n", "exit code: 3\n", "exit code: 4\n", "exit code: 7\n"];
    let failed = !fine.iter().any(|code| outcome.starts_with(code));
    assert_eq!(count("error: "), usize::from(failed), "`{verb}`: {outcome}");
    assert!(!failed || count("hint: ") == 1, "`{verb}` has no hint: {outcome}");
    assert!(!outcome.contains("panicked"), "`{verb}`: {outcome}");
}

#[test]
fn no_site_file() {
    check(all(), |verb| Folder::empty().run(verb), &expect_file!["matrix/no-site-file.txt"]);
}

#[test]
fn a_site_file_that_is_no_text() {
    let run = |verb: &str| {
        let folder = Folder::empty();
        std::fs::write(folder.path().join("pilotlight.toml"), [0xff, 0xfe]).expect("a file");
        folder.run(verb)
    };
    check(all().chain(["package"]), run, &expect_file!["matrix/unreadable.txt"]);
}

#[test]
fn a_folder_in_the_place_of_the_site_file() {
    let run = |verb: &str| {
        let folder = Folder::empty();
        std::fs::create_dir(folder.path().join("pilotlight.toml")).expect("a folder");
        folder.run(verb)
    };
    check(["check", "status"], run, &expect_file!["matrix/folder.txt"]);
}

#[test]
fn nobody_is_signed_in() {
    let verbs = READING.into_iter().chain(CHANGING).chain(["cost --live"]);
    check(verbs, |verb| Folder::with(SITE).run(verb), &expect_file!["matrix/no-credentials.txt"]);
}

#[test]
fn credentials_of_another_account() {
    let endpoint = Endpoint::new();
    let run = |verb: &str| {
        let folder = Folder::with(&format!("account = \"444455556666\"\n{SITE}"));
        timeless(&told(&endpoint.command(&folder, verb).output().expect("it starts")))
    };
    check(["plan"].into_iter().chain(CHANGING), run, &expect_file!["matrix/another-account.txt"]);
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
}

#[test]
fn nobody_to_ask() {
    let asking = CHANGING.map(|verb| verb.trim_end_matches(" --yes")).into_iter();
    let run = |verb: &str| Folder::with(SITE).run(verb);
    check(asking, run, &expect_file!["matrix/nobody-to-ask.txt"]);
}

#[test]
fn a_site_that_is_not_deployed() {
    let run = |verb: &str| {
        let endpoint = Endpoint::new();
        endpoint.state().bare = true;
        endpoint.state().refused.insert("Invoke", "ResourceNotFoundException");
        endpoint.run(verb)
    };
    let verbs = SITE_AWAY.into_iter().filter(|verb| !["plan", "deploy --yes"].contains(verb));
    check(verbs, run, &expect_file!["matrix/not-deployed.txt"]);
}

#[test]
fn another_region_than_the_site_stands_in() {
    let endpoint = Endpoint::new();
    let run = |verb: &str| {
        let folder = Folder::with(&SITE.replace("us-east-2", "eu-west-1"));
        timeless(&told(&endpoint.command(&folder, verb).output().expect("it starts")))
    };
    let verbs = ["status", "failover --direct --yes", "failback --direct --accept-unproven --yes"];
    check(verbs, run, &expect_file!["matrix/another-region.txt"]);
}

#[test]
fn everything_is_throttled() {
    let query = [
        "DescribeStacks",
        "GetTemplate",
        "DescribeAutoScalingGroups",
        "DescribeTargetHealth",
        "GetCallerIdentity",
    ];
    let run = |verb: &str| {
        let endpoint = Endpoint::new();
        let refused = query.map(|operation| (operation, "Throttling"));
        endpoint.state().refused.extend(refused);
        for operation in ["DescribeAlarms", "FilterLogEvents"] {
            endpoint.state().refused.insert(operation, "ThrottlingException");
        }
        placeless(verb, endpoint.run(verb))
    };
    check(SITE_AWAY, run, &expect_file!["matrix/throttled.txt"]);
}

/// A deploy asks all stacks at once, and the first that fails is told.
fn placeless(verb: &str, told: String) -> String {
    if !["plan", "deploy --yes"].contains(&verb) {
        return told;
    }
    ["us-east-1", "us-east-2", "us-west-2"]
        .iter()
        .fold(told, |told, region| told.replace(region, "[REGION]"))
}

#[test]
fn nobody_answers() {
    // A port that was free a moment ago: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|closed| closed.local_addr());
    let endpoint = format!("http://{}", port.expect("a port"));
    let run = |verb: &str| {
        let folder = Folder::with(SITE);
        let mut command = against(&endpoint, &folder, verb);
        placeless(verb, timeless(&told(&command.output().expect("it starts"))))
    };
    check(SITE_AWAY, run, &expect_file!["matrix/nobody-answers.txt"]);
}

fn against(endpoint: &str, folder: &Folder, verb: &str) -> Command {
    let mut command = folder.command(verb);
    command.env("AWS_ENDPOINT_URL", endpoint);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// A reader such as `head` goes away early: that is no error, whatever is written.
#[test]
fn a_closed_pipe() {
    let verbs = OFFLINE.into_iter().chain([
        "status",
        "status --watch",
        "status --drift --format json",
        "failover --yes",
        "mode frozen --yes --format json",
        "failover --direct --print",
        "check --rules",
        "init --json-schema",
        "--help",
    ]);
    for verb in verbs {
        let folder = Folder::with(SITE);
        let endpoint = Endpoint::new();
        let mut command = endpoint.command(&folder, verb);
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let output = command.stdout(writer).output().expect("it starts");
        assert_eq!(output.status.code(), Some(0), "{verb}: {}", told(&output));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!error.contains("error: ") && !error.contains("panicked"), "{verb}: {error}");
        if verb == "status --watch" {
            continue;
        }
        // Nobody who listens to progress either.
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let endpoint = Endpoint::new();
        let mut command = endpoint.command(&folder, verb);
        let status = command.stdout(Stdio::null()).stderr(writer).status().expect("it starts");
        assert_eq!(status.code(), Some(0), "{verb}");
    }
}

/// Ctrl-C while AWS is asked and does not answer, for each verb that asks.
#[test]
fn an_interrupt_tells_how_to_go_on() {
    let run = |verb: &str| {
        // Somebody who takes the call and never answers: the command is certain to be waiting when the signal comes.
        let silence = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", silence.local_addr().expect("an address"));
        let folder = Folder::with(SITE);
        let mut command = against(&endpoint, &folder, verb);
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let _call = silence.accept().expect("the command calls");
        let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(interrupted.expect("kill starts").success());
        told(&child.wait_with_output().expect("it ends"))
    };
    let mut shown = String::new();
    for verb in READING.into_iter().chain(CHANGING) {
        writeln!(shown, "$ cargo xtask {verb}\n{}", run(verb)).expect("a string grows");
    }
    expect_file!["matrix/interrupted.txt"].assert_eq(&shown);
}
