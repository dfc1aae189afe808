//! Where the live site differs from the site file, and what to do about it.

use std::io;

use operate::status::drift::{Difference, Drift};
use owo_colors::Style;
use surface::sheet::{Cell, Sheet};

use failover_words::numbers::counted;

pub fn write(out: &mut dyn io::Write, sheet: &Sheet, drift: &Drift) -> io::Result<()> {
    let paint = sheet.paint;
    section(out, sheet, "unexpected", paint.bad(), "fix", &drift.unexpected)?;
    section(out, sheet, "expected", Style::new(), "because", &drift.expected)?;
    section(out, sheet, "not compared", paint.hint(), "then", &drift.unknown)?;
    let count = drift.unexpected.len() as u64;
    let words = match count {
        0 if drift.unknown.is_empty() => "No unexpected drift.".to_owned(),
        0 => "No unexpected drift, as far as the site could be read.".to_owned(),
        count => format!("{}.", counted(count, "unexpected difference")),
    };
    sheet.row(out, 0, &[], &words)
}

fn section(
    out: &mut dyn io::Write,
    sheet: &Sheet,
    title: &str,
    style: Style,
    next: &str,
    differences: &[Difference],
) -> io::Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    sheet.row(out, 0, &[Cell { text: title, width: 0, style }], "")?;
    for difference in differences {
        sheet.row(out, 2, &[], &format!("{}: {}", difference.subject, difference.what))?;
        sheet.row(out, 4, &[], &format!("{next}: {}", difference.next))?;
    }
    Ok(())
}
