//! `test`: every check that a change must pass, in the order of how fast it fails.

use std::path::Path;
use std::process::Stdio;

use infra_lib::drill::python::{Venv, VenvSettings};
use infra_lib::package::{self, workspace};
use miette::{Context, IntoDiagnostic};
use tokio::process::Command;

use crate::exit::Exit;
use crate::ui::output;

/// A check: what it is called, and the command.
struct Check {
    name: &'static str,
    command: &'static [&'static str],
}

const CHECKS: [Check; 4] = [
    Check { name: "format", command: &["cargo", "fmt", "--all", "--check"] },
    // The core alone: a sibling's features could hand it a clock.
    Check { name: "core alone", command: &["cargo", "check", "--package", "failover-core"] },
    Check {
        name: "lints",
        command: &["cargo", "clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
    },
    Check { name: "tests", command: &["cargo", "test", "--workspace"] },
];

pub async fn run() -> miette::Result<Exit> {
    let linter = lint_command().await?;
    let mut failed = Vec::new();
    if !passes("templates", &linter).await? {
        failed.push("templates");
    }
    for check in &CHECKS {
        let command = check.command.iter().map(ToString::to_string).collect::<Vec<_>>();
        if !passes(check.name, &command).await? {
            failed.push(check.name);
        }
    }
    if failed.is_empty() {
        output::note("every check passes");
        return Ok(Exit::Done);
    }
    Err(miette::miette!(
        code = "test",
        help = "what each said is above; its command can be run by itself",
        "checks that fail: {}",
        failed.join(", ")
    ))
}

async fn passes(name: &str, command: &[String]) -> miette::Result<bool> {
    output::note(format_args!("{name}: {}", command.join(" ")));
    let (program, arguments) = command.split_first().expect("a command has a program");
    let mut process = Command::new(program);
    process.args(arguments).current_dir(workspace()).stdin(Stdio::null()).kill_on_drop(true);
    let status = process.status().await.into_diagnostic();
    Ok(status.wrap_err_with(|| format!("cannot start `{program}`"))?.success())
}

/// cfn-lint over every template. Warnings count: it ends with a code of its own for them.
async fn lint_command() -> miette::Result<Vec<String>> {
    let target = package::target();
    let settings = VenvSettings {
        name: "lint",
        purpose: "the CloudFormation linter",
        requirements: include_str!("../../tools/lint.txt"),
        target: &target,
    };
    let venv = Venv::prepare(settings, |words| output::note(words)).await?;
    let mut command = vec![text(&venv.program("cfn-lint")), "--".to_owned()];
    let templates = workspace().join("templates");
    let entries = std::fs::read_dir(&templates).into_diagnostic();
    for entry in entries.wrap_err_with(|| format!("cannot read `{}`", templates.display()))? {
        let path = entry.into_diagnostic()?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            command.push(text(&path));
        }
    }
    command[2..].sort();
    Ok(command)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
