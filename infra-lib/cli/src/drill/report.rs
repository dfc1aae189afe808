//! A drill's report: written after the drill, or anew from its journal.

use std::path::{Path, PathBuf};

use drill::journal::{Journal, JournalError};
use drill::report::{self, History, Written};
use surface::exit::Exit;
use surface::flags::{Flags, RenderDrillFlags, ReportFlags};
use surface::output;

/// Writes the report of a drill that has just ended, and says where it is.
pub fn keep(journal: &Journal, flags: &ReportFlags) -> Result<Written, JournalError> {
    let history = History::read(&flags.report, journal);
    let written = report::write(&flags.report.join(report::name(journal)), journal, &history)?;
    output::note(format_args!("the report of this drill: {}", written.page.display()));
    Ok(written)
}

/// Writes the report anew.
pub fn run(flags: &Flags, render: &RenderDrillFlags) -> miette::Result<Exit> {
    let journal = Journal::read(&render.journal)?;
    let own = render.journal.parent().unwrap_or(Path::new(""));
    // Its siblings are the other drills.
    let siblings = own.canonicalize().ok().and_then(|own| own.parent().map(PathBuf::from));
    let history = siblings.map(|folder| History::read(&folder, &journal)).unwrap_or_default();
    let written = report::write(render.out.as_deref().unwrap_or(own), &journal, &history)?;
    output::note(format_args!("the report: {}", written.page.display()));
    output::print(flags.format, &journal, |out| write!(out, "{journal}"))
}
