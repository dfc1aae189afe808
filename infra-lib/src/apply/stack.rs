//! Brings one stack to where it should be, from wherever it is.

use std::collections::BTreeMap;

use super::approach::stuck;
use super::cause::root_cause;
use super::error::DeployError;
use super::settle::{Start, settle};
use super::{Outcome, Request, Safety};
use crate::change_set::{Worked, work_out};
use crate::check::left_out;
use crate::cloud::{ChangeSetId, ChangeSetKind, Cloud, Phase, ResourceChange, StackView};
use crate::guard::Refusal;
use crate::model::Stack;
use crate::outputs::Outputs;
use crate::plan::{Resource, same_parameter, same_template};
use crate::progress::{Pace, Progress, Reporter, Step};

/// What every stack of a wave shares.
pub(super) struct Context<'a> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) request: &'a Request,
    pub(super) reporter: &'a Reporter,
    pub(super) pace: Pace,
    pub(super) outputs: &'a Outputs,
}

pub(super) type Result<T> = std::result::Result<T, DeployError>;

impl Context<'_> {
    /// Deploys a stack and answers its outputs.
    pub(super) async fn deploy(
        &self,
        stack: &Stack,
    ) -> Result<(Outcome, BTreeMap<String, String>)> {
        let standing = self.approach(stack).await?;
        let parameters = self.outputs.fill(stack, &self.request.given())?;
        if let Some(view) = &standing
            && self.is_right(stack, view, &parameters).await?
        {
            self.reporter.step(stack.id, Step::Unchanged).await;
            return Ok((Outcome::Unchanged, view.outputs.clone()));
        }
        self.reporter.step(stack.id, Step::Comparing).await;
        let Some(Worked { id, changes }) =
            self.change_set(stack, standing.as_ref(), parameters).await?
        else {
            self.reporter.step(stack.id, Step::Unchanged).await;
            let outputs = standing.map(|view| view.outputs).unwrap_or_default();
            return Ok((Outcome::Unchanged, outputs));
        };
        if standing.is_some() {
            self.refuse_while_failed_over(stack, &id).await?;
            self.tell_what_was_pending(stack, &changes).await;
            self.refuse_what_nobody_saw(stack, &id, &changes).await?;
        }
        self.reporter.step(stack.id, Step::Changing { resources: changes.len() }).await;
        let view = self.execute(stack, &id).await?;
        self.reporter.step(stack.id, Step::Done).await;
        let outcome = if standing.is_some() { Outcome::Updated } else { Outcome::Created };
        Ok((outcome, view.outputs))
    }

    /// Whether a standing stack has this template and these parameters. Then it is left alone: a change set could still bring a
    /// newer image, which nobody asked for.
    async fn is_right(
        &self,
        stack: &Stack,
        view: &StackView,
        parameters: &BTreeMap<String, String>,
    ) -> Result<bool> {
        let same = |(name, ours): (&String, &String)| {
            view.parameters.get(name).is_some_and(|live| same_parameter(live, ours))
        };
        if !parameters.iter().all(same) || !left_out(stack, &view.parameters).is_empty() {
            return Ok(false);
        }
        let live = self.cloud.stack_template(&stack.region, stack.name.as_str()).await?;
        Ok(same_template(live.as_deref(), &stack.template.body))
    }

    /// Has the change worked out. `None` if there is nothing to change.
    async fn change_set(
        &self,
        stack: &Stack,
        standing: Option<&StackView>,
        parameters: BTreeMap<String, String>,
    ) -> Result<Option<Worked>> {
        let kind = if standing.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create };
        work_out(self.cloud, &self.request.permit, self.pace, stack, kind, parameters).await
    }

    /// The last gate before a guarded stack is changed. The change set is thrown away if it closes.
    async fn refuse_while_failed_over(&self, stack: &Stack, id: &ChangeSetId) -> Result<()> {
        let Some(refusal) = self.locked(stack) else {
            return Ok(());
        };
        self.cloud.delete_change_set(&self.request.permit, &stack.region, id).await?;
        Err(refusal.into())
    }

    /// Why a stack may not be touched now, if so.
    pub(super) fn locked(&self, stack: &Stack) -> Option<Refusal> {
        if !stack.id.guarded() || self.request.safety == Safety::Overruled {
            return None;
        }
        let mut refusal = self.request.standing.lock()?;
        refusal.why = format!("`{}` would change while {}", stack.id, refusal.why);
        Some(refusal)
    }

    /// Shows a change that no plan could show before.
    async fn tell_what_was_pending(&self, stack: &Stack, changes: &[ResourceChange]) {
        let agreed = self.request.agreed.as_ref();
        if !agreed.is_some_and(|agreed| agreed.is_whole(stack.id)) {
            let resources = changes.iter().cloned().map(Resource::from).collect();
            self.reporter.tell(Progress::WorkedOut { stack: stack.id, resources }).await;
        }
    }

    /// Consent was given to a plan. What it did not show, and would take something away, waits for the next one.
    async fn refuse_what_nobody_saw(
        &self,
        stack: &Stack,
        id: &ChangeSetId,
        changes: &[ResourceChange],
    ) -> Result<()> {
        let unseen =
            self.request.agreed.as_ref().and_then(|agreed| agreed.unseen(stack.id, changes));
        let Some(why) = unseen.filter(|_| self.request.safety == Safety::Guarded) else {
            return Ok(());
        };
        self.cloud.delete_change_set(&self.request.permit, &stack.region, id).await?;
        let hint =
            "what came before it is done; `cargo xtask deploy` shows the rest and asks again; \
                    `--force` goes on without"
                .to_owned();
        Err(Refusal { why, hint }.into())
    }

    async fn execute(&self, stack: &Stack, id: &ChangeSetId) -> Result<StackView> {
        let listener = self.listener(stack);
        let name = stack.name.as_str();
        let mark = listener.mark(name).await?;
        self.cloud.execute_change_set(&self.request.permit, &stack.region, id).await?;
        let settled =
            settle(&listener, name, mark, Start::Asked).await?.ok_or_else(|| Self::slow(stack))?;
        let Some(view) = settled.view else {
            let reason = "the stack was deleted while it was being changed".to_owned();
            return Err(DeployError::ChangeSet {
                stack: stack.id,
                region: stack.region.clone(),
                reason,
            });
        };
        if view.status.is_success() {
            return Ok(view);
        }
        if view.status.phase() == Phase::Stuck {
            return Err(stuck(stack, &view));
        }
        Err(DeployError::Failed(Box::new(root_cause(stack, &view, &settled.events))))
    }
}
