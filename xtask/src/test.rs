//! `test`: every check that a change must pass, in the order of how fast it fails.

mod checkov;
mod concrete;
mod templates;

use std::process::Stdio;

use machine::workspace;
use miette::{Context, IntoDiagnostic};
use surface::exit::Exit;
use surface::output;
use tokio::process::Command;

/// A check: what it is called, and the command.
struct Check {
    name: &'static str,
    command: &'static [&'static str],
}

const CHECKS: [Check; 5] = [
    Check { name: "format", command: &["cargo", "fmt", "--all", "--check"] },
    // The core alone: a sibling's features could hand it a clock.
    Check { name: "core alone", command: &["cargo", "check", "--package", "failover-core"] },
    Check {
        name: "lints",
        command: &["cargo", "clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
    },
    Check {
        name: "documentation",
        command: &[
            "cargo",
            "doc",
            "--workspace",
            "--no-deps",
            "--config",
            "build.rustdocflags=['--deny=warnings']",
        ],
    },
    Check { name: "tests", command: &["cargo", "test", "--workspace"] },
];

/// BOUND: a command that names each of some hundred files is shown by its beginning.
const WORDS_SHOWN: usize = 12;

pub async fn run() -> miette::Result<Exit> {
    let mut failed = templates::failed().await?;
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

/// Runs a check's command, which writes to the terminal by itself.
async fn passes(name: &str, command: &[String]) -> miette::Result<bool> {
    let shown = command.iter().take(WORDS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
    let more = if command.len() > WORDS_SHOWN { " …" } else { "" };
    output::note(format_args!("{name}: {shown}{more}"));
    let status = process(command).status().await.into_diagnostic();
    Ok(status.wrap_err_with(|| format!("cannot start `{}`", command[0]))?.success())
}

/// A command at the root of the workspace. It ends with us.
fn process(command: &[String]) -> Command {
    let (program, arguments) = command.split_first().expect("a command has a program");
    let mut process = Command::new(program);
    process.args(arguments).current_dir(workspace()).stdin(Stdio::null()).kill_on_drop(true);
    process
}
