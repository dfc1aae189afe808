//! `init`: what it writes, and how it ends.

use expect_test::expect;

use super::command::{Folder, SITE};

const LEAST: &str = "init --name blog --hostname blog.example.org --zone Z111";

/// Without the lines about this machine's processor.
fn on_any_machine(told: &str) -> String {
    let lines = told.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("the controller is built for ")).collect()
}

/// Goal: the first plan builds without another toolchain. Method: the processor that the file names, and what is said of arm64.
#[test]
fn the_lambda_is_built_for_the_processor_of_this_machine() {
    let folder = Folder::empty();
    let told = folder.run(LEAST);
    let text = std::fs::read_to_string(folder.path().join("pilotlight.toml")).expect("a file");
    let own = package::own_architecture().as_str();
    assert!(text.contains(&format!("\narchitecture = \"{own}\"\n")), "{text}");
    let words = "`rustup target add aarch64-unknown-linux-gnu`, `pip install cargo-zigbuild`";
    assert_eq!(told.contains(words), own != "arm64", "{told}");
}

#[test]
fn a_site_file_is_written_from_flags_and_passes_check() {
    let folder = Folder::empty();
    expect![[r#"
        exit code: 0
        ----- stdout -----
        pilotlight.toml
        ----- stderr -----
        wrote `pilotlight.toml`; next: `cargo xtask check` checks it, and `cargo xtask doctor` checks what it needs
    "#]].assert_eq(&on_any_machine(&folder.run(LEAST)));
    let text = std::fs::read_to_string(folder.path().join("pilotlight.toml")).expect("a file");
    assert!(text.contains("\nhostname = \"blog.example.org\"\n"), "{text}");
    let told = folder.run("check");
    assert!(told.starts_with("exit code: 0\n") && told.contains("no findings"), "{told}");
}

#[test]
fn programs_are_told_the_file() {
    let folder = Folder::empty();
    let told = folder.run(&format!("{LEAST} --site sites/blog.toml --format json"));
    assert!(told.starts_with("exit code: 1\n"), "there is no such folder: {told}");
    expect![[r#"
        exit code: 0
        ----- stdout -----
        {
          "file": "blog.toml",
          "ending": "done"
        }
        ----- stderr -----
        wrote `blog.toml`; next: `cargo xtask check` checks it, and `cargo xtask doctor` checks what it needs
    "#]].assert_eq(&on_any_machine(&folder.run(&format!("{LEAST} --site blog.toml --format json"))));
}

#[test]
fn a_site_file_is_never_written_over_without_being_told_to() {
    let folder = Folder::with(SITE);
    expect![[r#"
        exit code: 6
        ----- stdout -----
        ----- stderr -----
        error: refused: `pilotlight.toml` exists already
        hint: `--force` overwrites it; `--site` names another file
    "#]]
    .assert_eq(&folder.run(LEAST));
    let file = folder.path().join("pilotlight.toml");
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), SITE);
    assert!(folder.run(&format!("{LEAST} --force")).starts_with("exit code: 0\n"));
    assert_ne!(std::fs::read_to_string(&file).expect("a file"), SITE);
}

#[test]
fn without_a_terminal_what_is_missing_is_told() {
    let folder = Folder::empty();
    expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: this is not a terminal, and these flags are missing: `--hostname`, `--zone`
        hint: such as `cargo xtask init --name shop --hostname shop.example.com --zone Z0123456789ABCDEFGHIJ`
    "#]].assert_eq(&folder.run("init --name blog"));
    assert!(!folder.path().join("pilotlight.toml").exists());
}

#[test]
fn an_answer_that_does_not_fit_is_told_by_its_flag() {
    expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: `--zone` is not valid: `example.org.`
        hint: expected the id of a hosted zone, such as `Z0123456789ABCDEFGHIJ`; look the id up with `aws route53 list-hosted-zones-by-name --dns-name example.org --max-items 1`; it is the part after `/hostedzone/`
    "#]].assert_eq(&Folder::empty().run(&LEAST.replace("Z111", "example.org.")));
}

#[test]
fn answers_that_do_not_go_together_are_told_at_their_place() {
    let folder = Folder::empty();
    let told = folder.run(&format!("{LEAST} --primary us-east-2"));
    assert!(told.starts_with("exit code: 1\n"), "{told}");
    let what = "error: the standby is the same region as the primary\n  --> pilotlight.toml:";
    assert!(told.contains(what), "{told}");
    assert!(!folder.path().join("pilotlight.toml").exists());
}

#[test]
fn the_schema_is_printed_and_nothing_is_written() {
    let folder = Folder::empty();
    let output = folder.command("init --json-schema").output().expect("the command starts");
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(schema["properties"]["name"]["type"], "string");
    assert!(!folder.path().join("pilotlight.toml").exists());
    assert!(folder.run("init --json-schema --force").starts_with("exit code: 2\n"));
}
