//! Every type of resource that a template may hold, and what it costs. A type that is not here is an error.

use cfn::{Node, Value};

use site::model::StackId;

use super::controller;
use super::draft::{Charge, Draft, Place, When};
use super::error::CostError;
use super::item::Item;
use super::money::Quantity;

/// The disk of an instance whose size the template leaves to the image: that of Amazon Linux 2023. Units: GB.
pub const IMAGE_GB: u64 = 8;
/// Metrics of one instance with detailed monitoring. Source: CloudWatch pricing, "7 metrics".
pub const INSTANCE_METRICS: u64 = 7;
/// What the bucket holds: the zip of a few versions. Units: MB.
pub const CODE_MEGABYTES: u64 = 10;
/// Alarms that target tracking makes for itself: one to scale out, one to scale in.
const TRACKING_ALARMS: u64 = 2;

/// How a type of resource is charged for.
pub(super) enum Rule {
    /// Nothing, whatever it does.
    Free,
    /// Each use.
    OnUse(Item, When),
    /// Each hour that it stands.
    Hours(Item, &'static str),
    /// By the month.
    Month(Item, &'static str),
    /// By lines.
    Lines(fn(&Place<'_>) -> Result<Vec<Draft>, CostError>),
    /// By lines, by use, or by both.
    Mixed(fn(&Place<'_>) -> Result<Charge, CostError>),
}

/// The rule for a type.
pub(super) fn rule(kind: &str) -> Option<Rule> {
    Some(match kind {
        "AWS::AutoScaling::AutoScalingGroup" => Rule::Lines(group),
        "AWS::AutoScaling::ScalingPolicy" => Rule::Lines(scaling_policy),
        "AWS::CloudWatch::Alarm" => Rule::Lines(alarm),
        "AWS::CloudWatch::Dashboard" => Rule::Month(Item::Dashboard, "dashboard"),
        "AWS::AutoScaling::WarmPool" => Rule::Lines(warm_pool),
        "AWS::EC2::EIP" => Rule::Hours(Item::PublicAddress, "public IPv4"),
        "AWS::EC2::NatGateway" => Rule::Hours(Item::NatGateway, "NAT gateway"),
        "AWS::EC2::VPCEndpoint" => Rule::Lines(endpoint),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => Rule::Lines(load_balancer),
        "AWS::Lambda::EventSourceMapping" => Rule::Lines(controller::looks),
        "AWS::Lambda::Function" => Rule::Lines(controller::function),
        "AWS::Logs::LogGroup" => Rule::Lines(controller::log_group),
        "AWS::Route53::HealthCheck" => Rule::Lines(health_check),
        "AWS::S3::Bucket" => Rule::Mixed(bucket),
        "AWS::WAFv2::WebACL" => Rule::Mixed(web_acl),
        "AWS::CloudFront::Distribution" => Rule::OnUse(Item::EdgeRequests, When::Traffic),
        "AWS::StepFunctions::StateMachine" => Rule::OnUse(Item::WorkflowRuns, When::Event),
        "AWS::SNS::Subscription" => Rule::Mixed(subscription),
        "AWS::SNS::Topic" => Rule::OnUse(Item::TopicRequests, When::Event),
        "AWS::SQS::Queue" => Rule::Mixed(controller::queue),
        // Queries of an alias are free, and the others are traffic. A rule with a schedule is free; its runs are the function's.
        "AWS::Route53::RecordSet"
        | "AWS::Events::Rule"
        | "AWS::EC2::InternetGateway"
        | "AWS::EC2::LaunchTemplate"
        | "AWS::EC2::Route"
        | "AWS::EC2::RouteTable"
        | "AWS::EC2::SecurityGroup"
        | "AWS::EC2::Subnet"
        | "AWS::EC2::SubnetRouteTableAssociation"
        | "AWS::EC2::VPC"
        | "AWS::EC2::VPCGatewayAttachment"
        | "AWS::ElasticLoadBalancingV2::Listener"
        | "AWS::ElasticLoadBalancingV2::TargetGroup"
        | "AWS::AutoScaling::LifecycleHook"
        | "AWS::CertificateManager::Certificate"
        | "AWS::IAM::InstanceProfile"
        | "AWS::IAM::Role"
        | "AWS::Lambda::EventInvokeConfig"
        | "AWS::Lambda::Permission"
        | "AWS::S3::BucketPolicy"
        | "AWS::SNS::TopicPolicy"
        | "AWS::SQS::QueuePolicy"
        | "AWS::WAFv2::WebACLAssociation" => Rule::Free,
        _ => return None,
    })
}

fn load_balancer(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    const RESERVED: &str = "MinimumLoadBalancerCapacity.CapacityUnits";
    let kind = place.text_or("Type", "application")?;
    if kind != "application" {
        return Err(place.unpriced(format!("a load balancer of type {kind}")));
    }
    let hours = Quantity::whole(place.hours);
    let mut drafts = vec![Draft::new(Item::LoadBalancer, "load balancer", hours)];
    if place.get(RESERVED).is_some() {
        let units = place.number(RESERVED)?;
        let quantity = Quantity::whole(units * place.hours);
        drafts.push(Draft::new(Item::ReservedLcu, format!("{units} LCUs reserved"), quantity));
    }
    if place.text_or("Scheme", "internet-facing")? == "internet-facing" {
        let zones = place.get("Subnets").and_then(|subnets| place.scope.count(subnets));
        let zones = zones.ok_or_else(|| place.unclear("Subnets"))?;
        let what = format!("public IPv4, {zones} zones");
        let quantity = Quantity::whole(zones * place.hours);
        drafts.push(Draft::new(Item::PublicAddress, what, quantity));
    }
    Ok(drafts)
}

/// The launch template of a group. With more than one type, the first is the one that is counted.
fn launched<'a>(place: &Place<'a>) -> Result<Place<'a>, CostError> {
    const ALONE: &str = "LaunchTemplate.LaunchTemplateId";
    const MIXED: &str =
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId";
    let template = place.get(ALONE).or_else(|| place.get(MIXED)).map(|id| &id.value);
    let Some(Value::Own { name, .. }) = template else { return Err(place.unclear(ALONE)) };
    let resource = place.scope.view.resource(name).ok_or_else(|| place.unclear(ALONE))?;
    Ok(Place { resource, ..*place })
}

/// The instances that the group always runs, their disks, addresses and monitoring.
fn group(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    let launched = launched(place)?;
    let count = place.number("MinSize")?;
    let kind = launched.text("LaunchTemplateData.InstanceType")?;
    let what = format!("{kind}, {count} running");
    let hours = Quantity::whole(count * place.hours);
    let mut drafts = vec![Draft::new(Item::Instance(kind.to_owned()), what, hours)];
    drafts.extend(disks(&launched, count, "disk")?);
    let interfaces = launched.get("LaunchTemplateData.NetworkInterfaces").map(Node::items);
    for interface in interfaces.unwrap_or_default() {
        let address = interface.get("AssociatePublicIpAddress");
        if address.and_then(Node::text) == Some("true") {
            drafts.push(Draft::new(Item::PublicAddress, "public IPv4 of instances", hours));
        }
    }
    if launched.text_or("LaunchTemplateData.Monitoring.Enabled", "false")? == "true" {
        let quantity = Quantity::whole(count * INSTANCE_METRICS);
        drafts.push(Draft::new(Item::CustomMetric, "detailed monitoring", quantity));
    }
    Ok(drafts)
}

/// The disks of so many instances.
fn disks(launched: &Place<'_>, count: u64, word: &str) -> Result<Vec<Draft>, CostError> {
    let mut drafts = Vec::new();
    let disks = launched.get("LaunchTemplateData.BlockDeviceMappings").map(Node::items);
    for disk in disks.unwrap_or_default() {
        if disk.at("Ebs.VolumeType").and_then(Node::text) != Some("gp3") {
            return Err(launched.unpriced("a disk that is not gp3"));
        }
        let gigabytes = match disk.at("Ebs.VolumeSize") {
            None => IMAGE_GB,
            Some(size) => {
                let size = size.text().and_then(|text| text.parse().ok());
                size.ok_or_else(|| launched.unclear("VolumeSize"))?
            }
        };
        let what = format!("{word} of {gigabytes} GB");
        drafts.push(Draft::new(Item::Disk, what, Quantity::whole(count * gigabytes)));
    }
    Ok(drafts)
}

/// Stopped instances cost their disks. They are what is prepared less what runs.
fn warm_pool(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    let group = place.scope.view.of_kind("AWS::AutoScaling::AutoScalingGroup").next();
    let resource = group.ok_or_else(|| place.unclear("AutoScalingGroupName"))?;
    let group = Place { resource, ..*place };
    let launched = launched(&group)?;
    let running = group.number("MinSize")?;
    let count = place.number("MaxGroupPreparedCapacity")?.saturating_sub(running);
    disks(&launched, count, &format!("{count} stopped instances, disk"))
}

/// The list and each of its rules; what it lets through is traffic.
fn web_acl(place: &Place<'_>) -> Result<Charge, CostError> {
    let rules = place.get("Rules").and_then(|rules| place.scope.count(rules));
    let rules = rules.ok_or_else(|| place.unclear("Rules"))?;
    let lines = vec![
        Draft::new(Item::WebAcl, "web ACL", Quantity::whole(1)),
        Draft::new(Item::WebAclRule, format!("{rules} rules"), Quantity::whole(rules)),
    ];
    Ok((lines, Some((Item::WebAclRequests, When::Traffic))))
}

/// Each e-mail, if it sends any; what it hands to a function or a queue is free.
fn subscription(place: &Place<'_>) -> Result<Charge, CostError> {
    let item = match place.text("Protocol")? {
        mail if mail.starts_with("email") => Some(Item::TopicEmails),
        "https" => Some(Item::TopicWebhooks),
        _ => None,
    };
    Ok((Vec::new(), item.map(|item| (item, When::Event))))
}

fn scaling_policy(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    if place.text_or("PolicyType", "SimpleScaling")? != "TargetTrackingScaling" {
        return Ok(Vec::new());
    }
    let quantity = Quantity::whole(TRACKING_ALARMS);
    Ok(vec![Draft::new(Item::Alarm, "alarms of target tracking", quantity)])
}

fn alarm(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    if let Some(metrics) = place.get("Metrics") {
        let read = metrics.items().into_iter().filter(|one| one.get("MetricStat").is_some());
        let count = u64::try_from(read.count()).unwrap_or(u64::MAX);
        return Ok(vec![Draft::new(Item::Alarm, "alarm", Quantity::whole(count))]);
    }
    let seconds = place.number("Period")?;
    let (item, what) = if seconds < 60 {
        (Item::AlarmHighResolution, "alarm, high resolution")
    } else {
        (Item::Alarm, "alarm")
    };
    Ok(vec![Draft::new(item, what, Quantity::whole(1))])
}

fn endpoint(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    match place.text_or("VpcEndpointType", "Gateway")? {
        "Gateway" => Ok(Vec::new()),
        kind => Err(place.unpriced(format!("an endpoint of type {kind}"))),
    }
}

/// A check, with what is charged beside it. Calculated checks and those of an alarm are taken for checks of an AWS endpoint, as
/// AWS's page names no price for them.
fn health_check(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    let kind = place.text("HealthCheckConfig.Type")?;
    if matches!(kind, "CALCULATED" | "CLOUDWATCH_METRIC") {
        return Ok(vec![Draft::new(Item::CheckAws, "check", Quantity::whole(1))]);
    }
    let target = place.get("HealthCheckConfig.FullyQualifiedDomainName");
    let ours = target.and_then(|name| place.scope.comes_from(name)).is_some();
    let (check, feature) = if ours {
        (Item::CheckAws, Item::CheckFeatureAws)
    } else {
        (Item::CheckOther, Item::CheckFeatureOther)
    };
    let features = [
        ("HTTPS", kind.starts_with("HTTPS")),
        ("string match", kind.ends_with("_STR_MATCH")),
        ("10 s interval", place.text_or("HealthCheckConfig.RequestInterval", "30")? == "10"),
        ("latency", place.text_or("HealthCheckConfig.MeasureLatency", "false")? == "true"),
    ];
    let features = features.into_iter().filter(|(_, chosen)| *chosen);
    let features = features.map(|(name, _)| Draft::new(feature.clone(), name, Quantity::whole(1)));
    let check = Draft::new(check, "check of an endpoint", Quantity::whole(1));
    Ok([check].into_iter().chain(features).collect())
}

/// The bucket of the code is full whether anybody comes or not; one of access logs holds traffic.
#[expect(clippy::unnecessary_wraps, reason = "a rule of the catalogue")]
fn bucket(place: &Place<'_>) -> Result<Charge, CostError> {
    if place.scope.stack.id != StackId::Artifacts {
        return Ok((Vec::new(), Some((Item::ObjectStorage, When::Traffic))));
    }
    let quantity = Quantity::ratio(CODE_MEGABYTES, 1000);
    let what = format!("{CODE_MEGABYTES} MB of code");
    Ok((vec![Draft::new(Item::ObjectStorage, what, quantity)], None))
}
