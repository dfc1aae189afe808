//! `package`: the Lambda's zip.

use package::{Beside, Runs};
use site::config::{Architecture, Config, ConfigError};
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;

/// Says what is built, and from where.
pub fn note(architecture: Architecture) -> miette::Result<()> {
    let from = package::checkout()?;
    output::note(format_args!("building the Lambda for {architecture} from {}", from.display()));
    Ok(())
}

pub async fn run(flags: &Flags) -> miette::Result<Exit> {
    // A developer without a site file gets this machine's processor, and no roots beside Amazon's.
    let config = match Config::load(&flags.site) {
        Err(ConfigError::Absent { .. }) => None,
        config => Some(config?),
    };
    let chosen = config.as_ref().map(|config| config.controller.architecture);
    let architecture = chosen.unwrap_or_else(package::own_architecture);
    let beside = config.as_ref().map(Beside::of).unwrap_or_default();
    note(architecture)?;
    let package = package::package(architecture, beside, Runs::AtLambda).await?;
    output::print(flags.format, &package, |out| {
        writeln!(out, "{}  {} bytes", package.file.display(), package.size)?;
        writeln!(out, "sha256 {}", package.hash)
    })
}
