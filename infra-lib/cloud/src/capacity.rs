//! Auto Scaling groups and the targets behind a load balancer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};
use serde::Serialize;

use site::names::Region;

use super::Result;
use crate::guard::proof::{Fresh, Local};

/// The servers.
#[async_trait]
pub trait Capacity: Send + Sync {
    /// An Auto Scaling group by name. `None` if there is none.
    async fn group(&self, region: &Region, name: &str) -> Result<Option<GroupView>>;

    /// Sets a group's desired capacity. For emulators, whose groups start without instances.
    async fn set_desired(
        &self,
        local: Local,
        region: &Region,
        name: &str,
        desired: u16,
    ) -> Result<()>;

    /// The one write to the standby group, in one call that sends only what differs from the reading. A lowering is sent once: a
    /// second try would stand on readings that have aged.
    async fn write_standby(&self, group: Fresh<Group>, write: StandbyWrite) -> Result<()>;

    /// Writes registers of the record into the group's tags, in one call. Instances do not inherit them. The reading is lent,
    /// because a note belongs to the write that the same reading decides.
    async fn write_registers(&self, group: &Fresh<Group>, registers: &[Register]) -> Result<()>;

    /// How the targets of a target group are.
    async fn target_health(&self, region: &Region, target_group_arn: &str) -> Result<TargetHealth>;

    /// Puts instances behind a load balancer, or takes them away. For emulators, whose groups do not.
    async fn change_targets(
        &self,
        local: Local,
        region: &Region,
        target_group_arn: &str,
        change: TargetChange<'_>,
    ) -> Result<()>;
}

/// Which instances, by their ids, and to what end.
#[derive(Clone, Copy, Debug)]
pub enum TargetChange<'a> {
    /// They get users.
    Register(&'a [String]),
    /// They get no more users.
    Deregister(&'a [String]),
}

/// The sizes that a write sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Minimum, if it is sent.
    pub min: Option<u16>,
    /// Desired capacity, if it is sent.
    pub desired: Option<u16>,
    /// Maximum, if it is sent.
    pub max: Option<u16>,
}

impl Sent {
    /// Of a raise what grows: what somebody else has set meanwhile is left as it is.
    #[must_use]
    pub fn of(write: StandbyWrite, live: Sizes) -> Self {
        let grown = |to: u16, from: u16| (to > from).then_some(to);
        match write {
            StandbyWrite::Raise(to) => Self {
                min: grown(to.min, live.min),
                desired: grown(to.desired, live.desired),
                max: grown(to.max, live.max),
            },
            StandbyWrite::LowerMin { min } => Self { min: Some(min), ..Self::default() },
            // INVARIANT: never MinSize here. AWS refuses a desired capacity below it, the only compare-and-set there is.
            StandbyWrite::LowerDesired { desired, max } => {
                Self { min: None, desired: Some(desired), max: (max != live.max).then_some(max) }
            }
        }
    }
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Minimum, desired and maximum.
    pub sizes: Sizes,
    /// Its instances, whatever their state.
    pub instances: Vec<InstanceView>,
    /// Its tags. The record is among them.
    pub tags: BTreeMap<String, String>,
    /// Scaling processes that somebody suspended, such as `Launch`.
    pub suspended: Vec<String>,
    /// ARNs of the target groups that it puts its instances into. An emulator may forget them.
    pub target_groups: Vec<String>,
    /// What it launches, and where. An emulator may forget it.
    pub launch: Option<LaunchView>,
}

/// An empty group of size 0.
impl Default for GroupView {
    fn default() -> Self {
        Self {
            sizes: Sizes { min: 0, desired: 0, max: 0 },
            instances: Vec::new(),
            tags: BTreeMap::new(),
            suspended: Vec::new(),
            target_groups: Vec::new(),
            launch: None,
        }
    }
}

impl GroupView {
    /// Instances in the state `InService`.
    #[must_use]
    pub fn in_service(&self) -> usize {
        self.instances.iter().filter(|instance| instance.state == "InService").count()
    }
}

/// An Auto Scaling group at its place.
#[derive(Debug)]
pub struct Group {
    /// Where.
    pub region: Region,
    /// Its name.
    pub name: String,
    /// The group.
    pub view: GroupView,
}

/// What a group launches, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchView {
    /// Id of its launch template.
    pub template: String,
    /// Version of the launch template: a number, `$Latest` or `$Default`.
    pub version: String,
    /// The types that it has in place of the template's.
    pub types: Vec<String>,
    /// Share of On-Demand instances.
    pub on_demand_percent: u16,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// ARN of the service-linked role that launches.
    pub role: Option<String>,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceView {
    /// Its id.
    pub id: String,
    /// Its lifecycle state, such as `InService`.
    pub state: String,
}

/// Targets of a target group, counted by health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetHealth {
    /// Id and state of each, such as `healthy`.
    pub targets: Vec<(String, String)>,
}

impl TargetHealth {
    /// Targets that get requests.
    #[must_use]
    pub fn healthy(&self) -> usize {
        self.targets.iter().filter(|(_, state)| state == "healthy").count()
    }
}
