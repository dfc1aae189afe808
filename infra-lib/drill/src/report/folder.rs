//! A drill's folder: its journal, and the renderings of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{History, markdown, page};
use crate::journal::{FILE_NAME, Journal, JournalError};

/// The files that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The journal itself.
    pub journal: PathBuf,
    /// As Markdown.
    pub markdown: PathBuf,
    /// As a page.
    pub page: PathBuf,
}

/// The name of a drill's folder among others: its time and its level, so that names sort as times do.
#[must_use]
pub fn name(journal: &Journal) -> String {
    let at = journal.started_at.strftime("%Y-%m-%dT%H-%M-%SZ");
    format!("{at}-{}", journal.level.word())
}

/// Writes a journal and its renderings into `folder`, which is made if it is missing.
///
/// # Errors
/// [`JournalError::Write`] for the first file that cannot be written.
pub fn write(folder: &Path, journal: &Journal, history: &History) -> Result<Written, JournalError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| JournalError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let put = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
        Ok(path)
    };
    Ok(Written {
        journal: put(FILE_NAME, journal.to_json())?,
        markdown: put("report.md", markdown(journal, history))?,
        page: put("report.html", page(journal, history))?,
    })
}
