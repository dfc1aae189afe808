//! Putting back. Every step looks first, so it can be repeated, and it touches nothing that the file does not name.

use std::path::Path;
use std::time::Duration;

use failover_core::record::Ownership;
use tokio::time::sleep;

use cloud::guard::{self, Consent, GuardError, Permit, Refusal};
use cloud::{AliasRecord, Cloud, CloudError, Named, RecordChange};

use super::{CheckBefore, GroupBefore, Made, Restore};
use crate::error::LevelError;

/// BOUND: a check that somebody else changes at the same moment is read again; nobody does so five times in a row.
const TRIES: usize = 5;
/// BOUND: what a killed drill had sent arrives within the time that the SDK itself gives one attempt to connect.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(2);

/// What was done, each as a line.
pub type Undone = Vec<String>;

/// Puts back what a drill changed by itself: first the check, because DNS follows it; then its records; then its checks. The
/// groups are the controller's to put back, by the note of the raise.
///
/// # Errors
/// [`GuardError`] of the first step that failed; the rest is then still to do.
pub async fn undo(
    cloud: &dyn Cloud,
    permit: &Permit,
    restore: &Restore,
) -> Result<Undone, GuardError> {
    // An account that nobody tells is no reason to leave a check inverted; a wrong one is.
    if let Ok(account) = cloud.account(&restore.standby.region).await
        && account != restore.account
    {
        return Err(Refusal {
            why: format!(
                "the credentials are of account {account}, and the drill was in {}",
                restore.account
            ),
            hint: "choose the profile with `AWS_PROFILE`".to_owned(),
        }
        .into());
    }
    let consent = &Consent::to_put_back(permit.clone());
    let mut done = Undone::new();
    if let Some(before) = &restore.check {
        done.extend(turn_back(cloud, consent, before).await?);
    }
    if let Some(made) = &restore.made {
        done.extend(unmake(cloud, consent, made).await?);
    }
    Ok(done)
}

/// Undoes what the file at `path` names and deletes it, without waiting for the controller: for a site that is about to go.
/// What a drill made in the zone is in no stack, so nothing else would take it away.
///
/// # Errors
/// [`LevelError`] of the first step that failed; the file is then still there.
pub async fn end(cloud: &dyn Cloud, permit: &Permit, path: &Path) -> Result<Undone, LevelError> {
    let Some(left) = Restore::read(path)? else { return Ok(Undone::new()) };
    let done = undo(cloud, permit, &left).await?;
    Restore::delete(path)?;
    Ok(done)
}

/// Only the flag is written, under the lock of the version that was just read.
async fn turn_back(
    cloud: &dyn Cloud,
    consent: &Consent,
    before: &CheckBefore,
) -> Result<Option<String>, CloudError> {
    let id = &before.id;
    let mut last = Ok(None);
    for round in 0..TRIES {
        let Some(now) = consent.check(cloud, id).await? else { return Ok(None) };
        if now.inverted == before.inverted {
            let may_arrive = before.turned.is_none() && now.version == before.version;
            if may_arrive && round == 0 && !cloud.is_local() {
                sleep(IN_FLIGHT).await;
                continue;
            }
            return Ok(None);
        }
        match cloud.set_inverted(now, before.inverted).await {
            Ok(_) => return Ok(Some(format!("the health check {id} is no longer inverted"))),
            // Changed in this moment, or nobody knows whether the write arrived: looked at again.
            Err(error) if is_worth_a_look(&error) => last = Err(error),
            Err(error) => return Err(error),
        }
    }
    last
}

fn is_worth_a_look(error: &CloudError) -> bool {
    error.service_code() == Some("HealthCheckVersionMismatch")
        || matches!(error, CloudError::Unreachable { .. })
}

async fn unmake(cloud: &dyn Cloud, consent: &Consent, made: &Made) -> Result<Undone, CloudError> {
    let mut done = Undone::new();
    // Records first: Route 53 would answer by checks that are gone, and says nothing about how.
    done.extend(delete_records(cloud, consent, made).await?);
    for token in &made.tokens {
        let Some(check) = consent.check_made_with(cloud, token).await? else { continue };
        let told = format!("the drill's health check {} is deleted", check.id);
        match cloud.delete_health_check(check).await {
            Err(error) if error.service_code() == Some("NoSuchHealthCheck") => {}
            deleted => {
                deleted?;
                done.push(told);
            }
        }
    }
    Ok(done)
}

