//! Auto Scaling and Elastic Load Balancing.

use async_trait::async_trait;
use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use failover_core::record::Sizes;

use super::super::{Capacity, CloudError, GroupView, InstanceView, TargetHealth};
use super::Aws;
use super::call::Call;
use crate::names::Region;

#[async_trait]
impl Capacity for Aws {
    async fn group(&self, region: &Region, name: &str) -> Result<Option<GroupView>, CloudError> {
        let call = Call::new("DescribeAutoScalingGroups", region);
        let request = self.clients(region).autoscaling.describe_auto_scaling_groups();
        let answer = request.auto_scaling_group_names(name).send().await;
        let answer = answer.map_err(|error| call.failure(&error))?;
        // An emulator may ignore the filter.
        let mut groups = answer.auto_scaling_groups.unwrap_or_default().into_iter();
        let found = groups.find(|group| group.auto_scaling_group_name.as_deref() == Some(name));
        found.map(|group| view(&call, group)).transpose()
    }

    async fn set_desired(
        &self,
        region: &Region,
        name: &str,
        desired: u16,
    ) -> Result<(), CloudError> {
        let call = Call::new("SetDesiredCapacity", region);
        let request = self.clients(region).autoscaling.set_desired_capacity();
        let request = request.auto_scaling_group_name(name).desired_capacity(i32::from(desired));
        request.send().await.map_err(|error| call.failure(&error))?;
        Ok(())
    }

    async fn target_health(
        &self,
        region: &Region,
        target_group_arn: &str,
    ) -> Result<TargetHealth, CloudError> {
        let call = Call::new("DescribeTargetHealth", region);
        let request = self.clients(region).elb.describe_target_health();
        let answer = request.target_group_arn(target_group_arn).send().await;
        let answer = answer.map_err(|error| call.failure(&error))?;
        let found = answer.target_health_descriptions.unwrap_or_default().into_iter();
        let targets = found.filter_map(|found| {
            let state = found.target_health?.state?;
            Some((found.target?.id?, state.as_str().to_owned()))
        });
        Ok(TargetHealth { targets: targets.collect() })
    }

    async fn register_targets(
        &self,
        region: &Region,
        target_group_arn: &str,
        instance_ids: &[String],
    ) -> Result<(), CloudError> {
        let call = Call::new("RegisterTargets", region);
        let request =
            self.clients(region).elb.register_targets().target_group_arn(target_group_arn);
        let request = request.set_targets(Some(targets(instance_ids)));
        request.send().await.map_err(|error| call.failure(&error))?;
        Ok(())
    }

    async fn deregister_targets(
        &self,
        region: &Region,
        target_group_arn: &str,
        instance_ids: &[String],
    ) -> Result<(), CloudError> {
        let call = Call::new("DeregisterTargets", region);
        let request =
            self.clients(region).elb.deregister_targets().target_group_arn(target_group_arn);
        let request = request.set_targets(Some(targets(instance_ids)));
        request.send().await.map_err(|error| call.failure(&error))?;
        Ok(())
    }
}

fn view(call: &Call, group: AutoScalingGroup) -> Result<GroupView, CloudError> {
    let size = |size: Option<i32>, what| {
        size.and_then(|n| u16::try_from(n).ok()).ok_or_else(|| call.lacks(what))
    };
    let instances = group.instances.unwrap_or_default().into_iter().map(|found| InstanceView {
        id: found.instance_id.unwrap_or_default(),
        state: found.lifecycle_state.map_or_else(String::new, |state| state.as_str().to_owned()),
    });
    let tags = group.tags.unwrap_or_default().into_iter();
    Ok(GroupView {
        sizes: Sizes {
            min: size(group.min_size, "the group's minimum")?,
            desired: size(group.desired_capacity, "the group's desired capacity")?,
            max: size(group.max_size, "the group's maximum")?,
        },
        instances: instances.collect(),
        tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    })
}

fn targets(instance_ids: &[String]) -> Vec<TargetDescription> {
    instance_ids.iter().map(|id| TargetDescription::builder().id(id).build()).collect()
}
