//! Why a drill could not be played.

use cloud::CloudError;
use cloud::guard::{GuardError, Refusal};
use operate::steer::SteerError;

use crate::restore::RestoreError;

/// Why a drill could not be played. What the site did wrong is no error but part of the journal.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LevelError {
    /// AWS or the network.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
    /// The restore file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Restore(#[from] RestoreError),
    /// The controller does not say what it would decide.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Controller(#[from] SteerError),
    /// What was changed could not be put back.
    #[error("not everything is put back")]
    #[diagnostic(
        code("drill::level::undo"),
        help("run `cargo xtask drill restore` until it says that everything is as before")
    )]
    Undo(#[from] GuardError),
}
