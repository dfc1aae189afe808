//! A command from its words to its exit code.

use clap::Parser;

use crate::exit::Exit;
use crate::flags::{Flags, Format, OperatorVerb, StatusFlags, Verb};
use crate::interrupt::Interrupts;
use crate::report::{self, Ending};
use crate::{ask, output};

/// The flags of this process. Ends it where they make no sense, or ask for help.
#[must_use]
pub fn flags() -> Flags {
    Flags::try_parse().unwrap_or_else(|error| misused(&error))
}

/// Runs a verb to its end, or until somebody asks the command to end, and ends the process.
pub async fn run(flags: &Flags, verb: impl Future<Output = miette::Result<Exit>>) -> ! {
    let mind = !flags.verb.minds_interrupts();
    let mut interrupts = mind.then(Interrupts::listen);
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
        result = verb => result.map_or_else(|error| failed(&error), Ending::of),
    };
    let told = if flags.format == Format::Json { tell(flags, &ending) } else { Ok(()) };
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
    if matches!(flags.verb, Verb::Operator(OperatorVerb::Status(StatusFlags { watch: true, .. }))) {
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
