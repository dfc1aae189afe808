//! This machine: what builds, drills and checks need.

use std::path::Path;

use miette::Diagnostic;
use nix::sys::statvfs::statvfs;

use python::{Venv, emulator_tools};
use site::config::Architecture;

/// What this machine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What Rust builds the Lambda for, or what is missing and how to get it.
    pub rust: Result<&'static str, (String, String)>,
    /// The Python to use, or in words what was found instead.
    pub python: Result<String, String>,
    /// Room left where builds go. Units: bytes. `None` if the system does not say.
    pub disk_free: Option<u64>,
    /// Whether the emulator is installed.
    pub emulator: bool,
}

impl Machine {
    /// Looks. `target` is Cargo's target folder, which need not be there yet; `architecture` is the Lambda's.
    pub async fn read(target: &Path, architecture: Architecture) -> Self {
        let rust = package::try_out(architecture).await.map(|()| architecture.target());
        let python = Venv::interpreter().await;
        let there = target.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
        let disk = statvfs(there).ok();
        let free = disk.map(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()));
        Self {
            rust: rust.map_err(|error| {
                let hint = error.help().map(|help| help.to_string());
                (error.to_string(), hint.unwrap_or_default())
            }),
            python: python.map(|path| path.display().to_string()),
            disk_free: free,
            emulator: Venv::is_there(emulator_tools(target)),
        }
    }
}
