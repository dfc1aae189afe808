//! CloudFormation.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, DeploymentMode, EventFilter, ExecutionStatus,
    Parameter, ResourceStatus, Stack, StackEvent as SdkEvent, StackStatus as SdkStatus, Tag,
};
use aws_smithy_types::DateTime;
use failover_core::Timestamp;
use sha2::{Digest, Sha256};

use site::names::{Region, hexadecimal};

use super::super::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetView, CloudError, Result, StackEvent,
    StackResource, StackStatus, StackView, Stacks,
};
use super::Aws;
use super::call::{Call, if_there};
use super::changes;
use super::pages::Pages;
use crate::StackNow;
use crate::guard::{Fresh, Permit};

// BOUND: a page holds 100 events; the largest stack of a site makes fewer than 200 in one change.
const EVENT_PAGES_MAX: usize = 10;
const RESOURCE_PAGES_MAX: usize = 10;
const CHANGE_PAGES_MAX: usize = 10;
// BOUND: killed runs leave one each, and the next run clears it.
const CHANGE_SET_PAGES_MAX: usize = 10;

#[async_trait]
impl Stacks for Aws {
    async fn describe_stack(&self, region: &Region, stack: &str) -> Result<Option<StackView>> {
        let call = Call::new("DescribeStacks", region);
        let request = self.clients(region).cloudformation.describe_stacks().stack_name(stack);
        let answer = call.answer(request.send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let Some(stack) = answer.stacks.unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        view(&call, stack).map(Some)
    }

    async fn stack_template(&self, region: &Region, stack: &str) -> Result<Option<String>> {
        let call = Call::new("GetTemplate", region);
        let request = self.clients(region).cloudformation.get_template().stack_name(stack);
        let answer = if_there(call.answer(request.send().await), is_absent)?;
        Ok(answer.and_then(|answer| answer.template_body))
    }

    async fn create_change_set(
        &self,
        _permit: &Permit,
        region: &Region,
        request: &ChangeSetRequest,
    ) -> Result<ChangeSetId> {
        let call = Call::new("CreateChangeSet", region);
        let kind = match request.kind {
            ChangeSetKind::Create => ChangeSetType::Create,
            ChangeSetKind::Update | ChangeSetKind::Repair => ChangeSetType::Update,
        };
        // Source: CloudFormation guide, "Using drift-aware change sets". Without it, a resource that was deleted or changed is
        // compared with its template alone, and there is nothing to change.
        let mode = (request.kind == ChangeSetKind::Repair).then_some(DeploymentMode::RevertDrift);
        let parameters = request.parameters.iter().map(|(name, value)| {
            Parameter::builder().parameter_key(name).parameter_value(value).build()
        });
        let tags = request.tags.as_ref().map(|tags| {
            let tags = tags.iter();
            tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
        });
        let asked = self.clients(region).cloudformation.create_change_set();
        let asked = asked
            .stack_name(request.stack.as_str())
            .change_set_name(&request.name)
            // A repeated call after a lost answer finds the same change set.
            .client_token(&request.name)
            .change_set_type(kind)
            .set_deployment_mode(mode)
            .template_body(&request.template)
            .set_parameters(Some(parameters.collect()))
            // An empty list takes every tag away, none at all leaves them.
            .set_tags(tags)
            .set_role_arn(request.role.clone())
            .capabilities(Capability::CapabilityNamedIam);
        let answer = call.answer(asked.send().await)?;
        answer.id.map(ChangeSetId).ok_or_else(|| call.lacks("the change set's id"))
    }

    async fn describe_change_set(
        &self,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<ChangeSetView> {
        let call = Call::new("DescribeChangeSet", region);
        let client = self.clients(region).cloudformation;
        let mut changes = Vec::new();
        let mut pages = Pages::new(&call, CHANGE_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.describe_change_set().change_set_name(&id.0);
            let request = request.include_property_values(true).set_next_token(page.from);
            let answer = call.answer(request.send().await)?;
            let reason = answer.status_reason.unwrap_or_default();
            match answer.status {
                Some(ChangeSetStatus::CreateComplete) => {}
                Some(ChangeSetStatus::Failed) if says_empty(&reason) => {
                    return Ok(ChangeSetView::Empty);
                }
                Some(ChangeSetStatus::Failed) => return Ok(ChangeSetView::Failed { reason }),
                _ => return Ok(ChangeSetView::Working),
            }
            let page = answer.changes.unwrap_or_default().into_iter();
            changes.extend(page.filter_map(|change| changes::read(change.resource_change?)));
            pages.turn(answer.next_token);
        }
        Ok(ChangeSetView::Ready { changes })
    }

    async fn execute_change_set(&self, stack: Fresh<StackNow>, id: &ChangeSetId) -> Result<()> {
        let call = Call::new("ExecuteChangeSet", &stack.region);
        let client = self.clients(&stack.region).cloudformation;
        let request = client.execute_change_set().change_set_name(&id.0);
        // A change set is executed once, by whomever and however often that is asked.
        let request = request.client_request_token(token(&id.0));
        taken(call.answer(request.send().await))
    }

    async fn continue_rollback(&self, stack: Fresh<StackNow>, skip: &[String]) -> Result<()> {
        let (role, region, stack) = (stack.role.clone(), &stack.region, &stack.stack);
        let call = Call::new("ContinueUpdateRollback", region);
        let request = self.clients(region).cloudformation.continue_update_rollback();
        let skip = (!skip.is_empty()).then(|| skip.to_vec());
        let request = request.stack_name(stack).set_resources_to_skip(skip).set_role_arn(role);
        let request = request.client_request_token(token_of_this_call(stack));
        taken(call.answer(request.send().await))
    }

    async fn rollback_stack(&self, stack: Fresh<StackNow>) -> Result<()> {
        let (role, region, stack) = (stack.role.clone(), &stack.region, &stack.stack);
        let call = Call::new("RollbackStack", region);
        let request = self.clients(region).cloudformation.rollback_stack().stack_name(stack);
        let request = request.set_role_arn(role);
        let request = request.client_request_token(token_of_this_call(stack));
        taken(call.answer(request.send().await))
    }

    async fn change_set_failures(&self, region: &Region, id: &ChangeSetId) -> Result<Vec<String>> {
        let call = Call::new("DescribeEvents", region);
        let client = self.clients(region).cloudformation;
        let failed = EventFilter::builder().failed_events(true).build();
        let mut found = Vec::new();
        let mut pages = Pages::new(&call, EVENT_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.describe_events().change_set_name(&id.0);
            let request = request.filters(failed.clone()).set_next_token(page.from);
            let answer = call.answer(request.send().await)?;
            let events = answer.operation_events.unwrap_or_default();
            found.extend(events.into_iter().filter_map(changes::failure));
            pages.turn(answer.next_token);
        }
        Ok(found)
    }

    async fn change_sets(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Vec<(String, ChangeSetId)>> {
        let call = Call::new("ListChangeSets", region);
        let client = self.clients(region).cloudformation;
        let mut found = Vec::new();
        let mut pages = Pages::new(&call, CHANGE_SET_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.list_change_sets().stack_name(stack).set_next_token(page.from);
            let answer = call.answer(request.send().await);
            let Some(answer) = if_there(answer, is_absent)? else { return Ok(Vec::new()) };
            found.extend(answer.summaries.unwrap_or_default());
            pages.turn(answer.next_token);
        }
        let idle = found.into_iter().filter(|one| {
            use ExecutionStatus::{Available, Unavailable};
            matches!(one.execution_status, Some(Available | Unavailable))
        });
        let named =
            idle.filter_map(|one| Some((one.change_set_name?, ChangeSetId(one.change_set_id?))));
        Ok(named.collect())
    }

    async fn delete_change_set(
        &self,
        _permit: &Permit,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<()> {
        let call = Call::new("DeleteChangeSet", region);
        let request =
            self.clients(region).cloudformation.delete_change_set().change_set_name(&id.0);
        call.answer(request.send().await).map(drop)
    }

    async fn stack_events(
        &self,
        region: &Region,
        stack: &str,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>> {
        let call = Call::new("DescribeStackEvents", region);
        let client = self.clients(region).cloudformation;
        let mut events = Vec::new();
        // AWS answers newest first, so the pages go back in time until the one we know.
        let mut pages = Pages::new(&call, EVENT_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.describe_stack_events().stack_name(stack);
            let request = request.set_next_token(page.from);
            let answer = call.answer(request.send().await);
            let Some(answer) = if_there(answer, is_absent)? else { break };
            let page = answer.stack_events.unwrap_or_default();
            let length = page.len();
            let fresh =
                page.into_iter().map(event).take_while(|event| Some(event.id.as_str()) != after);
            let before = events.len();
            events.extend(fresh);
            let is_known = events.len() - before < length;
            let begins = after.is_none() && events[before..].iter().any(StackEvent::is_beginning);
            pages.turn(answer.next_token.filter(|_| !is_known && !begins));
        }
        events.reverse();
        Ok(events)
    }

    async fn delete_stack(&self, stack: Fresh<StackNow>) -> Result<()> {
        let (role, region, stack) = (stack.role.clone(), &stack.region, &stack.stack);
        let call = Call::new("DeleteStack", region);
        let request = self.clients(region).cloudformation.delete_stack().stack_name(stack);
        let request = request.set_role_arn(role);
        let request = request.client_request_token(token_of_this_call(stack));
        if_there(taken(call.answer(request.send().await)), is_absent).map(drop)
    }

    async fn stack_resources(&self, region: &Region, stack: &str) -> Result<Vec<StackResource>> {
        let call = Call::new("ListStackResources", region);
        let client = self.clients(region).cloudformation;
        let mut resources = Vec::new();
        let mut pages = Pages::new(&call, RESOURCE_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.list_stack_resources().stack_name(stack);
            let request = request.set_next_token(page.from);
            let answer = call.answer(request.send().await);
            let Some(answer) = if_there(answer, is_absent)? else { break };
            let page = answer.stack_resource_summaries.unwrap_or_default();
            resources.extend(page.into_iter().map(|found| StackResource {
                logical_id: found.logical_resource_id.unwrap_or_default(),
                physical_id: found.physical_resource_id,
                resource_type: found.resource_type.unwrap_or_default(),
                status: word(found.resource_status),
            }));
            pages.turn(answer.next_token);
        }
        Ok(resources)
    }
}

/// Every status that the SDK has for a stack.
#[must_use]
pub fn stack_statuses() -> &'static [&'static str] {
    SdkStatus::values()
}

/// By which CloudFormation knows a call that it is sent again because its answer was lost: what has the same token counts once.
fn token(what: &str) -> String {
    // BOUND: a token has 128 letters, digits and hyphens; an ARN has others too.
    format!("pilotlight-{}", hexadecimal(&Sha256::digest(what.as_bytes())))
}

/// A token for what may be asked of a stack more than once, each time anew. The SDK's own repeats share it. We never repeat such
/// a call: whoever runs the command again is led by the state that the stack is in by then.
fn token_of_this_call(stack: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    token(&format!("{stack} {}", now.as_nanos()))
}

/// A token that CloudFormation knows already tells that the call was heard before.
fn taken<T>(answer: Result<T>) -> Result<()> {
    match answer {
        Err(error) if error.service_code() == Some("TokenAlreadyExistsException") => Ok(()),
        answer => answer.map(drop),
    }
}

fn view(call: &Call, stack: Stack) -> Result<StackView> {
    let status = stack.stack_status.ok_or_else(|| call.lacks("the stack's status"))?;
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    let tags = pairs(stack.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
    Ok(StackView {
        tags: tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect(),
        id: stack.stack_id.ok_or_else(|| call.lacks("the stack's id"))?,
        status: StackStatus::new(status.as_str()),
        reason: stack.stack_status_reason.filter(|reason| !reason.is_empty()),
        changed: stack.last_updated_time.or(stack.creation_time).as_ref().and_then(timestamp),
        parameters: pairs(parameters.map(|found| (found.parameter_key, found.parameter_value))),
        outputs: pairs(outputs.map(|found| (found.output_key, found.output_value))),
    })
}

fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_millisecond(at.to_millis().ok()?).ok()
}

fn pairs(
    found: impl Iterator<Item = (Option<String>, Option<String>)>,
) -> BTreeMap<String, String> {
    found.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

fn event(found: SdkEvent) -> StackEvent {
    StackEvent {
        id: found.event_id.unwrap_or_default(),
        at: found.timestamp.as_ref().and_then(timestamp),
        logical_id: found.logical_resource_id.unwrap_or_default(),
        physical_id: found.physical_resource_id.unwrap_or_default(),
        resource_type: found.resource_type.unwrap_or_default(),
        status: word(found.resource_status),
        // An emulator may say nothing in so many words.
        reason: found.resource_status_reason.filter(|reason| !reason.is_empty()),
    }
}

fn word(status: Option<ResourceStatus>) -> String {
    status.map_or_else(String::new, |status| status.as_str().to_owned())
}

/// CloudFormation says "does not exist" as a validation error.
fn is_absent(error: &CloudError) -> bool {
    error.service_code() == Some("ValidationError") && error.detail().contains("does not exist")
}

/// CloudFormation tells an empty change set from a failed one by these words alone.
fn says_empty(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}
