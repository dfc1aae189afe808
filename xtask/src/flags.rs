//! The whole command surface.

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
}

/// Flags of `render`.
#[derive(Debug, Args)]
pub struct RenderFlags {
    /// Folder to write the files into; without it they are printed.
    #[arg(long, value_name = "DIR")]
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
            Self::Render(_) | Self::Check | Self::Status | Self::Package | Self::Test => {
                "nothing was changed; run the same command again"
            }
        }
    }
}
