//! Rules about launch templates: an instance in the VPC's default security group serves nobody.

use cfn::{Node, Value, Viewed};

use super::super::scope::Scope;
use super::notices::key_of;
use super::policies::admits;

pub(super) fn template_without_groups(scope: &Scope<'_>) {
    let message =
        "the instances get the VPC's default security group, which lets no load balancer in";
    let fix = "give the template `SecurityGroupIds`, or an interface with `Groups`";
    for data in data(scope) {
        if lacks(data, &["SecurityGroupIds", "SecurityGroups", "NetworkInterfaces"]) {
            let place = format!("{}.SecurityGroupIds", data.place);
            scope.tell("launch-template-without-groups", place, message, fix);
        }
    }
}

pub(super) fn interface_without_groups(scope: &Scope<'_>) {
    let message = "an interface without `Groups` gets the VPC's default security group, which lets no load balancer in";
    let fix = "name the security group in the interface's own `Groups`";
    let interfaces = data(scope).filter_map(|data| data.get("NetworkInterfaces"));
    for interface in interfaces.flat_map(Node::items) {
        if lacks(interface, &["Groups", "NetworkInterfaceId"]) {
            let place = format!("{}.Groups", interface.place);
            scope.tell("interface-without-groups", place, message, fix);
        }
    }
}

/// Source: Auto Scaling guide, "Auto Scaling launch configurations": accounts made since October 2024 cannot create one, and none
/// takes instance types that are newer.
pub(super) fn launch_configuration(scope: &Scope<'_>) {
    let message = "accounts made since October 2024 cannot create a launch configuration, and none takes the newer instance types";
    let fix = "make it an AWS::EC2::LaunchTemplate";
    for one in scope.view.of_kind("AWS::AutoScaling::LaunchConfiguration") {
        scope.tell("launch-configuration", one.place("Type"), message, fix);
    }
}

/// A group whose template is in the same file launches a fixed version of it, however the template changes.
pub(super) fn pinned_version(scope: &Scope<'_>) {
    let message = "the launch template is in this file, and every change of it makes another version: the group goes on with this one";
    let fix = "set it to `!GetAtt <template>.LatestVersionNumber`";
    let groups = scope.view.of_kind("AWS::AutoScaling::AutoScalingGroup");
    let named = groups.flat_map(|group| {
        let mixed = "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification";
        ["LaunchTemplate", mixed].into_iter().filter_map(|path| group.property(path))
    });
    for named in named {
        let id = named.get("LaunchTemplateId").or_else(|| named.get("LaunchTemplateName"));
        if let Some(version) = named.get("Version")
            && let Some(text) = version.literal()
            && (text == "$Default" || text.bytes().all(|byte| byte.is_ascii_digit()))
            && id.is_some_and(|id| launch_template(scope, id).is_some())
        {
            scope.tell("launch-template-version", &version.place, message, fix);
        }
    }
}

/// Source: Auto Scaling guide, "Required AWS KMS key policy for use with encrypted volumes".
pub(super) fn volume_key(scope: &Scope<'_>) {
    let message = "the policy of this key does not let Auto Scaling's service-linked role use it: every launch fails";
    let fix = "allow `AWSServiceRoleForAutoScaling` to use the key and to create grants for AWS resources";
    let templates = scope.view.of_kind("AWS::EC2::LaunchTemplate");
    for template in templates.filter(|template| launches(scope, &template.name)) {
        let volumes = template.property("LaunchTemplateData.BlockDeviceMappings");
        for volume in volumes.map(Node::items).unwrap_or_default() {
            if let Some(key) = volume.at("Ebs.KmsKeyId")
                && let Some(policy) = key_of(scope, key).and_then(|key| key.property("KeyPolicy"))
                && !admits(policy, &["AWSServiceRoleForAutoScaling"], false)
            {
                scope.tell("volume-key", &key.place, message, fix);
            }
        }
    }
}

/// Whether a group of the file launches by a launch template of the file.
fn launches(scope: &Scope<'_>, template: &str) -> bool {
    let mut found = false;
    for group in scope.view.of_kind("AWS::AutoScaling::AutoScalingGroup") {
        group.node.walk(&mut |node| {
            found |= matches!(&node.value, Value::Own { name, .. } if name == template);
        });
    }
    found
}

/// A launch template of the file, by reference or by its fixed name.
fn launch_template<'a>(scope: &'a Scope<'_>, named: &Node) -> Option<&'a Viewed> {
    let mut templates = scope.view.of_kind("AWS::EC2::LaunchTemplate");
    templates.find(|template| {
        let is_name =
            template.text("LaunchTemplateName").is_some_and(|name| named.text() == Some(name));
        named.identity() == Some(template.name.as_str()) || is_name
    })
}

fn data<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Node> {
    let templates = scope.view.of_kind("AWS::EC2::LaunchTemplate");
    templates.filter_map(|template| template.property("LaunchTemplateData"))
}

/// Whether a mapping has none of some keys. What is unknown may have them.
fn lacks(node: &Node, keys: &[&str]) -> bool {
    matches!(node.value, Value::Map(_)) && keys.iter().all(|key| node.get(key).is_none())
}
