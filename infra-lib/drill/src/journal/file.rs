//! A journal's file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{FILE_NAME, Journal, SCHEMA};

/// Why there is no journal.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum JournalError {
    /// The file cannot be read.
    #[error("cannot read the journal: `{}`", path.display())]
    #[diagnostic(
        code("drill::journal::read"),
        help("a drill names the file that it wrote: `{FILE_NAME}`")
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The file is no journal.
    #[error("not a journal of a drill: `{}`", path.display())]
    #[diagnostic(code("drill::journal::form"), help("give the `{FILE_NAME}` that a drill wrote"))]
    Form {
        /// The file.
        path: PathBuf,
        /// Where it is not.
        #[source]
        source: serde_json::Error,
    },
    /// The journal is of another version of this tool.
    #[error("the journal has version {found}, and this tool reads {SCHEMA}: `{}`", path.display())]
    #[diagnostic(
        code("drill::journal::schema"),
        help("read it with the version of this tool that wrote it")
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u16,
    },
    /// The file cannot be written.
    #[error("cannot write the drill's report: `{}`", path.display())]
    #[diagnostic(code("drill::journal::write"), help("choose another folder with `--report`"))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    schema: u16,
}

impl Journal {
    /// Reads a journal.
    ///
    /// # Errors
    /// [`JournalError`]: no such file, no journal, or one of another version.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let form = |source| JournalError::Form { path: path.to_owned(), source };
        let bytes = fs::read(path)
            .map_err(|source| JournalError::Read { path: path.to_owned(), source })?;
        let Version { schema } = serde_json::from_slice(&bytes).map_err(form)?;
        if schema != SCHEMA {
            return Err(JournalError::Schema { path: path.to_owned(), found: schema });
        }
        serde_json::from_slice(&bytes).map_err(form)
    }

    /// Its JSON form, with a line for each value.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data has a JSON form") + "\n"
    }
}
