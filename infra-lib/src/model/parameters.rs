//! What each stack is given.

use std::collections::BTreeMap;

use failover_core::policy::Floor;

use super::{Source, StackId, alarm_name};
use crate::config::{Config, Health};
use crate::names::ParameterName;

/// The settings of the policy that shape the detector too; the controller takes them all.
const DETECTOR_SETTINGS: [&str; 1] = ["latch"];

type Parameters = BTreeMap<ParameterName, Source>;

/// The stacks of one side.
struct Side {
    role: &'static str,
    network: StackId,
    min: u16,
    max: u16,
}

pub(super) fn parameters(id: StackId, config: &Config) -> Parameters {
    let mut list = match id {
        StackId::Artifacts => Vec::new(),
        StackId::NetworkPrimary => vec![("VpcCidr", Source::literal(&config.network.primary_cidr))],
        StackId::NetworkStandby => vec![("VpcCidr", Source::literal(&config.network.standby_cidr))],
        StackId::WebPrimary => {
            let (min, max) = (config.web.primary_min, config.web.primary_max);
            web(config, &Side { role: "primary", network: StackId::NetworkPrimary, min, max })
        }
        StackId::WebStandby => {
            // The template wants a maximum of 2 or more; what a raise asks for stays bounded by the policy.
            let (min, max) = (floor(config), config.policy.capacity_max().max(2));
            web(config, &Side { role: "standby", network: StackId::NetworkStandby, min, max })
        }
        StackId::Controller => controller(config),
        StackId::Detector => detector(config),
    };
    list.push(("SiteName", Source::literal(&config.name)));
    let named = |(name, source)| (ParameterName::new(name), source);
    let mut parameters: Parameters = list.into_iter().map(named).collect();
    let settings = config.policy.settings().into_iter();
    let taken = settings.filter(|(setting, _)| match id {
        StackId::Controller => true,
        StackId::Detector => DETECTOR_SETTINGS.contains(&setting.name),
        StackId::Artifacts
        | StackId::NetworkPrimary
        | StackId::NetworkStandby
        | StackId::WebPrimary
        | StackId::WebStandby => false,
    });
    parameters.extend(
        taken.map(|(setting, value)| {
            (ParameterName::new(setting.parameter()), Source::Literal(value))
        }),
    );
    parameters
}

/// What the standby's group starts with. A floor that follows the primary's peak starts where a raise would without one: the
/// controller moves it from there.
fn floor(config: &Config) -> u16 {
    match config.policy.floor() {
        Floor::Fixed(instances) => instances,
        Floor::Match => config.policy.target(None),
    }
}

fn web(config: &Config, side: &Side) -> Vec<(&'static str, Source)> {
    let web = &config.web;
    vec![
        ("Role", Source::literal(side.role)),
        ("VpcId", Source::output(side.network, "VpcId")),
        ("PublicSubnetIds", Source::output(side.network, "PublicSubnetIds")),
        ("InstanceSubnetIds", Source::output(side.network, "InstanceSubnetIds")),
        ("ListenerPort", Source::literal(web.listener_port)),
        ("InstancePort", Source::literal(web.instance_port)),
        ("HealthPath", Source::literal(&config.health.path)),
        ("ImageId", Source::literal(&web.image)),
        ("InstanceType", Source::literal(&web.instance_type)),
        ("MinSize", Source::literal(side.min)),
        ("MaxSize", Source::literal(side.max)),
    ]
}

