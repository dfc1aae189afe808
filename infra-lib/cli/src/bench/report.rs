//! What was measured, judged by the goals.

use std::collections::BTreeMap;
use std::io::{self, Write};

use owo_colors::Style;
use serde::Serialize;
use surface::sheet::{Cell, Sheet};
use surface::table::Table;

use super::machine::Machine;
use super::rows::{Goal, ROWS, Row, Unit};
use super::statistics::{Figures, ratio};

/// Every value that was measured, by the name of its samples.
pub type Samples = BTreeMap<String, Vec<f64>>;

/// A run of the benchmarks.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day, in UTC.
    pub day: String,
    /// Where.
    pub machine: Machine,
    /// With few runs, to see that everything works.
    pub quick: bool,
    /// The rows, in the order of the list.
    pub rows: Vec<Measured>,
    /// File with every single value.
    pub raw: String,
}

/// A row with its numbers.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// What was measured.
    pub what: &'static str,
    /// The numbers. `None`: it could not be measured.
    pub ours: Option<Figures>,
    /// What it is compared with.
    pub yardstick: Option<Compared>,
    /// What is wanted, in words.
    pub goal: String,
    /// Whether the goal is met. `None`: nothing is wanted, or nothing was measured.
    pub met: Option<bool>,
    /// Why not, or why nothing was measured.
    pub why: Option<String>,
    #[serde(skip)]
    unit: Unit,
    #[serde(skip)]
    by: Option<String>,
}

/// A yardstick with its numbers.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What it is.
    pub what: &'static str,
    /// Its numbers.
    pub figures: Figures,
    /// Our median by its median.
    pub ratio: f64,
}

impl Report {
    /// Whether every row of the list is there.
    pub fn is_whole(&self) -> bool {
        self.rows.iter().map(|row| row.name).eq(ROWS.iter().map(|row| row.name))
    }
}

impl Measured {
    /// Judges a row.
    pub fn new(
        row: &'static Row,
        samples: &Samples,
        missing: &BTreeMap<&'static str, String>,
    ) -> Self {
        let figures = |name: &str| samples.get(name).and_then(|values| Figures::of(values));
        let ours = figures(row.ours);
        let yardstick = row.yardstick.as_ref().and_then(|yardstick| {
            let figures = figures(yardstick.samples)?;
            Some(Compared { what: yardstick.what, figures, ratio: ours?.median / figures.median })
        });
        let other = yardstick.as_ref().map(|other| other.figures.median);
        let met = ours.and_then(|ours| row.goal.met(ours.median, other));
        let why = match (ours, met) {
            (None, _) => Some(missing.get(row.name).cloned().unwrap_or_default()),
            (Some(_), Some(false)) => Some(row.missed.to_owned()),
            (Some(_), Some(true) | None) => None,
        };
        let by = ours.filter(|_| met == Some(false)).map(|ours| beyond(row, ours.median, other));
        Self {
            name: row.name,
            what: row.what,
            ours,
            yardstick,
            goal: row.goal.words(row.unit),
            met,
            why: why.filter(|why| !why.is_empty()),
            unit: row.unit,
            by,
        }
    }

    /// The columns of the table behind its name: ours, yardstick, ratio, goal, verdict.
    pub fn columns(&self) -> [String; 5] {
        let figures = |figures: &Figures| figures.words(self.unit);
        let ours = self.ours.as_ref().map_or_else(|| "not measured".to_owned(), figures);
        let other = self.yardstick.as_ref();
        let yardstick = other.map_or_else(
            || "–".to_owned(),
            |other| format!("{}: {}", other.what, figures(&other.figures)),
        );
        let ratio = other.map_or_else(|| "–".to_owned(), |other| ratio(other.ratio));
        let verdict = match self.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "–",
        };
        [ours, yardstick, ratio, self.goal.clone(), verdict.to_owned()]
    }

    /// What there is to say of a row that is not as it should be.
    pub fn remark(&self) -> Option<String> {
        let why = self.why.as_deref().unwrap_or_default();
        match (&self.by, self.ours) {
            (Some(by), _) => Some(format!("missed by {by}. {why}").trim_end().to_owned()),
            (None, None) => Some(format!("not measured. {why}").trim_end().to_owned()),
            (None, Some(_)) => None,
        }
    }
}

/// By how much a goal is missed.
fn beyond(row: &Row, ours: f64, yardstick: Option<f64>) -> String {
    let allowed = match (row.goal, yardstick) {
        (Goal::Part(parts), Some(yardstick)) => yardstick / parts,
        (Goal::Times(most), Some(yardstick)) => yardstick * most,
        (Goal::Most(most) | Goal::Exactly(most), _) => most,
        (Goal::Part(_) | Goal::Times(_) | Goal::Shown, _) => ours,
    };
    let percent = (ours / allowed - 1.0) * 100.0;
    format!("{percent:.0} %: {} where {} would do", row.unit.words(ours), row.unit.words(allowed))
}

impl Figures {
    fn words(&self, unit: Unit) -> String {
        let Self { runs, median, min, max } = self;
        if *runs == 1 || (max - min).abs() < f64::EPSILON {
            return unit.words(*median);
        }
        format!("{} ({} – {}; {runs})", unit.words(*median), unit.words(*min), unit.words(*max))
    }
}

/// Writes the table as text.
pub fn write(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let mut table = Table::new("what", ["median", "ratio", "goal", ""]);
    for row in &report.rows {
        let style = match row.met {
            Some(true) => sheet.paint.good(),
            Some(false) => sheet.paint.bad(),
            None => Style::new(),
        };
        let [_, _, ratio, goal, verdict] = row.columns();
        let median = row.ours.map_or_else(|| "–".to_owned(), |ours| row.unit.words(ours.median));
        let what = row.yardstick.as_ref().map_or_else(
            || row.what.to_owned(),
            |other| format!("{}, beside {}", row.what, other.what),
        );
        table.push(&what, [median, ratio, goal, verdict], style);
    }
    if !table.write(out, sheet)? {
        for row in &report.rows {
            let [ours, _, ratio, goal, verdict] = row.columns();
            let text = format!("{ours}, ratio {ratio}, goal {goal}: {verdict}");
            let name =
                Cell { text: row.what, width: row.what.len() + 2, style: sheet.paint.hint() };
            sheet.row(out, 0, &[name], &text)?;
        }
    }
    for row in &report.rows {
        if let Some(remark) = row.remark() {
            sheet.row(out, 0, &[], &format!("{}: {remark}", row.name))?;
        }
    }
    sheet.row(out, 0, &[], &format!("On {}.", report.machine.words()))?;
    sheet.row(out, 0, &[], &format!("Every value: {}", report.raw))
}
