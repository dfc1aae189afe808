//! Runs the command in a folder of its own, without what the developer's environment would tell it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder with a site file.
pub struct Folder(tempfile::TempDir);

/// The smallest site file.
pub const SITE: &str = site::config::MINIMAL;

impl Folder {
    /// A folder without a site file.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A folder with this site file.
    pub fn with(site: &str) -> Self {
        let folder = Self::empty();
        std::fs::write(folder.path().join("pilotlight.toml"), site).expect("a file");
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The command, ready to be run here.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pilotlight"));
        command.args(arguments.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        let set = std::env::vars_os().map(|(name, _)| name);
        for name in set.filter(|name| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", self.path());
        command
    }

    /// Runs the command: exit code, standard output, standard error.
    pub fn run(&self, arguments: &str) -> String {
        told(&self.command(arguments).output().expect("the command starts"))
    }
}

/// A command's end in one text.
pub fn told(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("exit code: {code}\n----- stdout -----\n{out}----- stderr -----\n{error}")
}
