//! This machine: its clock, the checkout that a program was compiled from, and cargo.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod clock;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.ancestors().nth(2).unwrap_or(crate_folder).to_owned()
}

/// Cargo's folder for what it builds: `CARGO_TARGET_DIR`, or `target` in the workspace.
#[must_use]
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// What cargo tells a program of the package that it is from, by the beginning of the name.
const OF_THE_CALLER: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// The cargo that runs this program, whatever the path finds.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    of_no_package(&mut command);
    command
}

/// Does not tell a command that leads to cargo which package runs it: ring's build script asks for that, and would be run again,
/// with all that depends on it, each time a program of another package has built before.
pub fn of_no_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if OF_THE_CALLER.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
}
