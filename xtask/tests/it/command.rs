//! Runs the command in a folder of its own.

use std::process::{Command, Output, Stdio};

/// The command, ready to be run in a folder.
pub fn command(folder: &tempfile::TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).current_dir(folder.path()).stdin(Stdio::null());
    command
}

/// A command's end in one text.
pub fn told(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("exit code: {code}\n----- stdout -----\n{out}----- stderr -----\n{error}")
}
