//! Every write that the tool can send carries the identity guard's permit, and nobody makes a permit past the guard.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The calls that change nothing. A call that is not here changes something.
const READS: [&str; 45] = [
    "account",
    "addresses",
    "alarm",
    "alarm_wiring",
    "balancer",
    "caller",
    "certificate",
    "change_sets",
    "check",
    "check_made_with",
    "check_status",
    "checks_made_with",
    "clock",
    "concurrency",
    "count",
    "credentials_expiry",
    "describe_change_set",
    "describe_stack",
    "function",
    "function_variables",
    "group",
    "health_check",
    "health_checks",
    "identity",
    "image",
    "instance_type",
    "invokers",
    "keep_alive",
    "log_lines",
    "named",
    "newest_value",
    "parameter",
    "products",
    "quota",
    "records",
    "records_of",
    "region_status",
    "rule",
    "stack_events",
    "stack_resources",
    "stack_template",
    "subscriptions",
    "target_health",
    "zone",
    "zones_with",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The methods of a file's traits: name, and what they are given.
fn methods(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for body in text.split("pub trait ").skip(1) {
        let body = body.split("\n}").next().unwrap_or_default();
        for method in body.split("async fn ").skip(1) {
            let (name, rest) = method.split_once('(').expect("a method has arguments");
            let given = rest.split_once("->").expect("a call answers something").0;
            found.push((name.to_owned(), given.to_owned()));
        }
    }
    found
}

/// Goal: a new write cannot be sent without the identity guard. Method: the sources of the cloud traits list all calls.
#[test]
fn every_call_that_is_not_a_known_read_takes_a_permit() {
    let cloud = source().join("cloud");
    let traits = fs::read_dir(&cloud).expect("the cloud's folder");
    let traits = traits.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    let mut reads = BTreeSet::new();
    let mut writes = 0;
    for path in traits {
        for (name, given) in methods(&fs::read_to_string(&path).expect("a source")) {
            let is_permitted = given.contains("&Permit");
            let is_read = READS.contains(&name.as_str());
            let place = path.display();
            assert!(is_permitted != is_read, "{place}: `{name}` is a read, or takes `&Permit`");
            if is_read {
                reads.insert(name);
            } else {
                writes += 1;
            }
        }
    }
    let listed: BTreeSet<String> = READS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed, reads, "a read that no trait has any more");
    assert!(writes >= 20, "{writes} writes are found");
}

/// Goal: a permit is the guard's word. Method: whoever makes one is found in the sources of the tool.
#[test]
fn nobody_makes_a_permit_past_the_guard() {
    let tool = source().join("../../xtask/src");
    for path in files(&source()).into_iter().chain(files(&tool)) {
        let text = fs::read_to_string(&path).expect("a source");
        let place = path.to_string_lossy().replace('\\', "/");
        let is_guard = place.contains("/src/guard/");
        assert!(is_guard || !text.contains("Permit::of("), "{place}");
        let is_local_drill = place.contains("/drill/local/");
        assert!(is_guard || is_local_drill || !text.contains("Permit::of_emulator"), "{place}");
    }
}
