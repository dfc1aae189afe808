//! Why there is no plan.

use cloud::CloudError;
use site::model::{Skip, StackId};

use crate::change::ChangeError;

/// A plan that could not be made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// A change could not be worked out.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Change(#[from] ChangeError),
    /// A resource was to be left out of a rollback that did not fail.
    #[error("`--skip {skip}` has nothing to do: `{}` is not in a failed rollback, {status}", skip.stack)]
    #[diagnostic(code("usage"), help("run the same command without `--skip {skip}`"))]
    Skip {
        /// What was to be left out.
        skip: Skip,
        /// What the stack's status is.
        status: String,
    },
    /// A stack was to be rolled back that no failed operation left half-way.
    #[error("`--rollback {stack}` has nothing to do: {status}")]
    #[diagnostic(code("usage"), help("run the same command without `--rollback {stack}`"))]
    Rollback {
        /// The stack.
        stack: StackId,
        /// What its status is.
        status: String,
    },
}
