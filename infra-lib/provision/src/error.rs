//! What a plan, a deploy or a destruction can end with.

use cloud::CloudError;
use cloud::guard::Refusal;
use site::model::{Skip, StackId};
use site::names::Region;

use crate::failure::Failure;
use crate::outputs::MissingOutput;

/// What a step of a deploy comes to.
pub(crate) type Result<T, E = DeployError> = std::result::Result<T, E>;

/// A deploy that did not reach its end. What was done stays; running it again goes on from there. A plan that could not be made
/// has changed nothing.
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
    #[error("CloudFormation refuses the change of `{stack}` in {region}: {reason}")]
    #[diagnostic(
        code("deploy::change_set"),
        help(
            "`cargo xtask check` looks for what can be found offline; then run `cargo xtask deploy` again"
        )
    )]
    ChangeSet {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
        /// CloudFormation's reason.
        reason: String,
    },
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
    #[error("`{stack}` in {region} has not finished within {minutes} minutes")]
    #[diagnostic(
        code("deploy::slow"),
        help("AWS continues; run the same command again to resume waiting")
    )]
    Slow {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
        /// The bound. Units: minutes.
        minutes: u64,
    },
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

impl DeployError {
    /// The error to report of several: the one that explains the others.
    pub(crate) fn first(errors: Vec<Self>) -> Option<Self> {
        let weight = |error: &Self| match error {
            Self::Cloud(error) if error.is_credentials() => 0,
            Self::Refused(_) => 1,
            Self::Failed(_)
            | Self::ChangeSet { .. }
            | Self::Stuck { .. }
            | Self::Outputs(_)
            | Self::Skip { .. }
            | Self::Rollback { .. }
            | Self::Unwanted(_) => 2,
            Self::Cloud(_) | Self::Slow { .. } | Self::Unready { .. } | Self::Unproven { .. } => 3,
        };
        errors.into_iter().min_by_key(weight)
    }
}

/// A site that is not gone. What was deleted is; running it again goes on from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DestroyError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// CloudFormation could not delete a resource.
    #[error("`{stack}` in {region} could not be deleted: {logical_id}: {reason}")]
    #[diagnostic(
        code("destroy::undeleted"),
        help("correct that, then run the same command again: it resumes")
    )]
    Undeleted {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
        /// The first resource that stayed.
        logical_id: String,
        /// CloudFormation's reason.
        reason: String,
    },
    /// The deletion takes longer than any should. It goes on at AWS.
    #[error("`{stack}` in {region} is still being deleted")]
    #[diagnostic(
        code("destroy::slow"),
        help("AWS continues; run the same command again to resume waiting")
    )]
    Slow {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
    },
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}
