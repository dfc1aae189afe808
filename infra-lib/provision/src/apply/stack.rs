//! Brings one stack to where it should be, from wherever it is.

use std::collections::BTreeMap;
use std::time::Duration;

use cloud::guard::Fresh;
use cloud::{ChangeSetKind, CloudError, Phase, StackNow, StackView};
use site::model::Stack;

use super::approach::stuck;
use super::context::Context;
use super::gate::{fixed, overtaken};
use super::request::Outcome;
use crate::change::{Start, Worked, settle, work_out};
use crate::error::{DeployError, Result};
use crate::failure::root_cause;
use crate::outputs::Outputs;
use crate::plan::{Seen, left_out, same_parameter, same_template, touches};
use crate::progress::Step;

// BOUND: a raise or a failback sets sizes once or twice; a group that changes with every look is somebody's work in progress.
const CHANGE_SETS_MAX: usize = 3;

// BOUND: AWS takes calls again within a minute, and a network that is gone for longer is told.
const EXECUTE_BOUND: Duration = Duration::from_mins(1);

/// What CloudFormation answers where another run executed its change set, or changes the stack at this moment.
const OVERTAKEN: [&str; 4] =
    ["ChangeSetNotFound", "InvalidChangeSetStatus", "ValidationError", "AlreadyExistsException"];

impl Context<'_> {
    /// Deploys a stack, given the outputs of those before it, and answers its own.
    pub(super) async fn deploy(
        &self,
        stack: &Stack,
        outputs: &Outputs,
    ) -> Result<(Outcome, BTreeMap<String, String>)> {
        let standing = self.approach(stack).await?;
        for _ in 0..CHANGE_SETS_MAX {
            let carried = self.carried(stack).await?;
            let parameters = outputs.fill(stack, &self.request.given(carried))?;
            if let Some(view) = &standing {
                fixed(stack.id, &view.parameters, &parameters).map_or(Ok(()), Err)?;
            }
            let repair = self.request.repair.contains(&stack.id);
            if let Some(view) = &standing
                && !repair
                && self.is_right(stack, view, &parameters).await?
            {
                self.reporter.step(stack.id, Step::Unchanged).await;
                return Ok((Outcome::Unchanged, view.outputs.clone()));
            }
            self.reporter.step(stack.id, Step::Comparing).await;
            let worked = self.change_set(stack, standing.as_ref(), parameters.clone()).await;
            let worked = match worked {
                Ok(worked) => worked,
                Err(error) => return Err(self.explained(stack, standing.as_ref(), error).await),
            };
            let Some(worked) = worked else {
                self.reporter.step(stack.id, Step::Unchanged).await;
                let outputs = standing.map(|view| view.outputs).unwrap_or_default();
                return Ok((Outcome::Unchanged, outputs));
            };
            let stands = standing.is_some();
            if stands {
                self.primary_proven(stack, &worked, outputs).await?;
            }
            let may = self.may_execute(stack, &worked, &parameters, carried, stands).await?;
            let Some(now) = may else { continue };
            self.reporter.step(stack.id, Step::Changing { resources: worked.changes.len() }).await;
            let view = self.execute(stack, now, standing.as_ref(), &worked).await?;
            self.reporter.step(stack.id, Step::Done).await;
            let outcome = if stands { Outcome::Updated } else { Outcome::Created };
            return Ok((outcome, view.outputs));
        }
        Err(Self::unsteady(stack))
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
        let tagged = stack.tags.as_ref().is_none_or(|tags| *tags == view.tags);
        if !tagged || !parameters.iter().all(same) || !left_out(stack, &view.parameters).is_empty()
        {
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
        let kind = match standing {
            None => ChangeSetKind::Create,
            Some(_) if self.request.repair.contains(&stack.id) => ChangeSetKind::Repair,
            Some(_) => ChangeSetKind::Update,
        };
        let permit = self.request.consent.permit();
        work_out(self.cloud, permit, self.pace, stack, kind, parameters).await
    }

    async fn execute(
        &self,
        stack: &Stack,
        now: Fresh<StackNow>,
        standing: Option<&StackView>,
        worked: &Worked,
    ) -> Result<StackView> {
        let listener = self.listener(stack);
        let name = stack.name.as_str();
        let mark = listener.mark(name).await?;
        let begun = self.begin(stack, now, worked).await?;
        if let Err(error) = begun {
            return Err(self.explained(stack, standing, error.into()).await);
        }
        let settled =
            settle(&listener, name, mark, Start::Asked).await?.ok_or_else(|| Self::slow(stack))?;
        let Some(view) = settled.view else {
            let reason = "the stack was deleted while it was being changed".to_owned();
            let (stack, region) = (stack.id, stack.region.clone());
            return Err(DeployError::ChangeSet { stack, region, reason });
        };
        if view.status.is_success() {
            return Ok(view);
        }
        if view.status.phase() == Phase::Stuck {
            return Err(stuck(stack, &view));
        }
        Err(DeployError::Failed(Box::new(root_cause(stack, &view, &settled.events))))
    }

    /// Starts a change set. A call that AWS did not take, or whose answer was lost, is made again on what stands by then: its
    /// token lets CloudFormation tell that it was heard before. The inner error is CloudFormation's.
    async fn begin(
        &self,
        stack: &Stack,
        now: Fresh<StackNow>,
        worked: &Worked,
    ) -> Result<Result<(), CloudError>> {
        let mut wait = self.pace.wait(EXECUTE_BOUND);
        let mut begun = self.cloud.execute_change_set(now, &worked.id).await;
        while wait.goes_on()
            && let Err(error) = &begun
            && (error.is_throttled() || matches!(error, CloudError::Unreachable { .. }))
        {
            wait.pause_longer().await;
            let Ok(now) = self.now(stack, stack.name.as_str()).await else { continue };
            let phase = now.view.as_ref().map(|view| view.status.phase());
            // What runs already is ours, or CloudFormation refuses ours.
            if phase != Some(Phase::Moving)
                && touches(stack.id, worked.changes.iter().map(|change| change.action))
            {
                self.locked(stack, &now.standing).map_or(Ok(()), Err)?;
            }
            begun = self.cloud.execute_change_set(now, &worked.id).await;
        }
        Ok(begun)
    }

    /// CloudFormation says of a change set that it is gone, or does not fit the stack's state. If somebody else has changed the
    /// stack since it was looked at, that is the reason, and what to do is another thing.
    async fn explained(
        &self,
        stack: &Stack,
        standing: Option<&StackView>,
        error: DeployError,
    ) -> DeployError {
        let DeployError::Cloud(cause) = &error else { return error };
        if !cause.service_code().is_some_and(|code| OVERTAKEN.contains(&code)) {
            return error;
        }
        let now = self.cloud.describe_stack(&stack.region, stack.name.as_str()).await;
        let is_as_it_was = match (standing, now) {
            (_, Err(_)) | (None, Ok(None)) => true,
            (None, Ok(Some(now))) => now.status.phase() == Phase::Reviewing,
            (Some(then), Ok(Some(now))) => Seen::of(then) == Seen::of(&now),
            (Some(_), Ok(None)) => false,
        };
        if is_as_it_was {
            return error;
        }
        overtaken(stack).into()
    }
}
