//! What becomes of one stack, given what becomes of those before it.

use std::collections::{BTreeMap, BTreeSet};

use cloud::guard::Permit;
use cloud::{ChangeSetKind, Cloud, Phase, ResourceAction, ResourceChange, StackView, secret};
use site::model::{Source, Stack, StackId};

use super::defaults::{LeftOut, left_out};
use super::entry::{Action, Change, Entry, Seen};
use super::look::{Look, same_parameter, same_template};
use crate::change::{sweep, work_out};
use crate::error::{DeployError, Result};
use crate::failure::{Failure, holds, last_operation, root_cause};
use crate::outputs::{Given, Outputs};
use crate::progress::Pace;
use crate::resource::{Resource, effect_of_parameter};

/// What is known when it is a stack's turn.
pub(super) struct Trial<'a> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) permit: &'a Permit,
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
    pub(super) async fn entry(&self, look: &Look<'_>) -> Result<Entry> {
        let Parameters { known, after } = self.parameters(look.stack);
        let seen = look.view.as_ref().map(Seen::of);
        let entry = Entry { parameters: known, seen, ..Entry::of(look.stack) };
        let Some(view) = &look.view else {
            return Ok(Entry { action: Action::Create, resources: made(look.stack), ..entry });
        };
        let status = view.status.clone();
        let action = match status.phase() {
            Phase::Gone => Action::Create,
            Phase::Standing => return self.standing(look, view, entry, after).await,
            Phase::Moving => Action::Wait { status },
            Phase::Reviewing => Action::Recreate { status, failure: None },
            Phase::RolledBack | Phase::Undeleted => {
                Action::Recreate { status, failure: Some(self.failure(look.stack, view).await?) }
            }
            Phase::Halted => self.halted(look.stack, view).await?,
            Phase::Stuck => {
                let failure = Some(self.failure(look.stack, view).await?);
                let skip = self.given.skip.iter().filter(|skip| skip.stack == look.stack.id);
                let skip = skip.map(|skip| skip.logical_id.clone()).collect();
                if status.is_halfway_back() {
                    Action::Unlock { status, failure, skip }
                } else {
                    Action::Stuck { status, failure, holds: Vec::new() }
                }
            }
        };
        let anew = matches!(action, Action::Create | Action::Recreate { .. });
        let resources = if anew { made(look.stack) } else { Vec::new() };
        Ok(Entry { action, resources, ..entry })
    }

    /// What becomes of a stack whose operation failed and left what had worked.
    async fn halted(&self, stack: &Stack, view: &StackView) -> Result<Action> {
        let (status, failure) = (view.status.clone(), Some(self.failure(stack, view).await?));
        let holds = holds(self.cloud, stack, view).await?;
        Ok(if status.is_unborn() && holds.is_empty() {
            Action::Recreate { status, failure }
        } else if self.given.rollback.contains(&stack.id) {
            Action::Rollback { status, failure, holds }
        } else {
            Action::Stuck { status, failure, holds }
        })
    }

    /// Why an earlier run left a stack as it is.
    async fn failure(&self, stack: &Stack, view: &StackView) -> Result<Failure> {
        let events = self.cloud.stack_events(&stack.region, &view.id, None).await?;
        Ok(root_cause(stack, view, last_operation(&events)))
    }

    async fn standing(
        &self,
        look: &Look<'_>,
        view: &StackView,
        entry: Entry,
        after: BTreeSet<StackId>,
    ) -> Result<Entry> {
        sweep(self.cloud, self.permit, look.stack).await?;
        let mut changes = differences(look, view, &entry.parameters);
        let repair = self.given.repair.contains(&look.stack.id);
        if repair {
            changes.push(Change::Live);
        }
        if !after.is_empty() {
            let foretold = self.foretold(look, view, repair).await?;
            let action = Action::Pending { changes, after: after.into_iter().collect() };
            let (foretold, resources) = foretold.unzip();
            return Ok(Entry {
                action,
                foretold,
                resources: resources.unwrap_or_default(),
                ..entry
            });
        }
        if changes.is_empty() {
            return Ok(entry);
        }
        let tried = self.tried(look.stack, repair, entry.parameters.clone()).await?;
        let Some(tried) = tried else { return Ok(entry) };
        let answers_anew = answers_anew(look, &changes, &tried);
        let resources = tried.into_iter().map(Resource::from).collect();
        Ok(Entry { action: Action::Update { changes }, resources, answers_anew, ..entry })
    }

    /// What becomes of a stack if those before it answer as today, and the parameters that it then gets. Nothing if one of them
    /// answers nothing yet, or if CloudFormation refuses what belongs together only afterwards.
    async fn foretold(
        &self,
        look: &Look<'_>,
        view: &StackView,
        repair: bool,
    ) -> Result<Option<(BTreeMap<String, String>, Vec<Resource>)>> {
        let Ok(parameters) = self.outputs.fill(look.stack, self.given) else { return Ok(None) };
        if differences(look, view, &parameters).is_empty() && !repair {
            return Ok(Some((parameters, Vec::new())));
        }
        let resources = match self.tried(look.stack, repair, parameters.clone()).await {
            Ok(tried) => tried.into_iter().flatten().map(Resource::from).collect(),
            Err(DeployError::ChangeSet { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some((parameters, resources)))
    }

    /// What CloudFormation says that a change does; its change set is thrown away. Nothing if there is nothing to change.
    async fn tried(
        &self,
        stack: &Stack,
        repair: bool,
        parameters: BTreeMap<String, String>,
    ) -> Result<Option<Vec<ResourceChange>>> {
        let kind = if repair { ChangeSetKind::Repair } else { ChangeSetKind::Update };
        let worked = work_out(self.cloud, self.permit, self.pace, stack, kind, parameters).await?;
        let Some(worked) = worked else { return Ok(None) };
        self.cloud.delete_change_set(self.permit, &stack.region, &worked.id).await?;
        Ok(Some(worked.changes))
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
            let before = before.map(|before| secret::told(name, before));
            let (name, after) = (name.clone(), secret::told(name, after));
            let effect = effect_of_parameter(look.stack.template.name, &name);
            changes.push(Change::Parameter { name, before, after, effect });
        }
    }
    let ours = look.stack.tags.iter().flatten();
    let live = view.tags.iter().filter(|_| look.stack.tags.is_some());
    for name in ours.chain(live).map(|(name, _)| name).collect::<BTreeSet<_>>() {
        let after = look.stack.tags.as_ref().and_then(|tags| tags.get(name)).cloned();
        let before = view.tags.get(name).cloned();
        if before != after {
            changes.push(Change::Tag { name: name.clone(), before, after });
        }
    }
    for left_out in left_out(look.stack, &view.parameters) {
        let LeftOut { name, live, default } = left_out;
        let effect = effect_of_parameter(look.stack.template.name, &name);
        let before = Some(secret::told(&name, &live));
        changes.push(Change::Parameter { name, before, after: default, effect });
    }
    changes
}

/// Whether a stack may answer something else afterwards: an output is written anew, or is made from a parameter that changes or
/// from a resource that does not stay the one that it is. No other change reaches the stacks that come after it.
fn answers_anew(look: &Look<'_>, changes: &[Change], resources: &[ResourceChange]) -> bool {
    let live = look.template.as_deref().unwrap_or_default();
    let ours = check::Answers::of(&look.stack.template.body);
    let given = changes.iter().any(|change| match change {
        Change::Parameter { name, .. } => ours.depend_on(name),
        Change::Template | Change::Live | Change::Tag { .. } => false,
    });
    let mut others = resources.iter().filter(|one| one.action != ResourceAction::Modify);
    check::Answers::of(live) != ours || given || others.any(|one| ours.depend_on(&one.logical_id))
}

/// The resources that a new stack will have, read from its template.
fn made(stack: &Stack) -> Vec<Resource> {
    let resources = check::resources(stack).into_iter();
    let changes = resources.map(|(logical_id, resource_type)| ResourceChange {
        logical_id,
        resource_type,
        action: ResourceAction::Add,
        properties: Vec::new(),
    });
    changes.map(Resource::from).collect()
}
