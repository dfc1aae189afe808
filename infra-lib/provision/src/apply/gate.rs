//! What is read right before something is written, and what forbids the write.
//!
//! A deploy waits for a question and then for each wave, an hour in all. Meanwhile the site can fail over, and somebody else can
//! deploy. So nothing that was read before is trusted here.

use std::collections::BTreeMap;

use cloud::guard::{self, Carried, Fresh, Refusal, Safety, Standing};
use cloud::{Cloud, CloudError, Phase, ResourceChange, StackNow};
use site::model::{Site, Stack, StackId};

use super::context::Context;
use super::request::Request;
use crate::change::Worked;
use crate::error::{DeployError, Result};
use crate::plan::{Plan, touches};
use crate::progress::Progress;
use crate::resource::Resource;

/// Why a deploy of this plan is refused at this moment, if so. `plan` foretells by it what `deploy` does.
///
/// # Errors
/// [`CloudError`] if the site cannot be read.
pub async fn refusal(
    cloud: &dyn Cloud,
    site: &Site,
    plan: &Plan,
    safety: Safety,
) -> Result<Option<Refusal>, CloudError> {
    if let Some(refusal) = plan.stacks.iter().find_map(|entry| {
        let live = entry.action.replaced_parameters();
        fixed(entry.stack, &live, &entry.parameters)
    }) {
        return Ok(Some(refusal));
    }
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

/// Whether it holds a group, whose live sizes count.
const fn is_sized(stack: &Stack) -> bool {
    matches!(stack.id, StackId::WebPrimary | StackId::WebStandby)
}

/// Why a stack that stands cannot be given these parameters, if so. No flag overrules it.
///
/// CloudFormation would make another VPC and attach the gateway to it before the old one lets go, which EC2 refuses: the update
/// always fails and is rolled back. Source: CloudFormation's reference of `AWS::EC2::VPC` and `AWS::EC2::VPCGatewayAttachment`.
pub(super) fn fixed(
    stack: StackId,
    live: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
) -> Option<Refusal> {
    const RANGE: &str = "VpcCidr";
    let (key, side) = match stack {
        StackId::NetworkPrimary => ("primary_cidr", "primary"),
        StackId::NetworkStandby => ("standby_cidr", "standby"),
        StackId::Artifacts
        | StackId::WebPrimary
        | StackId::WebStandby
        | StackId::Controller
        | StackId::Detector
        | StackId::Edge
        | StackId::Dashboard => return None,
    };
    let (before, after) = (live.get(RANGE)?, given.get(RANGE)?);
    if before == after {
        return None;
    }
    Some(Refusal {
        why: format!(
            "the network of the {side} has the range {before}, which cannot become {after}: AWS changes no VPC's range"
        ),
        hint: format!(
            "set `{key} = \"{before}\"` in [network]; for another range deploy a second site under another `name` and move the \
             host name to it, as docs/runbook.md says"
        ),
    })
}

fn of_stack(stack: StackId, mut refusal: Refusal) -> Refusal {
    refusal.why = format!("`{stack}` would change while {}", refusal.why);
    refusal
}

/// Somebody else deploys the same stack at this moment.
pub(super) fn overtaken(stack: &Stack) -> Refusal {
    let (id, name, region) = (stack.id, &stack.name, &stack.region);
    Refusal {
        why: format!(
            "somebody else changed `{id}` (`{name}` in {region}) while this deploy prepared its own change"
        ),
        hint: "what came before it is done; wait for that deploy, then `cargo xtask deploy` shows the rest and asks again"
            .to_owned(),
    }
}

impl Context<'_> {
    /// Reads a stack and how the site stands: nothing is changed on an older reading.
    pub(super) async fn now(&self, stack: &Stack, id: &str) -> Result<Fresh<StackNow>> {
        let Request { consent, site, .. } = self.request;
        Ok(consent.stack(self.cloud, site, &stack.region, id).await?)
    }

    /// Why a stack may not be touched now, if so.
    pub(super) fn locked(&self, stack: &Stack, standing: &Standing) -> Option<Refusal> {
        let guarded = stack.id.guarded() && self.request.safety == Safety::Guarded;
        standing.lock().filter(|_| guarded).map(|refusal| of_stack(stack.id, refusal))
    }

    /// The live sizes that a forced change of this stack must keep.
    pub(super) async fn carried(&self, stack: &Stack) -> Result<Carried> {
        if !is_sized(stack) || self.request.safety == Safety::Guarded {
            return Ok(Carried::default());
        }
        let standing = guard::read(self.cloud, &self.request.site).await?;
        Ok(standing.carried(self.request.safety))
    }

    /// The last look before a change set is executed. It is deleted if a rule closes. Nothing if it is still allowed but was made
    /// for sizes that are no longer the live ones: then it is deleted too, and another one is needed.
    pub(super) async fn may_execute(
        &self,
        stack: &Stack,
        worked: &Worked,
        parameters: &BTreeMap<String, String>,
        carried: Carried,
        stands: bool,
    ) -> Result<Option<Fresh<StackNow>>> {
        if stands {
            self.tell_what_was_pending(stack, parameters, &worked.changes).await;
        }
        let verdict = match self.now(stack, stack.name.as_str()).await {
            Ok(now) => match self.refused(stack, &now, worked, parameters, stands) {
                Some(refusal) => Err(refusal.into()),
                None => Ok(Some(now).filter(|now| !stands || self.is_carried(stack, now, carried))),
            },
            Err(error) => Err(error),
        };
        if !matches!(verdict, Ok(Some(_))) {
            let permit = self.request.consent.permit();
            self.cloud.delete_change_set(permit, &stack.region, &worked.id).await?;
        }
        verdict
    }

    fn is_carried(&self, stack: &Stack, now: &StackNow, carried: Carried) -> bool {
        !is_sized(stack) || now.standing.carried(self.request.safety) == carried
    }

    fn refused(
        &self,
        stack: &Stack,
        now: &StackNow,
        worked: &Worked,
        parameters: &BTreeMap<String, String>,
        stands: bool,
    ) -> Option<Refusal> {
        let changes = &worked.changes;
        let refused = self.changed_by_somebody(stack, now, stands);
        if refused.is_some() || !stands {
            return refused;
        }
        self.unseen(stack, parameters, changes).or_else(|| {
            let touched = touches(stack.id, changes.iter().map(|change| change.action));
            self.locked(stack, &now.standing).filter(|_| touched)
        })
    }

    /// Somebody else deployed since the plan was shown. Then what was agreed to is not what would come of it. A new stack is
    /// under review by the change set that was just made, and if it is no longer, somebody else has created it.
    fn changed_by_somebody(&self, stack: &Stack, now: &StackNow, stands: bool) -> Option<Refusal> {
        let view = now.view.as_ref();
        if !stands && view.is_some_and(|view| view.status.phase() != Phase::Reviewing) {
            return Some(overtaken(stack));
        }
        let moved = self.request.agreed.as_ref()?.moved(stack.id, view.filter(|_| stands))?;
        Some(Refusal { why: moved, hint: anew() })
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
        let why = agreed
            .unseen(stack.id, parameters, changes)
            .or_else(|| agreed.revalued(stack.id, parameters))?;
        Some(Refusal { why, hint: format!("{}; `--force` continues without it", anew()) })
    }

    /// Shows a change that no plan could show before.
    async fn tell_what_was_pending(
        &self,
        stack: &Stack,
        parameters: &BTreeMap<String, String>,
        changes: &[ResourceChange],
    ) {
        let agreed = self.request.agreed.as_ref();
        if !agreed.is_some_and(|agreed| agreed.is_shown(stack.id, parameters)) {
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