/// Deletes the drill's records. The watchdog, `drill restore` and the drill itself may do so at the same moment: whoever comes
/// second looks again.
async fn delete_records(
    cloud: &dyn Cloud,
    consent: &Consent,
    made: &Made,
) -> Result<Option<String>, CloudError> {
    let mut last = Ok(None);
    for _ in 0..TRIES {
        let now = consent.records(cloud, &made.zone, &made.name).await?;
        let ours = of_drill(&now.named, made);
        if ours.is_empty() {
            return Ok(None);
        }
        match cloud.change_aliases(now, RecordChange::Delete, &ours).await {
            Ok(()) => return Ok(Some(format!("the records of {} are deleted", made.name))),
            Err(error) if error.service_code() == Some("InvalidChangeBatch") => last = Err(error),
            Err(error) => return Err(error),
        }
    }
    last
}

async fn records(cloud: &dyn Cloud, made: &Made) -> Result<Vec<AliasRecord>, CloudError> {
    Ok(of_drill(&cloud.named(&made.zone, &made.name).await?, made))
}

fn of_drill(named: &Named, made: &Made) -> Vec<AliasRecord> {
    let ours = named.aliases.iter();
    ours.filter(|record| record.set_identifier.starts_with(&made.mark)).cloned().collect()
}

/// Something that is not as it was before the drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What.
    pub what: String,
    /// The controller is at it: nobody else has to do anything.
    pub by_controller: bool,
}

/// What is not as it was before the drill; empty once everything is.
///
/// `follows` is for a standby whose floor follows the load: its sizes may change by themselves.
///
/// # Errors
/// [`CloudError`] of the first reading that failed: what cannot be read is not put back for certain.
pub async fn standing(
    cloud: &dyn Cloud,
    restore: &Restore,
    follows: bool,
) -> Result<Vec<Left>, CloudError> {
    let mut left = Vec::new();
    if let Some(before) = &restore.check {
        let id = &before.id;
        match cloud.check(id).await? {
            Some(now) if now.inverted == before.inverted => {}
            Some(_) => left.push(format!("the health check {id} is inverted")),
            None => left.push(format!("the health check {id} is gone; no drill deletes it")),
        }
    }
    if let Some(made) = &restore.made {
        let records = records(cloud, made).await?;
        left.extend(
            records
                .iter()
                .map(|record| format!("the record {} {}", record.name, record.set_identifier)),
        );
        for token in &made.tokens {
            let check = cloud.check_made_with(token).await?;
            left.extend(check.map(|check| format!("the drill's health check {}", check.id)));
        }
    }
    let mut left: Vec<_> =
        left.into_iter().map(|what| Left { what, by_controller: false }).collect();
    let held = standby(cloud, &restore.standby, follows).await?;
    let by_controller = held.as_ref().is_some_and(|left| left.by_controller);
    left.extend(held);
    let GroupBefore { region, group, sizes } = &restore.primary;
    let primary = match cloud.group(region, group).await? {
        // Its desired capacity is target tracking's.
        Some(now) if now.sizes.min == sizes.min => None,
        Some(now) => {
            Some(format!("the primary group's minimum is {}, and was {}", now.sizes.min, sizes.min))
        }
        None => Some(format!("the primary group {group} is gone")),
    };
    left.extend(primary.map(|what| Left { what, by_controller }));
    Ok(left)
}

async fn standby(
    cloud: &dyn Cloud,
    before: &GroupBefore,
    follows: bool,
) -> Result<Option<Left>, CloudError> {
    let GroupBefore { region, group, sizes } = before;
    let left = |what: String, by_controller| Some(Left { what, by_controller });
    let Some(now) = cloud.group(region, group).await? else {
        return Ok(left(format!("the standby group {group} is gone"), false));
    };
    Ok(match guard::record(&now).ownership() {
        Ownership::Ours(_) => left("the controller still holds the standby up".to_owned(), true),
        Ownership::Unreadable => {
            left("the record on the standby group cannot be read".to_owned(), false)
        }
        Ownership::Idle if follows || now.sizes == *sizes => None,
        Ownership::Idle => left(
            format!(
                "the standby group is at min {}, desired {}, max {}, and was at {}, {}, {}",
                now.sizes.min,
                now.sizes.desired,
                now.sizes.max,
                sizes.min,
                sizes.desired,
                sizes.max
            ),
            false,
        ),
    })
}
