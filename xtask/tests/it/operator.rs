//! An operator's verb, with a program in the place of cargo that tells how it was started.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use expect_test::expect;

use super::command::{command, told};

/// Tells its words, each in brackets, what cargo says of the package, and what is typed.
const CARGO: &str = r#"#!/bin/sh
for word; do printf '[%s]' "$word"; done
echo
echo "of the package: $CARGO_PKG_NAME$CARGO_MANIFEST_DIR"
echo "typed: $(cat)"
exit 4
"#;

fn with_cargo(folder: &tempfile::TempDir, arguments: &[&str]) -> Command {
    let cargo = folder.path().join("cargo");
    std::fs::write(&cargo, CARGO).expect("a file");
    std::fs::set_permissions(&cargo, Permissions::from_mode(0o755)).expect("its rights");
    let mut command = command(folder, arguments);
    command.env("CARGO", cargo).env("CARGO_PKG_NAME", "xtask");
    command.env("CARGO_MANIFEST_DIR", "/checkout/xtask");
    command
}

/// Goal: the program gets the words as they were typed, the terminal, and this process's number. Method: words that a shell
/// would take apart, a line on standard input, and an exit code of its own.
#[test]
fn an_operators_verb_becomes_cargo_with_the_same_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["--format", "json", "--site", "a site.toml", "status", "--drift"];
    let mut command = with_cargo(&folder, &words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(b"yes").expect("somebody reads");
    drop(input);
    expect![[r#"
        exit code: 4
        ----- stdout -----
        [run][--bin][pilotlight][--manifest-path][/checkout/Cargo.toml][--][--format][json][--site][a site.toml][status][--drift]
        of the package: 
        typed: yes
        ----- stderr -----
    "#]]
    .assert_eq(&told(&child.wait_with_output().expect("it ends")));
}

/// Goal: help and a mistyped verb are answered without a build. Method: a cargo that ends with 4.
#[test]
fn help_and_misuse_need_no_cargo() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = with_cargo(&folder, &["--help"]).output().expect("it starts");
    let help = told(&output);
    assert!(help.starts_with("exit code: 0\n"), "{help}");
    for verb in ["deploy", "drill", "bench", "test", "tidy", "prove"] {
        assert!(help.contains(&format!("\n  {verb} ")), "{verb}: {help}");
    }
    for words in [["status", "--drfit"], ["stauts", ""]] {
        let output = with_cargo(&folder, &words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    }
}

#[test]
fn without_cargo_the_error_says_what_it_is_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = with_cargo(&folder, &["status"]);
    let output = command.env("CARGO", "/nowhere/cargo").output().expect("it starts");
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot start cargo, which builds this verb's program
          because: No such file or directory (os error 2)
    "#]]
    .assert_eq(&told(&output));
}
