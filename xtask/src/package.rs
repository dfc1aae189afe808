//! `package`: the Lambda's zip.

use infra_lib::config::{Config, ConfigError};
use infra_lib::package;

use crate::exit::Exit;
use crate::flags::Flags;
use crate::ui::output;

pub async fn run(flags: &Flags) -> miette::Result<Exit> {
    // Only the processor is asked of the site file, so a developer without one gets the default.
    let architecture = match Config::load(&flags.site) {
        Err(ConfigError::Absent { .. }) => infra_lib::config::Architecture::Arm64,
        config => config?.controller.architecture,
    };
    let workspace = package::checkout()?;
    output::note(format_args!(
        "building the Lambda for {} from {}",
        architecture.as_str(),
        workspace.display()
    ));
    let package = package::package(architecture).await?;
    output::print(flags.format, &package, |out| {
        writeln!(out, "{}  {} bytes", package.file.display(), package.size)?;
        writeln!(out, "sha256 {}", package.hash)
    })
}
