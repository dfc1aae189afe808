//! A security group by name where an id is needed: names work in a default VPC alone, and the launch fails when it matters.

use cfn::{Node, Value};

use super::super::scope::Scope;

const RULE: &str = "security-group-by-name";
const FIX: &str = "use the group's id, such as `!GetAtt <group>.GroupId`";
const GROUP: &str = "AWS::EC2::SecurityGroup";

/// Where names stand, whatever is in them.
const NAMES: [(&str, &str); 2] = [
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.SecurityGroups"),
    ("AWS::EC2::Instance", "SecurityGroups"),
];

/// Where ids may stand, and names in a default VPC.
const EITHER: [(&str, &str); 1] = [("AWS::AutoScaling::LaunchConfiguration", "SecurityGroups")];

/// Where ids must stand.
const IDS: [(&str, &str); 12] = [
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.SecurityGroupIds"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.NetworkInterfaces.Groups"),
    ("AWS::EC2::Instance", "SecurityGroupIds"),
    ("AWS::EC2::Instance", "NetworkInterfaces.GroupSet"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "SecurityGroups"),
    ("AWS::EC2::NetworkInterface", "GroupSet"),
    ("AWS::EC2::SecurityGroupIngress", "GroupId"),
    ("AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId"),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress.SourceSecurityGroupId"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "SecurityGroups"),
    ("AWS::Lambda::Function", "VpcConfig.SecurityGroupIds"),
    ("AWS::RDS::DBInstance", "VPCSecurityGroups"),
];

/// A file that knows no network is for the default VPC, where names work as names. That is told all the same, since not every
/// account has one. A name where only an id is taken fails there too.
pub(super) fn by_name(scope: &Scope<'_>) {
    let in_default_vpc = !has_network(scope);
    let named = |node: &Node, message: &str| {
        scope.tell_or_warn(in_default_vpc, scope.document.finding(RULE, &node.place, message, FIX));
    };
    for (kind, path) in NAMES {
        let groups = scope.view.of_kind(kind).filter_map(|resource| resource.property(path));
        for groups in groups.filter(|node| !node.may_be_absent()) {
            let message = "these are names of groups, which only a default VPC knows: no instance would start";
            named(groups, message);
        }
    }
    for resource in &scope.view.resources {
        resource.node.walk(&mut |node| {
            if let Some(name) = node.get("SourceSecurityGroupName").filter(|_| is_map(node)) {
                named(name, "the source is meant by its name, which only a default VPC knows");
            }
        });
    }
    at(scope, &EITHER, |id, message| named(id, &message));
    at(scope, &IDS, |id, message| scope.tell(RULE, &id.place, message, FIX));
}

/// Whether a file names a VPC or a subnet anywhere: as a resource, a parameter or a property.
fn has_network(scope: &Scope<'_>) -> bool {
    const KEYS: [&str; 6] =
        ["VpcId", "SubnetId", "SubnetIds", "Subnets", "VPCZoneIdentifier", "SubnetMappings"];
    let types = ["AWS::EC2::VPC::Id", "AWS::EC2::Subnet::Id"];
    let mut parameters = scope.template.parameters.values();
    if parameters.any(|parameter| types.iter().any(|kind| parameter.kind.contains(kind))) {
        return true;
    }
    let mut found = false;
    for resource in &scope.view.resources {
        found |= matches!(resource.kind.as_str(), "AWS::EC2::VPC" | "AWS::EC2::Subnet");
        resource.node.walk(&mut |node| {
            if let Value::Map(entries) = &node.value {
                found |= entries.iter().any(|(key, _)| KEYS.contains(&key.as_str()));
            }
        });
    }
    found
}

/// Shows every name at the places, and why it is one.
fn at(scope: &Scope<'_>, places: &[(&str, &str)], show: impl Fn(&Node, String)) {
    for (kind, path) in places {
        let keys: Vec<&str> = path.split('.').collect();
        let resources = scope.view.of_kind(kind);
        let properties = resources.filter_map(|resource| resource.node.get("Properties"));
        for id in properties.flat_map(|properties| below(properties, &keys)) {
            if let Some(message) = is_name(scope, id) {
                show(id, message);
            }
        }
    }
}

/// Every value at a path, through lists.
fn below<'a>(node: &'a Node, keys: &[&str]) -> Vec<&'a Node> {
    let items = node.items().into_iter();
    match keys {
        [] => items.collect(),
        [key, rest @ ..] => {
            items.filter_map(|item| item.get(key)).flat_map(|node| below(node, rest)).collect()
        }
    }
}

/// Why a value is a name where an id must stand.
fn is_name(scope: &Scope<'_>, node: &Node) -> Option<String> {
    match &node.value {
        Value::Text { text, .. } => (!text.is_empty() && !text.starts_with("sg-"))
            .then(|| format!("`{text}` is no id, and a name means nothing outside a default VPC")),
        Value::Own { name, attribute } => {
            let group = scope.view.resource(name).filter(|resource| resource.kind == GROUP)?;
            match attribute.as_deref() {
                Some("GroupName") => {
                    Some(format!("`{name}` is meant by its name, which only a default VPC knows"))
                }
                // Source: CloudFormation's reference of the type, "Return values, Ref".
                None if group.property("VpcId").is_none() => {
                    Some(format!("`!Ref {name}` is a name, because the group has no `VpcId`"))
                }
                Some(_) | None => None,
            }
        }
        Value::Unknown { .. } => {
            let parameter = |name: &String| scope.template.parameters.get(name);
            let named = |name: &&String| {
                parameter(name).is_some_and(|found| found.kind.contains("SecurityGroup::GroupName"))
            };
            let mentioned = node.names();
            let name = mentioned.iter().find(named)?;
            Some(format!("`{name}` asks for the name of a group, which only a default VPC knows"))
        }
        Value::List(_) | Value::Map(_) => None,
    }
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}
