//! Without the controller: the standby group is written here, by the Auto Scaling API of its own region and nothing else.
//!
//! The same note is written as the controller would write, so that it takes the raise over once it is back.

use std::time::Duration;

use failover_core::Timestamp;
use failover_core::decision::{Latch, StandbyWrite};
use failover_core::policy::Routing;
use failover_core::record::{Cause, Ownership, Peak, Raised, Record, Register, Sizes};
use failover_core::time::after;
use serde::Serialize;
use tokio::time::timeout;

use super::error::SteerError;
use crate::cloud::{Capacity, CloudError, GroupView};
use crate::guard::{self, Permit, Refusal};
use crate::model::Site;
use crate::names::Region;

/// BOUND: a note takes a tenth of a second; a raise does not wait for it any longer.
const NOTE_MAX: Duration = Duration::from_secs(3);

/// The standby group of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Where.
    pub region: Region,
    /// Its name. Source: `web.yaml`.
    pub group: String,
}

/// What is written, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The group.
    pub place: Place,
    /// Its sizes before. Nothing if it could not be read.
    pub live: Option<Sizes>,
    /// The note of the raise.
    pub note: Option<Register>,
    /// The writes to the group, each in one call.
    pub writes: Vec<StandbyWrite>,
}

/// What became of the writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// All of it.
    Written,
    /// Between the two writes of a lowering somebody raised the group, and that stands.
    RaisedMeanwhile,
}

impl Place {
    /// The standby group of a site, by its fixed name: no other service is asked for it.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let group = crate::status::group_name(site, "standby");
        Self { region: site.standby_region().clone(), group }
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`SteerError`] if it cannot be read or is not there.
    pub async fn read(&self, cloud: &dyn Capacity) -> Result<GroupView, SteerError> {
        let absent =
            || SteerError::NoGroup { group: self.group.clone(), region: self.region.to_string() };
        let found = cloud.group(&self.region, &self.group).await;
        found.map_err(untouched)?.ok_or_else(absent)
    }
}

/// What a raise writes: the sizes that the controller would ask for, never below what is live. `group` is nothing if it could not
/// be read; then the sizes are the site file's.
///
/// # Errors
/// [`Refusal`] where both regions serve.
pub fn raise(site: &Site, group: Option<&GroupView>, now: Timestamp) -> Result<Plan, Refusal> {
    let policy = &site.config.policy;
    if policy.routing() == Routing::ActiveActive {
        return Err(Refusal {
            why: "the failover: both regions serve, so there is nothing to move".to_owned(),
            hint: "see what stands: cargo xtask status".to_owned(),
        });
    }
    let record = group.map(guard::record).unwrap_or_default();
    let unread = Sizes { min: 0, desired: 0, max: policy.capacity_max() };
    let live = group.map_or(unread, |group| group.sizes);
    let target = policy.target(record.peak.held().and_then(Peak::max));
    let desired = live.desired.max(target);
    let sizes = Sizes { min: live.min.max(target), desired, max: live.max.max(desired) };
    let stands = group.is_some() && sizes == live && record.ownership() != Ownership::Unreadable;
    let mut plan = Plan {
        place: Place::of(site),
        live: group.map(|group| group.sizes),
        note: None,
        writes: Vec::new(),
    };
    if !stands {
        plan.note = Some(Register::Raised(noted(&record, live, target, now)));
        plan.writes.push(StandbyWrite::Raise(sizes));
    }
    Ok(plan)
}

/// The note of a raise, as the controller would write it.
fn noted(record: &Record, live: Sizes, target: u16, now: Timestamp) -> Raised {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let earlier = [record.raised.held().map(|raised| raised.at), record.done.held().copied()];
    // It grows strictly, whatever the clocks say: an older one would count as finished.
    let at = earlier.into_iter().flatten().map(|at| after(at, 1)).fold(now, Timestamp::max);
    let fresh = |undo| Raised { first: at, at, target, why: Cause::Order, undo };
    match record.ownership() {
        // A second raise of one failover keeps the sizes to go back to.
        Ownership::Ours(earlier) => Raised { at, target, why: Cause::Order, ..earlier },
        Ownership::Idle => fresh(live),
        Ownership::Unreadable => fresh(record.base.held().map_or(live, |base| base.sizes)),
    }
}

