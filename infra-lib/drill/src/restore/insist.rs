//! Putting back until it is put back: what a drill changed is never left behind because AWS did not answer for a while.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use cloud::Cloud;
use cloud::guard::{GuardError, Permit};
use provision::progress::Pace;

use super::{Restore, Undone, undo};

/// BOUND: how long the records and checks of a drill's own name are tried to be deleted. They hurt nobody.
const NAMES_WITHIN: Duration = Duration::from_mins(20);
/// How often it is told that something is still not put back.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// Puts back what the drill changed by itself, and tries again while that fails; `tell` hears of it at once and each minute.
///
/// BOUND: an inverted health check has none, on purpose: a primary that fails while its check is inverted looks healthy. Whoever
/// waits ends it with a second interrupt, or by putting the check back and deleting the file.
///
/// # Errors
/// [`GuardError`] if the credentials are of another account, or if a drill's own names cannot be deleted for a long time.
pub async fn insist(
    cloud: &dyn Cloud,
    permit: &Permit,
    restore: &Restore,
    path: &Path,
    pace: Pace,
    mut tell: impl FnMut(String),
) -> Result<Undone, GuardError> {
    let begun = Instant::now();
    let mut told = None;
    loop {
        let error = match undo(cloud, permit, restore).await {
            Ok(done) => return Ok(done),
            Err(error @ GuardError::Refused(_)) => return Err(error),
            Err(error) => error,
        };
        if restore.check.is_none() && begun.elapsed() > NAMES_WITHIN {
            return Err(error);
        }
        // `drill restore` in another shell deletes the file once everything is as before.
        if matches!(Restore::read(path), Ok(None)) {
            return Ok(vec!["somebody else has put everything back".to_owned()]);
        }
        if told.is_none_or(|at: Instant| at.elapsed() >= TELL_EVERY) {
            told = Some(Instant::now());
            tell(unfinished(restore, &error));
        }
        pace.pause().await;
    }
}

fn unfinished(restore: &Restore, error: &GuardError) -> String {
    let by_hand = restore
        .by_hand()
        .map_or_else(String::new, |command| format!("; without this tool: `{command}`"));
    let (what, kind) = match &restore.check {
        Some(check) => (format!("the health check {} may still be inverted", check.id), "it"),
        None => ("the drill's own records and checks are not deleted yet".to_owned(), "them"),
    };
    format!(
        "{what}: {error}. Trying again; from a shell with valid credentials, `cargo xtask drill restore` puts {kind} back{by_hand}"
    )
}
