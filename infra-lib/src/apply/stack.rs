//! Brings one stack to where it should be, from wherever it is.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::approach::stuck;
use super::cause::root_cause;
use super::error::DeployError;
use super::settle::{Start, settle};
use super::{Outcome, Request, Safety};
use crate::cloud::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetView, Cloud, Phase, StackView,
};
use crate::model::{Stack, StackId};
use crate::outputs::Outputs;
use crate::plan::{same_parameter, same_template};
use crate::progress::{Pace, Reporter, Step};

// BOUND: CloudFormation works out a change set of this size in seconds; minutes when it is busy.
pub(super) const CHANGE_SET_BOUND: Duration = Duration::from_mins(5);

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
        let parameters = self.parameters(stack)?;
        if let Some(view) = &standing
            && self.is_right(stack, view, &parameters).await?
        {
            self.reporter.step(stack.id, Step::Unchanged).await;
            return Ok((Outcome::Unchanged, view.outputs.clone()));
        }
        self.reporter.step(stack.id, Step::Comparing).await;
        let Some((id, changes)) = self.change_set(stack, standing.as_ref(), parameters).await?
        else {
            self.reporter.step(stack.id, Step::Unchanged).await;
            let outputs = standing.map(|view| view.outputs).unwrap_or_default();
            return Ok((Outcome::Unchanged, outputs));
        };
        if standing.is_some() {
            self.refuse_while_failed_over(stack, &id).await?;
        }
        self.reporter.step(stack.id, Step::Changing { resources: changes }).await;
        let view = self.execute(stack, &id).await?;
        self.reporter.step(stack.id, Step::Done).await;
        let outcome = if standing.is_some() { Outcome::Updated } else { Outcome::Created };
        Ok((outcome, view.outputs))
    }

    fn parameters(&self, stack: &Stack) -> Result<BTreeMap<String, String>> {
        let mut parameters = self.outputs.fill(stack, &self.request.code.key)?;
        let live = self.request.standing.standby.as_ref();
        if let (StackId::WebStandby, Safety::Overruled, Some(group)) =
            (stack.id, self.request.safety, live)
        {
            // The site file's sizes would put a raised standby out.
            parameters.insert("MinSize".to_owned(), group.sizes.min.to_string());
            parameters.insert("MaxSize".to_owned(), group.sizes.max.to_string());
        }
        Ok(parameters)
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
        if !parameters.iter().all(same) {
            return Ok(false);
        }
        let live = self.cloud.stack_template(&stack.region, stack.name.as_str()).await?;
        Ok(same_template(live.as_deref(), &stack.template.body))
    }

    /// Makes a change set. `None` if there is nothing to change.
    async fn change_set(
        &self,
        stack: &Stack,
        standing: Option<&StackView>,
        parameters: BTreeMap<String, String>,
    ) -> Result<Option<(ChangeSetId, usize)>> {
        let kind = if standing.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create };
        let request = ChangeSetRequest {
            stack: stack.name.clone(),
            name: change_set_name(),
            kind,
            template: stack.template.body.to_string(),
            parameters,
        };
        let refused = |reason: String| DeployError::ChangeSet {
            stack: stack.id,
            region: stack.region.clone(),
            reason,
        };
        let id =
            self.cloud.create_change_set(&stack.region, &request).await.map_err(
                |error| match error.service_code() {
                    Some("ValidationError") => refused(error.detail().to_owned()),
                    _ => error.into(),
                },
            )?;
        for _ in 0..self.pace.rounds(CHANGE_SET_BOUND) {
            match self.cloud.describe_change_set(&stack.region, &id).await? {
                ChangeSetView::Working => self.pace.pause().await,
                ChangeSetView::Ready { changes } => return Ok(Some((id, changes.len()))),
                ChangeSetView::Empty => {
                    self.cloud.delete_change_set(&stack.region, &id).await?;
                    return Ok(None);
                }
                ChangeSetView::Failed { reason } => return Err(refused(reason)),
            }
        }
        Err(Self::slow(stack))
    }

    /// The last gate before a guarded stack is changed. The change set is thrown away if it closes.
    async fn refuse_while_failed_over(&self, stack: &Stack, id: &ChangeSetId) -> Result<()> {
        if !stack.id.guarded() || self.request.safety == Safety::Overruled {
            return Ok(());
        }
        let Some(mut refusal) = self.request.standing.lock() else {
            return Ok(());
        };
        self.cloud.delete_change_set(&stack.region, id).await?;
        refusal.why = format!("`{}` would change while {}", stack.id, refusal.why);
        Err(refusal.into())
    }

    async fn execute(&self, stack: &Stack, id: &ChangeSetId) -> Result<StackView> {
        let listener = self.listener(stack);
        let name = stack.name.as_str();
        let mark = listener.mark(name).await?;
        self.cloud.execute_change_set(&stack.region, id).await?;
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

/// A name that no earlier change set of the stack has.
fn change_set_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("pilotlight-{}", since.as_millis())
}
