//! `cargo xtask`: the operator's and the developer's command.
//!
//! Data goes to standard output, progress and errors to standard error. The whole command surface is in `flags.rs`; each verb
//! has a file of its own.

mod check;
mod deploy;
mod destroy;
mod drill;
mod exit;
mod flags;
mod package;
mod render;
mod site;
mod status;
mod test;
mod ui;

use clap::Parser;

use crate::exit::Exit;
use crate::flags::{Flags, Verb};
use crate::ui::{output, report};

#[tokio::main]
async fn main() {
    let flags = Flags::parse();
    let resume = flags.verb.resume();
    let result = tokio::select! {
        result = run(&flags) => result,
        _ = tokio::signal::ctrl_c() => {
            output::note(format_args!("\ninterrupted; {resume}"));
            Ok(Exit::Interrupted)
        }
    };
    let exit = result.unwrap_or_else(|error| {
        report::print(&error);
        Exit::of(&error)
    });
    // Not by returning: a question that waits for an answer on standard input would keep the runtime alive.
    std::process::exit(exit.code());
}

async fn run(flags: &Flags) -> miette::Result<Exit> {
    match &flags.verb {
        Verb::Render(render) => render::run(flags, render),
        Verb::Check => check::run(flags),
        Verb::Deploy(deploy) => deploy::run(flags, deploy).await,
        Verb::Status => status::run(flags).await,
        Verb::Destroy(destroy) => destroy::run(flags, destroy).await,
        Verb::Package => package::run(flags).await,
        Verb::Test => test::run().await,
        Verb::Drill(drill) => drill::run(flags, drill).await,
    }
}
