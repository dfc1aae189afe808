//! `prove --seed`: one random history, the same for the same seed.

use failover_sim::run::{self, Plan};
use miette::IntoDiagnostic;
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;
use surface::ticker::Ticker;

pub async fn run(flags: &Flags, seed: u64) -> miette::Result<Exit> {
    let ticker = Ticker::begin(&format!("plays the history of seed {seed}"));
    let played = tokio::task::spawn_blocking(move || run::play(&Plan::new(seed)));
    let played = played.await.into_diagnostic()?;
    ticker.end(&format!("played {} minutes", played.minutes));
    let exit = output::print(flags.format, &played, |out| write!(out, "{played}"))?;
    match &played.failure {
        None => Ok(exit),
        Some(failure) => Err(miette::miette!(
            code = "prove",
            help = "the history above is the shortest that was found; a line for each minute",
            "a promise is broken: {}",
            failure.broken
        )),
    }
}
