//! What a change set says of a resource.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    ChangeAction, EventType, OperationEvent, Replacement, ResourceAttribute,
    ResourceChange as SdkChange,
};

use super::super::{PropertyChange, ResourceAction, ResourceChange};
use crate::secret;

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
    let action = action(found.action.as_ref(), found.replacement.as_ref());
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
