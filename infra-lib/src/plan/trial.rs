//! What becomes of one stack, given what becomes of those before it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::look::{Look, same_parameter, same_template};
use super::{Action, Change, Entry, Resource, Seen, effect};
use crate::apply::DeployError;
use crate::change_set::work_out;
use crate::check;
use crate::cloud::{ChangeSetKind, Cloud, Phase, ResourceAction, ResourceChange, StackView};
use crate::model::{Source, Stack, StackId};
use crate::outputs::{Given, Outputs};
use crate::package::hexadecimal;
use crate::progress::Pace;

/// What is known when it is a stack's turn.
pub(super) struct Trial<'a> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) pace: Pace,
    pub(super) given: &'a Given,
    pub(super) outputs: &'a Outputs,
    /// Stacks of earlier waves whose outputs may be others by then.
    pub(super) unsettled: &'a [StackId],
}

/// A stack's parameters.
struct Parameters {
    known: BTreeMap<String, String>,
    /// The stacks that will tell the others.
    after: BTreeSet<StackId>,
}

impl Trial<'_> {
    pub(super) async fn entry(&self, look: &Look<'_>) -> Result<Entry, DeployError> {
        let Parameters { known, after } = self.parameters(look.stack);
        let seen = look.view.as_ref().map(Seen::of);
        let entry = Entry { parameters: known, seen, ..Entry::of(look.stack) };
        let Some(view) = &look.view else {
            return Ok(Entry { action: Action::Create, resources: made(look.stack), ..entry });
        };
        let (status, reason) = (view.status.to_string(), view.reason.clone());
        let action = match view.status.phase() {
            Phase::Gone | Phase::Reviewing => Action::Create,
            Phase::RolledBack | Phase::Undeleted => Action::Recreate { status, reason },
            Phase::Moving => Action::Wait { status },
            Phase::Stuck if view.status.is_halfway_back() => Action::Unlock { status, reason },
            Phase::Stuck => Action::Stuck { status },
            Phase::Standing => return self.standing(look, view, entry, after).await,
        };
        let anew = matches!(action, Action::Create | Action::Recreate { .. });
        let resources = if anew { made(look.stack) } else { Vec::new() };
        Ok(Entry { action, resources, ..entry })
    }

    async fn standing(
        &self,
        look: &Look<'_>,
        view: &StackView,
        entry: Entry,
        after: BTreeSet<StackId>,
    ) -> Result<Entry, DeployError> {
        let changes = differences(look, view, &entry.parameters);
        if !after.is_empty() {
            let action = Action::Pending { changes, after: after.into_iter().collect() };
            return Ok(Entry { action, ..entry });
        }
        if changes.is_empty() {
            return Ok(entry);
        }
        let kind = ChangeSetKind::Update;
        let parameters = entry.parameters.clone();
        let Some(worked) = work_out(self.cloud, self.pace, look.stack, kind, parameters).await?
        else {
            return Ok(entry);
        };
        self.cloud.delete_change_set(&look.stack.region, &worked.id).await?;
        let resources = worked.changes.into_iter().map(Resource::from).collect();
        Ok(Entry { action: Action::Update { changes }, resources, ..entry })
    }

    fn parameters(&self, stack: &Stack) -> Parameters {
        let (mut known, mut after) = (BTreeMap::new(), BTreeSet::new());
        for (name, source) in &stack.parameters {
            let from = match source {
                Source::Output { stack, .. } => Some(*stack),
                Source::Literal(_) | Source::CodeKey => None,
            };
            let value = self.outputs.value(stack.id, name.as_str(), source, self.given);
            match (from.filter(|from| self.unsettled.contains(from)), value) {
                (None, Some(value)) => {
                    known.insert(name.to_string(), value);
                }
                (unsettled, _) => after.extend(unsettled.or(from)),
            }
        }
        Parameters { known, after }
    }
}

/// What of a standing stack differs from the site file.
fn differences(
    look: &Look<'_>,
    view: &StackView,
    parameters: &BTreeMap<String, String>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if !same_template(look.template.as_deref(), &look.stack.template.body) {
        changes.push(Change::Template);
    }
    for (name, after) in parameters {
        let before = view.parameters.get(name);
        if !before.is_some_and(|before| same_parameter(before, after)) {
            let (name, before, after) = (name.clone(), before.cloned(), after.clone());
            let effect = effect::of_parameter(look.stack.template.name, &name);
            changes.push(Change::Parameter { name, before, after, effect });
        }
    }
    changes
}

/// The resources that a new stack will have, read from its template.
fn made(stack: &Stack) -> Vec<Resource> {
    let resources = check::resources(stack).into_iter();
    let resources = resources.map(|(logical_id, resource_type)| Resource {
        logical_id,
        resource_type,
        action: ResourceAction::Add,
        properties: Vec::new(),
        effect: None,
    });
    resources.collect()
}

impl From<ResourceChange> for Resource {
    fn from(change: ResourceChange) -> Self {
        let ResourceChange { logical_id, resource_type, action, properties } = change;
        let effect = effect::of(&resource_type, action);
        Self { logical_id, resource_type, action, properties, effect }
    }
}

impl Entry {
    /// Nothing done to a stack, and nothing known of it.
    pub(super) fn of(stack: &Stack) -> Self {
        Self {
            stack: stack.id,
            name: stack.name.clone(),
            region: stack.region.clone(),
            wave: stack.id.wave(),
            action: Action::Keep,
            resources: Vec::new(),
            parameters: BTreeMap::new(),
            template: hexadecimal(&Sha256::digest(stack.template.body.as_bytes())),
            seen: None,
        }
    }
}
