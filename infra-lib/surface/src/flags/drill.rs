//! Flags of `drill` and of its levels.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Flags of `drill`. Without a level it is `drill local`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DrillFlags {
    /// Level of the drill.
    #[command(subcommand)]
    pub verb: Option<DrillVerb>,
    /// Flags of `drill local`, which needs no AWS account.
    #[command(flatten)]
    pub local: LocalDrillFlags,
}

/// Levels of a drill, its undo and its report.
#[derive(Debug, Subcommand)]
pub enum DrillVerb {
    /// Drill on this machine against an emulator; needs no AWS account
    Local(LocalDrillFlags),
    /// Raise the deployed standby, request pages under its own name, and watch it being lowered; DNS does not change
    Shadow(LevelFlags),
    /// Like shadow, and fail over a host name of the drill's own; the site's name does not change
    Dns(LevelFlags),
    /// Fail the site's real name over and back by inverting the primary's health check
    Live(LiveFlags),
    /// Undo what an unfinished drill left, found by its restore file or at AWS
    Restore(RestoreFlags),
    /// Undo what a drill left once its process is gone; the drill itself starts this
    #[command(hide = true)]
    Watchdog(WatchdogFlags),
    /// Render the report of a drill again from its journal
    Report(RenderDrillFlags),
}

/// How a drill of the deployed site is played and judged.
#[derive(Debug, Args)]
pub struct PlayFlags {
    /// Drill although it is not known whether AWS has capacity for the raise. Capacity known to be missing is still refused.
    #[arg(long)]
    pub accept_unknown_capacity: bool,
    /// Time within which the standby must serve, else exit code 5. By default 240 from dark, 180 from a warm pool, 100 from a
    /// floor.
    #[arg(long, value_name = "SECONDS")]
    pub target: Option<NonZeroU16>,
    /// Where to write the report.
    #[command(flatten)]
    pub report: ReportFlags,
}

/// Flags of `drill shadow` and `drill dns`.
#[derive(Debug, Args)]
pub struct LevelFlags {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// How it is played and judged.
    #[command(flatten)]
    pub play: PlayFlags,
}

/// Flags of `drill live`.
#[derive(Debug, Args)]
pub struct LiveFlags {
    /// Confirm that the users of the real name move to the standby and back. Nothing else is asked.
    #[arg(long)]
    pub yes_move_production: bool,
    /// How it is played and judged.
    #[command(flatten)]
    pub play: PlayFlags,
}

/// Flags of `drill restore`.
#[derive(Debug, Args)]
pub struct RestoreFlags {
    /// Undo only what the drill itself changed, show what somebody else has changed since, and delete the restore file.
    #[arg(long)]
    pub forget: bool,
    /// Without a restore file: undo what is found at AWS without asking.
    #[arg(long)]
    pub yes: bool,
}

/// Flags of `drill watchdog`.
#[derive(Debug, Args)]
pub struct WatchdogFlags {
    /// The drill's restore file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Flags of `drill local`.
#[derive(Debug, Args)]
pub struct LocalDrillFlags {
    /// Deploy the site and serve until Ctrl-C, without a failover; tells how to aim the other verbs at it.
    #[arg(long)]
    pub keep: bool,
    /// Time within which the standby must serve on this machine, with its shortened clocks, else exit code 5.
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub target: NonZeroU16,
    /// Where to write the report.
    #[command(flatten)]
    pub report: ReportFlags,
}

/// Where to write a drill's report.
#[derive(Debug, Args)]
pub struct ReportFlags {
    /// Folder of reports. Each drill gets a folder in it, and compares itself with earlier ones there.
    #[arg(long, value_name = "DIR", default_value = ".pilotlight/drills")]
    pub report: PathBuf,
}

/// Flags of `drill report`.
#[derive(Debug, Args)]
pub struct RenderDrillFlags {
    /// The `journal.json` of a drill.
    #[arg(value_name = "JOURNAL")]
    pub journal: PathBuf,
    /// Folder to write into; by default the journal's.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl DrillVerb {
    /// Whether it undoes what it did before it ends.
    #[must_use]
    pub const fn minds_interrupts(&self) -> bool {
        match self {
            Self::Shadow(_) | Self::Dns(_) | Self::Live(_) | Self::Watchdog(_) => true,
            Self::Local(_) | Self::Restore(_) | Self::Report(_) => false,
        }
    }
}
