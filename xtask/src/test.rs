//! `test`: every check that a change must pass.
//!
//! What fails in seconds comes first. The tests then wait for clocks more than they compute, so the linters run beside them, with
//! the time that they leave.

mod checkov;
mod concrete;
mod templates;

use std::num::NonZero;
use std::process::Stdio;
use std::thread::available_parallelism;

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

/// One after the other, as each needs all of the machine.
const FIRST: [Check; 3] = [
    Check { name: "format", command: &["cargo", "fmt", "--all", "--check"] },
    // The core alone: a sibling's features could hand it a clock.
    Check { name: "core alone", command: &["cargo", "check", "--package", "failover-core"] },
    Check { name: "build of the tests", command: &["cargo", "test", "--workspace", "--no-run"] },
];

const TESTS: Check = Check { name: "tests", command: &["cargo", "test", "--workspace"] };

/// Beside the tests, one after the other.
const BESIDE: [Check; 2] = [
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
];

/// How many tests of a program run at once. Source: Rust's test harness.
const THREADS: &str = "RUST_TEST_THREADS";
/// BOUND: a command that names each of some hundred files is shown by its beginning.
const WORDS_SHOWN: usize = 12;

pub async fn run() -> miette::Result<Exit> {
    let mut failed = Vec::new();
    for check in &FIRST {
        if !passes(check).await? {
            failed.push(check.name);
        }
    }
    if failed.is_empty() {
        let (tests, beside) = futures::join!(passes(&TESTS), beside());
        if !tests? {
            failed.push(TESTS.name);
        }
        failed.extend(beside?);
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

/// The names of the checks that fail of those beside the tests.
async fn beside() -> miette::Result<Vec<&'static str>> {
    let mut failed = templates::failed().await?;
    for check in &BESIDE {
        if !passes_quietly(check.name, &words(check.command)).await? {
            failed.push(check.name);
        }
    }
    Ok(failed)
}

fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(ToString::to_string).collect()
}

/// Runs a check's command, which writes to the terminal by itself.
async fn passes(check: &Check) -> miette::Result<bool> {
    let command = words(check.command);
    output::note(format_args!("{}: {}", check.name, shown(&command)));
    let mut process = process(&command);
    if std::env::var_os(THREADS).is_none() {
        // The longest tests wait for clocks: there is room for two on each core.
        let cores = available_parallelism().map_or(1, NonZero::get);
        process.env(THREADS, (2 * cores).to_string());
    }
    let status = process.status().await.into_diagnostic();
    Ok(status.wrap_err_with(|| unstarted(&command))?.success())
}

/// Runs a check's command with the time that others leave, and shows what it wrote once it has failed.
async fn passes_quietly(name: &str, command: &[String]) -> miette::Result<bool> {
    output::note(format_args!("{name}, beside the tests: {}", shown(command)));
    let output = gently(command).output().await.into_diagnostic();
    let output = output.wrap_err_with(|| unstarted(command))?;
    if output.status.success() {
        output::note(format_args!("{name}: passes"));
    } else {
        let [wrote, told] =
            [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
        output::note(format_args!("{name}: fails\n{wrote}{told}"));
    }
    Ok(output.status.success())
}

fn shown(command: &[String]) -> String {
    let more = if command.len() > WORDS_SHOWN { " …" } else { "" };
    let shown = command.iter().take(WORDS_SHOWN).map(String::as_str).collect::<Vec<_>>();
    format!("{}{more}", shown.join(" "))
}

fn unstarted(command: &[String]) -> String {
    format!("cannot start `{}`", command[0])
}

/// A command at the root of the workspace. It ends with us.
fn process(command: &[String]) -> Command {
    let (program, arguments) = command.split_first().expect("a command has a program");
    let mut process = Command::new(program);
    machine::of_no_package(process.as_std_mut());
    process.args(arguments).current_dir(workspace()).stdin(Stdio::null()).kill_on_drop(true);
    process
}

/// The same with the time that others leave.
fn gently(command: &[String]) -> Command {
    let nice = ["nice", "-n", "19"].map(str::to_owned);
    process(&nice.into_iter().chain(command.to_vec()).collect::<Vec<_>>())
}