fn controller(config: &Config) -> Vec<(&'static str, Source)> {
    let (primary, standby) = (StackId::WebPrimary, StackId::WebStandby);
    let controller = &config.controller;
    // AWS knows no "nothing reserved", so the template takes -1 for it.
    let reserved = controller.reserved_concurrency.map_or("-1".to_owned(), |n| n.to_string());
    let resolver = controller.resolver.map(|address| address.to_string()).unwrap_or_default();
    let egress_url = controller.egress_url.clone().map(Source::Literal);
    let chosen = egress_url.map(|url| ("EgressUrl", url)).into_iter();
    let given = [
        ("Hostname", Source::literal(&config.hostname)),
        ("CodeBucket", Source::output(StackId::Artifacts, "BucketName")),
        ("CodeKey", Source::CodeKey),
        ("Architecture", Source::literal(controller.architecture.as_str())),
        ("AlarmName", Source::Literal(alarm_name(config))),
        ("PrimaryRegion", Source::literal(&config.regions.primary)),
        ("PrimaryGroupName", Source::output(primary, "GroupName")),
        ("StandbyGroupName", Source::output(standby, "GroupName")),
        ("PrimaryTargetGroupArn", Source::output(primary, "TargetGroupArn")),
        ("StandbyTargetGroupArn", Source::output(standby, "TargetGroupArn")),
        ("PrimaryEndpoint", Source::output(primary, "LoadBalancerDnsName")),
        ("StandbyEndpoint", Source::output(standby, "LoadBalancerDnsName")),
        ("ProbeUrl", Source::Literal(probe_url(config))),
        ("NoticeEmail", Source::Literal(config.notice_email.clone().unwrap_or_default())),
        ("ReservedConcurrency", Source::Literal(reserved)),
        ("LogRetentionDays", Source::literal(controller.log_retention_days)),
        ("ResolverAddress", Source::Literal(resolver)),
    ];
    given.into_iter().chain(chosen).collect()
}

fn detector(config: &Config) -> Vec<(&'static str, Source)> {
    let (primary, standby) = (StackId::WebPrimary, StackId::WebStandby);
    let Health { path, interval, threshold, alarm_period, .. } = &config.health;
    let Health { primary_check_id, standby_check_id, gate_check_id, .. } = &config.health;
    // With the latch off the controller's stack has no such alarm, and no such output.
    let latch_alarm = if config.policy.latch() {
        Source::output(StackId::Controller, "LatchAlarmName")
    } else {
        Source::literal("")
    };
    vec![
        ("Hostname", Source::literal(&config.hostname)),
        ("HostedZoneId", Source::literal(&config.hosted_zone_id)),
        ("PrimaryHealthCheckId", Source::Literal(primary_check_id.clone().unwrap_or_default())),
        ("StandbyHealthCheckId", Source::Literal(standby_check_id.clone().unwrap_or_default())),
        ("GateHealthCheckId", Source::Literal(gate_check_id.clone().unwrap_or_default())),
        ("LatchAlarmName", latch_alarm),
        ("StandbyRegion", Source::literal(&config.regions.standby)),
        ("HealthPort", Source::literal(config.web.listener_port)),
        ("HealthPath", Source::literal(path)),
        ("HealthIntervalSeconds", Source::literal(interval.as_secs())),
        ("HealthFailureThreshold", Source::literal(threshold)),
        ("AlarmPeriodSeconds", Source::literal(alarm_period.as_secs())),
        ("PrimaryEndpoint", Source::output(primary, "LoadBalancerDnsName")),
        ("PrimaryEndpointZoneId", Source::output(primary, "LoadBalancerZoneId")),
        ("StandbyEndpoint", Source::output(standby, "LoadBalancerDnsName")),
        ("StandbyEndpointZoneId", Source::output(standby, "LoadBalancerZoneId")),
        ("FunctionArn", Source::output(StackId::Controller, "FunctionArn")),
        ("NoticeEmail", Source::Literal(config.notice_email.clone().unwrap_or_default())),
        ("AlarmName", Source::Literal(alarm_name(config))),
    ]
}

/// The site's own name with its port and path. The controller connects it to the primary's endpoint, so that the probe carries
/// the name that a shared load balancer or a certificate expects.
fn probe_url(config: &Config) -> String {
    format!("http://{}:{}{}", config.hostname, config.web.listener_port, config.health.path)
}
