//! `explain`: what it tells, from which logs, and what it finds wrong with them.

mod forms;
mod told;
mod wrong;

use expect_test::Expect;
use failover_core::decision::Step;
use serde_json::Value;

use super::command::Folder;
use super::night::Night;

/// The whole command on this text.
fn explain(log: &str, flags: &str) -> String {
    let folder = Folder::empty();
    std::fs::write(folder.path().join("night.log"), log).expect("a file");
    folder.run(&format!("explain night.log {flags}"))
}

fn check(log: &str, flags: &str, expected: &Expect) {
    expected.assert_eq(&explain(log, flags));
}

/// What the command says as data.
fn data(log: &str) -> Value {
    let told = explain(log, "--format json");
    let start = told.find("----- stdout -----\n").expect("a mark") + "----- stdout -----\n".len();
    let end = told.find("----- stderr -----").expect("a mark");
    serde_json::from_str(&told[start..end]).expect("JSON")
}

/// The minute in which the primary fails; AWS takes no tag in it.
fn raise() -> Night {
    let mut night = Night::quiet();
    night.minutes(1);
    night.log.clear();
    night.fails();
    night.refused = vec![Step::Before];
    night.decide();
    night
}
