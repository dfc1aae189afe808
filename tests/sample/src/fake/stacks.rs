//! CloudFormation in memory: an operation moves on by one event for each look at its stack.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use cfn::{Template, scalar, section};
use failover_core::Timestamp;

use site::names::Region;

use super::{Fake, FakeStack, State};
use cloud::StackNow;
use cloud::guard::{Fresh, Permit};
use cloud::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetView, CloudError, Phase, ResourceAction,
    ResourceChange, StackEvent, StackResource, StackStatus, StackView, Stacks,
};

const STACK: &str = "AWS::CloudFormation::Stack";

#[async_trait]
impl Stacks for Fake {
    async fn describe_stack(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Option<StackView>, CloudError> {
        let mut state = self.reach("DescribeStacks", region)?;
        let Some(found) = state.find(region, stack) else {
            return Ok(None);
        };
        if let Some((event, status)) = found.coming.pop_front() {
            found.events.push(event);
            found.view.status = status.unwrap_or_else(|| found.view.status.clone());
        }
        let view = found.view.clone();
        // CloudFormation finds a deleted stack by its id alone.
        Ok(Some(view).filter(|view| view.status.phase() != Phase::Gone || view.id == stack))
    }

    async fn stack_template(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Option<String>, CloudError> {
        let mut state = self.reach("GetTemplate", region)?;
        Ok(state.find(region, stack).map(|found| found.template.clone()))
    }

    async fn create_change_set(
        &self,
        _permit: &Permit,
        region: &Region,
        request: &ChangeSetRequest,
    ) -> Result<ChangeSetId, CloudError> {
        let mut state = self.reach("CreateChangeSet", region)?;
        let name = request.stack.as_str();
        state.wrote("CreateChangeSet", region, name);
        let gone =
            state.find(region, name).is_none_or(|found| found.view.status.phase() == Phase::Gone);
        if gone != (request.kind == ChangeSetKind::Create) {
            let detail = format!("Stack [{name}] does not exist, or exists already");
            let (region, code) = (region.to_string(), "ValidationError".to_owned());
            return Err(CloudError::Service { operation: "CreateChangeSet", region, code, detail });
        }
        if gone {
            let id = state.stack_id(region, name);
            let status = StackStatus::new("REVIEW_IN_PROGRESS");
            let view = StackView {
                id,
                status,
                reason: None,
                changed: None,
                parameters: BTreeMap::new(),
                outputs: BTreeMap::new(),
                tags: BTreeMap::new(),
            };
            let (events, resources, coming) = (Vec::new(), Vec::new(), VecDeque::new());
            let stack = FakeStack { view, template: String::new(), events, resources, coming };
            state.stacks.insert((region.clone(), name.to_owned()), stack);
        }
        state.change_sets.push((region.clone(), request.clone()));
        Ok(ChangeSetId((state.change_sets.len() - 1).to_string()))
    }

    async fn describe_change_set(
        &self,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<ChangeSetView, CloudError> {
        let mut state = self.reach("DescribeChangeSet", region)?;
        let request = state.request(id);
        if state.invalid.contains_key(request.stack.as_str()) {
            let reason = "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To \
                          troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.";
            return Ok(ChangeSetView::Failed { reason: reason.to_owned() });
        }
        let same = state.find(region, request.stack.as_str()).is_some_and(|found| {
            found.template == request.template
                && found.view.parameters == effective(&request)
                && request.tags.as_ref().is_none_or(|tags| *tags == found.view.tags)
        });
        if same && !state.repairs(region, &request) {
            return Ok(ChangeSetView::Empty);
        }
        if let Some(changes) = state.changes.get(request.stack.as_str()) {
            return Ok(ChangeSetView::Ready { changes: changes.clone() });
        }
        let action = match request.kind {
            ChangeSetKind::Create => ResourceAction::Add,
            ChangeSetKind::Update | ChangeSetKind::Repair => ResourceAction::Modify,
        };
        let changes = names(&request.template, "Resources").into_iter().map(|logical_id| {
            let resource_type = "AWS::Fake::Thing".to_owned();
            ResourceChange { logical_id, resource_type, action, properties: Vec::new() }
        });
        Ok(ChangeSetView::Ready { changes: changes.collect() })
    }

    async fn execute_change_set(
        &self,
        stack: Fresh<StackNow>,
        id: &ChangeSetId,
    ) -> Result<(), CloudError> {
        let region = &stack.region;
        let mut state = self.reach("ExecuteChangeSet", region)?;
        let request = state.request(id);
        let name = request.stack.to_string();
        // CloudFormation knows the token, which is made of the change set's id.
        if id.0.parse().is_ok_and(|index: usize| state.executed.contains(&index)) {
            return Ok(());
        }
        state.executed.extend(id.0.parse::<usize>());
        state.wrote("ExecuteChangeSet", region, &name);
        let lost = std::mem::take(&mut state.lost);
        // CloudFormation deletes every change set of a stack once one of them is executed.
        let of_it = state.change_sets.iter().enumerate();
        let of_it = of_it.filter(|(_, (place, one))| place == region && one.stack == request.stack);
        let of_it: Vec<_> = of_it.map(|(index, _)| index).collect();
        state.spent.extend(of_it);
        let failures = state.failures.remove(&name);
        let verb = match request.kind {
            ChangeSetKind::Create => "CREATE",
            ChangeSetKind::Update | ChangeSetKind::Repair => "UPDATE",
        };
        let mut coming = VecDeque::new();
        let began = state.event(&name, &name, STACK, &format!("{verb}_IN_PROGRESS"), None);
        coming.push_back((began, Some(StackStatus::new(format!("{verb}_IN_PROGRESS")))));
        let broken = failures.is_some();
        for (resource, reason) in failures.unwrap_or_default() {
            let event = state.event(
                &name,
                &resource,
                "AWS::Fake::Thing",
                &format!("{verb}_FAILED"),
                Some(&reason),
            );
            coming.push_back((event, None));
        }
        let end = match (broken, request.kind) {
            (false, _) => format!("{verb}_COMPLETE"),
            (true, ChangeSetKind::Create) => "ROLLBACK_COMPLETE".to_owned(),
            (true, ChangeSetKind::Update | ChangeSetKind::Repair) => {
                "UPDATE_ROLLBACK_COMPLETE".to_owned()
            }
        };
        let ended = state.event(&name, &name, STACK, &end, None);
        coming.push_back((ended, Some(StackStatus::new(end))));
        let outputs = names(&request.template, "Outputs").into_iter();
        let outputs = outputs.map(|output| (output.clone(), format!("{region}-{name}-{output}")));
        let changed =
            i64::try_from(state.events).ok().and_then(|at| Timestamp::from_second(at).ok());
        let held = resources(&request.template, &format!("{region}-{name}"));
        let found = state.find(region, &name).expect("a change set belongs to a stack");
        found.coming = coming;
        if broken && request.kind == ChangeSetKind::Create {
            found.view.parameters = effective(&request);
        }
        if !broken {
            found.view.changed = changed;
            found.resources = held;
            found.view.outputs = outputs.collect();
            if let Some(tags) = request.tags.clone() {
                found.view.tags = tags;
            }
            found.view.parameters = effective(&request);
            found.template.clone_from(&request.template);
            if request.kind != ChangeSetKind::Update {
                state.wire(region, &name, &request.template);
            }
        }
        if lost {
            let (region, detail) = (region.to_string(), "connection reset".to_owned());
            return Err(CloudError::Unreachable { operation: "ExecuteChangeSet", region, detail });
        }
        Ok(())
    }

    async fn continue_rollback(
        &self,
        stack: Fresh<StackNow>,
        skip: &[String],
    ) -> Result<(), CloudError> {
        let (region, stack) = (&stack.region, &stack.stack);
        let mut state = self.reach("ContinueUpdateRollback", region)?;
        let Some(found) = state.find(region, stack) else { return Ok(()) };
        let name = found.view.id.split('/').nth(1).unwrap_or_default().to_owned();
        let subject = match skip {
            [] => name.clone(),
            skip => format!("{name} without {}", skip.join(", ")),
        };
        state.wrote("ContinueUpdateRollback", region, &subject);
        let mut broken = state.failures.remove(&name).unwrap_or_default();
        broken.retain(|(id, _)| !skip.contains(id));
        let broken = !broken.is_empty();
        let end = if broken { "UPDATE_ROLLBACK_FAILED" } else { "UPDATE_ROLLBACK_COMPLETE" };
        let began = state.event(&name, &name, STACK, "UPDATE_ROLLBACK_IN_PROGRESS", None);
        let ended = state.event(&name, &name, STACK, end, None);
        let found = state.find(region, stack).expect("it was there a moment ago");
        found.coming = VecDeque::from([
            (began, Some(StackStatus::new("UPDATE_ROLLBACK_IN_PROGRESS"))),
            (ended, Some(StackStatus::new(end))),
        ]);
        Ok(())
    }

    async fn rollback_stack(&self, stack: Fresh<StackNow>) -> Result<(), CloudError> {
        let (region, stack) = (&stack.region, &stack.stack);
        let mut state = self.reach("RollbackStack", region)?;
        let Some(found) = state.find(region, stack) else { return Ok(()) };
        let name = found.view.id.split('/').nth(1).unwrap_or_default().to_owned();
        let status = found.view.status.clone();
        if status.phase() != Phase::Halted {
            let detail = format!("Stack [{name}] is in {status} state and can not be rolled back");
            let (region, code) = (region.to_string(), "ValidationError".to_owned());
            return Err(CloudError::Service { operation: "RollbackStack", region, code, detail });
        }
        state.wrote("RollbackStack", region, &name);
        let broken = state.failures.remove(&name).is_some();
        // Source: CloudFormation API, RollbackStack: a stack without a last stable state is deleted.
        let (moving, end) = match (status.is_unborn(), broken) {
            (true, false) => ("ROLLBACK_IN_PROGRESS", "DELETE_COMPLETE"),
            (true, true) => ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
            (false, false) => ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
            (false, true) => ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
        };
        let began = state.event(&name, &name, STACK, moving, None);
        let ended = state.event(&name, &name, STACK, end, None);
        let found = state.find(region, stack).expect("it was there a moment ago");
        found.coming = VecDeque::from([
            (began, Some(StackStatus::new(moving))),
            (ended, Some(StackStatus::new(end))),
        ]);
        Ok(())
    }

    async fn change_set_failures(
        &self,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<Vec<String>, CloudError> {
        let state = self.reach("DescribeEvents", region)?;
        let name = state.request(id).stack.to_string();
        let gone = id.0.parse().is_ok_and(|index: usize| state.spent.contains(&index));
        Ok(state.invalid.get(&name).filter(|_| !gone).cloned().unwrap_or_default())
    }

    async fn change_sets(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Vec<(String, ChangeSetId)>, CloudError> {
        let state = self.reach("ListChangeSets", region)?;
        let there = state.change_sets.iter().enumerate().filter(|(index, (place, request))| {
            let gone = state.spent.contains(index);
            place == region && request.stack.as_str() == stack && !gone
        });
        Ok(there.map(|(at, (_, one))| (one.name.clone(), ChangeSetId(at.to_string()))).collect())
    }

    async fn delete_change_set(
        &self,
        _permit: &Permit,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<(), CloudError> {
        let mut state = self.reach("DeleteChangeSet", region)?;
        let name = state.request(id).stack.to_string();
        state.spent.extend(id.0.parse::<usize>());
        state.wrote("DeleteChangeSet", region, &name);
        Ok(())
    }

    async fn stack_events(
        &self,
        region: &Region,
        stack: &str,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>, CloudError> {
        let mut state = self.reach("DescribeStackEvents", region)?;
        let events =
            state.find(region, stack).map(|found| found.events.clone()).unwrap_or_default();
        let known = after.and_then(|after| events.iter().position(|event| event.id == after));
        Ok(events.into_iter().skip(known.map_or(0, |known| known + 1)).collect())
    }

    async fn delete_stack(&self, stack: Fresh<StackNow>) -> Result<(), CloudError> {
        let (region, stack) = (&stack.region, &stack.stack);
        let mut state = self.reach("DeleteStack", region)?;
        let Some(name) = state.find(region, stack).map(|found| found.view.id.clone()) else {
            return Ok(());
        };
        let name = name.split('/').nth(1).unwrap_or_default().to_owned();
        state.wrote("DeleteStack", region, &name);
        let began = state.event(&name, &name, STACK, "DELETE_IN_PROGRESS", None);
        let ended = state.event(&name, &name, STACK, "DELETE_COMPLETE", None);
        let found = state.find(region, stack).expect("it was there a moment ago");
        found.coming = VecDeque::from([
            (began, Some(StackStatus::new("DELETE_IN_PROGRESS"))),
            (ended, Some(StackStatus::new("DELETE_COMPLETE"))),
        ]);
        Ok(())
    }

    async fn stack_resources(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Vec<StackResource>, CloudError> {
        let mut state = self.reach("ListStackResources", region)?;
        Ok(state.find(region, stack).map(|found| found.resources.clone()).unwrap_or_default())
    }
}

impl State {
    /// A stack by name or id.
    pub(super) fn find(&mut self, region: &Region, stack: &str) -> Option<&mut FakeStack> {
        let named = self.stacks.iter_mut().filter(|((place, _), _)| place == region);
        named
            .map(|((_, name), found)| (name, found))
            .find_map(|(name, found)| (name == stack || found.view.id == stack).then_some(found))
    }

    fn request(&self, id: &ChangeSetId) -> ChangeSetRequest {
        let found = id.0.parse::<usize>().ok().and_then(|index| self.change_sets.get(index));
        found.expect("only ids that were answered are asked for").1.clone()
    }
}

/// What AWS shows as a stack's parameters: those that were given, and the template's defaults for the rest.
fn effective(request: &ChangeSetRequest) -> BTreeMap<String, String> {
    let template = Template::parse(&request.template);
    let defaults = template.iter().flat_map(Template::defaults);
    let defaults = defaults.map(|(name, default)| (name.clone(), default.clone()));
    defaults.chain(request.parameters.clone()).collect()
}

/// What a stack of this template holds, whatever its conditions say.
fn resources(template: &str, prefix: &str) -> Vec<StackResource> {
    let template = Template::parse(template);
    let made = template.iter().flat_map(|template| section(&template.root, "Resources"));
    let made = made.map(|(name, made)| StackResource {
        physical_id: Some(format!("{prefix}-{name}")),
        logical_id: name,
        resource_type: made.get("Type").and_then(scalar).unwrap_or_default(),
        status: "CREATE_COMPLETE".to_owned(),
    });
    made.collect()
}

/// The keys of a section of a template.
fn names(template: &str, part: &str) -> Vec<String> {
    let template = Template::parse(template);
    let keys = template.iter().flat_map(|template| section(&template.root, part));
    keys.map(|(key, _)| key).collect()
}
