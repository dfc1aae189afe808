//! `drill`: fail over on purpose and come back, and measure it. One file per level.

mod local;

use crate::exit::Exit;
use crate::flags::{DrillFlags, DrillVerb, Flags};

pub async fn run(flags: &Flags, drill: &DrillFlags) -> miette::Result<Exit> {
    match &drill.verb {
        None => local::run(flags, &drill.local).await,
        Some(DrillVerb::Local(local)) => local::run(flags, local).await,
    }
}
