//! The whole command surface.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Two-region failover for web servers on AWS: provision it, look at it, drill it, take it down.
///
/// Exit codes: 0 done or nothing to do, 1 error, 2 usage, 3 changes pending, 4 unexpected drift, 5 the drill missed its target,
/// 6 refused by a safety rule, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub struct Flags {
    /// The site file.
    #[arg(long, global = true, value_name = "FILE", default_value = infra_lib::config::FILE_NAME)]
    pub site: PathBuf,
    /// How results are written to standard output.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: the same content.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the templates and parameters that a deploy would use
    Render(RenderFlags),
    /// Look for mistakes in the site file and the templates, without asking AWS
    Check,
    /// Draw the site: regions, zones, detector, controller and the way of a failover
    Diagram(DiagramFlags),
    /// Make the site at AWS what the site file says
    Deploy(DeployFlags),
    /// Show how the site is
    Status,
    /// Take the site down
    Destroy(DestroyFlags),
    /// Build and pack the Lambda
    Package,
    /// Run every check that a change must pass
    Test,
    /// Fail over and come back, and measure it
    Drill(DrillFlags),
    /// Tell from the controller's log what it decided and why, and recompute it
    Explain(ExplainFlags),
    /// Check the rules on every history within stated bounds
    Prove(ProveFlags),
    /// Tell what the site costs a month, line by line, and what other strategies would cost
    Cost(CostFlags),
}

/// Flags of `render`.
#[derive(Debug, Args)]
pub struct RenderFlags {
    /// Folder to write the files into; without it they are printed.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Flags of `diagram`. The picture is SVG; with `--format json` it is what the picture shows.
#[derive(Debug, Args)]
pub struct DiagramFlags {
    /// Write Mermaid text instead of SVG.
    #[arg(long)]
    pub mermaid: bool,
    /// File to write the picture into; without it the picture is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Flags of `deploy`.
#[derive(Debug, Args)]
pub struct DeployFlags {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Change web and detector stacks although the site is failed over; live sizes are kept.
    #[arg(long)]
    pub force: bool,
}

/// Flags of `destroy`.
#[derive(Debug, Args)]
pub struct DestroyFlags {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Destroy the site although it is failed over.
    #[arg(long)]
    pub force: bool,
}

/// Flags of `drill`.
#[derive(Debug, Args)]
pub struct DrillFlags {
    /// Where to drill.
    #[arg(value_enum, default_value_t)]
    pub place: DrillPlace,
    /// Leave everything running afterwards.
    #[arg(long)]
    pub keep: bool,
}

/// Where to drill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DrillPlace {
    /// On this machine, against an emulator; no AWS account is needed.
    #[default]
    Local,
}

/// Flags of `explain`.
#[derive(Debug, Args)]
pub struct ExplainFlags {
    /// The controller's log, as it was written or as AWS shows it; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Show the newest decisions only. All are recomputed; what is wrong is shown in any case.
    #[arg(long, value_name = "N")]
    pub last: Option<NonZeroU16>,
    /// Show a decision only if its reason differs from the one before, or something failed.
    #[arg(long)]
    pub changes: bool,
}

/// Flags of `prove`. Without any, the large searches run one after the other.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ProveFlags {
    /// Search within these bounds only; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub scope: Vec<String>,
    /// Show the scopes that can be searched.
    #[arg(long)]
    pub list: bool,
    /// Play one long random history instead.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Search for rules that are broken on purpose, which must be refuted.
    #[arg(long)]
    pub mutants: bool,
}

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostFlags {
    /// Prices to use instead of the built-in ones; what is not in it stays.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Ask AWS's price list for the newest prices first. Needs credentials that may call `pricing:GetProducts`.
    #[arg(long)]
    pub live: bool,
    /// Length of the month.
    #[arg(long, value_name = "HOURS", default_value_t = infra_lib::cost::MONTH_HOURS,
          value_parser = clap::value_parser!(u16).range(1..=744))]
    pub month_hours: u16,
}

impl Verb {
    /// How to go on after Ctrl-C.
    pub const fn resume(&self) -> &'static str {
        match self {
            Self::Deploy(_) => {
                "what AWS has begun goes on there; run `cargo xtask deploy` again to resume"
            }
            Self::Destroy(_) => {
                "what AWS has begun goes on there; run `cargo xtask destroy` again to resume"
            }
            Self::Drill(_) => {
                "every process of the drill has ended, and there is nothing to clean up; run `cargo xtask drill` again"
            }
            Self::Render(_)
            | Self::Check
            | Self::Diagram(_)
            | Self::Status
            | Self::Package
            | Self::Test
            | Self::Explain(_)
            | Self::Prove(_)
            | Self::Cost(_) => "nothing was changed; run the same command again",
        }
    }
}
