//! `prove --seed`: one random history, the same for the same seed.

use std::collections::BTreeMap;

use failover_core::ReasonKind;
use failover_sim::run::{self, Plan, Played};
use miette::IntoDiagnostic;
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;
use surface::ticker::Ticker;

/// A history that was played.
#[derive(Serialize)]
struct Told<'a> {
    seed: u64,
    days: u16,
    site: &'a str,
    minutes: u32,
    failures: u32,
    faults: u32,
    /// Minutes of the longest quiet ends: back to normal, and to a serving standby.
    longest_minutes: [u16; 2],
    decided: &'a BTreeMap<ReasonKind, u32>,
    log_lines: usize,
    broken: Option<Broken<'a>>,
}

/// A promise that was broken.
#[derive(Serialize)]
struct Broken<'a> {
    promise: &'a str,
    minutes: usize,
    story: &'a str,
}

pub async fn run(flags: &Flags, seed: u64) -> miette::Result<Exit> {
    let ticker = Ticker::begin(&format!("plays the history of seed {seed}"));
    let played = tokio::task::spawn_blocking(move || run::play(&Plan::new(seed)));
    let played = played.await.into_diagnostic()?;
    ticker.end(&format!("played {} minutes", played.minutes));
    let exit = output::print(flags.format, &told(&played), |out| write!(out, "{played}"))?;
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

fn told(played: &Played) -> Told<'_> {
    let broken = played.failure.as_ref().map(|failure| Broken {
        promise: failure.broken,
        minutes: failure.minutes,
        story: &failure.story,
    });
    Told {
        seed: played.plan.seed,
        days: played.plan.days,
        site: &played.place,
        minutes: played.minutes,
        failures: played.failures,
        faults: played.faults,
        longest_minutes: played.longest,
        decided: &played.reasons,
        log_lines: played.log.lines().count(),
        broken,
    }
}
