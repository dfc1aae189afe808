//! Rules about launch templates: an instance in the VPC's default security group serves nobody.

use cfn::{Node, Value};

use super::super::finding::Finding;
use super::super::scope::Scope;

pub(in super::super) fn template_without_groups(scope: &Scope<'_>) -> Vec<Finding> {
    let message =
        "the instances get the VPC's default security group, which lets no load balancer in";
    let fix = "give the template `SecurityGroupIds`, or an interface with `Groups`";
    let bare = data(scope)
        .filter(|data| lacks(data, &["SecurityGroupIds", "SecurityGroups", "NetworkInterfaces"]));
    let told = bare.map(|data| {
        let place = format!("{}.SecurityGroupIds", data.place);
        scope.finding("launch-template-without-groups", place, message, fix)
    });
    told.collect()
}

pub(in super::super) fn interface_without_groups(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "an interface without `Groups` gets the VPC's default security group, which lets no load balancer in";
    let fix = "name the security group in the interface's own `Groups`";
    let interfaces = data(scope).filter_map(|data| data.get("NetworkInterfaces"));
    let bare = interfaces
        .flat_map(Node::items)
        .filter(|interface| lacks(interface, &["Groups", "NetworkInterfaceId"]));
    let told = bare.map(|interface| {
        let place = format!("{}.Groups", interface.place);
        scope.finding("interface-without-groups", place, message, fix)
    });
    told.collect()
}

fn data<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Node> {
    let templates = scope.view.of_kind("AWS::EC2::LaunchTemplate");
    templates.filter_map(|template| template.property("LaunchTemplateData"))
}

/// Whether a mapping has none of some keys. What is unknown may have them.
fn lacks(node: &Node, keys: &[&str]) -> bool {
    matches!(node.value, Value::Map(_)) && keys.iter().all(|key| node.get(key).is_none())
}
