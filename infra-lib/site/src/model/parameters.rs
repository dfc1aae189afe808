//! What each stack is given.

use std::collections::BTreeMap;

use failover_core::policy::Floor;

use super::{Source, StackId, VERDICT_SERVERS, ZONES, alarm_name};
use crate::config::{Certificate, Config, Edge, Health, Switch, Waf};
use crate::names::{CertificateArn, Cidr, ParameterName, Region};

/// The settings of the policy that shape the detector too; the controller takes them all.
const DETECTOR_SETTINGS: [&str; 2] = ["latch", "routing"];

type Parameters = BTreeMap<ParameterName, Source>;
type List = Vec<(&'static str, Source)>;

/// The stacks of one side, and what differs between the sides.
struct Side<'a> {
    role: &'static str,
    network: StackId,
    min: u16,
    max: u16,
    warm_pool: u16,
    lcus: u16,
    ami: Option<&'a String>,
    certificate: Option<&'a CertificateArn>,
}

impl Side<'_> {
    /// What always runs and the stopped instances beyond it, as the template wants them: it cannot add. 0 without a pool.
    fn prepared(&self) -> u16 {
        if self.warm_pool == 0 { 0 } else { self.min + self.warm_pool }
    }
}

pub(super) fn parameters(id: StackId, config: &Config) -> Parameters {
    let mut list = match id {
        StackId::NetworkPrimary => network(config, &config.network.primary_cidr),
        StackId::NetworkStandby => network(config, &config.network.standby_cidr),
        StackId::WebPrimary => web(config, &primary(config)),
        StackId::WebStandby => web(config, &standby(config)),
        StackId::Controller => controller(config),
        StackId::Detector => detector(config),
        StackId::Edge => config.edge.as_ref().map_or_else(List::new, |own| edge(config, own)),
        StackId::Dashboard if config.operations.dashboard.is_on() => dashboard(config),
        StackId::Artifacts | StackId::Dashboard => Vec::new(),
    };
    list.push(("SiteName", Source::literal(&config.name)));
    let named = |(name, source)| (ParameterName::new(name), source);
    let mut parameters: Parameters = list.into_iter().map(named).collect();
    let takes = |name: &str| {
        id == StackId::Controller || (id == StackId::Detector && DETECTOR_SETTINGS.contains(&name))
    };
    let settings = config.policy.settings().into_iter();
    for (setting, value) in settings.filter(|(setting, _)| takes(setting.name)) {
        parameters.insert(ParameterName::new(setting.parameter()), Source::Literal(value));
    }
    parameters
}

fn network(config: &Config, cidr: &Cidr) -> List {
    let network = &config.network;
    let zones = ZONES.map(|name| (name, Source::literal("")));
    let list = vec![
        ("VpcCidr", Source::literal(cidr)),
        ("Zones", Source::literal(network.zones)),
        ("InstancePlacement", Source::literal(network.instances)),
        ("Nat", Source::literal(network.nat)),
    ];
    list.into_iter().chain(zones).collect()
}

fn primary(config: &Config) -> Side<'_> {
    Side {
        role: "primary",
        network: StackId::NetworkPrimary,
        min: config.web.primary_min,
        max: config.web.primary_max,
        warm_pool: 0,
        // It has its users always, and the capacity that they need.
        lcus: 0,
        ami: config.web.primary_ami.as_ref(),
        certificate: config.tls.primary_arn.as_ref(),
    }
}

fn standby(config: &Config) -> Side<'_> {
    Side {
        role: "standby",
        network: StackId::NetworkStandby,
        min: floor(config),
        // The template wants a maximum of 2 or more; what a raise asks for stays bounded by the policy.
        max: config.policy.capacity_max().max(2),
        warm_pool: config.web.warm_pool,
        lcus: config.web.standby_lcus,
        ami: config.web.standby_ami.as_ref(),
        certificate: config.tls.standby_arn.as_ref(),
    }
}

/// A floor that follows the peak starts where a raise would, by the hint; the controller moves it from there.
fn floor(config: &Config) -> u16 {
    match config.policy.floor() {
        Floor::Fixed(instances) => instances,
        Floor::Match => config.policy.target(None),
    }
}

