//! The controller's role against the calls that its code makes. The calls are those of the replayed wire requests, which the
//! tests of the function compare with what the SDK sends; what an end-to-end run calls beyond them fails that run.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use e2e::permissions::{action, allowing, granted};
use serde_norway::Value;

/// What Lambda does with the role by itself, and where the template asks for it.
const OF_LAMBDA: [(&str, &str); 5] = [
    ("logs:CreateLogStream", "every run writes its log"),
    ("logs:PutLogEvents", "every run writes its log"),
    ("sqs:ReceiveMessage", "`Looks` takes the looks out of their queue"),
    ("sqs:DeleteMessage", "`Looks` takes the looks out of their queue"),
    ("sqs:GetQueueAttributes", "`Looks` takes the looks out of their queue"),
];

/// How the name of an operation begins, as a method.
const VERBS: &str = "attach_ copy_ create_ delete_ describe_ detach_ execute_ get_ invoke list_ \
                     publish put_ send_ set_ start_ tag_ update_";

const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

fn function() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/failover")
}

/// The text of each Rust file of a folder, by file name.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let folder = function().join(folder);
    let files = std::fs::read_dir(&folder).expect("the function's sources can be read");
    let files = files.map(|file| file.expect("an entry can be read").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a source can be read"))
    };
    files.map(read).collect()
}

/// The action of each replayed call: the line `POST https://SERVICE.REGION.amazonaws.com/PATH`, with the operation in the
/// path or in an `Action=` line below it.
fn replayed() -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    for (file, text) in sources("tests/it/wire") {
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let Some((method, rest)) = line.split_once(" https://") else { continue };
            let Some((host, path)) = rest.split_once('/') else { continue };
            let Some((service, _)) = host.split_once('.') else { continue };
            // A literal inside of a line is no snapshot.
            if !METHODS.contains(&method) || !host.ends_with(".amazonaws.com") || path.contains('"')
            {
                continue;
            }
            let operation = match path.rsplit_once("/operation/") {
                Some((_, operation)) => operation.to_owned(),
                None if !path.is_empty() => format!("{method} /{path}"),
                None => {
                    let next = lines.next().unwrap_or_default();
                    let operation = next.strip_prefix("Action=").or_else(|| {
                        next.strip_prefix("X-Amz-Target: ")?.split_once('.').map(|(_, name)| name)
                    });
                    operation
                        .unwrap_or_else(|| panic!("{file}: no `Action=` below `{line}`"))
                        .to_owned()
                }
            };
            actions.insert(action(service, &operation));
        }
    }
    assert!(!actions.is_empty(), "the snapshots of the wire tests are written otherwise");
    actions
}

/// `DescribeAlarms` → `describe_alarms`.
fn snake(operation: &str) -> String {
    let mut text = String::new();
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Goal: least privilege, both ways. Method: the actions in the template against those of the replayed calls and Lambda's own.
#[test]
fn the_role_is_granted_exactly_what_the_code_calls() {
    let (granted, called) = (granted(), replayed());
    let of_lambda: BTreeSet<String> =
        OF_LAMBDA.iter().map(|(action, _)| (*action).to_owned()).collect();
    let refused: Vec<_> = called.difference(&granted).collect();
    assert!(
        refused.is_empty(),
        "called and not granted: {refused:?}; templates/controller.yaml, `ControllerRole`, has to allow it"
    );
    let needed: BTreeSet<_> = called.union(&of_lambda).cloned().collect();
    let unused: Vec<_> = granted.difference(&needed).collect();
    assert!(
        unused.is_empty(),
        "granted and never called: {unused:?}; take it out of `ControllerRole`, or replay the call in \
         functions/failover/tests/it/wire"
    );
    for (action, why) in OF_LAMBDA {
        assert!(granted.contains(action), "Lambda needs {action} and has it not: {why}");
        assert!(!called.contains(action), "{action} is a call of the code now, not only of Lambda");
    }
}

/// Goal: no mistake of the controller's can grow a group past what the site pays for. Method: each statement that allows the
/// write bounds MaxSize, if the call has one, by the size that the group's own stack is given; AWS keeps minimum and desired
/// below it.
#[test]
fn a_group_cannot_be_grown_past_the_sites_own_maximum() {
    let bounds: Vec<(String, String)> = allowing("autoscaling:UpdateAutoScalingGroup")
        .iter()
        .map(|statement| {
            let sid = statement["Sid"].as_str().expect("a statement has a name").to_owned();
            let condition = &statement["Condition"];
            let bound = &condition["NumericLessThanEqualsIfExists"]["autoscaling:MaxSize"];
            assert_eq!(condition.as_mapping().map(serde_norway::Mapping::len), Some(1), "{sid}");
            let Value::Tagged(parameter) = bound else { panic!("{sid} bounds no MaxSize") };
            (sid, parameter.value.as_str().unwrap_or_default().to_owned())
        })
        .collect();
    let meant = [("WriteStandby", "CapacityMax"), ("WritePrimaryFloor", "PrimaryMaxSize")];
    assert_eq!(bounds, meant.map(|(sid, bound)| (sid.to_owned(), bound.to_owned())));
}

/// Goal: the replays leave no call out. Method: every method of the SDK's that begins an operation, in the only folder that may
/// name the SDK, is an operation that is replayed, and the other way round.
#[test]
fn every_call_in_the_source_is_replayed() {
    let replayed: BTreeSet<String> = replayed()
        .iter()
        .filter_map(|action| action.split_once(':'))
        // One permission is for both.
        .map(|(_, name)| if name == "SendMessage" { "SendMessageBatch" } else { name })
        .map(snake)
        .collect();
    let mut written = BTreeSet::new();
    for text in sources("src/aws").values() {
        // An operation begins without arguments; its parameters are set one by one.
        for (before, _) in text.match_indices("()").map(|(at, _)| text.split_at(at)) {
            let name =
                before.rsplit(|letter: char| letter != '_' && !letter.is_ascii_lowercase()).next();
            let name = name.unwrap_or_default();
            let is_method = before.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
            if is_method && VERBS.split_whitespace().any(|verb| name.starts_with(verb)) {
                written.insert(name.to_owned());
            }
        }
    }
    assert_eq!(written, replayed, "left: in the source; right: in the replays");
}
