//! Rules about health checks, the failover alarm and the records.

use cfn::{Node, Value, Viewed};

use super::super::scope::Scope;
use site::names::DETECTOR_REGION;

const ALARM: &str = "AWS::CloudWatch::Alarm";
/// Services that publish their metrics in us-east-1 alone.
const GLOBAL: [(&str, &str); 3] =
    [("AWS/Route53", "Route 53"), ("AWS/CloudFront", "CloudFront"), ("AWS/Billing", "Billing")];

/// A global service publishes its metric in one region; an alarm on it anywhere else never has data.
pub(super) fn alarm_region(scope: &Scope<'_>) {
    let region = scope.region();
    if region == DETECTOR_REGION {
        return;
    }
    let fix = format!(
        "move the alarm into a stack in {DETECTOR_REGION}; its topic may tell a function anywhere"
    );
    for alarm in scope.view.of_kind(ALARM) {
        let metrics = alarm.property("Metrics").map(Node::items).unwrap_or_default();
        // A query may name another region of its own.
        let inner = metrics.into_iter().filter_map(|query| query.at("MetricStat.Metric.Namespace"));
        for namespace in alarm.property("Namespace").into_iter().chain(inner) {
            let found = GLOBAL.iter().find(|(name, _)| namespace.text() == Some(name));
            if let Some((_, service)) = found {
                let message = format!(
                    "{service} publishes its metric in {DETECTOR_REGION} alone; in {region} this alarm never has data"
                );
                scope.tell("alarm-region", &namespace.place, message, &fix);
            }
        }
    }
}

/// F39: an alarm on a fixed id goes on watching a check that has been replaced.
pub(super) fn alarm_dimension(scope: &Scope<'_>) {
    let message = "a fixed id outlives the check that it names (F39)";
    let fix = "use `!Ref` to the health check, or a parameter that its stack's output feeds";
    for value in health_alarms(scope).flat_map(watched) {
        if value.literal().is_some() {
            scope.tell("alarm-dimension", &value.place, message, fix);
        }
    }
}

/// F68: a failover record must carry a check of its own, and one of several answers some signal at least, or a dark region is
/// answered.
pub(super) fn record_health(scope: &Scope<'_>) {
    for record in records(scope) {
        if record.get("HealthCheckId").is_some() {
            continue;
        }
        // A text leads no user anywhere, dark or not.
        if record.get("Type").and_then(Node::text) == Some("TXT") {
            continue;
        }
        let is_secondary = record.get("Failover").and_then(Node::text) == Some("SECONDARY");
        if is_secondary && always(scope, record).is_some() {
            continue;
        }
        let place = &record.place;
        let fix = "set `HealthCheckId` to the check of this region";
        let shared =
            ["Weight", "Region", "MultiValueAnswer", "GeoLocation", "GeoProximityLocation"];
        let shared = shared.into_iter().any(|key| record.get(key).is_some());
        let evaluates = record.at("AliasTarget.EvaluateTargetHealth");
        let evaluates =
            evaluates.is_some_and(|value| value.text().is_none_or(|text| text == "true"));
        if record.get("Failover").is_some() {
            let message = "a failover record without its own health check can be answered while it is dark (F68)";
            let place = format!("{place}.HealthCheckId");
            // Whoever takes the check away by a condition knows what for.
            let chosen = scope.template.is_written(&place) && evaluates;
            let finding = scope.document.finding("record-health-check", place, message, fix);
            scope.tell_or_warn(chosen, finding);
        } else if shared && (!evaluates || scope.part.is_some()) {
            let message = "this answer stays in DNS however sick its region is (F68)";
            scope.tell("record-without-signal", place, message, fix);
        }
    }
}

