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

use super::{Done, Place, Plan, lower, raise, untouched};
use crate::cloud::{Capacity, Cloud, GroupView};
use crate::guard::{self, Permit, Refusal};
use crate::model::Site;
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
    site: &Site,
    now: Timestamp,
) -> Result<(GroupView, Plan), SteerError> {
    let group = Place::of(site).read(cloud).await?;
    let plan = raise(site, Some(&group), now)?;
    Ok((group, plan))
}

impl Plan {
    /// Carries a raise out that [`raise_now`] planned. The note is best effort before the write and made good after it: a raise
    /// is worth more than its note.
    ///
    /// # Errors
    /// [`SteerError`] of the write that failed, or of the note that could not be written at all.
    pub async fn carry_out(
        &self,
        cloud: &dyn Capacity,
        permit: &Permit,
    ) -> Result<Done, SteerError> {
        let Place { region, group } = &self.place;
        let registers = self.note.as_slice();
        let first = timeout(NOTE_MAX, cloud.write_registers(permit, region, group, registers));
        let is_noted = registers.is_empty() || matches!(first.await, Ok(Ok(())));
        for write in &self.writes {
            cloud.write_standby(permit, region, group, *write).await.map_err(untouched)?;
        }
        if !is_noted && !self.is_noted_by_now(cloud).await {
            let again = cloud.write_registers(permit, region, group, registers).await;
            again.map_err(|source| SteerError::Unnoted { command: self.note_command(), source })?;
        }
        Ok(Done::Written)
    }

    /// Whether the controller noted the raise meanwhile, or the first try arrived after all. Then that note stands.
    async fn is_noted_by_now(&self, cloud: &dyn Capacity) -> bool {
        let group = self.place.read(cloud).await;
        group.is_ok_and(|group| matches!(guard::record(&group).ownership(), Ownership::Ours(_)))
    }
}

/// Lowers the standby in two writes. Before each of them the group is read again, and DNS must name the primary alone.
///
/// # Errors
/// [`SteerError`] if a rule forbids the lowering, or a write failed. If the second write is forbidden, the minimum is put back.
pub async fn lower_now(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
) -> Result<Done, SteerError> {
    let place = Place::of(site);
    let first = place.read(cloud).await?;
    for write in lower(site, &first)?.writes {
        if let StandbyWrite::LowerMin { .. } = write {
            primary_alone(cloud, site).await?;
            let Place { region, group } = &place;
            cloud.write_standby(permit, region, group, write).await.map_err(untouched)?;
        }
    }
    let now = place.read(cloud).await?;
    let is_as_left = now.sizes.desired <= first.sizes.desired
        && now.sizes.min <= first.sizes.min
        && guard::record(&now).raised == guard::record(&first).raised;
    let ended = if is_as_left {
        lower_desired(cloud, permit, site, &now).await
    } else {
        Ok(Done::RaisedMeanwhile)
    };
    if ended != Ok(Done::Written) {
        put_minimum_back(cloud, permit, &place, first.sizes.min).await?;
    }
    ended
}

async fn lower_desired(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
    now: &GroupView,
) -> Result<Done, SteerError> {
    let plan = lower(site, now)?;
    let Place { region, group } = &plan.place;
    for write in &plan.writes {
        if let StandbyWrite::LowerDesired { .. } = write {
            primary_alone(cloud, site).await?;
            match cloud.write_standby(permit, region, group, *write).await {
                Err(error) if error.service_code() == Some("ValidationError") => {
                    return Ok(Done::RaisedMeanwhile);
                }
                written => written.map_err(untouched)?,
            }
        }
    }
    Ok(Done::Written)
}

/// Undoes the first write of a lowering that ends half-way: target tracking must not go below what users may need.
async fn put_minimum_back(
    cloud: &dyn Cloud,
    permit: &Permit,
    place: &Place,
    min: u16,
) -> Result<(), SteerError> {
    let live = place.read(cloud).await?.sizes;
    if live.min >= min {
        return Ok(());
    }
    let desired = live.desired.max(min);
    let sizes = Sizes { min, desired, max: live.max.max(desired) };
    let raise = StandbyWrite::Raise(sizes);
    let Place { region, group } = place;
    cloud.write_standby(permit, region, group, raise).await.map_err(untouched)
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
