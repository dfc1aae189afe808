//! Leads a stack out of whatever state an earlier run left it in.

use cloud::guard::{self, Fresh, Refusal};
use cloud::{Phase, StackNow, StackView};
use site::model::Stack;

use super::context::Context;
use crate::change::{
    CHANGE_SET_BOUND, Listener, SETTLE_BOUND, Settled, Start, is_abandoned, settle, sweep,
};
use crate::error::{DeployError, Result};
use crate::failure::holds;
use crate::progress::Step;

// BOUND: a rollback or an operation to wait for, a leftover to clear, and once more each if somebody else is changing it too.
const APPROACHES_MAX: usize = 5;

impl Context<'_> {
    /// Waits for what runs and clears what failed, until the stack either stands or is not there.
    pub(super) async fn approach(&self, stack: &Stack) -> Result<Option<StackView>> {
        for _ in 0..APPROACHES_MAX {
            let Some(view) = self.cloud.describe_stack(&stack.region, stack.name.as_str()).await?
            else {
                return Ok(None);
            };
            let site = &self.request.site;
            if let Some(stranger) = guard::stranger(site, stack, &view) {
                return Err(Refusal::from(stranger).into());
            }
            let status = view.status.to_string();
            match view.status.phase() {
                Phase::Gone => return Ok(None),
                Phase::Standing => {
                    sweep(self.cloud, self.request.consent.permit(), stack).await?;
                    return Ok(Some(view));
                }
                Phase::Moving => {
                    self.reporter.step(stack.id, Step::Waiting { status }).await;
                    self.rest(stack, &view.id).await?;
                }
                Phase::Reviewing => {
                    let resources = self.cloud.stack_resources(&stack.region, &view.id).await?;
                    if !resources.is_empty() {
                        self.reviewed_still(stack, &view).await?;
                        continue;
                    }
                    let found = guard::stranger_within(self.cloud, site, stack, &view).await?;
                    if let Some(stranger) = found {
                        return Err(Refusal::from(stranger).into());
                    }
                    self.reporter.step(stack.id, Step::Waiting { status }).await;
                    if is_abandoned(self.cloud, self.pace, stack, &view.id).await? {
                        let now = self.now(stack, &view.id).await?;
                        self.clear(stack, &view, now).await?;
                    }
                }
                // Nothing of a rolled-back creation is in use, and it can be nothing but deleted.
                Phase::RolledBack => {
                    let now = self.now(stack, &view.id).await?;
                    self.clear(stack, &view, now).await?;
                }
                Phase::Undeleted => {
                    let now = self.now(stack, &view.id).await?;
                    self.locked(stack, &now.standing).map_or(Ok(()), Err)?;
                    self.clear(stack, &view, now).await?;
                }
                Phase::Halted => self.halted(stack, &view).await?,
                Phase::Stuck if view.status.is_halfway_back() => self.unlock(stack, &view).await?,
                Phase::Stuck => return Err(stuck(stack, &view)),
            }
        }
        Err(Self::slow(stack))
    }

    /// A stack under review has no resources. If it has some, another run has executed its change set between the two readings,
    /// and the stack is looked at again; or it is in a state that nobody knows.
    async fn reviewed_still(&self, stack: &Stack, view: &StackView) -> Result<()> {
        let now = self.cloud.describe_stack(&stack.region, &view.id).await?;
        match now.filter(|now| now.status.phase() == Phase::Reviewing) {
            Some(now) => Err(stuck(stack, &now)),
            None => Ok(()),
        }
    }

    /// Deletes what is left, if it is still what was seen: another run may have gone on with it meanwhile.
    async fn clear(&self, stack: &Stack, view: &StackView, now: Fresh<StackNow>) -> Result<()> {
        let phase = now.view.as_ref().map_or(Phase::Gone, |now| now.status.phase());
        if phase != view.status.phase() {
            return Ok(());
        }
        let status = view.status.to_string();
        self.reporter.step(stack.id, Step::Clearing { status }).await;
        self.cloud.delete_stack(now).await?;
        let mut begun = view.status.phase() != Phase::Undeleted;
        let mut wait = self.pace.wait(CHANGE_SET_BOUND);
        while wait.goes_on() {
            // A stack under review goes without passing through DELETE_IN_PROGRESS.
            let now = self.cloud.describe_stack(&stack.region, &view.id).await;
            let Some(now) = wait.unless_throttled(now).await? else { continue };
            let phase = now.map_or(Phase::Gone, |view| view.status.phase());
            begun |= phase == Phase::Moving;
            if phase == Phase::Gone {
                return Ok(());
            }
            if phase == Phase::Undeleted && begun {
                return Err(stuck(stack, view));
            }
            wait.pause().await;
        }
        Err(Self::slow(stack))
    }

    /// Rolls back what failed and was kept, if somebody asked for it. It may serve, so the guard of a raised standby comes first;
    /// and of a creation that failed whatever stands would be deleted. One that holds nothing is cleared like any leftover.
    async fn halted(&self, stack: &Stack, view: &StackView) -> Result<()> {
        let holds = holds(self.cloud, stack, view).await?;
        let now = self.now(stack, &view.id).await?;
        self.locked(stack, &now.standing).map_or(Ok(()), Err)?;
        if view.status.is_unborn() && holds.is_empty() {
            return self.clear(stack, view, now).await;
        }
        if !self.request.rollback.contains(&stack.id) {
            return Err(halted(stack, view, &holds));
        }
        if now.view.as_ref().is_none_or(|now| now.status != view.status) {
            return Ok(());
        }
        let listener = self.listener(stack);
        let mark = listener.mark(&view.id).await?;
        let status = view.status.to_string();
        self.reporter.step(stack.id, Step::RollingBack { status }).await;
        self.cloud.rollback_stack(now).await?;
        let settled = settle(&listener, &view.id, mark, Start::Asked).await?;
        settled.map(drop).ok_or_else(|| Self::slow(stack))
    }

    /// Goes on with a rollback that failed. Skipped is only what a person named.
    async fn unlock(&self, stack: &Stack, view: &StackView) -> Result<()> {
        let listener = self.listener(stack);
        let mark = listener.mark(&view.id).await?;
        let now = self.now(stack, &view.id).await?;
        self.locked(stack, &now.standing).map_or(Ok(()), Err)?;
        let status = view.status.to_string();
        self.reporter.step(stack.id, Step::Unlocking { status }).await;
        let skip = self.request.skip.iter().filter(|skip| skip.stack == stack.id);
        let skip: Vec<_> = skip.map(|skip| skip.logical_id.clone()).collect();
        self.cloud.continue_rollback(now, &skip).await?;
        let settled = settle(&listener, &view.id, mark, Start::Asked).await?;
        let settled = settled.ok_or_else(|| Self::slow(stack))?;
        match settled.view {
            Some(view) if view.status.phase() == Phase::Stuck => Err(stuck(stack, &view)),
            _ => Ok(()),
        }
    }

    async fn rest(&self, stack: &Stack, id: &str) -> Result<Settled> {
        let listener = self.listener(stack);
        let mark = listener.mark(id).await?;
        settle(&listener, id, mark, Start::Seen).await?.ok_or_else(|| Self::slow(stack))
    }

    pub(super) fn listener<'a>(&'a self, stack: &'a Stack) -> Listener<'a> {
        let Self { cloud, reporter, pace, .. } = *self;
        Listener { cloud, reporter, pace, stack: stack.id, region: &stack.region }
    }

    pub(super) fn slow(stack: &Stack) -> DeployError {
        let minutes = SETTLE_BOUND.as_secs() / 60;
        DeployError::Slow { stack: stack.id, region: stack.region.clone(), minutes }
    }
}