fn web(config: &Config, side: &Side<'_>) -> List {
    let web = &config.web;
    let mut list = vec![
        ("Role", Source::literal(side.role)),
        ("VpcId", Source::output(side.network, "VpcId")),
        ("PublicSubnetIds", Source::output(side.network, "PublicSubnetIds")),
        ("InstanceSubnetIds", Source::output(side.network, "InstanceSubnetIds")),
        ("InstancePlacement", Source::literal(config.network.instances)),
        ("ListenerPort", Source::literal(web.listener_port)),
        ("InstancePort", Source::literal(web.instance_port)),
        ("HealthPath", Source::literal(&config.health.path)),
        ("ImageId", Source::literal(&web.image)),
        ("AmiId", optional(side.ami)),
        ("UserData", optional(web.user_data.as_ref())),
        ("RootDeviceName", Source::literal(web.root_device)),
        ("RootVolumeGib", Source::literal(web.root_volume_gib)),
        ("InstanceType", Source::literal(&web.instance_type)),
        ("InstanceType2", optional(web.more_instance_types.first())),
        ("InstanceType3", optional(web.more_instance_types.get(1))),
        ("OnDemandPercent", Source::literal(web.on_demand_percent)),
        ("MinSize", Source::literal(side.min)),
        ("MaxSize", Source::literal(side.max)),
        ("CpuTargetPercent", Source::literal(web.cpu_target_percent)),
        ("PreparedCapacity", Source::literal(side.prepared())),
        ("ReservedLcus", Source::literal(side.lcus)),
        ("SessionManager", Source::literal(web.session_manager)),
        ("AccessLogs", Source::literal(web.access_logs)),
        ("DeletionProtection", Source::literal(web.deletion_protection)),
        ("ReplaceUnhealthy", Source::literal(config.health.replace_unhealthy)),
        ("Waf", Source::literal(Switch::on_if(config.waf == Waf::Regional))),
    ];
    list.extend(tls(config, side));
    list.extend(roles(config));
    list
}

fn tls(config: &Config, side: &Side<'_>) -> List {
    let managed = config.tls.certificate == Certificate::Managed;
    let origin = config.edge.as_ref().map(|edge| &edge.origin_hostname);
    vec![
        ("Tls", Source::literal(config.tls.certificate)),
        ("CertificateArn", optional(side.certificate)),
        ("RedirectHttp", Source::literal(config.tls.redirect)),
        // The names of the managed certificate; nothing else of the stack needs them.
        ("Hostname", optional(managed.then_some(&config.hostname))),
        ("HostedZoneId", optional(managed.then_some(&config.hosted_zone_id))),
        ("OriginHostname", optional(origin.filter(|_| managed))),
    ]
}

/// A value, or the empty text by which a template means that there is none.
fn optional(value: Option<impl std::fmt::Display>) -> Source {
    value.map_or_else(|| Source::literal(""), Source::literal)
}

/// Who is told by the stack of a region.
fn notices(config: &Config, region: &Region) -> List {
    let address = |index| optional(config.notice_emails.get(index));
    let webhook = |index| optional(config.notice_webhooks.get(index));
    vec![
        ("NoticeEmail", address(0)),
        ("NoticeEmail2", address(1)),
        ("NoticeEmail3", address(2)),
        ("NoticeWebhook", webhook(0)),
        ("NoticeWebhook2", webhook(1)),
        ("NoticeTopicArn", optional(config.notice_topic(region))),
    ]
}

/// What every role of a stack is made with.
fn roles(config: &Config) -> List {
    let organization = &config.organization;
    vec![
        ("PermissionsBoundary", optional(organization.permissions_boundary.as_ref())),
        ("RolePath", optional(organization.role_path.as_ref())),
    ]
}

/// With the latch off the controller's stack has no such alarm, and no such output.
fn latch_alarm(config: &Config) -> Source {
    if config.policy.latch() {
        Source::output(StackId::Controller, "LatchAlarmName")
    } else {
        Source::literal("")
    }
}

fn controller(config: &Config) -> List {
    let (primary, standby) = (StackId::WebPrimary, StackId::WebStandby);
    let controller = &config.controller;
    // AWS knows no "nothing reserved", so the template takes -1 for it.
    let reserved = controller.reserved_concurrency.map_or("-1".to_owned(), |n| n.to_string());
    let egress_url = controller.egress_url.clone().map(Source::Literal);
    let chosen = egress_url.map(|url| ("EgressUrl", url)).into_iter();
    let roots = config.tls.ca_bundle.is_some().then(|| ("CaBundle", Source::literal(Switch::On)));
    let given = [
        ("Hostname", Source::literal(config.failover_name())),
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
        ("PrimaryMaxSize", Source::literal(config.web.primary_max)),
        ("ReservedConcurrency", Source::Literal(reserved)),
        ("LogRetentionDays", Source::literal(controller.log_retention_days)),
        ("ResolverAddress", optional(controller.resolver)),
        (VERDICT_SERVERS, Source::literal("")),
        ("Watch", Source::literal(config.health.watch)),
    ];
    let told = notices(config, &config.regions.standby);
    given.into_iter().chain(told).chain(roles(config)).chain(chosen).chain(roots).collect()
}

