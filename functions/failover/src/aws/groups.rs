//! One region's Auto Scaling group, its tags, and its target group.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_autoscaling::Client as AutoScaling;
use aws_sdk_autoscaling::config::Builder;
use aws_sdk_autoscaling::types::{AutoScalingGroup, LifecycleState, Tag};
use aws_sdk_elasticloadbalancingv2::Client as LoadBalancing;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;
use failover_core::decision::{PrimaryWrite, StandbyWrite};
use failover_core::observation::{Group, Known, Why};
use failover_core::record::{Record, Register};

use crate::error::WriteError;
use crate::log::{self, Level, Log};
use crate::port::{CPU_PERIOD, Metric, REQUESTS_PERIOD, Role, Span};
use crate::settings::Fleet;

use super::metrics::Metrics;
use super::why::{read, sent};

/// Suspended, either of them makes a raise bring no servers.
const NEEDED_PROCESSES: [&str; 2] = ["Launch", "AddToLoadBalancer"];
/// Suspended, a group does not follow its load, or keeps unhealthy servers.
const STEADY_PROCESSES: [&str; 2] = ["AlarmNotification", "ReplaceUnhealthy"];

#[derive(Clone, Debug)]
pub(super) struct Groups {
    role: Role,
    fleet: Fleet,
    scaling: AutoScaling,
    targets: LoadBalancing,
    metrics: Metrics,
    log: Arc<dyn Log>,
}

impl Groups {
    pub(super) fn new(role: Role, fleet: Fleet, config: &SdkConfig, log: Arc<dyn Log>) -> Self {
        let (scaling, targets) = (AutoScaling::new(config), LoadBalancing::new(config));
        let metrics = Metrics::new(&fleet.region, config, Arc::clone(&log));
        Self { role, fleet, scaling, targets, metrics, log }
    }

    /// The metrics of the group's region.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The group and the record in its tags.
    pub(super) async fn read(&self) -> Known<(Group, Record)> {
        let call = self.scaling.describe_auto_scaling_groups();
        let call = call.auto_scaling_group_names(&self.fleet.group);
        read(call.send().await, |error| self.complain("group", error)).and_then(|answer| {
            let named = |group: &&AutoScalingGroup| {
                group.auto_scaling_group_name() == Some(self.fleet.group.as_str())
            };
            let group = answer.auto_scaling_groups().iter().find(named);
            let Some(group) = group else { return Known::Unknown(Why::Empty) };
            let sizes = read_group(group).map_or(Known::Unknown(Why::Unparseable), Known::Known);
            sizes.map(|sizes| (sizes, read_record(group)))
        })
    }

    /// Targets that the load balancer calls healthy.
    pub(super) async fn read_healthy(&self) -> Known<u16> {
        let call = self.targets.describe_target_health();
        let call = call.target_group_arn(&self.fleet.target_group);
        read(call.send().await, |error| self.complain("target health", error)).map(|answer| {
            let healthy = answer.target_health_descriptions().iter().filter(|target| {
                let state = target.target_health().and_then(|health| health.state());
                state == Some(&TargetHealthStateEnum::Healthy)
            });
            u16::try_from(healthy.count()).unwrap_or(u16::MAX)
        })
    }

    /// Newest average CPU of the group's instances, in percent.
    pub(super) async fn read_cpu(&self, span: Span) -> Known<u16> {
        let group = self.fleet.group.clone();
        let metric = Metric {
            namespace: "AWS/EC2".to_owned(),
            name: "CPUUtilization".to_owned(),
            dimensions: vec![("AutoScalingGroupName".to_owned(), group)],
            statistic: "Average".to_owned(),
            period: CPU_PERIOD,
        };
        let series = self.metrics.read("CPU", &metric, span).await;
        series.and_then(|series| {
            let newest = series.into_iter().max_by_key(|&(at, _)| at);
            newest.map_or(Known::Unknown(Why::Empty), |(_, percent)| whole(percent))
        })
    }

    /// Requests a minute that each target got, in the busiest minute. A load balancer without requests reports none, so no
    /// datapoint is no request.
    pub(super) async fn read_requests(&self, span: Span) -> Known<u32> {
        let arn = &self.fleet.target_group;
        let target_group = arn.rsplit(':').next().unwrap_or(arn).to_owned();
        let metric = Metric {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: "RequestCountPerTarget".to_owned(),
            dimensions: vec![("TargetGroup".to_owned(), target_group)],
            // Of this metric it is the average over the targets.
            statistic: "Sum".to_owned(),
            period: REQUESTS_PERIOD,
        };
        let series = self.metrics.read("requests", &metric, span).await;
        series.and_then(|series| {
            series
                .into_iter()
                .try_fold(0, |most, (_, each)| counted(each).map(|n| most.max(n)))
                .map_or(Known::Unknown(Why::Unparseable), Known::Known)
        })
    }