/// F66: a check of the failover name measures whichever region DNS answers, so it turns green right after a failover.
pub(super) fn checked_name(scope: &Scope<'_>) {
    let mut names: Vec<String> =
        scope.part.iter().map(|part| part.site.config.hostname.to_string()).collect();
    let answered =
        records(scope).into_iter().filter(|record| record.get("SetIdentifier").is_some());
    let answered = answered.filter_map(|record| record.get("Name").and_then(Node::text));
    names.extend(answered.map(plain));
    let checks = scope.view.of_kind("AWS::Route53::HealthCheck");
    for asked in checks.filter_map(|own| own.property("HealthCheckConfig.FullyQualifiedDomainName"))
    {
        if let Some(name) = asked.text().map(plain).filter(|name| names.contains(name)) {
            let message = format!(
                "`{name}` is answered by whichever region serves, so this measures nothing (F66)"
            );
            let fix = "check the load balancer's own name";
            scope.tell("check-of-failover-name", &asked.place, message, fix);
        }
    }
}

/// Source: Route 53 guide, "Metrics for health checks". The namespace has others, of zones and resolvers, for which silence means
/// that nothing happened.
const HEALTH_METRICS: [&str; 6] = [
    "ChildHealthCheckHealthyCount",
    "ConnectionTime",
    "HealthCheckPercentageHealthy",
    "HealthCheckStatus",
    "SSLHandshakeTime",
    "TimeToFirstByte",
];

/// The alarms on Route 53's health checks.
pub(super) fn health_alarms<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Viewed> {
    let alarms = scope.view.of_kind(ALARM);
    let of_checks = |alarm: &&Viewed| {
        let metric = alarm.text("MetricName");
        metric.is_none_or(|metric| HEALTH_METRICS.contains(&metric))
    };
    alarms.filter(|alarm| alarm.text("Namespace") == Some("AWS/Route53")).filter(of_checks)
}

/// What serves always, and has no region that could be dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Always {
    /// Route 53 refuses to evaluate it.
    CloudFront,
    /// A bucket's web site.
    Bucket,
}

/// Whether an alias names CloudFront or a bucket's web site.
pub(super) fn always(scope: &Scope<'_>, record: &Node) -> Option<Always> {
    /// The zone of every distribution. Source: Route 53 API, `AliasTarget`.
    const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
    let alias = record.get("AliasTarget")?;
    let name = alias.get("DNSName");
    let texts = name.map(Node::texts).unwrap_or_default().join("");
    let owner = name.and_then(Node::identity).and_then(|owner| scope.view.resource(owner));
    let kind = owner.map_or("", |owner| owner.kind.as_str());
    let zone = alias.get("HostedZoneId").and_then(Node::text);
    if zone == Some(CLOUDFRONT_ZONE)
        || texts.contains("cloudfront.net")
        || kind == "AWS::CloudFront::Distribution"
    {
        Some(Always::CloudFront)
    } else if texts.contains("s3-website") || kind == "AWS::S3::Bucket" {
        Some(Always::Bucket)
    } else {
        None
    }
}

/// What an alarm watches: the values of its `HealthCheckId`.
pub(super) fn watched(alarm: &Viewed) -> Vec<&Node> {
    let dimensions = alarm.property("Dimensions").map(Node::items).unwrap_or_default();
    let checks = dimensions
        .into_iter()
        .filter(|dimension| dimension.get("Name").and_then(Node::text) == Some("HealthCheckId"));
    checks.filter_map(|dimension| dimension.get("Value")).collect()
}

/// Every record, those of groups too.
pub(super) fn records<'a>(scope: &'a Scope<'_>) -> Vec<&'a Node> {
    let single = scope.view.of_kind("AWS::Route53::RecordSet");
    let single = single.filter_map(|record| record.node.get("Properties"));
    let groups = scope.view.of_kind("AWS::Route53::RecordSetGroup");
    let groups = groups.filter_map(|group| group.property("RecordSets")).flat_map(Node::items);
    single.chain(groups).filter(|record| matches!(record.value, Value::Map(_))).collect()
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