fn detector(config: &Config) -> List {
    let (primary, standby) = (StackId::WebPrimary, StackId::WebStandby);
    let Health { path, interval, threshold, alarm_period, standby_check, .. } = &config.health;
    let Health { primary_check_id, standby_check_id, gate_check_id, .. } = &config.health;
    let protocol = if config.tls.is_on() { "HTTPS" } else { "HTTP" };
    let mut list = vec![
        ("Hostname", Source::literal(config.failover_name())),
        ("HostedZoneId", Source::literal(&config.hosted_zone_id)),
        ("RecordPolicy", Source::literal(config.routing.records)),
        ("PrimaryWeight", Source::literal(config.routing.primary_weight)),
        ("StandbyWeight", Source::literal(config.routing.standby_weight)),
        ("PrimaryHealthCheckId", optional(primary_check_id.as_ref())),
        ("StandbyHealthCheckId", optional(standby_check_id.as_ref())),
        ("GateHealthCheckId", optional(gate_check_id.as_ref())),
        ("StandbyCheck", Source::literal(standby_check)),
        ("LatchAlarmName", latch_alarm(config)),
        ("PrimaryRegion", Source::literal(&config.regions.primary)),
        ("StandbyRegion", Source::literal(&config.regions.standby)),
        ("HealthProtocol", Source::literal(protocol)),
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
        ("AlarmName", Source::Literal(alarm_name(config))),
    ];
    list.extend(notices(config, &Region::detector()));
    list
}

fn edge(config: &Config, edge: &Edge) -> List {
    // Nothing else of the edge waits for a load balancer.
    let standby = match edge.failover_path {
        Some(_) => Source::output(StackId::WebStandby, "LoadBalancerDnsName"),
        None => Source::literal(""),
    };
    vec![
        ("Hostname", Source::literal(&config.hostname)),
        ("HostedZoneId", Source::literal(&config.hosted_zone_id)),
        ("OriginHostname", Source::literal(&edge.origin_hostname)),
        ("OriginPort", Source::literal(config.web.listener_port)),
        ("FailoverPath", optional(edge.failover_path.as_ref())),
        ("StandbyEndpoint", standby),
        ("CertificateArn", optional(edge.certificate_arn.as_ref())),
        ("PriceClass", Source::literal(edge.price_class)),
        ("Waf", Source::literal(Switch::on_if(config.waf == Waf::Edge))),
    ]
}

fn dashboard(config: &Config) -> List {
    let (primary, standby) = (StackId::WebPrimary, StackId::WebStandby);
    // Without a check the detector has no such output.
    let standby_check = if config.health.standby_check.is_on() {
        Source::output(StackId::Detector, "StandbyCheckId")
    } else {
        Source::literal("")
    };
    vec![
        ("Hostname", Source::literal(&config.hostname)),
        ("PrimaryRegion", Source::literal(&config.regions.primary)),
        ("StandbyRegion", Source::literal(&config.regions.standby)),
        ("PrimaryGroupName", Source::output(primary, "GroupName")),
        ("StandbyGroupName", Source::output(standby, "GroupName")),
        ("PrimaryLoadBalancerFullName", Source::output(primary, "LoadBalancerFullName")),
        ("StandbyLoadBalancerFullName", Source::output(standby, "LoadBalancerFullName")),
        ("PrimaryTargetGroupFullName", Source::output(primary, "TargetGroupFullName")),
        ("StandbyTargetGroupFullName", Source::output(standby, "TargetGroupFullName")),
        ("PrimaryCheckId", Source::output(StackId::Detector, "PrimaryCheckId")),
        ("StandbyCheckId", standby_check),
        ("AlarmName", Source::Literal(alarm_name(config))),
        ("Watch", Source::literal(config.health.watch)),
        ("FunctionName", Source::output(StackId::Controller, "FunctionName")),
        ("LatchAlarmName", latch_alarm(config)),
    ]
}

/// The failover name with its port and path. The controller connects it to the primary's endpoint, so that the probe carries
/// the name that a shared load balancer or a certificate expects.
fn probe_url(config: &Config) -> String {
    format!("{}{}", config.failover_url(), config.health.path)
}
