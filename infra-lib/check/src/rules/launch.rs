//! Rules about launch templates: an instance in the VPC's default security group serves nobody.

use cfn::{Node, Value, Viewed};

use super::super::finding::Finding;
use super::super::scope::Scope;
use super::notices::key_of;
use super::policies::admits;

pub(in super::super) fn template_without_groups(scope: &Scope<'_>) -> Vec<Finding> {
    let message =
        "the instances get the VPC's default security group, which lets no load balancer in";
    let fix = "give the template `SecurityGroupIds`, or an interface with `Groups`";
    let bare = data(scope)
        .filter(|data| lacks(data, &["SecurityGroupIds", "SecurityGroups", "NetworkInterfaces"]));
    let told = bare.map(|data| {
        let place = format!("{}.SecurityGroupIds", data.place);
        scope.document.finding("launch-template-without-groups", place, message, fix)
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
        scope.document.finding("interface-without-groups", place, message, fix)
    });
    told.collect()
}

/// Source: Auto Scaling guide, "Auto Scaling launch configurations": accounts made since October 2024 cannot create one, and none
/// takes instance types that are newer.
pub(in super::super) fn launch_configuration(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "accounts made since October 2024 cannot create a launch configuration, and none takes the newer instance types";
    let fix = "make it an AWS::EC2::LaunchTemplate";
    let found = scope.view.of_kind("AWS::AutoScaling::LaunchConfiguration");
    let told = found
        .map(|one| scope.document.finding("launch-configuration", one.place("Type"), message, fix));
    told.collect()
}

/// A group whose template is in the same file launches a fixed version of it, however the template changes.
pub(in super::super) fn pinned_version(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "the launch template is in this file, and every change of it makes another version: the group goes on with this one";
    let fix = "set it to `!GetAtt <template>.LatestVersionNumber`";
    let groups = scope.view.of_kind("AWS::AutoScaling::AutoScalingGroup");
    let named = groups.flat_map(|group| {
        let mixed = "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification";
        ["LaunchTemplate", mixed].into_iter().filter_map(|path| group.property(path))
    });
    let told = named.filter_map(|named| {
        let id = named.get("LaunchTemplateId").or_else(|| named.get("LaunchTemplateName"))?;
        launch_template(scope, id)?;
        let version = named.get("Version")?;
        let text = version.literal()?;
        let pinned = text == "$Default" || text.bytes().all(|byte| byte.is_ascii_digit());
        pinned.then(|| {
            scope.document.finding("launch-template-version", &version.place, message, fix)
        })
    });
    told.collect()
}

/// Source: Auto Scaling guide, "Required AWS KMS key policy for use with encrypted volumes".
pub(in super::super) fn volume_key(scope: &Scope<'_>) -> Vec<Finding> {
    let message = "the policy of this key does not let Auto Scaling's service-linked role use it: every launch fails";
    let fix = "allow `AWSServiceRoleForAutoScaling` to use the key and to create grants for AWS resources";
    let mut findings = Vec::new();
    for template in scope.view.of_kind("AWS::EC2::LaunchTemplate") {
        if !launches(scope, &template.name) {
            continue;
        }
        let volumes = template.property("LaunchTemplateData.BlockDeviceMappings");
        for volume in volumes.map(Node::items).unwrap_or_default() {
            let Some(key) = volume.at("Ebs.KmsKeyId") else { continue };
            let policy = key_of(scope, key).and_then(|key| key.property("KeyPolicy"));
            if policy
                .is_some_and(|policy| !admits(policy, &["AWSServiceRoleForAutoScaling"], false))
            {
                findings.push(scope.document.finding("volume-key", &key.place, message, fix));
            }
        }
    }
    findings
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
