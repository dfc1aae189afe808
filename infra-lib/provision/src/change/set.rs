//! Has CloudFormation work a change out, without making it.

use std::collections::BTreeMap;
use std::time::Duration;

use cloud::change_name::{made_at, new, now_milliseconds};
use cloud::guard::{Permit, Refusal};
use cloud::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetView, Cloud, CloudError, Phase,
    ResourceAction, ResourceChange,
};
use site::model::{Stack, without_comments};

use crate::error::{DeployError, Result};
use crate::progress::Pace;

// BOUND: CloudFormation works out a change set of this size in seconds; minutes when it is busy.
pub(crate) const CHANGE_SET_BOUND: Duration = Duration::from_mins(5);

// BOUND: a run that lives executes a change between two looks; an answer of AWS that is tried again takes ten of them.
const IDLE_LOOKS_MAX: u32 = 30;

/// A change that can be made.
pub(crate) struct Worked {
    pub(crate) id: ChangeSetId,
    pub(crate) changes: Vec<ResourceChange>,
}

/// Makes a change set and waits until it is worked out. `None` if there is nothing to change; then it is gone again.
pub(crate) async fn work_out(
    cloud: &dyn Cloud,
    permit: &Permit,
    pace: Pace,
    stack: &Stack,
    kind: ChangeSetKind,
    parameters: BTreeMap<String, String>,
) -> Result<Option<Worked>> {
    let (template, name) = (without_comments(&stack.template.body), new());
    let (tags, role) = (stack.tags.clone(), stack.deploy_role.clone());
    let stack_name = stack.name.clone();
    let request =
        ChangeSetRequest { stack: stack_name, name, kind, template, parameters, tags, role };
    let refused = |reason: String| {
        let (stack, region) = (stack.id, stack.region.clone());
        DeployError::ChangeSet { stack, region, reason }
    };
    let id = cloud.create_change_set(permit, &stack.region, &request).await;
    let id = id.map_err(|error| match error.service_code() {
        Some("ValidationError") => refused(error.detail().to_owned()),
        _ => error.into(),
    })?;
    let mut wait = pace.wait(CHANGE_SET_BOUND);
    while wait.goes_on() {
        let view = cloud.describe_change_set(&stack.region, &id).await;
        let Some(view) = wait.unless_throttled(view).await? else { continue };
        match view {
            ChangeSetView::Working => wait.pause().await,
            ChangeSetView::Ready { changes } => {
                if let Some(refusal) = resizes(stack, kind, &changes) {
                    cloud.delete_change_set(permit, &stack.region, &id).await?;
                    return Err(refusal.into());
                }
                return Ok(Some(Worked { id, changes }));
            }
            ChangeSetView::Empty => {
                cloud.delete_change_set(permit, &stack.region, &id).await?;
                return Ok(None);
            }
            ChangeSetView::Failed { reason } => {
                // First: with the change set its events go too.
                let reasons = reasons(cloud, stack, &id).await;
                // One that failed is kept by CloudFormation until somebody deletes it.
                cloud.delete_change_set(permit, &stack.region, &id).await?;
                return Err(refused([vec![reason], reasons].concat().join("\n  ")));
            }
        }
    }
    let minutes = CHANGE_SET_BOUND.as_secs() / 60;
    Err(DeployError::Slow { stack: stack.id, region: stack.region.clone(), minutes })
}

/// What CloudFormation's early validation and hooks found, which the change set's own reason only refers to. Where that cannot be
/// read, the reason stands alone and the command that shows the rest is too late: so why it was not read is told.
async fn reasons(cloud: &dyn Cloud, stack: &Stack, id: &ChangeSetId) -> Vec<String> {
    match cloud.change_set_failures(&stack.region, id).await {
        Ok(reasons) => reasons,
        // An emulator has no such call.
        Err(_) if cloud.is_local() => Vec::new(),
        Err(error) => vec![format!("the details could not be read: {error}")],
    }
}

/// Why a repair may not be made, if it would also set the sizes of a group that stands: they may have been raised for users, and
/// CloudFormation only sees that they differ from the template. No flag overrules it.
fn resizes(stack: &Stack, kind: ChangeSetKind, changes: &[ResourceChange]) -> Option<Refusal> {
    let group = |change: &&ResourceChange| {
        change.resource_type == "AWS::AutoScaling::AutoScalingGroup"
            && change.action != ResourceAction::Add
    };
    let found = changes.iter().find(group).filter(|_| kind == ChangeSetKind::Repair)?;
    Some(Refusal {
        why: format!(
            "the repair of `{}` would also change the group `{}`, whose instances may serve users",
            stack.id, found.logical_id
        ),
        hint: "`cargo xtask status --drift` shows how the group differs: bring it or the site file in line first, then repair"
            .to_owned(),
    })
}

/// Throws away what killed runs have left on a stack that stands: change sets of ours that nobody waits for any more.
pub(crate) async fn sweep(
    cloud: &dyn Cloud,
    permit: &Permit,
    stack: &Stack,
) -> Result<(), CloudError> {
    let oldest = now_milliseconds().saturating_sub(CHANGE_SET_BOUND.as_millis());
    for (name, id) in cloud.change_sets(&stack.region, stack.name.as_str()).await? {
        if made_at(&name).is_some_and(|made| made < oldest) {
            cloud.delete_change_set(permit, &stack.region, &id).await?;
        }
    }
    Ok(())
}

/// Waits until whoever made the first change set of a stack has executed it, or is gone for certain: then `true`, and what is
/// left of the stack may be cleared. A run that lives looks as often as this one and executes a change that is ready at once.
pub(crate) async fn is_abandoned(
    cloud: &dyn Cloud,
    pace: Pace,
    stack: &Stack,
    id: &str,
) -> Result<bool, CloudError> {
    let mut idle = 0;
    let mut wait = pace.wait(CHANGE_SET_BOUND);
    while wait.goes_on() {
        let view = cloud.describe_stack(&stack.region, id).await;
        let Some(view) = wait.unless_throttled(view).await? else { continue };
        if view.is_none_or(|view| view.status.phase() != Phase::Reviewing) {
            return Ok(false);
        }
        let oldest = now_milliseconds().saturating_sub(CHANGE_SET_BOUND.as_millis());
        let sets = cloud.change_sets(&stack.region, stack.name.as_str()).await;
        let Some(sets) = wait.unless_throttled(sets).await? else { continue };
        if sets.iter().all(|(name, _)| made_at(name).is_some_and(|made| made < oldest)) {
            return Ok(true);
        }
        let mut is_working = false;
        for (_, id) in &sets {
            let view = cloud.describe_change_set(&stack.region, id).await?;
            is_working |= view == ChangeSetView::Working;
        }
        idle = if is_working { 0 } else { idle + 1 };
        if idle > IDLE_LOOKS_MAX {
            return Ok(true);
        }
        wait.pause_evenly().await;
    }
    Ok(true)
}
