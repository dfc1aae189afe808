//! The one write of a live drill: the primary's health check is inverted, and the restore file learns what came of it.

use std::path::Path;

use cloud::guard::{Consent, Fresh};
use cloud::{CheckView, Cloud, CloudError};

use super::{Restore, RestoreError};

/// What came of it.
#[derive(Debug)]
pub enum Inverted {
    /// The check is inverted, and the file says which version that gave it. The error is that of the file, which then still says
    /// what to put back.
    Done(Result<(), RestoreError>),
    /// Somebody else changed the check first, perhaps a drill on another machine. AWS refused the write, so there is nothing of
    /// ours to put back, and the file no longer names the check.
    Overtaken(Result<(), RestoreError>),
}

/// Inverts the check that the file names, under the lock of the version that was read before the preconditions.
///
/// # Errors
/// [`CloudError`]: nobody knows whether the write arrived, and the file still names the check.
pub async fn invert(
    cloud: &dyn Cloud,
    consent: &Consent,
    restore: &mut Restore,
    path: &Path,
) -> Result<Inverted, CloudError> {
    let Some(before) = &mut restore.check else {
        return Ok(Inverted::Overtaken(Ok(())));
    };
    let is_as_before = |check: &Fresh<CheckView>| check.version == before.version;
    let turned = match consent.check(cloud, &before.id).await?.filter(is_as_before) {
        Some(check) => cloud.set_inverted(check, !before.inverted).await.map(Some),
        None => Ok(None),
    };
    match turned {
        Ok(Some(now)) => {
            before.turned = Some(now.version);
            Ok(Inverted::Done(restore.update(path)))
        }
        Err(error) if error.service_code() != Some("HealthCheckVersionMismatch") => Err(error),
        Ok(None) | Err(_) => {
            restore.check = None;
            Ok(Inverted::Overtaken(restore.update(path)))
        }
    }
}
