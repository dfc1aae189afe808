//! `cargo xtask`: the operator's and the developer's command.
//!
//! Data goes to standard output, progress and errors to standard error. The whole command surface is in `flags.rs`; each verb
//! has a file of its own.

mod bench;
mod check;
mod cost;
mod deploy;
mod destroy;
mod diagram;
mod doctor;
mod drill;
mod exit;
mod explain;
mod flags;
mod init;
mod interrupt;
mod package;
mod plan;
mod prove;
mod render;
mod simulate;
mod site;
mod status;
mod steer;
mod test;
mod tidy;
mod ui;

use clap::Parser;

use crate::exit::Exit;
use crate::flags::{Flags, Format, StatusFlags, Verb};
use crate::interrupt::Interrupts;
use crate::ui::report::{self, Ending};
use crate::ui::{ask, output};

#[tokio::main]
async fn main() {
    let flags = Flags::try_parse().unwrap_or_else(|error| misused(&error));
    let mind = !flags.verb.minds_interrupts();
    let mut interrupts = mind.then(Interrupts::new);
    let interrupted = async {
        match &mut interrupts {
            Some(interrupts) => interrupts.next().await,
            None => std::future::pending().await,
        }
    };
    let ending = tokio::select! {
        biased;
        interrupt = interrupted => {
            let resume = flags.verb.resume(ask::has_begun());
            output::note(format_args!("\ninterrupted; {resume}"));
            Ending::interrupted(interrupt, resume)
        }
        result = run(&flags) => result.map_or_else(|error| failed(&error), Ending::of),
    };
    let told = if flags.format == Format::Json { tell(&flags, &ending) } else { Ok(()) };
    let exit = told.map_or_else(|error| failed(&error).exit, |()| ending.exit);
    // Not by returning: a question that waits for an answer on standard input would keep the runtime alive.
    std::process::exit(exit.code());
}

/// Shows an error.
fn failed(error: &miette::Report) -> Ending {
    report::print(error);
    Ending::failed(error)
}

/// Tells programs how the command ended, as the last thing on standard output.
fn tell(flags: &Flags, ending: &Ending) -> miette::Result<()> {
    if flags.tells_events() {
        ending.tell();
        return Ok(());
    }
    if matches!(flags.verb, Verb::Status(StatusFlags { watch: true, .. })) {
        // It has written a line for each look.
        return output::line(ending);
    }
    output::end(ending)
}

/// Ends as clap does by itself, and tells programs too. `--help` is no misuse.
fn misused(error: &clap::Error) -> ! {
    error.print().ok();
    let words: Vec<_> = std::env::args().collect();
    let asked = |pair: &[String]| pair[0] == "--format" && pair[1] == "json";
    let for_programs =
        words.windows(2).any(asked) || words.iter().any(|word| word == "--format=json");
    if error.use_stderr() && for_programs {
        output::line(&Ending::misused(error)).ok();
    }
    std::process::exit(error.exit_code())
}

async fn run(flags: &Flags) -> miette::Result<Exit> {
    match &flags.verb {
        Verb::Init(init) => init::run(flags, init).await,
        Verb::Doctor(doctor) => doctor::run(flags, doctor).await,
        Verb::Render(render) => render::run(flags, render),
        Verb::Check(check) => check::run(flags, check),
        Verb::Diagram(diagram) => diagram::run(flags, diagram),
        Verb::Plan(plan) => plan::run(flags, plan).await,
        Verb::Deploy(deploy) => Box::pin(deploy::run(flags, deploy)).await,
        Verb::Status(status) => status::run(flags, status).await,
        Verb::Failover(failover) => steer::failover(flags, failover).await,
        Verb::Failback(failback) => steer::failback(flags, failback).await,
        Verb::Approve(approve) => steer::approve(flags, approve).await,
        Verb::Mode(mode) => steer::mode(flags, mode).await,
        Verb::Destroy(destroy) => destroy::run(flags, destroy).await,
        Verb::Package => package::run(flags).await,
        Verb::Test => test::run().await,
        Verb::Tidy => tidy::run(flags),
        Verb::Drill(drill) => Box::pin(drill::run(flags, drill)).await,
        Verb::Explain(explain) => explain::run(flags, explain).await,
        Verb::Prove(prove) => prove::run(flags, prove).await,
        Verb::Simulate(simulate) => simulate::run(flags, simulate),
        Verb::Bench(bench) => Box::pin(bench::run(flags, bench)).await,
        Verb::Cost(cost) => cost::run(flags, cost).await,
    }
}
