//! The whole command surface.

mod contributor;
mod drill;
mod look;

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use site::model::{Skip, StackId, Was};

pub use self::contributor::{ContributorVerb, ProveFlags};
pub use self::drill::{
    DrillFlags, DrillVerb, LevelFlags, LiveFlags, LocalDrillFlags, PlayFlags, RenderDrillFlags,
    ReportFlags, RestoreFlags, WatchdogFlags,
};
pub use self::look::{CheckFlags, DiagramFlags, DoctorFlags, RenderFlags};

/// Two-region failover for web servers on AWS: deploy it, watch it, drill it, take it down.
///
/// Exit codes: 0 done or nothing to do, 1 error, 2 usage, 3 changes pending, 4 unexpected drift, 5 the drill missed its target,
/// 6 refused by a safety rule, 7 part of the site could not be read, 8 declined at the question,
/// 129 interrupted by SIGHUP, 130 interrupted by Ctrl-C, 131 interrupted by SIGQUIT, 143 interrupted by SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub struct Flags {
    /// The site file.
    #[arg(long, global = true, value_name = "FILE", default_value = site::config::FILE_NAME)]
    pub site: PathBuf,
    /// Format of the results on standard output. JSON includes how the command ended; `deploy` and `destroy` write one line for
    /// each event.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

impl Flags {
    /// Whether standard output is a line for each event, the result, the error or the interrupt last.
    #[must_use]
    pub fn tells_events(&self) -> bool {
        self.format == Format::Json
            && matches!(
                self.verb,
                Verb::Operator(OperatorVerb::Deploy(_) | OperatorVerb::Destroy(_))
            )
    }
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs, with the same content.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What an operator does.
    #[command(flatten)]
    Operator(OperatorVerb),
    /// What a contributor does.
    #[command(flatten)]
    Contributor(ContributorVerb),
}

/// What an operator does, and `bench`, which deploys too.
#[derive(Debug, Subcommand)]
pub enum OperatorVerb {
    /// Write a first site file from a few questions or from flags
    Init(InitFlags),
    /// Check that everything the site needs exists, and how to fix what is missing
    Doctor(DoctorFlags),
    /// Render the templates and parameters that a deploy would use
    Render(RenderFlags),
    /// Check the site file and the templates offline, or any CloudFormation template
    Check(CheckFlags),
    /// Draw the site: regions, zones, detector, controller and the steps of a failover
    Diagram(DiagramFlags),
    /// Show what a deploy would change, and change nothing. Exit code 3 if there are changes
    Plan(PlanFlags),
    /// Deploy the site described by the site file
    Deploy(DeployFlags),
    /// Show which region serves, what is raised, and why
    Status(StatusFlags),
    /// Move users to the standby, through the controller
    Failover(FailoverFlags),
    /// Move users back to the primary once it is proven healthy, through the controller
    Failback(FailbackFlags),
    /// Approve a failback that waits for a person
    Approve(Patience),
    /// Set what the controller may do
    Mode(ModeFlags),
    /// Take the site down: delete every stack in reverse order
    Destroy(DestroyFlags),
    /// Build and package the Lambda function
    Package,
    /// Fail over on purpose, fail back, and measure both
    Drill(DrillFlags),
    /// Explain from the controller's log what it decided and why, and recompute each decision
    Explain(ExplainFlags),
    /// Show what the site costs a month, line by line, and what other strategies and settings would cost
    Cost(CostFlags),
    /// Simulate many failovers of this site: how long they take, and what other settings would change
    Simulate(SimulateFlags),
    /// Measure the function, the rules, the model and a deploy beside their yardsticks
    Bench(BenchFlags),
}

/// Flags of `init`. On a terminal it asks for what is missing.
#[derive(Debug, Args)]
pub struct InitFlags {
    /// Name of the site: the prefix of all its stacks and resources.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Host name that users type.
    #[arg(long, value_name = "HOST")]
    pub hostname: Option<String>,
    /// Id of the Route 53 hosted zone of that name.
    #[arg(long, value_name = "ID")]
    pub zone: Option<String>,
    /// Primary region; us-west-2 by default.
    #[arg(long, value_name = "REGION")]
    pub primary: Option<String>,
    /// Standby region; us-east-2 by default.
    #[arg(long, value_name = "REGION")]
    pub standby: Option<String>,
    /// AWS account of the site: every verb refuses another one.
    #[arg(long, value_name = "DIGITS")]
    pub account: Option<String>,
    /// E-mail address that gets notices; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Vec<String>,
    /// Overwrite an existing site file.
    #[arg(long)]
    pub force: bool,
    /// Print a JSON schema of the site file instead, for editors.
    #[arg(long, conflicts_with_all = ["name", "hostname", "zone", "primary", "standby", "account", "email", "force"])]
    pub json_schema: bool,
}

