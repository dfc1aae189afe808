//! Everything but CloudFormation and Route 53, in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use failover_core::Timestamp;
use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};

use site::names::Region;

use super::Fake;
use cloud::capacity::Sent;
use cloud::guard::{Fresh, Local, Permit};
use cloud::{
    AlarmStatus, Capacity, CloudError, GroupView, Invocation, LogLine, Metric, Put, Storage,
    TargetChange, TargetHealth, Telemetry,
};
use cloud::{Bucket, Group};

#[async_trait]
impl Storage for Fake {
    async fn put_object(
        &self,
        _permit: &Permit,
        region: &Region,
        bucket: &str,
        key: &str,
        _file: &Path,
    ) -> Result<Put, CloudError> {
        let mut state = self.reach("PutObject", region)?;
        let slot = (bucket.to_owned(), key.to_owned());
        if state.objects.contains_key(&slot) {
            return Ok(Put::Present);
        }
        state.wrote("PutObject", region, key);
        state.objects.insert(slot, 1);
        Ok(Put::Stored)
    }

    async fn empty_bucket(&self, bucket: Fresh<Bucket>) -> Result<usize, CloudError> {
        let (region, bucket) = (&bucket.region, &bucket.name);
        let mut state = self.reach("DeleteObjects", region)?;
        let before = state.objects.len();
        state.objects.retain(|(name, _), _| name != bucket);
        let deleted = before - state.objects.len();
        state.wrote("DeleteObjects", region, bucket);
        Ok(deleted)
    }
}

#[async_trait]
impl Capacity for Fake {
    async fn group(&self, region: &Region, name: &str) -> Result<Option<GroupView>, CloudError> {
        let state = self.reach("DescribeAutoScalingGroups", region)?;
        Ok(state.groups.get(&(region.clone(), name.to_owned())).cloned())
    }

    async fn target_health(
        &self,
        region: &Region,
        target_group_arn: &str,
    ) -> Result<TargetHealth, CloudError> {
        let state = self.reach("DescribeTargetHealth", region)?;
        let healthy = state.targets.get(target_group_arn).copied().unwrap_or_default();
        let targets = (0..healthy).map(|number| (format!("i-{number}"), "healthy".to_owned()));
        Ok(TargetHealth { targets: targets.collect() })
    }

    async fn set_desired(
        &self,
        _local: Local,
        region: &Region,
        name: &str,
        _desired: u16,
    ) -> Result<(), CloudError> {
        self.reach("SetDesiredCapacity", region)?.wrote("SetDesiredCapacity", region, name);
        Ok(())
    }

    async fn write_standby(
        &self,
        group: Fresh<Group>,
        write: StandbyWrite,
    ) -> Result<(), CloudError> {
        self.heard().await;
        let operation = "UpdateAutoScalingGroup";
        let (region, name) = (&group.region, &group.name);
        let mut state = self.reach(operation, region)?;
        let sent = Sent::of(write, group.view.sizes);
        let group = state.groups.get_mut(&(region.clone(), name.clone()));
        let next = group.as_ref().and_then(|group| applied(sent, group.sizes));
        let (Some(group), Some(next)) = (group, next) else {
            let (region, code) = (region.to_string(), "ValidationError".to_owned());
            let detail = "there is no such group, or its sizes do not fit".to_owned();
            return Err(CloudError::Service { operation, region, code, detail });
        };
        group.sizes = next;
        state.wrote(operation, region, &format!("{name} {write:?}"));
        Ok(())
    }

    async fn write_registers(
        &self,
        group: &Fresh<Group>,
        registers: &[Register],
    ) -> Result<(), CloudError> {
        self.heard().await;
        let (region, name) = (&group.region, &group.name);
        let mut state = self.reach("CreateOrUpdateTags", region)?;
        for (key, value) in registers.iter().map(Register::tag) {
            state.wrote("CreateOrUpdateTags", region, &format!("{name} {key}"));
            if let Some(group) = state.groups.get_mut(&(region.clone(), name.clone())) {
                group.tags.insert(key, value);
            }
        }
        Ok(())
    }

    async fn change_targets(
        &self,
        _local: Local,
        region: &Region,
        arn: &str,
        change: TargetChange<'_>,
    ) -> Result<(), CloudError> {
        let call = match change {
            TargetChange::Register(_) => "RegisterTargets",
            TargetChange::Deregister(_) => "DeregisterTargets",
        };
        self.reach(call, region)?.wrote(call, region, arn);
        Ok(())
    }
}

#[async_trait]
impl Telemetry for Fake {
    async fn alarm(&self, region: &Region, name: &str) -> Result<Option<AlarmStatus>, CloudError> {
        let state = self.reach("DescribeAlarms", region)?;
        Ok(state.alarms.get(&(region.clone(), name.to_owned())).cloned())
    }

    async fn put_metric(
        &self,
        _permit: &Permit,
        region: &Region,
        metric: &Metric,
        _value: f64,
    ) -> Result<(), CloudError> {
        self.heard().await;
        self.reach("PutMetricData", region)?.wrote("PutMetricData", region, &metric.name);
        Ok(())
    }

    async fn newest_value(
        &self,
        region: &Region,
        metric: &Metric,
        _period: Duration,
        _since: Timestamp,
    ) -> Result<Option<f64>, CloudError> {
        let state = self.reach("GetMetricData", region)?;
        Ok(state.values.get(&(region.clone(), metric.name.clone())).copied())
    }

    async fn log_lines(
        &self,
        region: &Region,
        _group: &str,
        since: Timestamp,
    ) -> Result<Vec<LogLine>, CloudError> {
        let state = self.reach("FilterLogEvents", region)?;
        Ok(state.logs.iter().filter(|line| line.at >= since).cloned().collect())
    }

    async fn function_variables(
        &self,
        region: &Region,
        _function: &str,
    ) -> Result<BTreeMap<String, String>, CloudError> {
        let _state = self.reach("GetFunctionConfiguration", region)?;
        Ok(BTreeMap::new())
    }

    async fn invoke(
        &self,
        _permit: &Permit,
        region: &Region,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Invocation, CloudError> {
        let mut state = self.reach("Invoke", region)?;
        state.wrote("Invoke", region, function);
        let echo = Invocation { payload, error: None };
        Ok(state.answers.pop_front().unwrap_or(echo))
    }
}

/// The sizes of a group after an update; `None` if Auto Scaling would refuse it. A desired capacity that is not sent follows its
/// bounds.
fn applied(sent: Sent, live: Sizes) -> Option<Sizes> {
    let (min, max) = (sent.min.unwrap_or(live.min), sent.max.unwrap_or(live.max));
    if min > max {
        return None;
    }
    let desired = sent.desired.unwrap_or_else(|| live.desired.clamp(min, max));
    (min..=max).contains(&desired).then_some(Sizes { min, desired, max })
}
