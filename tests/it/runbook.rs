//! The page for three in the morning must not have a command that does not work.

use drill_local::stage::SERVERS;
use e2e::Deployed;
use e2e::shell::Shell;
use failover_core::ReasonKind;
use failover_core::finding::Finding;
use machine::clock;
use site::model::Role;

const RUNBOOK: &str = include_str!("../../docs/runbook.md");

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
    let shell = Shell::prepare(&site.stage).await;
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
    let shell = Shell::prepare(&site.stage).await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    for command in commands() {
        shell.typed(&command).await;
    }
    site.end().await;
}

/// Goal: whoever reads a notice finds what it means and what to do. Method: the subject of each finding begins a row.
#[test]
fn every_finding_has_its_row_in_the_runbook() {
    for &finding in Finding::ALL {
        let row = format!("| {} | ", finding.subject());
        assert!(RUNBOOK.contains(&row), "no row begins with `{row}`");
    }
}