impl InitFlags {
    /// What the flag of this name was given.
    #[must_use]
    pub fn answers(&self, flag: &str) -> &[String] {
        match flag {
            "name" => self.name.as_slice(),
            "hostname" => self.hostname.as_slice(),
            "zone" => self.zone.as_slice(),
            "primary" => self.primary.as_slice(),
            "standby" => self.standby.as_slice(),
            "account" => self.account.as_slice(),
            "email" => &self.email,
            _ => &[],
        }
    }
}

fn stack(text: &str) -> Result<StackId, String> {
    let names = || StackId::ALL.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|_| format!("it is one of {}", names()))
}

/// What a plan and a deploy take beside the site file: repairs, and consent to what cannot be undone.
#[derive(Clone, Debug, Args)]
pub struct Asked {
    /// Skip a resource when resuming the rollback of a failed update: CloudFormation then assumes that it is unchanged. Use it
    /// for a resource that is gone for good; may be repeated.
    #[arg(long, value_name = "STACK:LOGICAL-ID")]
    pub skip: Vec<Skip>,
    /// Restore resources of this stack that somebody deleted or changed, with a change set that reverts drift. Never changes an
    /// Auto Scaling group; may be repeated.
    #[arg(long, value_name = "STACK", value_parser = stack)]
    pub repair: Vec<StackId>,
    /// Roll back a failed update or creation of this stack whose resources were kept ("preserve successfully provisioned
    /// resources"). Of a failed creation, everything that it holds is deleted; may be repeated.
    #[arg(long, value_name = "STACK", value_parser = stack)]
    pub rollback: Vec<StackId>,
    /// Confirm that a changed host name, zone or region is meant, by naming the live value: `hostname=OLD`, `origin=`, `zone=`,
    /// `primary=` or `standby=`. May be repeated. The two regions cannot be swapped.
    #[arg(long, value_name = "KEY=VALUE")]
    pub was: Vec<Was>,
}

/// Flags of `plan`.
#[derive(Debug, Args)]
pub struct PlanFlags {
    /// File to write the plan into, for `deploy --plan`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Plan what `deploy --force` would do. While the standby is raised, neither group goes below its live sizes.
    #[arg(long)]
    pub force: bool,
    /// What it takes beside the site file.
    #[command(flatten)]
    pub asked: Asked,
}

/// Flags of `deploy`.
#[derive(Debug, Args)]
pub struct DeployFlags {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Apply the reviewed plan in this file; refuse if anything has changed since it was made.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Change network, web and detector stacks although the site is failed over. While the standby is raised, neither group goes
    /// below its live sizes.
    #[arg(long)]
    pub force: bool,
    /// What it takes beside the site file.
    #[command(flatten)]
    pub asked: Asked,
}

/// Flags of `status`.
#[derive(Debug, Args)]
pub struct StatusFlags {
    /// Refresh every few seconds until Ctrl-C.
    #[arg(long)]
    pub watch: bool,
    /// Compare the live site with the site file. Exit code 4 if something has drifted, else 7 if something could not be
    /// compared.
    #[arg(long, conflicts_with = "watch")]
    pub drift: bool,
}

/// Whether to ask before the first change, and whether to wait for the end.
#[derive(Debug, Args)]
pub struct Patience {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Return at once; the controller continues on its own.
    #[arg(long)]
    pub no_wait: bool,
}

/// Flags of `failover`.
#[derive(Debug, Args)]
pub struct FailoverFlags {
    /// Whether to ask, and to wait.
    #[command(flatten)]
    pub patience: Patience,
    /// Raise the standby group without the controller, for the day when Lambda is down. Needs no other service and no other
    /// region.
    #[arg(long)]
    pub direct: bool,
    /// Print what `--direct` would do as `aws` commands, and change nothing.
    #[arg(long, requires = "direct")]
    pub print: bool,
}

/// Flags of `failback`.
#[derive(Debug, Args)]
pub struct FailbackFlags {
    /// Whether to ask, and to wait.
    #[command(flatten)]
    pub patience: Patience,
    /// Lower the standby group without the controller. Nothing verifies the primary first, so it also needs
    /// `--accept-unproven`.
    #[arg(long)]
    pub direct: bool,
    /// Print what `--direct` would do as `aws` commands, and change nothing.
    #[arg(long, requires = "direct")]
    pub print: bool,
    /// Scale the standby down without verifying that the primary is healthy and serving.
    #[arg(long, requires = "direct")]
    pub accept_unproven: bool,
}

/// Flags of `mode`.
#[derive(Debug, Args)]
pub struct ModeFlags {
    /// What the controller may do.
    #[arg(value_enum)]
    pub mode: ModeWord,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// What the controller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeWord {
    /// Decide and act.
    Armed,
    /// Decide and report, change nothing: no failover will happen.
    Observe,
    /// Change nothing: no failover will happen, and nothing is lowered.
    Frozen,
}

/// Flags of `destroy`.
#[derive(Debug, Args)]
pub struct DestroyFlags {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Destroy the site although it is failed over.
    #[arg(long)]
    pub force: bool,
}

