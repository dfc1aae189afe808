//! `bench`: every number that the design promises, beside its yardstick, in one run.

mod deploy;
mod document;
mod machine;
mod measure;
mod recovery;
mod report;
mod rows;
mod statistics;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::machine::{clock, target, workspace};
use miette::{Context, IntoDiagnostic};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{BenchFlags, Flags};
use surface::output;
use surface::sheet::Sheet;

use self::machine::Machine;
use self::measure::Measurer;
use self::report::{Measured, Report, Samples};
use self::rows::{Group, ROWS, Row};

/// How often everything is measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counts {
    /// Processes of each program.
    pub rounds: u32,
    /// Events to each after its first.
    pub warm: u32,
    /// Measurements of rules, model and simulator.
    pub runs: u32,
    /// Deploys of each kind.
    pub deploys: u32,
}

impl Counts {
    const FULL: Self = Self { rounds: 30, warm: 20, runs: 9, deploys: 3 };
    const QUICK: Self = Self { rounds: 3, warm: 5, runs: 3, deploys: 1 };
}

pub async fn run(flags: &Flags, bench: &BenchFlags) -> miette::Result<Exit> {
    let rows = chosen(&bench.only)?;
    let document = workspace().join(document::FILE);
    if bench.write {
        place(&document)?;
    }
    let machine = Machine::look();
    if machine.is_busy() {
        output::note("this machine is busy: trust the ratios, and not the times");
    }
    let counts = if bench.quick { Counts::QUICK } else { Counts::FULL };
    let folder = target().join("bench");
    make(&folder)?;
    let mut measurer = Measurer::new(counts, folder.clone());
    let mut groups: Vec<Group> = rows.iter().map(|row| row.group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        measurer.measure(group).await?;
    }
    let (samples, missing) = (measurer.samples, measurer.missing);
    let raw = keep(&folder, &machine, counts, &samples)?;
    let day = clock::now().to_string().chars().take("2026-01-01".len()).collect();
    let rows = rows.into_iter().map(|row| Measured::new(row, &samples, &missing)).collect();
    let raw = raw.display().to_string();
    let report = Report { day, machine, quick: bench.quick, rows, raw };
    if bench.write && report.is_whole() {
        let text = std::fs::read_to_string(&document).into_diagnostic()?;
        let text = document::with(&text, &report).ok_or_else(|| no_place(&document))?;
        write(&document, &text)?;
        output::note(format_args!("the table is in {}", document::FILE));
    }
    output::print(flags.format, &report, |out| report::write(out, &Sheet::output(), &report))
}

/// The rows of these names, in the order of the list; all without a name.
fn chosen(only: &[String]) -> miette::Result<Vec<&'static Row>> {
    for name in only {
        if ROWS.iter().all(|row| row.name != name) {
            let names = ROWS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
            return Err(miette::miette!(
                code = "usage",
                help = format!("the names: {names}"),
                "there is no row of that name: `{name}`"
            ));
        }
    }
    let asked = |row: &&Row| only.is_empty() || only.iter().any(|name| name == row.name);
    Ok(ROWS.iter().filter(asked).collect())
}

/// Looked for first: a run takes minutes.
fn place(document: &Path) -> miette::Result<()> {
    let text = std::fs::read_to_string(document).into_diagnostic();
    let text = text.wrap_err_with(|| format!("cannot read `{}`", document.display()))?;
    if document::has_place(&text) { Ok(()) } else { Err(no_place(document)) }
}

fn no_place(document: &Path) -> miette::Report {
    miette::miette!(
        help = format!("bring its two markers back: git checkout {}", document::FILE),
        "`{}` has no place for the table",
        document.display()
    )
}

/// Every single value, with what is needed to read it.
fn keep(
    folder: &Path,
    machine: &Machine,
    counts: Counts,
    samples: &Samples,
) -> miette::Result<PathBuf> {
    #[derive(Serialize)]
    struct Raw<'a> {
        taken: String,
        machine: &'a Machine,
        counts: Counts,
        /// Units: microseconds, bytes, counts; `decide` nanoseconds; `recovery` seconds; `model` states a second.
        samples: &'a BTreeMap<String, Vec<f64>>,
    }
    let raw = Raw { taken: clock::now().to_string(), machine, counts, samples };
    let text = serde_json::to_string_pretty(&raw).into_diagnostic()?;
    let file = folder.join("samples.json");
    write(&file, &(text + "\n"))?;
    Ok(file)
}

fn make(folder: &Path) -> miette::Result<()> {
    let made = std::fs::create_dir_all(folder).into_diagnostic();
    made.wrap_err_with(|| format!("cannot make `{}`", folder.display()))
}

fn write(file: &Path, text: &str) -> miette::Result<()> {
    let written = std::fs::write(file, text).into_diagnostic();
    written.wrap_err_with(|| format!("cannot write `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_the_list_however_they_are_named() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
            chosen(&only).map(|rows| rows.iter().map(|row| row.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["zip", "cold"]).unwrap(), ["cold", "zip"]);
        assert_eq!(names(&[]).unwrap().len(), ROWS.len());
        let error = names(&["zap"]).unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage);
        assert_eq!(error.to_string(), "there is no row of that name: `zap`");
    }
}
