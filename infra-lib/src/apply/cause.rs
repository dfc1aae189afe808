//! Finds the root cause of a failed stack among its events, and what followed from it.

use super::error::{Cause, Failure};
use crate::cloud::{StackEvent, StackView};
use crate::model::Stack;

// CloudFormation marks what it merely called off, and the stack's own summary, as failed too.
const CALLED_OFF: [&str; 3] =
    ["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"];
const SUMMARY: &str = "The following resource(s) failed to";

/// The first failure that is not the consequence of another, and the ones after it. `events` are oldest first and of this
/// operation alone.
pub(crate) fn root_cause(stack: &Stack, view: &StackView, events: &[StackEvent]) -> Failure {
    let failed = || events.iter().filter(|event| event.is_failure());
    let mut causes = failed().filter(|event| !event.is_stack() && !is_consequence(event));
    // A stack can also fail as a whole, for example at a rule of its template.
    let whole = || {
        let mut told = events.iter().filter(|event| event.is_stack() && event.reason.is_some());
        told.find(|event| !is_consequence(event))
    };
    let first = causes.next().or_else(whole).or_else(|| failed().next());
    let called_off = failed().filter(|event| starts(event, &CALLED_OFF)).count();
    let own = || Cause {
        logical_id: stack.name.to_string(),
        resource_type: "AWS::CloudFormation::Stack".to_owned(),
        reason: NO_REASON.to_owned(),
    };
    let mut cause = first.map_or_else(own, Cause::of);
    if first.is_none_or(|event| event.reason.is_none())
        && let Some(reason) = &view.reason
    {
        cause.reason.clone_from(reason);
    }
    Failure {
        stack: stack.id,
        region: stack.region.clone(),
        status: view.status.to_string(),
        cause,
        then: causes.map(Cause::of).collect(),
        called_off,
    }
}

/// The events of the last operation on a stack, the way back included, out of all that it ever told.
pub(crate) fn last_operation(events: &[StackEvent]) -> &[StackEvent] {
    let start = events.iter().rposition(StackEvent::is_beginning).unwrap_or_default();
    &events[start..]
}

const NO_REASON: &str = "CloudFormation gives no reason";

impl Cause {
    fn of(event: &StackEvent) -> Self {
        Self {
            logical_id: event.logical_id.clone(),
            resource_type: event.resource_type.clone(),
            reason: event.reason.clone().unwrap_or_else(|| NO_REASON.to_owned()),
        }
    }
}

fn is_consequence(event: &StackEvent) -> bool {
    starts(event, &CALLED_OFF) || starts(event, &[SUMMARY])
}

fn starts(event: &StackEvent, beginnings: &[&str]) -> bool {
    let reason = event.reason.as_deref().unwrap_or_default();
    beginnings.iter().any(|words| reason.starts_with(words))
}
