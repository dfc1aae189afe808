//! The last decisions, those of one kind in a row as one line.

use std::io;

use operate::status::Status;
use owo_colors::Style;
use surface::sheet::{Cell, Sheet};

use failover_words::clock;

/// What failed of a decision, if anything.
pub fn did_not_go_through(failed: &[String]) -> String {
    if failed.is_empty() {
        return String::new();
    }
    format!(" DID NOT GO THROUGH: {}.", failed.join("; "))
}

pub fn write(out: &mut dyn io::Write, sheet: &Sheet, status: &Status) -> io::Result<()> {
    for decided in &status.course {
        let at = clock(status.at, decided.from);
        let width = at.chars().count() + 2;
        let times = if decided.times > 1 { format!(" x{}", decided.times) } else { String::new() };
        let style = if decided.failed.is_empty() { Style::new() } else { sheet.paint.bad() };
        let failed = did_not_go_through(&decided.failed);
        let cells = [Cell { text: &at, width, style }];
        let words = format!("{}{times}: {}{failed}", decided.reason, decided.words);
        sheet.row(out, 2, &cells, &words)?;
    }
    Ok(())
}
