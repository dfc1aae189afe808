//! What happens to a resource, and what that means to a site that is running, in words: from the table that
//! `check --replacements` shows too.

use serde::Serialize;

use cloud::{PropertyChange, ROLLED, ResourceAction, ResourceChange};

/// A resource of a type that the table does not name.
const OTHER_REPLACED: &str = "a new one is created, then the old one is deleted";
const REMOVED: &str = "deleted, or left behind unowned if the template retains it";

/// The group stays, and with it the controller's record in its tags.
const ROLLING: &str = "the group stays; its servers are replaced one by one";

/// What happens to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// What CloudFormation says.
    #[serde(flatten)]
    pub change: ResourceChange,
    /// What it means to a running site, if something is taken away.
    pub effect: Option<&'static str>,
}

impl From<ResourceChange> for Resource {
    fn from(change: ResourceChange) -> Self {
        let effect = effect(&change);
        Self { change, effect }
    }
}

/// What a change of a resource means, if it takes something away.
fn effect(change: &ResourceChange) -> Option<&'static str> {
    let ResourceChange { resource_type, action, properties, .. } = change;
    let is_group = resource_type == "AWS::AutoScaling::AutoScalingGroup";
    let rolls = |one: &PropertyChange| ROLLED.contains(&one.name.as_str());
    match action {
        ResourceAction::Modify if is_group && properties.iter().any(rolls) => Some(ROLLING),
        ResourceAction::Add | ResourceAction::Modify => None,
        ResourceAction::Remove => Some(REMOVED),
        ResourceAction::Replace | ResourceAction::MayReplace => {
            Some(check::replaced(resource_type).unwrap_or(OTHER_REPLACED))
        }
    }
}

/// What a change of a parameter does beside.
pub(crate) fn effect_of_parameter(template: &str, parameter: &str) -> Option<&'static str> {
    check::note(template, parameter)
}
