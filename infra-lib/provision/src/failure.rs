//! What went wrong in a stack: the root cause among its events, what followed from it, and what stands in it.

use std::fmt;

use serde::Serialize;

use cloud::{Cloud, CloudError, StackEvent, StackResource, StackView};
use site::model::{Stack, StackId};
use site::names::Region;

// CloudFormation marks what it merely called off, and the stack's own summary, as failed too.
const CALLED_OFF: [&str; 3] =
    ["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"];
const SUMMARY: &str = "The following resource(s) failed to";

/// What went wrong in a stack, in CloudFormation's own words: the root cause first, then what failed after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The stack.
    pub stack: StackId,
    /// Where.
    pub region: Region,
    /// What the stack ended in.
    pub status: String,
    /// The first failure that is not the consequence of another.
    pub cause: Cause,
    /// The failures after it, oldest first, those of the rollback included.
    pub then: Vec<Cause>,
    /// How many resources were merely called off because of it.
    pub called_off: usize,
}

/// A failure of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The resource, by its name in the template. The stack's own name if no resource is to blame.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// CloudFormation's reason.
    pub reason: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { logical_id, resource_type, reason } = self;
        write!(f, "{logical_id} ({resource_type}): {reason}")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stack, region, status, cause, .. } = self;
        write!(f, "`{stack}` in {region} ended in {status}: {cause}")?;
        self.followed().iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl Failure {
    /// What came after the root cause, a line each.
    pub(crate) fn followed(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.then.iter().map(|cause| format!("then: {cause}")).collect();
        match self.called_off {
            0 => {}
            1 => lines.push("1 more resource was cancelled because of it".to_owned()),
            more => lines.push(format!("{more} more resources were cancelled because of it")),
        }
        lines
    }
}

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

/// The events of the last operation on a stack, the rollback included, out of all that it ever told.
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

/// What stands in a stack, by the names in its template with their types.
pub(crate) async fn holds(
    cloud: &dyn Cloud,
    stack: &Stack,
    view: &StackView,
) -> Result<Vec<String>, CloudError> {
    let held = cloud.stack_resources(&stack.region, &view.id).await?;
    let there = held.into_iter().filter(StackResource::is_there);
    Ok(there.map(|one| format!("{} ({})", one.logical_id, one.resource_type)).collect())
}
