//! What can go wrong while acting, and what of it fails the invocation.

use failover_core::Why;
use lambda_runtime::Diagnostic;

/// A write that AWS did not confirm. The text is AWS's own, or the cause of the silence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// AWS refused the values: `ValidationError`. In phase 2 of a lowering it means that a raise
    /// came between.
    #[error("refused: {0}")]
    Refused(String),
    /// Another change of the same group is under way: `ResourceContention`,
    /// `ScalingActivityInProgress`.
    #[error("another change is under way: {0}")]
    Contention(String),
    /// The role may not do it.
    #[error("access denied: {0}")]
    Denied(String),
    /// The session token has expired. This process has no other one.
    #[error("session token expired: {0}")]
    Expired(String),
    /// AWS asked us to slow down.
    #[error("throttled: {0}")]
    Throttled(String),
    /// No answer within our own bound. The write may have happened.
    #[error("no answer, it may have happened: {0}")]
    NoAnswer(String),
    /// AWS answered with an error of its own.
    #[error("service error: {0}")]
    Fault(String),
}

impl WriteError {
    /// Whether the same write may succeed a moment later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Contention(_) | Self::Throttled(_) | Self::NoAnswer(_) | Self::Fault(_) => true,
            Self::Refused(_) | Self::Denied(_) | Self::Expired(_) => false,
        }
    }
}

/// Why an invocation ends in an error: Lambda tries again, and the function's error alarm tells a
/// person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    /// Rule 0: nothing can be decided without the standby group.
    #[error("standby group cannot be read: {}", why.word())]
    StandbyUnreadable {
        /// What the read ended with.
        why: Why,
    },
    /// The write that raises the standby did not go through.
    #[error("standby was not raised: {cause}")]
    RaiseFailed {
        /// What the write ended with.
        cause: WriteError,
    },
    /// The standby is raised and the note that we did it could not be written, so that nothing
    /// would ever lower it.
    #[error(
        "standby is raised, but its record could not be written: {cause}; hint: cargo xtask status"
    )]
    RaiseUnnoted {
        /// What the last try to write the note ended with.
        cause: WriteError,
    },
    /// The role lacks a permission: never to be taken for silence.
    #[error(
        "access denied to {what}; hint: deploy the controller's role again: cargo xtask deploy"
    )]
    Denied {
        /// The reading or the step.
        what: String,
    },
    /// The session token has expired: the process must end, the next one has a fresh token.
    #[error("the session token has expired, so this process ends; Lambda starts another one")]
    Expired,
    /// A lowering was decided that our own invariants forbid. It was not carried out.
    #[error("a lowering was refused by our own invariants, please report it: {0}")]
    InvariantBroken(String),
}

impl InvocationError {
    /// Fixed name: Lambda's `errorType`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::StandbyUnreadable { .. } => "StandbyUnreadable",
            Self::RaiseFailed { .. } => "RaiseFailed",
            Self::RaiseUnnoted { .. } => "RaiseUnnoted",
            Self::Denied { .. } => "Denied",
            Self::Expired => "Expired",
            Self::InvariantBroken(_) => "InvariantBroken",
        }
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.kind().to_owned(), error_message: error.to_string() }
    }
}
