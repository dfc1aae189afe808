//! `simulate --calibrate`: the times of the parts, from what drills on AWS measured.

use std::io::{self, Write};
use std::path::Path;

use drill::journal::{Journal, Milestone, Phase as Measured, between};
use failover_sim::timeline::{Phase, Phases, Setup, Spread, Summary, play};
use failover_words::numbers::counted;
use miette::{Context, IntoDiagnostic};
use owo_colors::Style;
use serde::Serialize;
use site::model::Site;
use surface::exit::Exit;
use surface::flags::{Flags, SimulateFlags};
use surface::output;
use surface::sheet::Sheet;
use surface::table::Table;

use super::report::Seconds;
use super::setup;

/// What drills changed in the file of phases.
#[derive(Debug, Serialize)]
pub struct Calibrated {
    /// The site that was simulated before and after.
    pub site: String,
    /// Journals that were read.
    pub journals: usize,
    /// Parts that are as measured now.
    pub taken: Vec<Taken>,
    /// Parts that stay as they were, and why.
    pub kept: Vec<Kept>,
    /// Until the first page, by the times of before.
    pub before: Seconds,
    /// The same by the calibrated ones.
    pub after: Seconds,
}

/// A part that is as measured now. Units: seconds.
#[derive(Debug, PartialEq, Serialize)]
pub struct Taken {
    /// Its name in the file of phases.
    pub phase: &'static str,
    /// Measurements.
    pub count: usize,
    /// Its median before, and its p95.
    pub before: [f64; 2],
    /// The same as measured.
    pub after: [f64; 2],
}

/// A part that stays as it was.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its name in the file of phases.
    pub phase: &'static str,
    /// Why.
    pub why: String,
}

