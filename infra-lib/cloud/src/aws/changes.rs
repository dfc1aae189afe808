//! What a change set says of a resource.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    ChangeAction, EventType, OperationEvent, Replacement, RequiresRecreation, ResourceAttribute,
    ResourceChange as SdkChange,
};

use super::super::{PropertyChange, ROLLED, ResourceAction, ResourceChange};
use crate::secret;

const GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";

/// Why a change set failed, in one line. Source: CloudFormation API, `OperationEvent`. `None` for an event that gives no reason.
pub(super) fn failure(event: OperationEvent) -> Option<String> {
    let resource = event.logical_resource_id.as_deref().unwrap_or("the change set");
    let (by, reason) = match event.event_type {
        Some(EventType::ValidationError) => (event.validation_name, event.validation_status_reason),
        Some(EventType::HookInvocationError) => (event.hook_type, event.hook_status_reason),
        _ => (None, event.resource_status_reason),
    };
    let reason = reason.filter(|reason| !reason.is_empty())?;
    let path = event.validation_path.filter(|path| !path.is_empty());
    let place = path.map_or_else(|| resource.to_owned(), |path| format!("{resource} ({path})"));
    Some(match by {
        Some(by) => format!("{place}: {reason} [{by}]"),
        None => format!("{place}: {reason}"),
    })
}

/// Reads a change. `None` for one without a name, which says nothing.
pub(super) fn read(found: SdkChange) -> Option<ResourceChange> {
    let mut action = action(found.action.as_ref(), found.replacement.as_ref());
    if action == ResourceAction::MayReplace && is_rolled(&found) {
        action = ResourceAction::Modify;
    }
    // CloudFormation names a property once for each reason to set it.
    let mut properties = BTreeMap::<String, PropertyChange>::new();
    let details = found.details.unwrap_or_default().into_iter();
    for target in details.filter_map(|detail| detail.target) {
        let name = match (target.name, target.attribute) {
            (Some(name), Some(ResourceAttribute::Properties) | None) => name,
            (_, Some(attribute)) => attribute.as_str().to_owned(),
            (None, None) => continue,
        };
        let note = properties.entry(name.clone()).or_insert(PropertyChange {
            name,
            before: None,
            after: None,
        });
        // The value of a part would look as if it were all of the property.
        let whole = format!("/Properties/{}", note.name);
        if target.path.is_some_and(|path| path != whole) {
            continue;
        }
        // Here, because whoever reads a change tells it.
        let told = |value: Option<String>| value.map(|value| secret::told(&note.name, &value));
        let (before, after) = (told(target.before_value), told(target.after_value));
        note.before = note.before.take().or(before);
        note.after = note.after.take().or(after);
    }
    Some(ResourceChange {
        logical_id: found.logical_resource_id?,
        resource_type: found.resource_type.unwrap_or_default(),
        action,
        properties: properties.into_values().collect(),
    })
}

/// Whether a change that CloudFormation calls a conditional replacement of a group is a rolling one for certain. Its condition is
/// `AutoScalingReplacingUpdate`, which no template here has. Source: CloudFormation's reference of the type, "Update requires",
/// and of `UpdatePolicy`.
fn is_rolled(found: &SdkChange) -> bool {
    let is_group = found.resource_type.as_deref() == Some(GROUP);
    let conditional = found.replacement == Some(Replacement::Conditional);
    let mut rolled = false;
    for target in found.details().iter().filter_map(|detail| detail.target()) {
        match target.requires_recreation() {
            None | Some(RequiresRecreation::Never) => {}
            Some(RequiresRecreation::Conditionally)
                if target.name().is_some_and(|name| ROLLED.contains(&name)) =>
            {
                rolled = true;
            }
            Some(_) => return false,
        }
    }
    is_group && conditional && rolled
}

