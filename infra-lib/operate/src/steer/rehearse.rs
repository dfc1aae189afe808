//! A rehearsal: the deployed controller reads everything, decides, and writes nothing.

use failover_core::{DecisionRecord, Signal};

use cloud::Cloud;
use cloud::guard::Permit;
use provision::outputs::Outputs;
use provision::progress::Pace;
use site::model::{Site, StackId};

use super::ask::{failed, invoked};
use super::error::SteerError;

const REHEARSAL: &[u8] = br#"{"source":"pilotlight.rehearsal"}"#;

/// Asks the controller what it would decide.
///
/// # Errors
/// [`SteerError`] if it cannot be asked, ends in an error, or decides otherwise than this version would.
pub async fn rehearse(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
) -> Result<DecisionRecord, SteerError> {
    let pace = Pace::of(cloud);
    let invocation = invoked(cloud, permit, site, REHEARSAL, pace, SteerError::from).await?;
    if let Some((kind, message)) = failed(&invocation) {
        return Err(SteerError::Unrehearsed { kind, message });
    }
    let unread = |detail: String| SteerError::Unread { detail };
    let record: DecisionRecord = serde_json::from_slice(&invocation.payload).map_err(|error| {
        unread(format!("{error}: {}", String::from_utf8_lossy(&invocation.payload)))
    })?;
    if record.signal != Signal::Rehearsal {
        return Err(unread("it did not take a rehearsal for one".to_owned()));
    }
    if record.recomputed() != record.decision {
        return Err(unread(
            "the deployed controller decides otherwise than this version would".to_owned(),
        ));
    }
    Ok(record)
}

/// The end of a deploy: a controller that cannot start must not be found in the outage. Nothing if there is none yet, or on an
/// emulator, which keeps functions and does not run them.
///
/// # Errors
/// [`SteerError`], as [`rehearse`].
pub async fn after_deploy(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
    outputs: &Outputs,
) -> Result<Option<DecisionRecord>, SteerError> {
    if cloud.is_local() || outputs.get(StackId::Controller, "FunctionName").is_none() {
        return Ok(None);
    }
    rehearse(cloud, permit, site).await.map(Some)
}
