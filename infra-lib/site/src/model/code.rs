//! The Lambda's program, as a stack is given it.

use std::path::PathBuf;

/// The Lambda's zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Bucket key; it carries a hash of the content.
    pub key: String,
    /// The file.
    pub file: PathBuf,
}
