//! Carries out what was planned, on readings made right before each write.
//!
//! A question can wait for an hour. Meanwhile the controller, target tracking or a colleague may have raised the group, and
//! Route 53 may have moved the users. So nothing that was read before the question decides a write.

use std::time::Duration;

use failover_core::Timestamp;
use failover_core::decision::StandbyWrite;
use failover_core::observation::Answer;
use failover_core::record::{Ownership, Sizes};
use tokio::time::timeout;

use cloud::guard::{self, Consent, Fresh, Refusal};
use cloud::{Capacity, Cloud, Group, GroupView};
use site::model::Site;

use super::{Done, Place, Plan, lower, raise, untouched};
use crate::status;
use crate::steer::SteerError;

/// BOUND: a note takes a tenth of a second; a raise does not wait for it any longer.
const NOTE_MAX: Duration = Duration::from_secs(3);

/// Reads the group and plans the raise on it, to be carried out at once.
///
/// # Errors
/// [`SteerError`] if the group cannot be read, or where both regions serve.
pub async fn raise_now(
    cloud: &dyn Capacity,
    consent: &Consent,
    site: &Site,
    now: Timestamp,
) -> Result<(Fresh<Group>, Plan), SteerError> {
    let group = Place::of(site).read_now(cloud, consent).await?;
    let plan = raise(site, Some(&group.view), now)?;
    Ok((group, plan))
}

impl Plan {
    /// Carries a raise out on the reading that [`raise_now`] planned it by. The note is best effort before the write and made
    /// good after it: a raise is worth more than its note.
    ///
    /// # Errors
    /// [`SteerError`] of the write that failed, or of the note that could not be written at all.
    pub async fn carry_out(
        &self,
        cloud: &dyn Capacity,
        consent: &Consent,
        group: Fresh<Group>,
    ) -> Result<Done, SteerError> {
        let registers = self.note.as_slice();
        let is_noted = registers.is_empty() || {
            let note = cloud.write_registers(&group, registers);
            matches!(timeout(NOTE_MAX, note).await, Ok(Ok(())))
        };
        if let Some(write) = self.writes.first() {
            cloud.write_standby(group, *write).await.map_err(untouched)?;
        }
        if !is_noted {
            self.note_by_now(cloud, consent).await?;
        }
        Ok(Done::Written)
    }

    /// Notes the raise, unless the controller has noted it meanwhile or the first try arrived after all: then that note stands.
    async fn note_by_now(&self, cloud: &dyn Capacity, consent: &Consent) -> Result<(), SteerError> {
        let unnoted = |source| SteerError::Unnoted { command: self.note_command(), source };
        let Place { region, group } = &self.place;
        match consent.group(cloud, region, group).await.map_err(unnoted)? {
            Some(now) if !matches!(guard::record(&now.view).ownership(), Ownership::Ours(_)) => {
                cloud.write_registers(&now, self.note.as_slice()).await.map_err(unnoted)
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Lowers the standby in two writes. Before each of them the group is read again, and DNS must name the primary alone. `shown` is
/// the group that somebody agreed to lower.
///
/// # Errors
/// [`SteerError`] if a rule forbids the lowering, or a write failed. If the second write is forbidden, the minimum is put back.
pub async fn lower_now(
    cloud: &dyn Cloud,
    consent: &Consent,
    site: &Site,
    shown: &GroupView,
) -> Result<Done, SteerError> {
    let place = Place::of(site);
    let group = place.read_now(cloud, consent).await?;
    let first = group.view.clone();
    if !is_as_left(shown, &first) {
        return Err(raised_meanwhile(&first).into());
    }
    let is_min = |write: &StandbyWrite| matches!(write, StandbyWrite::LowerMin { .. });
    if let Some(write) = lower(site, &first)?.writes.into_iter().find(is_min) {
        primary_alone(cloud, site).await?;
        cloud.write_standby(group, write).await.map_err(untouched)?;
    }
    let now = place.read_now(cloud, consent).await?;
    let ended = if is_as_left(&first, &now.view) {
        lower_desired(cloud, site, now).await
    } else {
        Ok(Done::RaisedMeanwhile)
    };
    if ended != Ok(Done::Written) {
        put_minimum_back(cloud, consent, &place, first.sizes.min).await?;
    }
    ended
}

/// Whether nobody has raised the group since, by its sizes or by the note of a raise.
fn is_as_left(then: &GroupView, now: &GroupView) -> bool {
    now.sizes.desired <= then.sizes.desired
        && now.sizes.min <= then.sizes.min
        && guard::record(now).raised == guard::record(then).raised
}

/// What was agreed to was the end of other instances than those that run now.
fn raised_meanwhile(now: &GroupView) -> Refusal {
    let Sizes { min, desired, .. } = now.sizes;
    Refusal {
        why: format!(
            "the failback: somebody raised the standby after the plan was shown, to min {min} and desired {desired}"
        ),
        hint: "see who serves with `cargo xtask status`; `cargo xtask failback --direct --accept-unproven` shows the group as it \
               is now and asks again"
            .to_owned(),
    }
}

async fn lower_desired(
    cloud: &dyn Cloud,
    site: &Site,
    now: Fresh<Group>,
) -> Result<Done, SteerError> {
    let is_desired = |write: &StandbyWrite| matches!(write, StandbyWrite::LowerDesired { .. });
    let Some(write) = lower(site, &now.view)?.writes.into_iter().find(is_desired) else {
        return Ok(Done::Written);
    };
    primary_alone(cloud, site).await?;
    match cloud.write_standby(now, write).await {
        Err(error) if error.service_code() == Some("ValidationError") => Ok(Done::RaisedMeanwhile),
        written => written.map(|()| Done::Written).map_err(untouched),
    }
}

/// Undoes the first write of a lowering that ends half-way: target tracking must not go below what users may need.
async fn put_minimum_back(
    cloud: &dyn Cloud,
    consent: &Consent,
    place: &Place,
    min: u16,
) -> Result<(), SteerError> {
    let now = place.read_now(cloud, consent).await?;
    let live = now.view.sizes;
    if live.min >= min {
        return Ok(());
    }
    let desired = live.desired.max(min);
    let sizes = Sizes { min, desired, max: live.max.max(desired) };
    cloud.write_standby(now, StandbyWrite::Raise(sizes)).await.map_err(untouched)
}

/// Refuses unless DNS names the primary alone at this moment: users at the standby are not cut off, whatever was accepted.
///
/// # Errors
/// [`Refusal`]. The names of an emulator are on no public server, so there nobody can tell and nobody is refused.
async fn primary_alone(cloud: &dyn Cloud, site: &Site) -> Result<(), Refusal> {
    let hint = "wait until it does: cargo xtask status --watch".to_owned();
    match status::named(cloud, site).await {
        Ok(Answer::Primary) => Ok(()),
        Ok(Answer::Standby | Answer::Mixed) => Err(Refusal {
            why: "the failback: DNS does not name the primary alone, so users are on the standby"
                .to_owned(),
            hint,
        }),
        Err(_) if cloud.is_local() => Ok(()),
        Err(why) => Err(Refusal {
            why: format!("the failback: whom DNS names cannot be read from here: {why}"),
            hint: "run it where names resolve; a raised standby costs money and harms no user"
                .to_owned(),
        }),
    }
}

/// The same before the question, so that nobody is asked in vain.
///
/// # Errors
/// [`SteerError::Refused`] if DNS does not name the primary alone.
pub async fn may_lower(cloud: &dyn Cloud, site: &Site) -> Result<(), SteerError> {
    Ok(primary_alone(cloud, site).await?)
}