/// Flags of `explain`.
#[derive(Debug, Args)]
pub struct ExplainFlags {
    /// The controller's log, as written or as AWS shows it; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Show only the newest decisions. All are recomputed, and wrong ones are always shown.
    #[arg(long, value_name = "N")]
    pub last: Option<NonZeroU16>,
    /// Show a decision only if its reason differs from the previous one, or something failed.
    #[arg(long)]
    pub changes: bool,
}

/// Flags of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateFlags {
    /// Number of failovers to simulate.
    #[arg(long, value_name = "N", default_value = "100000")]
    pub count: NonZeroU32,
    /// Seed of the random numbers: the same seed gives the same failovers.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// File with the time that each phase takes on AWS, instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub phases: Option<PathBuf>,
    /// Let this many sites like this one fail at once, against the Auto Scaling API's limits.
    #[arg(long, value_name = "N")]
    pub sites: Option<NonZeroU32>,
    /// File to draw the chart into.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Take the times from the journals of at least two drills on AWS instead, and show what that changes.
    #[arg(long, value_name = "JOURNAL", num_args = 1.., requires = "out", conflicts_with_all = ["svg", "sites"])]
    pub calibrate: Vec<PathBuf>,
    /// File to write the calibrated times into, for `--phases`.
    #[arg(long, value_name = "FILE", requires = "calibrate")]
    pub out: Option<PathBuf>,
}

/// Flags of `bench`. It takes half an hour on two quiet cores, and builds and installs what it needs.
#[derive(Debug, Args)]
pub struct BenchFlags {
    /// Measure only this row; may be repeated.
    #[arg(long, value_name = "NAME", conflicts_with = "write")]
    pub only: Vec<String>,
    /// Run each row only a few times: shows that it works, not how fast it is.
    #[arg(long)]
    pub quick: bool,
    /// Write the table into docs/benchmarks.md.
    #[arg(long)]
    pub write: bool,
}

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostFlags {
    /// File with prices that replace built-in ones.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Ask AWS's price list for current prices first. Needs credentials that allow `pricing:GetProducts`.
    #[arg(long)]
    pub live: bool,
    /// Hours in a month.
    #[arg(long, value_name = "HOURS", default_value_t = cost::MONTH_HOURS,
          value_parser = clap::value_parser!(u16).range(1..=744))]
    pub month_hours: u16,
}

/// What to say where nothing has begun.
const UNTOUCHED: &str = "nothing was changed; run the same command again";

impl Verb {
    /// Whether Ctrl-C is the verb's own to mind: it undoes first.
    #[must_use]
    pub const fn minds_interrupts(&self) -> bool {
        matches!(
            self,
            Self::Operator(OperatorVerb::Drill(DrillFlags { verb: Some(verb), .. }))
                if verb.minds_interrupts()
        )
    }

    /// How to go on after Ctrl-C. `begun`: somebody had said yes.
    #[must_use]
    pub const fn resume(&self, begun: bool) -> &'static str {
        match self {
            Self::Operator(verb) => verb.resume(begun),
            Self::Contributor(_) => UNTOUCHED,
        }
    }
}

impl OperatorVerb {
    const fn resume(&self, begun: bool) -> &'static str {
        match self {
            Self::Deploy(_)
            | Self::Destroy(_)
            | Self::Failover(_)
            | Self::Failback(_)
            | Self::Approve(_)
            | Self::Mode(_)
                if !begun =>
            {
                UNTOUCHED
            }
            Self::Deploy(_) => {
                "AWS continues what it has begun; run `cargo xtask deploy` again to resume"
            }
            Self::Destroy(_) => {
                "AWS continues what it has begun; run `cargo xtask destroy` again to resume"
            }
            Self::Failover(FailoverFlags { direct: true, .. })
            | Self::Failback(FailbackFlags { direct: true, .. }) => {
                "what was written stays; `cargo xtask status` shows it, and the same command resumes"
            }
            Self::Failover(_) | Self::Failback(_) | Self::Approve(_) | Self::Mode(_) => {
                "if the controller already has the request, it continues on its own; follow it with `cargo xtask status --watch`"
            }
            Self::Drill(DrillFlags { verb: Some(DrillVerb::Restore(_)), .. }) => {
                "run `cargo xtask drill restore` again to resume; what it has undone stays undone"
            }
            Self::Drill(DrillFlags { verb: Some(verb), .. }) if verb.minds_interrupts() => {
                "`cargo xtask drill restore` undoes what a drill left"
            }
            Self::Drill(_) => {
                "every process of the drill has ended, and nothing is left to clean up; run `cargo xtask drill` again"
            }
            Self::Init(_)
            | Self::Doctor(_)
            | Self::Render(_)
            | Self::Check(_)
            | Self::Diagram(_)
            | Self::Status(_)
            | Self::Package
            | Self::Explain(_)
            | Self::Cost(_)
            | Self::Simulate(_)
            | Self::Plan(_)
            | Self::Bench(_) => UNTOUCHED,
        }
    }
}
