//! What was simulated, as values.

use cost::{MONTH_HOURS, Prices, Report as Cost};
use failover_sim::timeline::{Crowd, Limits, Phase, Phases, Quantiles, Setup, Summary};
use failover_sim::timeline::{crowd, play};
use failover_words::PHASES;
use miette::IntoDiagnostic;
use serde::Serialize;
use site::config::Config;
use site::model::Site;
use surface::flags::SimulateFlags;

use super::setup::{self, Variant, Whose};

/// The recovery time of a site, and what would change it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The site.
    pub site: String,
    /// Failovers that were played.
    pub count: usize,
    /// The seed that they come from.
    pub seed: u64,
    /// Until the first page from the standby.
    pub served: Seconds,
    /// Until the first page of a path that CloudFront asks the standby for by itself. `None`: the site has none.
    pub reads: Option<Seconds>,
    /// Until the standby has everything that was asked for.
    pub full: Seconds,
    /// Part by part.
    pub phases: Vec<Part>,
    /// Share of failovers that served within so many seconds, second by second.
    pub within: Vec<f64>,
    /// What other settings would bring, the most effective first.
    pub knobs: Vec<Knob>,
    /// Many sites at once, if asked.
    pub fleet: Option<Fleet>,
    /// What of the p95 until the first page rests on assumptions: so much shorter it would be if nothing took longer than its
    /// source speaks for. Units: seconds.
    pub assumed_seconds: f64,
    /// Where the times come from.
    pub sources: Vec<Source>,
}

/// Quantiles. Units: seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Seconds {
    /// Half took no longer.
    pub p50: f64,
    /// Nineteen of twenty.
    pub p95: f64,
    /// Ninety-nine of a hundred.
    pub p99: f64,
}

/// A part of the way to the first page.
#[derive(Debug, Serialize)]
pub struct Part {
    /// What happens.
    pub phase: &'static str,
    /// How long it takes.
    pub seconds: Seconds,
}

/// Another setting.
#[derive(Debug, Serialize)]
pub struct Knob {
    /// The setting, or in words what no setting says.
    pub setting: String,
    /// Until the first page.
    pub served: Seconds,
    /// What it saves at the p95; less than 0 if it costs time. Units: seconds.
    pub saves_seconds: f64,
    /// What it costs more a month; less than 0 if it saves money. `None`: no site file can say it. Units: US dollars.
    pub monthly_more: Option<f64>,
    /// What a second that it saves costs a month. Units: US dollars.
    pub dollars_per_second: Option<f64>,
}

/// Many sites that fail at once. Units: seconds.
#[derive(Debug, Serialize)]
pub struct Fleet {
    /// How many.
    pub sites: u32,
    /// What the Auto Scaling API lets through at once, an assumption.
    pub burst: f64,
    /// And then a second.
    pub per_second: f64,
    /// Until half were raised.
    pub half: f64,
    /// Until the last was raised.
    pub last: f64,
    /// Until the last would have been raised alone.
    pub last_alone: f64,
    /// Calls that were refused and made again.
    pub refused: u32,
}

/// Where the times of a part come from.
#[derive(Debug, Serialize)]
pub struct Source {
    /// Its name in the file of phases.
    pub phase: &'static str,
    /// What happens.
    pub title: String,
    /// Its median. Units: seconds.
    pub median: f64,
    /// Who says so, or the word *assumption*.
    pub origin: String,
}

impl From<Quantiles> for Seconds {
    fn from(Quantiles { p50, p95, p99, .. }: Quantiles) -> Self {
        Self { p50: tenths(p50), p95: tenths(p95), p99: tenths(p99) }
    }
}

impl Report {
    /// Plays the site's failovers and those of its variants.
    pub fn new(site: &Site, phases: &Phases, flags: &SimulateFlags) -> miette::Result<Self> {
        let config = &site.config;
        let own = setup::setup(config);
        let summary = simulate(&own, phases, flags);
        let sourced = simulate(&own, &phases.clone().without_assumptions(), flags);
        let price = |config: &Config| {
            let site = Site::new(config.clone());
            let report = Cost::new(&site, &Prices::built_in(), MONTH_HOURS).into_diagnostic()?;
            report.bill.monthly.to_string().parse::<f64>().into_diagnostic()
        };
        let paid = price(config)?;
        let mut knobs = Vec::new();
        for Variant { name, config, setup, whose } in setup::variants(config) {
            let Summary { served, reads, .. } = simulate(&setup, phases, flags);
            let served = match whose {
                Whose::All => served,
                Whose::Readers => reads,
            };
            let saves = summary.served.p95 - served.p95;
            let more = config.as_ref().map(price).transpose()?.map(|priced| priced - paid);
            // Below a second is noise.
            let worth = more.filter(|more| saves >= 1.0 && *more > 0.0).map(|more| more / saves);
            knobs.push(Knob {
                setting: name,
                served: served.into(),
                saves_seconds: tenths(saves),
                monthly_more: more.map(cents),
                dollars_per_second: worth.map(cents),
            });
        }
        knobs.sort_by(|a, b| b.saves_seconds.total_cmp(&a.saves_seconds));
        let parts = PHASES.into_iter().zip(summary.parts);
        Ok(Self {
            site: config.name.to_string(),
            count: summary.count,
            seed: flags.seed,
            served: summary.served.into(),
            reads: setup::failover_path(config).map(|_| summary.reads.into()),
            full: summary.full.into(),
            phases: parts.map(|(phase, part)| Part { phase, seconds: part.into() }).collect(),
            within: summary.within,
            knobs,
            fleet: flags.sites.map(|sites| fleet(&own, phases, flags.seed, sites.get())),
            assumed_seconds: tenths(summary.served.p95 - sourced.served.p95),
            sources: Phase::ALL.iter().map(|&phase| source(phases, phase)).collect(),
        })
    }
}

fn simulate(setup: &Setup, phases: &Phases, flags: &SimulateFlags) -> Summary {
    Summary::of(&play(setup, phases, flags.seed, flags.count.get()))
}

fn fleet(setup: &Setup, phases: &Phases, seed: u64, sites: u32) -> Fleet {
    let limits = Limits::ASSUMED;
    let drain = crowd(setup, phases, seed, Crowd { sites, limits });
    let last = |times: &[f64]| tenths(times.last().copied().unwrap_or_default());
    Fleet {
        sites,
        burst: limits.burst,
        per_second: limits.per_second,
        half: tenths(drain.raised.get(drain.raised.len() / 2).copied().unwrap_or_default()),
        last: last(&drain.raised),
        last_alone: last(&drain.alone),
        refused: drain.refused,
    }
}

fn source(phases: &Phases, phase: Phase) -> Source {
    Source {
        phase: phase.word(),
        title: phases.title(phase).to_owned(),
        median: tenths(phases.spread(phase).quantile(0.5)),
        origin: phases.source(phase).to_owned(),
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
