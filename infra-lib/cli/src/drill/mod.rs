//! `drill`: fail over on purpose and come back, and measure it. One file per level; those of a deployed site share one.

mod level;
mod local;
mod predict;
mod report;
mod restore;
mod watchdog;

use drill::levels::Level;
use surface::exit::Exit;
use surface::flags::{DrillFlags, DrillVerb, Flags};

pub async fn run(flags: &Flags, drill: &DrillFlags) -> miette::Result<Exit> {
    match &drill.verb {
        None => Box::pin(local::run(flags, &drill.local)).await,
        Some(DrillVerb::Local(local)) => Box::pin(local::run(flags, local)).await,
        Some(DrillVerb::Shadow(shadow)) => {
            Box::pin(level::run(flags, Level::Shadow, shadow.into())).await
        }
        Some(DrillVerb::Dns(dns)) => Box::pin(level::run(flags, Level::Dns, dns.into())).await,
        Some(DrillVerb::Live(live)) => {
            Box::pin(level::run(flags, Level::Live, live.try_into()?)).await
        }
        Some(DrillVerb::Restore(restore)) => restore::run(flags, restore).await,
        Some(DrillVerb::Watchdog(watchdog)) => watchdog::run(flags, watchdog).await,
        Some(DrillVerb::Report(render)) => report::run(flags, render),
    }
}
