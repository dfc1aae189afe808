//! What a deploy can end with.

use cloud::CloudError;
use cloud::guard::Refusal;
use site::model::StackId;
use site::names::Region;

use crate::change::{ChangeError, Failure, SetRefused, Slow};
use crate::destroy::DestroyError;
use crate::outputs::MissingOutput;

/// A deploy that did not reach its end. What was done stays; running it again goes on from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DeployError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// A resource could not be made or changed, and CloudFormation rolled the stack back.
    #[error("{0}")]
    #[diagnostic(
        code("deploy::failed"),
        help(
            "correct that, then run `cargo xtask deploy` again: it deletes what was rolled back and resumes"
        )
    )]
    Failed(Box<Failure>),
    /// CloudFormation refused the change set.
    #[error(transparent)]
    #[diagnostic(transparent)]
    ChangeSet(#[from] SetRefused),
    /// The stack is in a state that only a person can leave.
    #[error("`{stack}` in {region} is stuck in {status}{}", reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    #[diagnostic(code("deploy::stuck"), help("{hint}"))]
    Stuck {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
        /// Its status.
        status: String,
        /// CloudFormation's reason.
        reason: Option<String>,
        /// The command to type.
        hint: String,
    },
    /// The operation takes longer than any should. It goes on at AWS.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Slow(#[from] Slow),
    /// The primary of a new site does not come up, so nothing may watch it yet.
    #[error(
        "the primary in {region} has had no healthy target for {minutes} minutes: the failover alarm and the DNS records were not \
         created, because the site would be failed over from its first minute"
    )]
    #[diagnostic(
        code("deploy::unready"),
        help(
            "see why with `aws elbv2 describe-target-health --region {region} --target-group-arn {targets}`: does the image boot, \
             does the health path answer 200, does a security group block it? Then run `cargo xtask deploy` again: it resumes \
             here. `--force` creates the alarm and the records without a healthy primary"
        )
    )]
    Unready {
        /// Region of the primary.
        region: Region,
        /// ARN of its target group.
        targets: String,
        /// How long it was waited for. Units: minutes.
        minutes: u64,
    },
    /// The primary does not come up with its change, so the standby does not get it.
    #[error(
        "of the primary's {of} servers in {region} {healthy} are healthy after {minutes} minutes with the change: the standby \
         was not changed, and can take over as it was"
    )]
    #[diagnostic(
        code("deploy::unproven"),
        help(
            "see why with `aws elbv2 describe-target-health --region {region} --target-group-arn {targets}`, correct it and run \
             `cargo xtask deploy` again: it resumes here. `--force` changes the standby all the same"
        )
    )]
    Unproven {
        /// Region of the primary.
        region: Region,
        /// ARN of its target group.
        targets: String,
        /// How many servers are healthy.
        healthy: usize,
        /// How many there are.
        of: usize,
        /// How long they were waited for. Units: minutes.
        minutes: u64,
    },
    /// A stack did not answer what another needs.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Outputs(#[from] MissingOutput),
    /// A stack that is no longer wanted could not be deleted.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unwanted(#[from] DestroyError),
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}

impl From<ChangeError> for DeployError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Cloud(error) => error.into(),
            ChangeError::Set(refused) => refused.into(),
            ChangeError::Slow(slow) => slow.into(),
            ChangeError::Refused(refusal) => refusal.into(),
        }
    }
}

impl DeployError {
    /// The error to report of several: the one that explains the others.
    pub(super) fn first(errors: Vec<Self>) -> Option<Self> {
        let weight = |error: &Self| match error {
            Self::Cloud(error) if error.is_credentials() => 0,
            Self::Refused(_) => 1,
            Self::Failed(_)
            | Self::ChangeSet(_)
            | Self::Stuck { .. }
            | Self::Outputs(_)
            | Self::Unwanted(_) => 2,
            Self::Cloud(_) | Self::Slow(_) | Self::Unready { .. } | Self::Unproven { .. } => 3,
        };
        errors.into_iter().min_by_key(weight)
    }
}
