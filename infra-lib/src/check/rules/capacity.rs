//! Rules about instances and their groups.

use serde_norway::Value;

use super::super::template::{function, items, scalar};
use super::super::{Finding, Scope};

const LAUNCH_TEMPLATE: &str = "AWS::EC2::LaunchTemplate";
const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

/// A security group by name where an id is needed: names work in a default VPC alone, and the launch fails when it matters.
pub(super) fn security_group_by_name(scope: &Scope<'_>) -> Vec<Finding> {
    const RULE: &str = "security-group-by-name";
    const FIX: &str = "use `SecurityGroupIds` with `!GetAtt <group>.GroupId`";
    let mut findings = Vec::new();
    for (name, template) in scope.template.of_kind(LAUNCH_TEMPLATE) {
        if data(&template.properties).is_some_and(|data| data.get("SecurityGroups").is_some()) {
            let place = format!("Resources.{name}.Properties.LaunchTemplateData.SecurityGroups");
            let message = "these are names of groups, which only a default VPC knows: no instance would start";
            findings.push(scope.error(RULE, place, message.to_owned(), FIX));
        }
    }
    for (name, resource) in &scope.template.resources {
        walk(&resource.properties, &format!("Resources.{name}.Properties"), &mut |value, place| {
            let by_name = function(value).is_some_and(|(function, argument)| {
                function == "GetAtt" && names_group(scope, argument)
            });
            if by_name || value.get("SourceSecurityGroupName").is_some() {
                let message =
                    "a security group is meant by its name, which only a default VPC knows";
                findings.push(scope.error(RULE, place, message.to_owned(), FIX));
            }
        });
    }
    findings
}

/// A network interface of a launch template without security groups gets the VPC's default one, and the load balancer is shut out.
pub(super) fn interface_without_groups(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, template) in scope.template.of_kind(LAUNCH_TEMPLATE) {
        let interfaces =
            items(data(&template.properties).and_then(|data| data.get("NetworkInterfaces")));
        for (index, interface) in interfaces.into_iter().enumerate() {
            if interface.get("Groups").is_some() || interface.get("NetworkInterfaceId").is_some() {
                continue;
            }
            let place = format!(
                "Resources.{name}.Properties.LaunchTemplateData.NetworkInterfaces[{index}]"
            );
            let message =
                "an interface without `Groups` gets the VPC's default group, which lets nobody in";
            let fix = "name the security group in the interface's own `Groups`";
            findings.push(scope.error("interface-without-groups", place, message.to_owned(), fix));
        }
    }
    findings
}

/// Desired capacity in a template: each update of the group would put the count back, in the middle of a failover too.
pub(super) fn desired_capacity(scope: &Scope<'_>) -> Vec<Finding> {
    let groups = scope.template.of_kind(GROUP);
    let fixed = groups.filter(|(_, group)| group.properties.get("DesiredCapacity").is_some());
    let findings = fixed.map(|(name, _)| {
        let place = format!("Resources.{name}.Properties.DesiredCapacity");
        let message = "an update of the group would set the instance count back to this".to_owned();
        scope.error(
            "desired-capacity",
            place,
            message,
            "leave it out: it belongs to the controller and to scaling",
        )
    });
    findings.collect()
}

/// F63: health checks by the load balancer without a grace period: a slow boot is killed and relaunched for ever.
pub(super) fn grace_period(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, group) in scope.template.of_kind(GROUP) {
        let by_load_balancer =
            scope.text(group.properties.get("HealthCheckType")).as_deref() == Some("ELB");
        // CloudFormation's own default is 0.
        let grace = group.properties.get("HealthCheckGracePeriod");
        let none = grace.is_none() || scope.text(grace).as_deref() == Some("0");
        if by_load_balancer && none {
            let place = format!("Resources.{name}.Properties.HealthCheckGracePeriod");
            let message = "with no grace period, an instance that boots slowly is replaced before it can serve (F63)";
            let fix = "set it above the measured boot time, such as 120 seconds";
            findings.push(scope.error("grace-period", place, message.to_owned(), fix));
        }
    }
    findings
}

/// F62: a warm pool without a hook: an instance can be stopped before it is initialised.
pub(super) fn warm_pool_without_hook(scope: &Scope<'_>) -> Vec<Finding> {
    let by_resource = scope.template.of_kind("AWS::AutoScaling::LifecycleHook").next().is_some();
    let in_group = |(_, group): (_, &super::super::template::Resource)| {
        group.properties.get("LifecycleHookSpecificationList").is_some()
    };
    if by_resource || scope.template.of_kind(GROUP).any(in_group) {
        return Vec::new();
    }
    let pools = scope.template.of_kind("AWS::AutoScaling::WarmPool");
    let findings = pools.map(|(name, _)| {
        let message =
            "without a lifecycle hook an instance can be stopped before it is initialised (F62)"
                .to_owned();
        let fix = "add a launching hook that the instance completes once it is ready";
        scope.error("warm-pool-without-hook", format!("Resources.{name}"), message, fix)
    });
    findings.collect()
}

fn data(properties: &Value) -> Option<&Value> {
    properties.get("LaunchTemplateData")
}

/// Whether the argument of a `!GetAtt` is the name of a security group.
fn names_group(scope: &Scope<'_>, argument: &Value) -> bool {
    let path: Vec<String> = items(Some(argument)).into_iter().filter_map(scalar).collect();
    let path = path.join(".");
    let Some((resource, "GroupName")) = path.split_once('.') else {
        return false;
    };
    let found = scope.template.resources.get(resource);
    found.is_some_and(|found| found.kind == "AWS::EC2::SecurityGroup")
}

/// Shows every value below, with its place.
fn walk(value: &Value, place: &str, see: &mut impl FnMut(&Value, &str)) {
    see(value, place);
    match value {
        Value::Mapping(mapping) => {
            for (key, child) in mapping {
                walk(child, &format!("{place}.{}", scalar(key).unwrap_or_default()), see);
            }
        }
        Value::Sequence(sequence) => {
            for (index, child) in sequence.iter().enumerate() {
                walk(child, &format!("{place}[{index}]"), see);
            }
        }
        Value::Tagged(tagged) => walk(&tagged.value, place, see),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