/// Where a journal tells how long a part took.
#[derive(Clone, Copy)]
enum Told {
    /// A phase on the way to the first page.
    Phase(&'static str),
    /// From one moment to another, whoever raised the standby.
    Between(&'static str, Milestone, Milestone),
}

impl Told {
    const fn name(self) -> &'static str {
        match self {
            Self::Phase(name) | Self::Between(name, ..) => name,
        }
    }

    /// How long it took in one drill, if it was seen.
    fn seconds(self, journal: &Journal) -> Option<f64> {
        match self {
            Self::Phase(name) => {
                journal.phases.iter().find(|one| one.name == name).map(Measured::seconds)
            }
            Self::Between(_, from, to) => between(&journal.marks, from, to),
        }
    }
}

/// What of a journal tells of a part, and which other part it holds besides. What a drill cannot tell apart has no line.
fn lines(setup: &Setup) -> [(Phase, Told, Option<Phase>); 6] {
    let boot = if setup.warm_pool > 0 { Phase::BootWarm } else { Phase::BootCold };
    [
        (
            Phase::Verdict,
            Told::Between("inverted check to verdict", Milestone::Begun, Milestone::Red),
            Some(Phase::Spread),
        ),
        (Phase::Metric, Told::Between("verdict to alarm", Milestone::Red, Milestone::Alarm), None),
        (
            Phase::Event,
            Told::Between("alarm to controller", Milestone::Alarm, Milestone::Event),
            None,
        ),
        (Phase::Launch, Told::Phase("launch"), None),
        (boot, Told::Phase("boot"), None),
        (Phase::StandbyCheck, Told::Phase("DNS moves"), Some(Phase::Spread)),
    ]
}

/// Why a part has no line in [`lines`].
const UNTOLD: &str = "a drill sees it only together with others";

pub fn run(
    flags: &Flags,
    simulate: &SimulateFlags,
    (site, phases): (&Site, Phases),
    out: &Path,
) -> miette::Result<Exit> {
    let journals = simulate.calibrate.iter().map(|file| read(file));
    let journals = journals.collect::<miette::Result<Vec<_>>>()?;
    let setup = setup::setup(&site.config);
    let (calibrated, taken, kept) = calibrate(&journals, &phases, &setup);
    if taken.is_empty() {
        return Err(miette::miette!(
            code = "calibrate",
            help = "give the journals of two drills on AWS or more that saw the same phases",
            "no times in {}: no part was measured twice",
            counted(journals.len() as u64, "journal")
        ));
    }
    let failed = || format!("cannot write the file of phases: `{}`", out.display());
    std::fs::write(out, calibrated.to_toml()).into_diagnostic().wrap_err_with(failed)?;
    let served = |phases: &Phases| {
        Summary::of(&play(&setup, phases, simulate.seed, simulate.count.get())).served.into()
    };
    let told = Calibrated {
        site: site.config.name.to_string(),
        journals: journals.len(),
        taken,
        kept,
        before: served(&phases),
        after: served(&calibrated),
    };
    output::note(format_args!(
        "written: {0}\nhint: cargo xtask simulate --phases {0}",
        out.display()
    ));
    output::print(flags.format, &told, |out| write(out, &Sheet::output(), &told))
}

/// A journal whose times are AWS's.
fn read(file: &Path) -> miette::Result<Journal> {
    let journal = Journal::read(file)?;
    if journal.is_measured_truth() {
        return Ok(journal);
    }
    let shortened = journal.shortened.iter().map(|one| one.what.as_str());
    Err(miette::miette!(
        code = "calibrate",
        help = "a local drill shows that everything works together, not how long AWS takes; \
                give journals of `drill dns` or `drill live`",
        "the times of this journal are not AWS's: `{}`: shortened are {}",
        file.display(),
        shortened.collect::<Vec<_>>().join(", ")
    ))
}

/// The phases with what the journals measured; what was taken, and what was not.
fn calibrate(
    journals: &[Journal],
    phases: &Phases,
    setup: &Setup,
) -> (Phases, Vec<Taken>, Vec<Kept>) {
    let (mut calibrated, mut taken, mut kept) = (phases.clone(), Vec::new(), Vec::new());
    let lines = lines(setup);
    for &phase in Phase::ALL {
        let Some((_, told, besides)) = lines.into_iter().find(|line| line.0 == phase) else {
            kept.push(Kept { phase: phase.word(), why: UNTOLD.to_owned() });
            continue;
        };
        let other = besides.map_or(0.0, |other| phases.spread(other).quantile(0.5));
        let (name, seen) = (told.name(), journals.iter().filter_map(|one| told.seconds(one)));
        let seconds: Vec<f64> = seen.map(|took| (took - other).max(0.0)).collect();
        let count = seconds.len();
        let Ok(spread) = Spread::measured(seconds) else {
            let why = format!("two measurements of `{name}` are the least; there are {count}");
            kept.push(Kept { phase: phase.word(), why });
            continue;
        };
        let ends = |spread: &Spread| [0.5, 0.95].map(|share| spread.quantile(share));
        let (before, after) = (ends(phases.spread(phase)), ends(&spread));
        taken.push(Taken { phase: phase.word(), count, before, after });
        calibrated = calibrated.with(phase, spread, source(count, name, besides, other));
    }
    (calibrated, taken, kept)
}

fn source(count: usize, name: &str, besides: Option<Phase>, other: f64) -> String {
    let measured = format!("measured on AWS: `{name}` of {count} drills");
    match besides {
        Some(phase) => format!("{measured}, less {other:.1} s, the median of {}", phase.word()),
        None => measured,
    }
}

fn write(out: &mut dyn Write, sheet: &Sheet, told: &Calibrated) -> io::Result<()> {
    let Calibrated { site, journals, taken, kept, before, after } = told;
    let heading = format!("Times from {journals} journals, in seconds");
    sheet.row(out, 0, &[], &heading)?;
    let mut table = Table::new("part", ["measured", "p50", "before", "p95", "before"]);
    for Taken { phase, count, before, after } in taken {
        let number = |value: f64| format!("{value:.1}");
        let values = [
            count.to_string(),
            number(after[0]),
            number(before[0]),
            number(after[1]),
            number(before[1]),
        ];
        table.push(phase, values, Style::new());
    }
    super::text::fitted(out, sheet, &table)?;
    for Kept { phase, why } in kept {
        sheet.row(out, 0, &[], &format!("as it was: {phase}: {why}"))?;
    }
    let words = format!(
        "Recovery time of {site}: p50 {:.0} s, p95 {:.0} s; before p50 {:.0} s, p95 {:.0} s",
        after.p50, after.p95, before.p50, before.p95
    );
    writeln!(out)?;
    sheet.row(out, 0, &[], &words)
}