/// What a lowering writes: MinSize alone, which stops nothing, then desired alone, which AWS refuses if a raise came between.
/// The controller closes the record once it is back.
///
/// # Errors
/// [`Refusal`] where the record does not allow it: nothing of ours is raised, it cannot be read, or the latch still holds the
/// users at the standby.
pub fn lower(site: &Site, group: &GroupView) -> Result<Plan, Refusal> {
    let refused =
        |why: &str, hint: String| Err(Refusal { why: format!("the failback: {why}"), hint });
    let record = guard::record(group);
    let raised = match record.ownership() {
        Ownership::Ours(raised) => raised,
        Ownership::Idle => {
            return refused(
                "nothing is raised, so there is nothing to go back from",
                "see what stands: cargo xtask status".to_owned(),
            );
        }
        Ownership::Unreadable => {
            return refused(
                "the record cannot be read, so nobody knows the sizes to go back to",
                "correct the tags `pilotlight:*` of the standby group".to_owned(),
            );
        }
    };
    let holds = record.gate().is_none_or(|gate| gate.latch == Latch::Closed);
    if site.config.policy.latch() && holds {
        return refused(
            "the latch holds the users at the standby, or nobody can tell",
            format!(
                "open it, and wait until DNS names the primary; a controller that runs closes it again within a minute:\n  {}",
                open_latch(site)
            ),
        );
    }
    let (live, undo) = (group.sizes, raised.undo);
    let min = live.min.min(undo.min);
    let desired = live.desired.min(undo.desired).max(min);
    let max = live.max.min(undo.max).max(desired);
    let mut writes = Vec::new();
    if min < live.min {
        writes.push(StandbyWrite::LowerMin { min });
    }
    if desired < live.desired || max < live.max {
        writes.push(StandbyWrite::LowerDesired { desired, max });
    }
    Ok(Plan { place: Place::of(site), live: Some(live), note: None, writes })
}

impl Plan {
    /// Whether the group stands as it should already.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Carries it out. The note is best effort before the write and made good after it: a raise is worth more than its note.
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
            match cloud.write_standby(permit, region, group, *write).await {
                Ok(()) => {}
                Err(error) if write.lowers() && error.service_code() == Some("ValidationError") => {
                    return Ok(Done::RaisedMeanwhile);
                }
                Err(error) => return Err(untouched(error)),
            }
        }
        if !is_noted {
            let again = cloud.write_registers(permit, region, group, registers).await;
            again.map_err(|source| SteerError::Unnoted { command: self.note_command(), source })?;
        }
        Ok(Done::Written)
    }

    /// The same as plain commands, after one that shows the group.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let Place { region, group } = &self.place;
        let mut commands = vec![format!(
            "aws autoscaling describe-auto-scaling-groups --region {region} --auto-scaling-group-names {group}"
        )];
        if self.note.is_some() {
            commands.push(self.note_command());
        }
        let update = |sizes: String| {
            format!(
                "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {group} {sizes}"
            )
        };
        commands.extend(self.writes.iter().map(|write| match write {
            StandbyWrite::Raise(Sizes { min, desired, max }) => {
                update(format!("--min-size {min} --desired-capacity {desired} --max-size {max}"))
            }
            StandbyWrite::LowerMin { min } => update(format!("--min-size {min}")),
            StandbyWrite::LowerDesired { desired, max } => {
                update(format!("--desired-capacity {desired} --max-size {max}"))
            }
        }));
        commands
    }

    /// As JSON, because the short form gives spaces and equal signs a meaning of their own.
    fn note_command(&self) -> String {
        let Place { region, group } = &self.place;
        let tag = |register: &Register| {
            let (key, value) = register.tag();
            let of = format!(r#""ResourceId":"{group}","ResourceType":"auto-scaling-group""#);
            format!(r#"{{{of},"Key":"{key}","Value":"{value}","PropagateAtLaunch":false}}"#)
        };
        let tags: Vec<_> = self.note.iter().map(tag).collect();
        format!(
            "aws autoscaling create-or-update-tags --region {region} --tags '[{}]'",
            tags.join(",")
        )
    }
}

/// The account or the permission may be missing; else the far end does not answer, or not well.
fn untouched(error: CloudError) -> SteerError {
    match error {
        CloudError::Credentials { .. } | CloudError::Denied { .. } => error.into(),
        CloudError::Unreachable { .. }
        | CloudError::Service { .. }
        | CloudError::Answer { .. }
        | CloudError::Cut { .. } => SteerError::Untouched(error),
    }
}

/// The command that puts the latch's metric to open, once.
fn open_latch(site: &Site) -> String {
    let (name, region) = (&site.config.name, site.standby_region());
    format!(
        "aws cloudwatch put-metric-data --region {region} --namespace Pilotlight --metric-name LatchClosed \
         --dimensions Site={name} --value 0"
    )
}
