//! Flags of `drill` and of its levels.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Flags of `drill`. Without a level it is `drill local`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DrillFlags {
    /// How far to go.
    #[command(subcommand)]
    pub verb: Option<DrillVerb>,
    /// Those of the level that needs no AWS account.
    #[command(flatten)]
    pub local: LocalDrillFlags,
}

/// How far a drill goes, and what is done with its journal.
#[derive(Debug, Subcommand)]
pub enum DrillVerb {
    /// On this machine, against an emulator; no AWS account is needed
    Local(LocalDrillFlags),
    /// Raise the deployed standby, ask it for pages by its own name, and see it put back; DNS is not touched
    Shadow(LevelFlags),
    /// The same, and let a host name of the drill's own fail over and back; the site's name is not touched
    Dns(LevelFlags),
    /// Fail the site's real name over and back, by inverting the primary's health check
    Live(LiveFlags),
    /// Put back what an unfinished drill left, found by its restore file or at AWS
    Restore(RestoreFlags),
    /// Put back what a drill left once its process is gone; the drill itself starts this
    #[command(hide = true)]
    Watchdog(WatchdogFlags),
    /// Write the report of a drill anew from its journal
    Report(RenderDrillFlags),
}

/// Flags of `drill shadow` and `drill dns`.
#[derive(Debug, Args)]
pub struct LevelFlags {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Drill although it is not known whether a raise finds capacity; what is known to be missing is refused all the same.
    #[arg(long)]
    pub accept_unknown_capacity: bool,
    /// How soon the standby has to serve; later is a miss, exit code 5. Without it 240 from dark, 180 from a warm pool, 100 from
    /// a floor.
    #[arg(long, value_name = "SECONDS")]
    pub target: Option<NonZeroU16>,
    /// Where the report goes.
    #[command(flatten)]
    pub report: ReportFlags,
}

/// Flags of `drill live`.
#[derive(Debug, Args)]
pub struct LiveFlags {
    /// Yes, the users of the real name are to be moved to the standby and back. Nothing else is asked.
    #[arg(long)]
    pub yes_move_production: bool,
    /// Drill although it is not known whether a raise finds capacity; what is known to be missing is refused all the same.
    #[arg(long)]
    pub accept_unknown_capacity: bool,
    /// How soon the standby has to serve; later is a miss, exit code 5. Without it 240 from dark, 180 from a warm pool, 100 from
    /// a floor.
    #[arg(long, value_name = "SECONDS")]
    pub target: Option<NonZeroU16>,
    /// Where the report goes.
    #[command(flatten)]
    pub report: ReportFlags,
}

/// Flags of `drill restore`.
#[derive(Debug, Args)]
pub struct RestoreFlags {
    /// Put back what the drill itself changed, leave the rest as it is and show it, and delete the restore file: for what
    /// somebody
    /// else has changed since.
    #[arg(long)]
    pub forget: bool,
    /// Without a restore file: put back what is found at AWS without asking.
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
    /// Leave everything running afterwards.
    #[arg(long)]
    pub keep: bool,
    /// How soon the standby has to serve on this machine, with its shortened times; later is a miss, exit code 5.
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub target: NonZeroU16,
    /// Where the report goes.
    #[command(flatten)]
    pub report: ReportFlags,
}

/// Where a drill's report goes.
#[derive(Debug, Args)]
pub struct ReportFlags {
    /// Folder of reports: the drill makes one of its own in it, and earlier ones there are its history.
    #[arg(long, value_name = "DIR", default_value = ".pilotlight/drills")]
    pub report: PathBuf,
}

/// Flags of `drill report`.
#[derive(Debug, Args)]
pub struct RenderDrillFlags {
    /// The `journal.json` of a drill.
    #[arg(value_name = "JOURNAL")]
    pub journal: PathBuf,
    /// Folder to write into; without it the journal's own.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl DrillVerb {
    /// Whether it undoes what it did before it ends.
    pub const fn minds_interrupts(&self) -> bool {
        match self {
            Self::Shadow(_) | Self::Dns(_) | Self::Live(_) | Self::Watchdog(_) => true,
            Self::Local(_) | Self::Restore(_) | Self::Report(_) => false,
        }
    }
}
