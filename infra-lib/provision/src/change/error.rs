//! How the change of a stack can end before it is made.

use cloud::CloudError;
use cloud::guard::Refusal;
use site::model::StackId;
use site::names::Region;

/// A change that CloudFormation did not work out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ChangeError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// CloudFormation refused the change set.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Set(#[from] SetRefused),
    /// It takes longer than any should.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Slow(#[from] Slow),
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}

/// CloudFormation refused the change set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("CloudFormation refuses the change of `{stack}` in {region}: {reason}")]
#[diagnostic(
    code("deploy::change_set"),
    help(
        "`cargo xtask check` looks for what can be found offline; then run `cargo xtask deploy` again"
    )
)]
pub struct SetRefused {
    /// The stack.
    pub stack: StackId,
    /// Where.
    pub region: Region,
    /// CloudFormation's reason.
    pub reason: String,
}

/// The operation takes longer than any should. It goes on at AWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{stack}` in {region} has not finished within {minutes} minutes")]
#[diagnostic(
    code("deploy::slow"),
    help("AWS continues; run the same command again to resume waiting")
)]
pub struct Slow {
    /// The stack.
    pub stack: StackId,
    /// Where.
    pub region: Region,
    /// The bound. Units: minutes.
    pub minutes: u64,
}
