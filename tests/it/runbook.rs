//! The page for three in the morning must not have a command that does not work.

use std::path::{Path, PathBuf};

use e2e::Deployed;
use infra_lib::clock;
use infra_lib::drill::local::answer::Role;
use infra_lib::drill::local::stage::SERVERS;
use infra_lib::package::target;
use infra_lib::python::{Venv, VenvSettings};
use tokio::process::Command;

const RUNBOOK: &str = include_str!("../../docs/runbook.md");
/// What the page may be refused: there is nothing to approve, or nothing to take back.
const REFUSED: i32 = 6;

/// The lines of the page's shell blocks, in their order, without comments.
fn commands() -> Vec<Vec<String>> {
    let blocks = RUNBOOK.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().expect("a block ends"));
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" # ").next().expect("a line"));
    lines.filter(|line| !line.trim().is_empty()).map(words).collect()
}

/// The words of a command; quotes hold one together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.trim().split('"').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(ToOwned::to_owned));
        }
    }
    words
}

#[test]
fn the_page_has_commands_and_they_are_read_as_a_shell_would() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    let known =
        |words: &Vec<String>| words[0] == "aws" || (words[0] == "cargo" && words[1] == "xtask");
    assert!(commands.iter().all(known), "{commands:?}");
    assert_eq!(words(r#"aws x --query "a b" --y"#), ["aws", "x", "--query", "a b", "--y"]);
}

/// Goal: every command of the page works on a site that has failed over. Method: deploy the drill's site, kill its primary,
/// run them all against the emulator, with AWS's own command line and with ours.
#[tokio::test]
async fn every_command_of_the_runbook_works() {
    let aws = VenvSettings {
        name: "aws",
        purpose: "AWS's command line",
        requirements: include_str!("../../tools/aws.txt"),
        target: &target(),
    };
    let aws = Venv::prepare(aws, |_| ()).await.expect("it installs").program("aws");
    // Built for xtask's own tests, in the same run.
    let xtask = target().join("debug").join("xtask");
    let site = Deployed::new().await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided("Raise", died).await;
    site.until_standby(SERVERS).await;
    let folder = target().join("e2e").join("runbook");
    std::fs::create_dir_all(&folder).expect("it can be written");
    std::fs::write(folder.join("pilotlight.toml"), &site.stage.site_file)
        .expect("it can be written");
    for words in commands() {
        let (program, arguments) = match words[0].as_str() {
            "aws" => (&aws, &words[1..]),
            _ => (&xtask, &words[2..]),
        };
        let endpoint = site.stage.endpoint();
        let (mut code, mut told) = run(program, arguments, &folder, &endpoint).await;
        if program == &aws && told.contains("Unknown AutoScaling action") {
            // What the emulator lacks is read by AWS's own command line at least.
            let skeleton = ["--generate-cli-skeleton", "output"].map(ToOwned::to_owned);
            let arguments = [arguments, &skeleton].concat();
            (code, told) = run(program, &arguments, &folder, &endpoint).await;
        }
        let fine = code == Some(0) || (program == &xtask && code == Some(REFUSED));
        assert!(fine, "`{}` ends with {code:?}:\n{told}", words.join(" "));
    }
    site.end().await;
}

async fn run(
    program: &PathBuf,
    arguments: &[String],
    folder: &Path,
    endpoint: &str,
) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).kill_on_drop(true);
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_PAGER", ""),
    ] {
        command.env(name, value);
    }
    let output = command.output().await.expect("it starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}
