//! Finds a Python that is new enough and complete.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// The oldest Python that the pinned versions install on.
pub(super) const VERSION_MIN: (u32, u32) = (3, 11);
/// Tried in this order. The bare name comes first: it is the one that its owner chose.
const NAMES: [&str; 6] =
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
/// BOUND: asking Python for its version.
const ASK_WITHIN: Duration = Duration::from_secs(20);

/// The first Python on the path that is new enough and can make an environment.
///
/// Otherwise what was found instead, in words.
pub(super) async fn find() -> Result<PathBuf, String> {
    let mut found = Vec::new();
    for name in NAMES {
        match ask(name).await {
            Ok(()) => return Ok(PathBuf::from(name)),
            Err(Some(why)) => found.push(format!("`{name}` {why}")),
            Err(None) => {}
        }
    }
    if found.is_empty() {
        found.push("there is no `python3` on the path".to_owned());
    }
    Err(found.join(", "))
}

/// `Err(None)` if there is no such program, `Err(Some(why))` if it will not do.
async fn ask(name: &str) -> Result<(), Option<String>> {
    let mut command = Command::new(name);
    command.args(["-c", "import sys; print(*sys.version_info[:2]); import venv, ensurepip"]);
    let output = timeout(ASK_WITHIN, quiet(&mut command).output())
        .await
        .map_err(|_| Some("does not answer".to_owned()))?
        .map_err(|_| None)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < VERSION_MIN => {
            Err(Some(format!("is {major}.{minor}")))
        }
        (Some(Ok(_)), Some(Ok(_))) if output.status.success() => Ok(()),
        (Some(Ok(_)), Some(Ok(_))) => Err(Some("has no venv module".to_owned())),
        // A shim that stands for a version which is not installed.
        _ => Err(None),
    }
}

/// Without input, ended with this process, and blind to a Python set-up that belongs to something else.
pub(super) fn quiet(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .env_remove("PYTHONHOME")
        .env_remove("PYTHONPATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: no Python is an answer, not a failure to ask. Method: a name that no program has.
    #[tokio::test]
    async fn a_program_that_is_not_there_is_passed_over() {
        assert_eq!(ask("python-that-nobody-has").await, Err(None));
    }
}
