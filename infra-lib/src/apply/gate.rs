//! What is read right before something is written, and what forbids the write.
//!
//! A deploy waits for a question and then for each wave, an hour in all. Meanwhile the site can fail over, and somebody else can
//! deploy. So nothing that was read before is trusted here.

use std::collections::BTreeMap;

use super::stack::{Context, Result};
use super::{DeployError, Safety};
use crate::change_set::Worked;
use crate::cloud::{Cloud, CloudError, ResourceChange};
use crate::guard::{self, Carried, Refusal};
use crate::model::{Site, Stack, StackId};
use crate::plan::{Plan, Resource, touches};
use crate::progress::Progress;

/// Why a deploy of this plan is refused at this moment, if so. `plan` foretells by it what `deploy` does.
///
/// # Errors
/// [`CloudError`] if the site cannot be read.
pub async fn refusal(
    cloud: &dyn Cloud,
    site: &Site,
    plan: &Plan,
    safety: Safety,
) -> std::result::Result<Option<Refusal>, CloudError> {
    if safety == Safety::Overruled {
        return Ok(None);
    }
    if let Some(touched) = plan.guarded_updates().next()
        && let Some(refusal) = guard::read(cloud, site).await?.lock()
    {
        return Ok(Some(of_stack(touched.stack, refusal)));
    }
    guard::handover(cloud, site).await
}

fn of_stack(stack: StackId, mut refusal: Refusal) -> Refusal {
    refusal.why = format!("`{stack}` would change while {}", refusal.why);
    refusal
}

impl Context<'_> {
    /// Why a stack may not be touched now, if so.
    pub(super) async fn locked(&self, stack: &Stack) -> Result<Option<Refusal>> {
        if !stack.id.guarded() || self.request.safety == Safety::Overruled {
            return Ok(None);
        }
        let standing = guard::read(self.cloud, &self.request.site).await?;
        Ok(standing.lock().map(|refusal| of_stack(stack.id, refusal)))
    }

    /// The live sizes that a forced change of this stack must keep.
    pub(super) async fn carried(&self, stack: &Stack) -> Result<Carried> {
        let sized = matches!(stack.id, StackId::WebPrimary | StackId::WebStandby);
        if !sized || self.request.safety == Safety::Guarded {
            return Ok(Carried::default());
        }
        let standing = guard::read(self.cloud, &self.request.site).await?;
        Ok(standing.carried(self.request.safety))
    }

    /// The last look before a change set is executed. It is deleted if a rule closes. False if it is still allowed but was made
    /// for sizes that are no longer the live ones: then it is deleted too, and another one is needed.
    pub(super) async fn may_execute(
        &self,
        stack: &Stack,
        worked: &Worked,
        parameters: &BTreeMap<String, String>,
        carried: Carried,
        stands: bool,
    ) -> Result<bool> {
        if stands {
            self.tell_what_was_pending(stack, &worked.changes).await;
        }
        let verdict = match self.refused(stack, worked, parameters, stands).await {
            Ok(None) if stands => self.carried(stack).await.map(|now| now == carried),
            Ok(None) => Ok(true),
            Ok(Some(refusal)) => Err(refusal.into()),
            Err(error) => Err(error),
        };
        if !matches!(verdict, Ok(true)) {
            self.cloud.delete_change_set(&self.request.permit, &stack.region, &worked.id).await?;
        }
        verdict
    }

    async fn refused(
        &self,
        stack: &Stack,
        worked: &Worked,
        parameters: &BTreeMap<String, String>,
        stands: bool,
    ) -> Result<Option<Refusal>> {
        let changes = &worked.changes;
        if let Some(refusal) = self.changed_by_somebody(stack, stands).await? {
            return Ok(Some(refusal));
        }
        if stands && let Some(refusal) = self.unseen(stack, parameters, changes) {
            return Ok(Some(refusal));
        }
        if stands && touches(stack.id, changes.iter().map(|change| change.action)) {
            return self.locked(stack).await;
        }
        Ok(None)
    }

    /// Somebody else deployed since the plan was shown. Then what was agreed to is not what would come of it.
    async fn changed_by_somebody(&self, stack: &Stack, stands: bool) -> Result<Option<Refusal>> {
        let Some(agreed) = &self.request.agreed else { return Ok(None) };
        let view = self.cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        // A new stack is under review by the change set that was just made.
        let moved = agreed.moved(stack.id, view.as_ref().filter(|_| stands));
        Ok(moved.map(|why| Refusal { why, hint: anew() }))
    }

    /// Consent was given to a plan. What it did not show, and would take something away, waits for the next one.
    fn unseen(
        &self,
        stack: &Stack,
        parameters: &BTreeMap<String, String>,
        changes: &[ResourceChange],
    ) -> Option<Refusal> {
        let agreed =
            self.request.agreed.as_ref().filter(|_| self.request.safety == Safety::Guarded)?;
        let why =
            agreed.unseen(stack.id, changes).or_else(|| agreed.revalued(stack.id, parameters))?;
        Some(Refusal { why, hint: format!("{}; `--force` continues without it", anew()) })
    }

    /// Shows a change that no plan could show before.
    async fn tell_what_was_pending(&self, stack: &Stack, changes: &[ResourceChange]) {
        let agreed = self.request.agreed.as_ref();
        if !agreed.is_some_and(|agreed| agreed.is_whole(stack.id)) {
            let resources = changes.iter().cloned().map(Resource::from).collect();
            self.reporter.tell(Progress::WorkedOut { stack: stack.id, resources }).await;
        }
    }

    /// A group that changes its size faster than a change set is made is left alone.
    pub(super) fn unsteady(stack: &Stack) -> DeployError {
        DeployError::Refused(Refusal {
            why: format!("the live sizes of `{}` changed again and again", stack.id),
            hint: "run `cargo xtask deploy --force` again once `cargo xtask status` shows steady sizes"
                .to_owned(),
        })
    }
}

fn anew() -> String {
    "the changes before it are done; `cargo xtask deploy` shows the rest and asks again".to_owned()
}
