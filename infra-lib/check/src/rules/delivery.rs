//! Rules about the way from users to servers: a load balancer that nobody is sent through, or that no health checker can ask.

use std::collections::BTreeSet;

use cfn::{Node, View};

use super::super::scope::Scope;

/// What only puts servers into a target group or looks at it, and sends nobody through it.
const FILLERS: [&str; 6] = [
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::ECS::Service",
];

/// A target group gets requests from a listener alone. One that the file answers may get them from another file.
pub(super) fn unused_target_group(scope: &Scope<'_>) {
    let message =
        "no listener of this file sends requests to the target group, so its servers serve nobody";
    let fix = "name it in a listener's or a rule's action";
    let (filled, used) = used(scope.view);
    for group in scope.view.of_kind("AWS::ElasticLoadBalancingV2::TargetGroup") {
        if filled.contains(&group.name) && !used.contains(&group.name) {
            scope.tell("target-group-without-listener", group.place("Type"), message, fix);
        }
    }
}

/// The resources that are named by those that fill target groups, and by anything else.
fn used(view: &View) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut filled, mut used) = (BTreeSet::new(), BTreeSet::new());
    let names = |node: &Node, into: &mut BTreeSet<String>| {
        node.walk(&mut |node| {
            if let cfn::Value::Own { name, .. } = &node.value {
                into.insert(name.clone());
            }
            into.extend(node.names());
        });
    };
    for resource in &view.resources {
        let fills = FILLERS.contains(&resource.kind.as_str());
        let Some(properties) = resource.node.get("Properties") else { continue };
        names(properties, if fills { &mut filled } else { &mut used });
    }
    names(&view.outputs, &mut used);
    (filled, used)
}

/// Source: Route 53 API, `HealthCheckConfig`, Type: with HTTPS the endpoint must support TLS 1.0, 1.1 or 1.2.
pub(super) fn only_tls13(scope: &Scope<'_>) {
    let message = "the listener takes TLS 1.3 alone, and Route 53's health checkers speak 1.2 at most: the check never gets through";
    let fix = "take a policy that has TLS 1.2 too, such as ELBSecurityPolicy-TLS13-1-2-2021-06";
    let mut checks = scope.view.of_kind("AWS::Route53::HealthCheck");
    let asks = checks.any(|check| {
        check.text("HealthCheckConfig.Type").is_some_and(|kind| kind.starts_with("HTTPS"))
    });
    let listeners = scope.view.of_kind("AWS::ElasticLoadBalancingV2::Listener").filter(|_| asks);
    for policy in listeners.filter_map(|listener| listener.property("SslPolicy")) {
        // Source: Application Load Balancers guide, "Security policies": so in the name, with or without FIPS or PQ.
        if policy.text().is_some_and(|policy| policy.contains("TLS13-1-3")) {
            scope.tell("tls13-alone", &policy.place, message, fix);
        }
    }
}

/// Source: CloudFront's own refusal, `InvalidArgument`, quoted in aws/aws-cdk#32450: `AllowedMethods` cannot include POST, PUT,
/// PATCH and DELETE for a behavior of an origin group.
pub(super) fn origin_group_methods(scope: &Scope<'_>) {
    let message = "CloudFront refuses a behavior that takes POST and asks an origin group: it could not ask twice";
    let fix = "allow GET, HEAD and OPTIONS there, and ask one origin where POST is needed";
    let distributions = scope.view.of_kind("AWS::CloudFront::Distribution");
    for config in distributions.filter_map(|own| own.property("DistributionConfig")) {
        let items = |path: &str| config.at(path).map(Node::items).unwrap_or_default();
        let groups = items("OriginGroups.Items").into_iter().filter_map(|group| group.get("Id"));
        let groups: BTreeSet<_> = groups.filter_map(Node::identity).collect();
        let behaviors =
            items("CacheBehaviors").into_iter().chain(config.get("DefaultCacheBehavior"));
        for behavior in behaviors {
            let asked = behavior.get("TargetOriginId").and_then(Node::identity);
            let methods = behavior.get("AllowedMethods").map(Node::items).unwrap_or_default();
            let writes = methods.iter().find(|method| method.text() == Some("POST"));
            if let Some(method) = writes
                && asked.is_some_and(|asked| groups.contains(asked))
            {
                scope.tell("origin-group-methods", &method.place, message, fix);
            }
        }
    }
}
