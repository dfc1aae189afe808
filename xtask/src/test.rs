//! `test`: every check that a change must pass.
//!
//! What fails in seconds comes first. The end-to-end tests wait for clocks more than they compute, so the other tests and the
//! linters run beside them, with the time that they leave.

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

/// A check: what it is called, the command, and how gently it runs: 19 leaves others all the time that they want.
struct Check {
    name: &'static str,
    nice: u8,
    command: &'static str,
}

const fn check(name: &'static str, nice: u8, command: &'static str) -> Check {
    Check { name, nice, command }
}

/// One after the other, as each needs all of the machine.
const FIRST: [Check; 3] = [
    check("format", 0, "cargo fmt --all --check"),
    // The core alone: a sibling's features could hand it a clock.
    check("core alone", 0, "cargo check --package failover-core"),
    check("build of the tests", 0, "cargo test --workspace --no-run"),
];

const END_TO_END: Check = check("end-to-end tests", 0, "cargo test --workspace --test e2e");

/// Beside them, one after the other: two that ask Cargo for something would wait for each other.
const TESTS: [Check; 2] = [
    check("other tests", 10, "cargo test --workspace --lib --bins --test it --no-fail-fast"),
    check("examples in the documentation", 10, "cargo test --workspace --doc"),
];

/// After those, beside what is left of the end-to-end tests.
const LINTS: [Check; 2] = [
    check("lints", NICE, "cargo clippy --workspace --all-targets -- --deny warnings"),
    check(
        "documentation",
        NICE,
        "cargo doc --workspace --no-deps --config build.rustdocflags=['--deny=warnings']",
    ),
];

/// Linters leave the tests all the time that they want.
const NICE: u8 = 19;
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
        let (passed, beside) = futures::join!(passes(&END_TO_END), beside());
        if !passed? {
            failed.push(END_TO_END.name);
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

/// The names of the checks that fail of those beside the end-to-end tests.
async fn beside() -> miette::Result<Vec<&'static str>> {
    let mut failed = failures(&TESTS).await?;
    failed.extend(templates::failed().await?);
    failed.extend(failures(&LINTS).await?);
    Ok(failed)
}

async fn failures(checks: &[Check]) -> miette::Result<Vec<&'static str>> {
    let mut failed = Vec::new();
    for check in checks {
        if !passes_quietly(check.name, check.nice, &words(check.command)).await? {
            failed.push(check.name);
        }
    }
    Ok(failed)
}

fn words(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

/// Runs a check's command, which writes to the terminal by itself.
async fn passes(check: &Check) -> miette::Result<bool> {
    let command = words(check.command);
    output::note(format_args!("{}: {}", check.name, shown(&command)));
    let status = process(check.nice, &command).status().await.into_diagnostic();
    Ok(status.wrap_err_with(|| unstarted(&command))?.success())
}

/// Runs a check's command with the time that others leave, and shows what it wrote once it has failed.
async fn passes_quietly(name: &str, nice: u8, command: &[String]) -> miette::Result<bool> {
    output::note(format_args!("{name}, beside the end-to-end tests: {}", shown(command)));
    let output = process(nice, command).output().await.into_diagnostic();
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
fn process(nice: u8, command: &[String]) -> Command {
    let mut process = Command::new("nice");
    machine::of_no_package(process.as_std_mut());
    process.args(["-n", &nice.to_string()]).args(command);
    process.current_dir(workspace()).stdin(Stdio::null()).kill_on_drop(true);
    if std::env::var_os(THREADS).is_none() {
        // The longest tests wait for clocks: there is time for two on each core.
        let cores = available_parallelism().map_or(1, NonZero::get);
        process.env(THREADS, (2 * cores).to_string());
    }
    process
}
