//! What `cargo xtask bench` measures in a process of its own, built with optimisation: the samples of every run, as JSON.
//!
//! It judges nothing: which samples are compared, and with which goal, is the command's.

mod answers;
mod certificate;
mod decide;
mod endpoint;
mod lambda;
mod life;
mod model;
mod runtime_api;
mod sample;
mod simulate;
mod subject;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::lambda::Lambda;
use self::sample::{Failure, Samples};

/// Which measurement. Called by `cargo xtask bench`.
#[derive(Debug, Parser)]
struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The function beside its yardsticks
    Lambda(Lambda),
    /// One decision, beside reading the same record as JSON
    Decide {
        /// How many measurements.
        #[arg(long)]
        runs: u32,
    },
    /// Decide so often and tell nothing: what valgrind counts
    Spin {
        /// How often.
        #[arg(long)]
        times: u32,
    },
    /// The model checker, beside a model without a site in it
    Model {
        /// How many measurements.
        #[arg(long)]
        runs: u32,
        /// The bounds.
        #[arg(long)]
        scope: String,
    },
    /// Simulated failovers
    Simulate {
        /// How many measurements.
        #[arg(long)]
        runs: u32,
        /// Failovers of each.
        #[arg(long)]
        count: u32,
    },
}

fn main() -> ExitCode {
    let measured = match &Flags::parse().what {
        What::Lambda(lambda) => lambda.run(),
        What::Decide { runs } => Ok(decide::run(*runs)),
        What::Spin { times } => {
            decide::spin(*times);
            Ok(Samples::default())
        }
        What::Model { runs, scope } => model::run(*runs, scope),
        What::Simulate { runs, count } => Ok(simulate::run(*runs, *count)),
    };
    let written = measured.and_then(|samples| {
        writeln!(std::io::stdout().lock(), "{}", samples.to_json()).map_err(Failure::Output)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            sample::note(format_args!("error: {}", sample::chain(&error)));
            ExitCode::FAILURE
        }
    }
}
