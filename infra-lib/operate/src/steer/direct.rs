//! Without the controller: the standby group is written here, by the Auto Scaling API of its own region and nothing else.
//!
//! The same note is written as the controller would write, so that it takes the raise over once it is back.

mod carry;
mod commands;

use failover_core::Timestamp;
use failover_core::decision::{Latch, StandbyWrite};
use failover_core::policy::Routing;
use failover_core::record::{Cause, Ownership, Peak, Raised, Record, Register, Sizes};
use failover_core::time::after;
use serde::Serialize;

pub use self::carry::{lower_now, may_lower, raise_now};
use cloud::guard::{self, Consent, Fresh, Refusal};
use cloud::{Capacity, CloudError, Group, GroupView};
use site::model::Site;
use site::names::Region;

use super::error::SteerError;

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
    /// Between the two writes of a lowering somebody raised the group, and that stands. The minimum is not below what it was.
    RaisedMeanwhile,
}

impl Place {
    /// The standby group of a site, by its fixed name: no other service is asked for it.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let group = site.group_name("standby");
        Self { region: site.standby_region().clone(), group }
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`SteerError`] if it cannot be read or is not there.
    pub async fn read(&self, cloud: &dyn Capacity) -> Result<GroupView, SteerError> {
        let found = cloud.group(&self.region, &self.group).await;
        found.map_err(untouched)?.ok_or_else(|| self.absent())
    }

    /// The same after somebody said yes: what is written is decided by this reading.
    async fn read_now(
        &self,
        cloud: &dyn Capacity,
        consent: &Consent,
    ) -> Result<Fresh<Group>, SteerError> {
        let found = consent.group(cloud, &self.region, &self.group).await;
        found.map_err(untouched)?.ok_or_else(|| self.absent())
    }

    fn absent(&self) -> SteerError {
        SteerError::NoGroup { group: self.group.clone(), region: self.region.to_string() }
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
            hint: "see the current state: cargo xtask status".to_owned(),
        });
    }
    let record = group.map(guard::record).unwrap_or_default();
    let unread = Sizes { min: 0, desired: 0, max: policy.capacity_max() };
    let live = group.map_or(unread, |group| group.sizes);
    let target = policy.target(record.peak.held().and_then(Peak::max));
    let desired = live.desired.max(target);
    let sizes = Sizes { min: live.min.max(target), desired, max: live.max.max(desired) };
    let mut plan = Plan {
        place: Place::of(site),
        live: group.map(|group| group.sizes),
        note: None,
        writes: Vec::new(),
    };
    let grows = group.is_none() || sizes != live;
    let is_noted = match record.ownership() {
        // The episode that the controller began keeps its registers.
        Ownership::Ours(earlier) => !grows || earlier.target >= target,
        Ownership::Idle => !grows,
        Ownership::Unreadable => false,
    };
    if !is_noted {
        plan.note = Some(Register::Raised(noted(&record, live, target, now)));
    }
    if grows {
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
/// [`Refusal`] where the record does not allow it: nothing is raised, it cannot be read, or the latch still holds the
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
                "see the current state: cargo xtask status".to_owned(),
            );
        }
        Ownership::Unreadable => {
            return refused(
                "the record cannot be read, so the normal sizes are not known",
                "correct the tags `pilotlight:*` of the standby group".to_owned(),
            );
        }
    };
    let holds = record.gate().is_none_or(|gate| gate.latch == Latch::Closed);
    if site.config.policy.latch() && holds {
        return refused(
            "the latch holds the users on the standby, or its state is unknown",
            format!(
                "open it, and wait until DNS names the primary; a controller that runs closes it again within a minute:\n  {}",
                commands::open_latch(site)
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
        self.writes.is_empty() && self.note.is_none()
    }
}

/// The account or the permission may be missing; else the far end does not answer, or not well.
fn untouched(error: CloudError) -> SteerError {
    if error.is_refusal() { error.into() } else { SteerError::Untouched(error) }
}
