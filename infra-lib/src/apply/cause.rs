//! Finds the root cause of a failed stack among its events.

use super::error::Failure;
use crate::cloud::{StackEvent, StackView};
use crate::model::Stack;

// CloudFormation marks what it merely called off, and the stack's own summary, as failed too.
const CONSEQUENCES: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed to",
];

/// The first failure that is not the consequence of another. `events` are oldest first and of this operation alone.
pub(super) fn root_cause(stack: &Stack, view: &StackView, events: &[StackEvent]) -> Failure {
    let is_consequence = |event: &&StackEvent| {
        let reason = event.reason.as_deref().unwrap_or_default();
        CONSEQUENCES.iter().any(|words| reason.starts_with(words))
    };
    let failed = || events.iter().filter(|event| event.is_failure());
    let cause = failed().filter(|event| !event.is_stack()).find(|event| !is_consequence(event));
    // A stack can also fail as a whole, for example at a rule of its template.
    let cause = cause.or_else(|| {
        events
            .iter()
            .find(|event| event.is_stack() && event.reason.is_some() && !is_consequence(event))
    });
    let cause = cause.or_else(|| failed().next());
    let reason = cause.and_then(|event| event.reason.clone()).or_else(|| view.reason.clone());
    Failure {
        stack: stack.id,
        region: stack.region.clone(),
        status: view.status.to_string(),
        logical_id: cause.map_or_else(|| stack.name.to_string(), |event| event.logical_id.clone()),
        resource_type: cause.map_or_else(
            || "AWS::CloudFormation::Stack".to_owned(),
            |event| event.resource_type.clone(),
        ),
        reason: reason.unwrap_or_else(|| "CloudFormation gives no reason".to_owned()),
    }
}
