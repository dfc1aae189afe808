//! What steering can end with.

use cloud::CloudError;
use cloud::guard::Refusal;

/// A wish that did not come true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum SteerError {
    /// The account or the permission is missing.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// Lambda does not answer, or not well.
    #[error("the controller cannot be asked")]
    #[diagnostic(code("steer::silent"), help("{hint}"))]
    Silent {
        /// What to do without it.
        hint: String,
        /// What AWS or the network said.
        #[source]
        source: CloudError,
    },
    /// Auto Scaling does not answer, or not well.
    #[error("the standby group cannot be read or written")]
    #[diagnostic(
        code("steer::untouched"),
        help(
            "run the same command again, it resumes where it stopped; with `--print` instead of `--yes` it shows the \
             commands, for another machine or the console"
        )
    )]
    Untouched(#[source] CloudError),
    /// There is no such function.
    #[error("the controller does not exist: no function `{function}` in {region}")]
    #[diagnostic(
        code("steer::absent"),
        help(
            "`cargo xtask deploy` creates it; if `name` or the region in the site file is wrong, correct that"
        )
    )]
    Absent {
        /// Its name.
        function: String,
        /// Where it should be.
        region: String,
    },
    /// The controller ended in an error.
    #[error("the controller failed: {kind}: {message}")]
    #[diagnostic(
        code("steer::failed"),
        help(
            "`cargo xtask status` shows whether the request was kept; if so, the controller tries again with the next \
             tick{}", if *raises { "; `cargo xtask failover --direct` raises the standby without it" } else { "" }
        )
    )]
    Failed {
        /// A raise was asked for.
        raises: bool,
        /// Its `errorType`.
        kind: String,
        /// Its `errorMessage`.
        message: String,
    },
    /// The controller ended in an error when it was only asked what it would do.
    #[error("the deployed controller does not work: a rehearsal ended in {kind}: {message}")]
    #[diagnostic(
        code("steer::rehearsal"),
        help(
            "no failover happens until it works; `Runtime.ExitError` is a program that cannot start there: `cargo xtask package` \
             checks what was built; fix it, then `cargo xtask deploy`"
        )
    )]
    Unrehearsed {
        /// Its `errorType`.
        kind: String,
        /// Its `errorMessage`.
        message: String,
    },
    /// The controller answered something that is no decision about this request.
    #[error("the controller's answer cannot be read: {detail}")]
    #[diagnostic(
        code("steer::answer"),
        help(
            "another version of the controller may be deployed: `cargo xtask deploy` deploys this one; `cargo xtask status` \
             shows what is deployed"
        )
    )]
    Unread {
        /// What is wrong with it.
        detail: String,
    },
    /// The request counts, and some of what was to be done at once was not.
    #[error("the request was {reply}, and this did not go through: {}", failed.join("; "))]
    #[diagnostic(
        code("steer::incomplete"),
        help(
            "the controller tries again with each tick; `cargo xtask status --watch` shows its progress"
        )
    )]
    Incomplete {
        /// What became of the request itself.
        reply: &'static str,
        /// Each step with its error.
        failed: Vec<String>,
    },
    /// The standby group is not there.
    #[error("there is no group `{group}` in {region}")]
    #[diagnostic(
        code("steer::group"),
        help(
            "`cargo xtask deploy` creates it; if `name` or the region in the site file is wrong, correct that"
        )
    )]
    NoGroup {
        /// Its name.
        group: String,
        /// Where it should be.
        region: String,
    },
    /// The standby was raised by hand and nobody noted it.
    #[error("the standby is raised, but its record could not be written")]
    #[diagnostic(
        code("steer::unnoted"),
        help("without the record nothing lowers it again; write it yourself:\n  {command}")
    )]
    Unnoted {
        /// The command that writes it.
        command: String,
        /// Why not.
        #[source]
        source: CloudError,
    },
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}
