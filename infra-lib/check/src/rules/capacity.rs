//! Rules about groups of instances.

use cfn::{Node, Viewed};
use failover_core::policy::Floor;

use super::super::scope::Scope;
use super::{exists, fails};
use site::model::StackId;

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

/// What a fleet is called that waits. A part of a longer name counts.
const WAITING: [&str; 6] = ["standby", "secondary", "passive", "backup", "recovery", "dr"];

/// A standby that runs although its floor is 0; in anybody's template, a group that is called a standby and runs.
pub(super) fn two_fleets(scope: &Scope<'_>) {
    let fix =
        "set `MinSize` to the floor you want, 0 for a pilot light, and leave `DesiredCapacity` out";
    for group in scope.view.of_kind(GROUP) {
        let kept = ["DesiredCapacity", "MinSize"].into_iter().filter_map(|size| {
            let node = group.property(size)?;
            node.number().filter(|count| *count > 0.0).map(|count| (node, count))
        });
        let Some((node, count)) = kept.max_by(|(_, one), (_, other)| one.total_cmp(other)) else {
            continue;
        };
        let floor = match scope.part {
            None if is_waiting(group) => 0,
            Some(part) if part.stack.id == StackId::WebStandby => {
                match part.site.config.policy.floor() {
                    Floor::Fixed(floor) => floor,
                    Floor::Match => continue,
                }
            }
            None | Some(_) => continue,
        };
        if count > f64::from(floor) {
            let message =
                format!("the standby always runs {count} instances: you pay for two fleets");
            scope.tell("two-fleets", &node.place, message, fix);
        }
    }
}

/// F62: a warm pool without a launching hook: an instance can be stopped before it is initialised.
pub(super) fn warm_pool_without_hook(scope: &Scope<'_>) {
    const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
    let launching = |hook: &Node| {
        hook.get("LifecycleTransition").is_none_or(|at| at.text().is_none_or(|at| at == LAUNCHING))
    };
    let hooked = |group: &str| {
        let apart = scope.view.of_kind("AWS::AutoScaling::LifecycleHook");
        let apart =
            apart.filter(|hook| names(hook, group)).filter_map(|hook| hook.node.get("Properties"));
        let own = scope.view.resource(group);
        let own = own.and_then(|group| group.property("LifecycleHookSpecificationList"));
        apart.chain(own.into_iter().flat_map(Node::items)).any(launching)
    };
    let message =
        "without a launching hook an instance can be stopped before it is initialised (F62)";
    let fix = "add a launching hook that the instance completes once it is ready";
    for pool in scope.view.of_kind("AWS::AutoScaling::WarmPool") {
        let group = pool.property("AutoScalingGroupName").and_then(Node::identity);
        // A group that is not in the template may have its hook where it is.
        let group = group.filter(|group| scope.view.resource(group).is_some());
        if group.is_some_and(|group| !hooked(group)) {
            scope.tell("warm-pool-without-hook", pool.place("Properties"), message, fix);
        }
    }
}

/// F45: a dark group whose size is fixed in the template: no update can be given the live size.
pub(super) fn fixed_dark_size(scope: &Scope<'_>) {
    let message = "an update in a failover, or a change set that reverts drift, sets the group to 0 again (F45)";
    let fix =
        "make it a parameter with the default 0, so that an update can be given the live size";
    for size in scope.view.of_kind(GROUP).filter_map(|group| group.property("MinSize")) {
        if size.literal().is_some() && size.number() == Some(0.0) {
            scope.tell("fixed-dark-size", &size.place, message, fix);
        }
    }
}

pub(super) fn desired_capacity(scope: &Scope<'_>) {
    let message = "an update of the group would set the instance count back to this, in the middle of a failover too";
    let fix = "leave it out: it belongs to whatever scales the group";
    for group in scope.view.of_kind(GROUP) {
        let properties = group.node.get("Properties").filter(|node| !node.is_unknown());
        let pinned = properties.and_then(|properties| properties.get("DesiredCapacity"));
        if let Some(pinned) = pinned.filter(|pinned| exists(pinned)) {
            // A group that nothing scales, and that is never dark, keeps its size anyhow.
            let moves =
                scope.part.is_some() || is_waiting(group) || is_dark(group) || scales(scope, group);
            let finding = scope.document.finding("desired-capacity", &pinned.place, message, fix);
            scope.tell_or_warn(!moves, finding);
        }
    }
}

/// Whether a group may stand at no instances.
fn is_dark(group: &Viewed) -> bool {
    group.property("MinSize").is_none_or(|size| size.number().is_none_or(|size| size <= 0.0))
}

/// Whether something of the file changes the instance count of a group.
fn scales(scope: &Scope<'_>, group: &Viewed) -> bool {
    let kinds = ["AWS::AutoScaling::ScalingPolicy", "AWS::AutoScaling::ScheduledAction"];
    let mut scaling = kinds.into_iter().flat_map(|kind| scope.view.of_kind(kind));
    scaling.any(|one| {
        one.property("AutoScalingGroupName")
            .is_none_or(|named| named.identity() == Some(&group.name))
    })
}

/// CloudFormation's own default for the grace period is 0.
pub(super) fn grace_period(scope: &Scope<'_>) {
    let message = "with no grace period an instance that boots slowly is replaced before it can serve, for ever (F63)";
    let fix = "set `HealthCheckGracePeriod` above the measured boot time, such as 120 seconds";
    let granted = |text: &str| text.trim().parse().is_ok_and(|seconds: f64| seconds > 0.0);
    for group in scope.view.of_kind(GROUP) {
        // Several kinds of check are one text with commas.
        let mut kinds = group.text("HealthCheckType").unwrap_or_default().split(',');
        if kinds.any(|kind| kind.trim() == "ELB")
            && let Some(properties) = group.node.get("Properties")
            && let Some(place) = fails(properties, "HealthCheckGracePeriod", granted)
        {
            scope.tell("grace-period", place, message, fix);
        }
    }
}

pub(super) fn group_size_reapplied(scope: &Scope<'_>) {
    const PATH: &str =
        "UpdatePolicy.AutoScalingScheduledAction.IgnoreUnmodifiedGroupSizeProperties";
    let message = "an update of the group applies its sizes again and stops what a failover has started (F44)";
    let groups = scope.view.of_kind(GROUP);
    for place in groups.filter_map(|group| fails(&group.node, PATH, |text| text == "true")) {
        scope.tell("group-size-reapplied", place, message, format!("set `{PATH}` to `true`"));
    }
}

/// Whether a hook belongs to a group. What is unknown may.
fn names(hook: &Viewed, group: &str) -> bool {
    let named = hook.property("AutoScalingGroupName");
    named.is_none_or(|node| node.identity().is_none_or(|name| name == group))
}

/// Whether a group is called a standby: its logical id, its name, or its `Name` tag.
fn is_waiting(group: &Viewed) -> bool {
    let own = group.text("AutoScalingGroupName");
    let tags = group.property("Tags").map(Node::items).unwrap_or_default().into_iter();
    let tags = tags.filter(|tag| {
        tag.get("Key")
            .and_then(Node::text)
            .is_some_and(|key| ["name", "role"].contains(&key.to_ascii_lowercase().as_str()))
    });
    let tags = tags.filter_map(|tag| tag.get("Value").and_then(Node::text));
    let mut names = tags.chain(own).chain([group.name.as_str()]);
    names.any(|name| words(name).iter().any(|word| WAITING.contains(&word.as_str())))
}

/// The words of a name: `WebStandbyGroup` and `web-standby` both hold `standby`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && small) {
            words.push(String::new());
        }
        small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphabetic()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
}
