//! Auto Scaling groups and the targets behind a load balancer.

use std::collections::BTreeMap;

use async_trait::async_trait;
use failover_core::record::Sizes;
use serde::Serialize;

use super::CloudError;
use crate::names::Region;

/// The servers.
#[async_trait]
pub trait Capacity: Send + Sync {
    /// An Auto Scaling group by name. `None` if there is none.
    async fn group(&self, region: &Region, name: &str) -> Result<Option<GroupView>, CloudError>;

    /// Sets a group's desired capacity. For emulators, whose groups start without instances.
    async fn set_desired(
        &self,
        region: &Region,
        name: &str,
        desired: u16,
    ) -> Result<(), CloudError>;

    /// How the targets of a target group are.
    async fn target_health(
        &self,
        region: &Region,
        target_group_arn: &str,
    ) -> Result<TargetHealth, CloudError>;

    /// Puts instances behind a load balancer. For emulators, whose groups do not.
    async fn register_targets(
        &self,
        region: &Region,
        target_group_arn: &str,
        instance_ids: &[String],
    ) -> Result<(), CloudError>;

    /// Takes instances from behind a load balancer. For emulators, whose groups do not.
    async fn deregister_targets(
        &self,
        region: &Region,
        target_group_arn: &str,
        instance_ids: &[String],
    ) -> Result<(), CloudError>;
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
}

impl GroupView {
    /// Instances in the state `InService`.
    #[must_use]
    pub fn in_service(&self) -> usize {
        self.instances.iter().filter(|instance| instance.state == "InService").count()
    }
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