    /// All registers in one call. Instances do not inherit them.
    pub(super) async fn write_tags(&self, registers: &[Register]) -> Result<(), WriteError> {
        let tag = |register: &Register| {
            let (key, value) = register.tag();
            Tag::builder()
                .resource_id(&self.fleet.group)
                .resource_type("auto-scaling-group")
                .key(key)
                .value(value)
                .propagate_at_launch(false)
                .build()
        };
        let tags = registers.iter().map(tag).collect();
        let call = self.scaling.create_or_update_tags().set_tags(Some(tags));
        sent(call.send().await)
    }

    /// The one write to the standby group.
    pub(super) async fn write(
        &self,
        write: StandbyWrite,
        live_max: Option<u16>,
    ) -> Result<(), WriteError> {
        // Whatever is sent is at most the site's own maximum, or a step down: S4.
        let changed = |max| (live_max != Some(max)).then(|| i32::from(max));
        let call =
            self.scaling.update_auto_scaling_group().auto_scaling_group_name(&self.fleet.group);
        let call = match write {
            StandbyWrite::Raise(sizes) => call
                .min_size(sizes.min.into())
                .desired_capacity(sizes.desired.into())
                .set_max_size(changed(sizes.max)),
            StandbyWrite::LowerMin { min } => call.min_size(min.into()),
            // INVARIANT S2: never MinSize here. AWS refuses a desired capacity below it, the only
            // compare-and-set there is.
            StandbyWrite::LowerDesired { desired, max } => {
                call.desired_capacity(desired.into()).set_max_size(changed(max))
            }
        };
        let answer = if write.lowers() {
            // A second try would stand on readings that have aged, so there is none.
            let once = Builder::new().retry_config(RetryConfig::disabled());
            call.customize().config_override(once).send().await
        } else {
            call.send().await
        };
        sent(answer)
    }

    /// The one write to the primary group.
    pub(super) async fn write_floor(&self, write: PrimaryWrite) -> Result<(), WriteError> {
        let call = self
            .scaling
            .update_auto_scaling_group()
            .auto_scaling_group_name(&self.fleet.group)
            .min_size(write.min.into())
            .set_desired_capacity(write.desired.map(i32::from));
        sent(call.send().await)
    }

    fn complain(&self, read: &str, error: &str) {
        let fields = [
            ("read", read),
            ("role", self.role.word()),
            ("region", self.fleet.region.as_str()),
            ("error", error),
        ];
        self.log.line(&log::problem(Level::Warn, "read failed", &fields));
    }
}

fn read_group(group: &AutoScalingGroup) -> Option<Group> {
    let size = |size: Option<i32>| u16::try_from(size?).ok();
    let in_service = group.instances().iter();
    let in_service =
        in_service.filter(|one| one.lifecycle_state() == Some(&LifecycleState::InService)).count();
    let suspended = |any: &[&str]| {
        let names = group.suspended_processes().iter().filter_map(|process| process.process_name());
        names.into_iter().any(|name| any.contains(&name))
    };
    Some(Group {
        min: size(group.min_size())?,
        desired: size(group.desired_capacity())?,
        max: size(group.max_size())?,
        in_service: u16::try_from(in_service).ok()?,
        // Asked apart, so that a raise need not wait for it.
        healthy: Known::Unknown(Why::NotAsked),
        suspended: suspended(&NEEDED_PROCESSES),
        paused: suspended(&STEADY_PROCESSES),
        cpu: Known::Unknown(Why::NotAsked),
    })
}

fn whole(percent: f64) -> Known<u16> {
    // Bursting instances may report a little more than 100.
    if !(0.0..=1000.0).contains(&percent) {
        return Known::Unknown(Why::Unparseable);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let whole = percent.round() as u16;
    Known::Known(whole)
}

/// Rounded up: a request is a request.
fn counted(requests: f64) -> Option<u32> {
    let fits = (0.0..=f64::from(u32::MAX)).contains(&requests);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
    let whole = requests.ceil() as u32;
    fits.then_some(whole)
}

fn read_record(group: &AutoScalingGroup) -> Record {
    let tags = group.tags().iter();
    Record::from_tags(tags.filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default()))))
}