/// An operation that failed and whose resources were kept: what stands, and how to roll it back.
fn halted(stack: &Stack, view: &StackView, holds: &[String]) -> DeployError {
    let id = stack.id;
    let what = if view.status.is_unborn() {
        let holds = holds.join(", ");
        format!(
            ". It holds: {holds}. If nobody needs that, `cargo xtask deploy --rollback {id}` shows the plan, asks, deletes \
             it and creates the stack again"
        )
    } else {
        format!(
            ". The stack may serve as it is: do not delete it. `cargo xtask deploy --rollback {id}` shows the plan, asks, \
             rolls the failed update back with CloudFormation's rollback-stack, and continues"
        )
    };
    left_to_a_person(stack, view, &what)
}

/// A stack that needs a person, with what to do. Never its deletion: a stack that was half changed still serves, and what a
/// deploy may delete it deletes by itself.
pub(super) fn stuck(stack: &Stack, view: &StackView) -> DeployError {
    let what = match (view.status.as_str(), view.status.phase()) {
        ("UPDATE_ROLLBACK_FAILED", _) => format!(
            ", put it right and run `cargo xtask deploy` again; a resource that is gone for good is left out of the rollback with \
             `--skip {id}:LOGICAL-ID`, after which CloudFormation assumes that it is unchanged",
            id = stack.id
        ),
        (_, Phase::RolledBack | Phase::Undeleted) => {
            ", put it right and run `cargo xtask deploy` again: it deletes what is left".to_owned()
        }
        _ => ". The stack may serve as it is: do not delete it. Once `cargo xtask status` shows the standby idle and the alarm OK, \
              roll it back in CloudFormation's console, then run `cargo xtask deploy` again"
            .to_owned(),
    };
    left_to_a_person(stack, view, &what)
}

/// How to see why comes before what to do.
fn left_to_a_person(stack: &Stack, view: &StackView, what: &str) -> DeployError {
    let (name, region) = (&stack.name, &stack.region);
    let hint = format!(
        "see why with `aws cloudformation describe-stack-events --region {region} --stack-name {name}`{what}"
    );
    let (status, reason) = (view.status.to_string(), view.reason.clone());
    DeployError::Stuck { stack: stack.id, region: region.clone(), status, reason, hint }
}
