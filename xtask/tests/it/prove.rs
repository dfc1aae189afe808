//! `prove`, at bounds that are walked in a moment.

use std::io::Read as _;

use expect_test::{Expect, expect};
use failover_sim::scope::{CHECKED, NOT_CHECKED, PROVE};
use serde_json::Value;

use super::command::{command, told};

/// Small enough for a test; its numbers are pinned where the model is tested.
const SMALL: &str = "two handlers";

fn prove(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    told(&command(&folder, &[&["prove"], arguments].concat()).output().expect("it starts"))
}

/// What was counted and measured is a `#`; spaces that depend on it are one. The exit code stays.
fn check(arguments: &[&str], expected: &Expect) {
    let counted = |word: &str| {
        let digits = word.chars().any(|letter| letter.is_ascii_digit());
        if digits { "#".to_owned() } else { word.to_owned() }
    };
    let told = prove(arguments);
    let (code, told) = told.split_once('\n').expect("a line with the exit code");
    let lines = told
        .lines()
        .map(|line| line.split_whitespace().map(counted).collect::<Vec<_>>().join(" ") + "\n");
    expected.assert_eq(&format!("{code}\n{}", lines.collect::<String>()));
}

#[test]
fn a_search_prints_its_table_and_what_it_does_not_check() {
    check(
        &["--scope", SMALL],
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            scope flips faults orders props states steps depth back serve time result
            two handlers # # # # # # # # # # s holds

            flips: the primary fails or returns so often; faults: so many things go wrong; orders: an operator
            acts so often. props: properties of every state, and rules that fire somewhere. depth: minutes of
            the longest history. back, serve: from the worst state and with nothing wrong any more, minutes
            until all is back to normal, or until the standby serves.

            Everything holds in each of # distinct states, within these bounds.
            Not checked: more faults or changes than the bounds say; more than four instances; steps shorter
            than a minute; what AWS really does where its documents are silent; an operator and the controller
            writing one tag at once; a latch that is deployed away and back in mid-failover; how the capacity
            ring turns.
            ----- stderr -----
            # of # two handlers
            # of # two handlers: holds, # states, # s
        "#]],
    );
}

#[test]
fn a_search_gives_the_same_as_data() {
    let told = prove(&["--scope", SMALL, "--format", "json"]);
    let (_, out) = told.split_once("----- stdout -----\n").expect("a mark");
    let (out, _) = out.split_once("----- stderr -----").expect("a mark");
    let report: Value = serde_json::from_str(out).expect("JSON");
    let search = &report["searches"][0];
    assert_eq!(search["scope"], SMALL);
    assert!(search["violations"].as_array().is_some_and(Vec::is_empty), "{search}");
    assert_eq!(report["states"], search["states"]);
    assert_eq!(report["not_checked"], NOT_CHECKED);
}

#[test]
fn every_scope_is_listed() {
    let told = prove(&["--list"]);
    for scope in PROVE.iter().chain(CHECKED) {
        assert!(told.contains(&format!("\n{}  ", scope.name)), "{}: {told}", scope.name);
    }
}

/// A list has no place for the ending.
#[test]
fn the_list_keeps_its_form_as_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = command(&folder, &["prove", "--list", "--format", "json"]).output();
    let output = output.expect("it starts");
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert!(document.get("ending").is_none(), "{document}");
    assert_eq!(output.status.code(), Some(0));
}

/// A reader such as `head` goes away early: that is no error, on neither stream.
#[test]
fn a_closed_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let gone = || std::io::pipe().expect("a pipe").1;
    for format in ["text", "json"] {
        let mut command = command(&folder, &["prove", "--list", "--format", format]);
        let output = command.stdout(gone()).output().expect("it starts");
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!error.contains("error: ") && !error.contains("panicked"), "{error}");
        let status = command.stdout(gone()).stderr(gone()).status().expect("it starts");
        assert_eq!(status.code(), Some(0), "{format}");
    }
}

/// Goal: nothing breaks in a narrow terminal but a word that is wider. Method: the list on a terminal of 40 columns.
#[test]
fn forty_columns_are_enough() {
    let (mut pty, pts) = pty_process::blocking::open().expect("a terminal");
    pty.resize(pty_process::Size::new(24, 40)).expect("it has a size");
    let command = pty_process::blocking::Command::new(env!("CARGO_BIN_EXE_xtask"));
    let command = command.args(["prove", "--list"]).env("NO_COLOR", "1").env("TERM", "xterm");
    let mut child = command.spawn(pts).expect("it starts");
    let mut text = Vec::new();
    // A terminal whose last process has ended reads as an error.
    pty.read_to_end(&mut text).ok();
    let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{text}");
    assert!(text.lines().count() > PROVE.len(), "{text}");
    let wide = text.lines().filter(|line| line.chars().count() > 40);
    let wide = wide.filter(|line| !line.contains("cargo xtask "));
    let wide = wide.filter(|line| line.split_whitespace().all(|word| word.len() <= 20));
    assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn an_unknown_scope_is_a_usage_error_that_says_where_the_names_are() {
    check(
        &["--scope", "bse"],
        &expect![[r#"
            exit code: 2
            ----- stdout -----
            ----- stderr -----
            error: there is no scope of that name: `bse`
            hint: the names: cargo xtask prove --list
        "#]],
    );
}

#[test]
fn two_things_at_once_make_no_sense() {
    check(
        &["--list", "--mutants"],
        &expect![[r#"
            exit code: 2
            ----- stdout -----
            ----- stderr -----
            error: the argument '--list' cannot be used with '--mutants'

            Usage: cargo xtask prove --list

            For more information, try '--help'.
        "#]],
    );
}

/// Goal: a history that was reported is played again. Method: the same seed twice gives identical bytes.
#[test]
fn a_seed_plays_the_same_history_again() {
    let played = prove(&["--seed", "7"]);
    assert!(played.starts_with("exit code: 0\n----- stdout -----\nseed 7, "), "{played}");
    assert_eq!(played, prove(&["--seed", "7"]));
}
