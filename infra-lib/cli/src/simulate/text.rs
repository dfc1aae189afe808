//! The report as text.

use std::io::{self, Write};

use owo_colors::Style;
use surface::sheet::{Cell, Sheet};
use surface::table::Table;

use super::report::{Fleet, Knob, Report, Seconds};
use failover_words::numbers::thousands;

/// Characters of a full bar.
const BAR: usize = 40;
/// Distance of two lines of the chart. Units: seconds.
const STEP: usize = 20;

pub fn write(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let Report { site, count, seed, served, .. } = report;
    let heading = format!(
        "Recovery time of {site}: p50 {:.0} s, p95 {:.0} s, p99 {:.0} s ({} failovers, seed {seed})",
        served.p50,
        served.p95,
        served.p99,
        thousands(*count)
    );
    sheet.row(out, 0, &[], &heading)?;
    writeln!(out)?;
    parts(out, sheet, report)?;
    writeln!(out)?;
    chart(out, sheet, report)?;
    writeln!(out)?;
    knobs(out, sheet, &report.knobs)?;
    if let Some(fleet) = &report.fleet {
        writeln!(out)?;
        crowd(out, sheet, fleet)?;
    }
    writeln!(out)?;
    sources(out, sheet, report)
}

fn parts(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let mut table = Table::new("seconds", ["p50", "p95", "p99"]);
    let mut push = |name: &str, seconds: &Seconds, style| {
        let values = [seconds.p50, seconds.p95, seconds.p99].map(|value| format!("{value:.0}"));
        table.push(name, values, style);
    };
    for part in &report.phases {
        push(part.phase, &part.seconds, Style::new());
    }
    push("first page from the standby", &report.served, sheet.paint.strong());
    if let Some(reads) = &report.reads {
        push("first page by CloudFront's failover", reads, Style::new());
    }
    push("every server healthy", &report.full, Style::new());
    fitted(out, sheet, &table)
}

fn chart(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    sheet.row(out, 0, &[], "Share of failovers that serve within")?;
    let share = |second: usize| report.within.get(second).copied().unwrap_or(1.0);
    for second in (STEP..report.within.len()).step_by(STEP) {
        if share(second) == 0.0 {
            continue;
        }
        let filled = (0..BAR).take_while(|cell| share(second) * bar() > position(*cell)).count();
        let bar = "█".repeat(filled) + &"·".repeat(BAR - filled);
        let label = format!("{second} s");
        let cells = [Cell { text: &label, width: 7, style: Style::new() }];
        sheet.row(out, 0, &cells, &format!("{bar} {:>3.0} %", share(second) * 100.0))?;
        if share(second) >= 0.999 {
            break;
        }
    }
    Ok(())
}

fn bar() -> f64 {
    position(BAR)
}

fn position(cell: usize) -> f64 {
    f64::from(u32::try_from(cell).unwrap_or(u32::MAX))
}

fn knobs(out: &mut dyn Write, sheet: &Sheet, knobs: &[Knob]) -> io::Result<()> {
    let mut table = Table::new("with", ["p95", "saves", "$ a month", "$ a second"]);
    for knob in knobs {
        let more = knob.monthly_more.map_or_else(|| "-".to_owned(), |more| signed(more, 2));
        let worth =
            knob.dollars_per_second.map_or_else(|| "-".to_owned(), |worth| format!("{worth:.2}"));
        let values = [
            format!("{:.0} s", knob.served.p95),
            format!("{} s", signed(knob.saves_seconds, 0)),
            more,
            worth,
        ];
        table.push(&knob.setting, values, Style::new());
    }
    fitted(out, sheet, &table)
}

/// With its sign, unless it rounds to nothing.
fn signed(value: f64, digits: usize) -> String {
    let text = format!("{value:+.digits$}");
    let is_nothing = !text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    text[usize::from(is_nothing)..].to_owned()
}

fn crowd(out: &mut dyn Write, sheet: &Sheet, fleet: &Fleet) -> io::Result<()> {
    let Fleet { sites, burst, per_second, half, last, last_alone, refused } = fleet;
    let text = format!(
        "{sites} sites at once: half are raised after {half:.0} s, the last after {last:.0} s; alone it would be {last_alone:.0} s. \
         The Auto Scaling API is assumed to let {burst:.0} calls through at once and {per_second:.0} a second after; {refused} \
         calls were refused and made again."
    );
    sheet.row(out, 0, &[], &text)
}

fn sources(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let heading = format!(
        "Where the times come from: {:.0} s of the p95 of {:.0} s rest on assumptions",
        report.assumed_seconds, report.served.p95
    );
    sheet.row(out, 0, &[], &heading)?;
    let width = report.sources.iter().map(|source| source.phase.len()).max().unwrap_or(0) + 2;
    for source in &report.sources {
        let cells = [Cell { text: source.phase, width, style: Style::new() }];
        let text = format!("{} ({:.0} s): {}", source.title, source.median, source.origin);
        sheet.row(out, 0, &cells, &text)?;
    }
    Ok(())
}

/// A table, or on a narrow terminal nothing but a word about it.
pub(super) fn fitted<const N: usize>(
    out: &mut dyn Write,
    sheet: &Sheet,
    table: &Table<N>,
) -> io::Result<()> {
    if table.write(out, sheet)? {
        return Ok(());
    }
    sheet.row(out, 0, &[], "a table does not fit here: widen the terminal, or --format json")
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn what_rounds_to_nothing_has_no_sign() {
        let shown = [(-0.3, 0), (0.0, 2), (-1.5, 2), (97.2, 0)]
            .map(|(value, digits)| signed(value, digits));
        assert_eq!(shown, ["0", "0.00", "-1.50", "+97"]);
    }
}
