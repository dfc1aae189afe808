//! What a change means to a site that is running, in words: from the table that `check --replacements` shows too.

use crate::check;
use crate::cloud::ResourceAction;

/// A resource of a type that the table does not name.
const OTHER_REPLACED: &str = "a new one is created, then the old one is deleted";
const REMOVED: &str = "deleted, or left behind unowned if the template retains it";

/// What a change of a resource means, if it takes something away.
pub(super) fn of(resource_type: &str, action: ResourceAction) -> Option<&'static str> {
    match action {
        ResourceAction::Add | ResourceAction::Modify => None,
        ResourceAction::Remove => Some(REMOVED),
        ResourceAction::Replace | ResourceAction::MayReplace => {
            Some(check::replaced(resource_type).unwrap_or(OTHER_REPLACED))
        }
    }
}

/// What a change of a parameter does beside.
pub(super) fn of_parameter(template: &str, parameter: &str) -> Option<&'static str> {
    check::note(template, parameter)
}
