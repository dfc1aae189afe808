//! Auto Scaling and Elastic Load Balancing.

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_sdk_autoscaling::config::Builder;
use aws_sdk_autoscaling::types::{AutoScalingGroup, LaunchTemplate, Tag};
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};

use site::names::Region;

use super::super::capacity::Sent;
use super::super::{
    Capacity, GroupView, InstanceView, LaunchView, Result, TargetChange, TargetHealth,
};
use super::Aws;
use super::call::Call;
use super::pages::Pages;
use crate::Group;
use crate::guard::{Fresh, Local};

// BOUND: one group is asked for; an emulator may answer all that it has.
const GROUP_PAGES_MAX: usize = 10;

#[async_trait]
impl Capacity for Aws {
    async fn group(&self, region: &Region, name: &str) -> Result<Option<GroupView>> {
        let call = Call::new("DescribeAutoScalingGroups", region);
        let client = self.clients(region).autoscaling;
        let mut pages = Pages::new(&call, GROUP_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.describe_auto_scaling_groups().auto_scaling_group_names(name);
            let answer = call.answer(request.set_next_token(page.from).send().await)?;
            // An emulator may ignore the filter.
            let mut groups = answer.auto_scaling_groups.unwrap_or_default().into_iter();
            let is_it =
                |group: &AutoScalingGroup| group.auto_scaling_group_name.as_deref() == Some(name);
            if let Some(group) = groups.find(is_it) {
                return view(&call, group).map(Some);
            }
            pages.turn(answer.next_token);
        }
        Ok(None)
    }

    async fn set_desired(
        &self,
        _local: Local,
        region: &Region,
        name: &str,
        desired: u16,
    ) -> Result<()> {
        let call = Call::new("SetDesiredCapacity", region);
        let request = self.clients(region).autoscaling.set_desired_capacity();
        let request = request.auto_scaling_group_name(name).desired_capacity(i32::from(desired));
        call.answer(request.send().await).map(drop)
    }

    async fn write_standby(&self, group: Fresh<Group>, write: StandbyWrite) -> Result<()> {
        let call = Call::new("UpdateAutoScalingGroup", &group.region);
        let request = self.clients(&group.region).autoscaling.update_auto_scaling_group();
        let Sent { min, desired, max } = Sent::of(write, group.view.sizes);
        let request = request
            .auto_scaling_group_name(&group.name)
            .set_min_size(min.map(i32::from))
            .set_desired_capacity(desired.map(i32::from))
            .set_max_size(max.map(i32::from));
        let answer = if write.lowers() {
            let once = Builder::new().retry_config(RetryConfig::disabled());
            request.customize().config_override(once).send().await
        } else {
            request.send().await
        };
        call.answer(answer).map(drop)
    }

    async fn write_registers(&self, group: &Fresh<Group>, registers: &[Register]) -> Result<()> {
        let (region, name) = (&group.region, &group.name);
        let call = Call::new("CreateOrUpdateTags", region);
        let tag = |register: &Register| {
            let (key, value) = register.tag();
            Tag::builder()
                .resource_id(name)
                .resource_type("auto-scaling-group")
                .key(key)
                .value(value)
                .propagate_at_launch(false)
                .build()
        };
        let tags = registers.iter().map(tag).collect();
        let request = self.clients(region).autoscaling.create_or_update_tags().set_tags(Some(tags));
        call.answer(request.send().await).map(drop)
    }

    async fn target_health(&self, region: &Region, target_group_arn: &str) -> Result<TargetHealth> {
        let call = Call::new("DescribeTargetHealth", region);
        let request = self.clients(region).elb.describe_target_health();
        let answer = call.answer(request.target_group_arn(target_group_arn).send().await)?;
        let found = answer.target_health_descriptions.unwrap_or_default().into_iter();
        let targets = found.filter_map(|found| {
            let state = found.target_health?.state?;
            Some((found.target?.id?, state.as_str().to_owned()))
        });
        Ok(TargetHealth { targets: targets.collect() })
    }

    async fn change_targets(
        &self,
        _local: Local,
        region: &Region,
        target_group_arn: &str,
        change: TargetChange<'_>,
    ) -> Result<()> {
        let elb = &self.clients(region).elb;
        match change {
            TargetChange::Register(ids) => {
                let call = Call::new("RegisterTargets", region);
                let request = elb.register_targets().target_group_arn(target_group_arn);
                call.answer(request.set_targets(Some(targets(ids))).send().await).map(drop)
            }
            TargetChange::Deregister(ids) => {
                let call = Call::new("DeregisterTargets", region);
                let request = elb.deregister_targets().target_group_arn(target_group_arn);
                call.answer(request.set_targets(Some(targets(ids))).send().await).map(drop)
            }
        }
    }
}

/// Source: Auto Scaling API reference, "`InstancesDistribution`": all is On-Demand unless a mixed policy says otherwise.
const ON_DEMAND_PERCENT: u16 = 100;

fn launch(group: &AutoScalingGroup) -> Option<LaunchView> {
    let mixed = group.mixed_instances_policy();
    let choice = mixed.and_then(|mixed| mixed.launch_template());
    let named = choice.and_then(|choice| choice.launch_template_specification());
    let template = group.launch_template().or(named)?;
    let overrides = choice.map(LaunchTemplate::overrides).unwrap_or_default().iter();
    let percent = mixed
        .and_then(|mixed| {
            mixed.instances_distribution()?.on_demand_percentage_above_base_capacity()
        })
        .and_then(|percent| u16::try_from(percent).ok());
    let zones = group.vpc_zone_identifier().unwrap_or_default();
    let subnets = zones.split(',').map(str::trim).filter(|id| !id.is_empty());
    Some(LaunchView {
        template: template.launch_template_id()?.to_owned(),
        // Source: Auto Scaling API reference, "LaunchTemplateSpecification".
        version: template.version().unwrap_or("$Default").to_owned(),
        types: overrides.filter_map(|one| one.instance_type().map(ToOwned::to_owned)).collect(),
        on_demand_percent: percent.unwrap_or(ON_DEMAND_PERCENT),
        subnets: subnets.map(ToOwned::to_owned).collect(),
        role: group.service_linked_role_arn().map(ToOwned::to_owned),
    })
}

fn view(call: &Call, group: AutoScalingGroup) -> Result<GroupView> {
    let size = |size: Option<i32>, what| {
        size.and_then(|n| u16::try_from(n).ok()).ok_or_else(|| call.lacks(what))
    };
    let launch = launch(&group);
    let instances = group.instances.unwrap_or_default().into_iter().map(|found| InstanceView {
        id: found.instance_id.unwrap_or_default(),
        state: found.lifecycle_state.map_or_else(String::new, |state| state.as_str().to_owned()),
    });
    let tags = group.tags.unwrap_or_default().into_iter();
    let suspended = group.suspended_processes.unwrap_or_default().into_iter();
    Ok(GroupView {
        sizes: Sizes {
            min: size(group.min_size, "the group's minimum")?,
            desired: size(group.desired_capacity, "the group's desired capacity")?,
            max: size(group.max_size, "the group's maximum")?,
        },
        instances: instances.collect(),
        tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
        suspended: suspended.filter_map(|process| process.process_name).collect(),
        target_groups: group.target_group_arns.unwrap_or_default(),
        launch,
    })
}

fn targets(instance_ids: &[String]) -> Vec<TargetDescription> {
    instance_ids.iter().map(|id| TargetDescription::builder().id(id).build()).collect()
}
