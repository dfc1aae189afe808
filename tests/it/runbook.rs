//! The page for three in the morning must not have a command that does not work.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use e2e::Deployed;
use infra_lib::clock;
use infra_lib::drill::local::answer::Role;
use infra_lib::drill::local::stage::SERVERS;
use infra_lib::package::target;
use infra_lib::python::{Venv, VenvSettings};
use tokio::process::Command;

const RUNBOOK: &str = include_str!("../../docs/runbook.md");
/// What a command of ours may end with beside 0: changes are pending, or there is nothing to approve or to take back.
const FOUND: [i32; 2] = [3, 6];

/// The lines of the page's shell blocks, in their order, without comments. A line that sets a variable is part of those after it
/// in its block.
fn commands() -> Vec<String> {
    let blocks = RUNBOOK.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().expect("a block ends"));
    let mut commands = Vec::new();
    for block in blocks {
        let mut set = String::new();
        for line in block.lines().map(|line| line.split(" # ").next().expect("a line").trim()) {
            if line.is_empty() {
            } else if line.starts_with(|first: char| first.is_lowercase())
                && line[1..].starts_with('=')
            {
                set = format!("{set}{line}\n");
            } else {
                commands.push(format!("{set}{line}"));
            }
        }
    }
    commands
}

#[test]
fn the_page_has_commands_of_two_programs() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    let last = |command: &String| command.lines().last().unwrap_or_default().to_owned();
    let known = |line: String| line.starts_with("aws ") || line.starts_with("cargo xtask ");
    assert!(commands.iter().map(last).all(known), "{commands:?}");
}

/// Goal: whoever types what the page prints ends no instance that serves. Method: both groups run more instances than any
/// example on the page asks for, and nobody recorded it; type every command that names a group.
#[tokio::test]
async fn no_command_of_the_runbook_ends_an_instance() {
    let site = Deployed::new().await;
    let shell = Shell::prepare(&site).await;
    let raised = SERVERS + 1;
    for (role, group) in [(Role::Standby, "shop-standby"), (Role::Primary, "shop-primary")] {
        let region = site.stage.region(role);
        let set = site.stage.cloud.set_desired(site.stage.local, region, group, raised).await;
        set.expect("the group takes it");
    }
    let of_groups = |command: &String| command.contains("aws autoscaling");
    for command in commands().into_iter().filter(of_groups) {
        shell.typed(&command).await;
        for role in [Role::Standby, Role::Primary] {
            let desired = site.desired(role).await;
            assert!(desired >= raised, "`{command}` leaves {desired} of {raised}");
        }
    }
    site.end().await;
}

/// Goal: every command of the page works on a site that has failed over. Method: deploy the drill's site, kill its primary,
/// run them all against the emulator, with AWS's own command line and with ours.
#[tokio::test]
async fn every_command_of_the_runbook_works() {
    let site = Deployed::new().await;
    let shell = Shell::prepare(&site).await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided("Raise", died).await;
    site.until_standby(SERVERS).await;
    for command in commands() {
        shell.typed(&command).await;
    }
    site.end().await;
}

/// A shell with AWS's own command line, and ours in the place of `cargo xtask`.
struct Shell {
    programs: PathBuf,
    folder: PathBuf,
    endpoint: String,
}

impl Shell {
    async fn prepare(site: &Deployed) -> Self {
        let aws = VenvSettings {
            name: "aws",
            purpose: "AWS's command line",
            requirements: include_str!("../../tools/aws.txt"),
            target: &target(),
        };
        let aws = Venv::prepare(aws, |_| ()).await.expect("it installs").program("aws");
        let endpoint = site.stage.endpoint();
        let name = endpoint.rsplit(':').next().expect("a port").trim_end_matches('/').to_owned();
        let folder = target().join("e2e").join(format!("runbook-{name}"));
        let programs = folder.join("programs");
        std::fs::create_dir_all(&programs).expect("it can be made");
        std::fs::write(folder.join("pilotlight.toml"), &site.stage.site_file).expect("a file");
        // Built for xtask's own tests, in the same run.
        let xtask = target().join("debug").join("xtask");
        for (name, text) in [
            ("aws", format!("#!/bin/sh\nexec '{}' \"$@\"\n", aws.display())),
            ("cargo", format!("#!/bin/sh\nshift\nexec '{}' \"$@\"\n", xtask.display())),
        ] {
            let program = programs.join(name);
            std::fs::write(&program, text).expect("a file");
            std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("its rights");
        }
        Self { programs, folder, endpoint }
    }

    /// Types a command, which must work.
    async fn typed(&self, command: &str) {
        let (mut code, mut told) = self.run(command).await;
        let ours = command.starts_with("cargo");
        if !ours && told.contains("Unknown AutoScaling action") {
            // What the emulator lacks is read by AWS's own command line at least.
            (code, told) = self.run(&format!("{command} --generate-cli-skeleton output")).await;
        }
        let fine = code == Some(0) || (ours && code.is_some_and(|code| FOUND.contains(&code)));
        assert!(fine, "`{command}` ends with {code:?}:\n{told}");
    }

    async fn run(&self, command: &str) -> (Option<i32>, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", command]).current_dir(&self.folder).kill_on_drop(true);
        shell.env("PATH", format!("{}:{path}", self.programs.display()));
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_PAGER", ""),
        ] {
            shell.env(name, value);
        }
        let output = shell.output().await.expect("it starts");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}