/// A word that CloudFormation does not have today may be anything, a replacement too.
fn action(action: Option<&ChangeAction>, replacement: Option<&Replacement>) -> ResourceAction {
    match (action, replacement) {
        (Some(ChangeAction::Add | ChangeAction::Import), _) => ResourceAction::Add,
        (Some(ChangeAction::Remove), _) => ResourceAction::Remove,
        (Some(ChangeAction::Modify), Some(Replacement::True)) => ResourceAction::Replace,
        // It has changed what CloudFormation believes, and the resource not at all.
        (Some(ChangeAction::SyncWithActual), _)
        | (Some(ChangeAction::Modify), Some(Replacement::False) | None) => ResourceAction::Modify,
        _ => ResourceAction::MayReplace,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{ResourceChangeDetail, ResourceTargetDefinition};

    use super::*;

    #[test]
    fn an_unknown_action_counts_as_a_possible_replacement() {
        let modify = Some(&ChangeAction::Modify);
        for (given, replacement, expected) in [
            (Some(&ChangeAction::Add), None, ResourceAction::Add),
            (Some(&ChangeAction::Remove), None, ResourceAction::Remove),
            (modify, Some(&Replacement::False), ResourceAction::Modify),
            (modify, Some(&Replacement::True), ResourceAction::Replace),
            (modify, Some(&Replacement::Conditional), ResourceAction::MayReplace),
            (Some(&ChangeAction::Dynamic), None, ResourceAction::MayReplace),
            (None, None, ResourceAction::MayReplace),
        ] {
            assert_eq!(action(given, replacement), expected, "{given:?} {replacement:?}");
        }
    }

    /// Goal: a new image is no loss of the group. Method: the change as CloudFormation tells it, beside one that does replace.
    #[test]
    fn a_rolling_replacement_of_servers_is_not_a_replacement_of_their_group() {
        let of = |name: &str, recreation: RequiresRecreation| {
            let target = ResourceTargetDefinition::builder()
                .attribute(ResourceAttribute::Properties)
                .name(name)
                .requires_recreation(recreation);
            let change = SdkChange::builder()
                .logical_resource_id("Group")
                .resource_type(GROUP)
                .action(ChangeAction::Modify)
                .replacement(Replacement::Conditional)
                .details(ResourceChangeDetail::builder().target(target.build()).build());
            read(change.build()).expect("it has a name").action
        };
        for name in ROLLED {
            assert_eq!(
                of(name, RequiresRecreation::Conditionally),
                ResourceAction::Modify,
                "{name}"
            );
            assert_eq!(of(name, RequiresRecreation::Always), ResourceAction::MayReplace, "{name}");
        }
        let other = of("AutoScalingGroupName", RequiresRecreation::Conditionally);
        assert_eq!(other, ResourceAction::MayReplace);
    }

    #[test]
    fn user_data_is_told_by_its_hash() {
        let target = ResourceTargetDefinition::builder()
            .attribute(ResourceAttribute::Properties)
            .name("LaunchTemplateData")
            .before_value(r#"{"UserData":"old password"}"#)
            .after_value(r#"{"UserData":"new password"}"#);
        let change = SdkChange::builder()
            .logical_resource_id("LaunchTemplate")
            .action(ChangeAction::Modify)
            .details(ResourceChangeDetail::builder().target(target.build()).build())
            .build();
        let told = format!("{:?}", read(change).expect("it has a name"));
        assert!(!told.contains("password") && told.matches("sha256:").count() == 2, "{told}");
    }

    #[test]
    fn a_property_that_is_named_twice_is_told_once() {
        let target = |before: Option<&str>| {
            let target = ResourceTargetDefinition::builder()
                .attribute(ResourceAttribute::Properties)
                .name("MinSize")
                .set_before_value(before.map(ToOwned::to_owned))
                .build();
            ResourceChangeDetail::builder().target(target).build()
        };
        let tags = ResourceTargetDefinition::builder().attribute(ResourceAttribute::Tags).build();
        let change = SdkChange::builder()
            .logical_resource_id("Group")
            .action(ChangeAction::Modify)
            .details(target(None))
            .details(target(Some("1")))
            .details(ResourceChangeDetail::builder().target(tags).build())
            .build();
        let read = read(change).expect("it has a name");
        let told: Vec<_> =
            read.properties.iter().map(|one| (one.name.as_str(), one.before.as_deref())).collect();
        assert_eq!(told, [("MinSize", Some("1")), ("Tags", None)]);
    }
}
