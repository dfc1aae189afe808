//! Holds the alarm and the records of a new site back until the primary can serve.
//!
//! A health check that sees a primary whose instances still boot turns the first deploy into a failover: the standby is raised,
//! people are mailed, and the failback takes the hold-down.

use std::time::Duration;

use cloud::guard::Safety;
use cloud::{Cloud, TargetHealth};
use site::model::{Site, Stack, StackId};

use super::context::Context;
use super::request::Request;
use crate::change::Worked;
use crate::error::{DeployError, Result};
use crate::outputs::Outputs;
use crate::progress::Step;

/// The stack that watches the primary and answers users.
pub(super) const WATCHES: StackId = StackId::Detector;

// BOUND: an instance boots, installs what its boot script asks for and passes its target group's checks within some minutes.
const HEALTHY_MINUTES: u64 = 15;

impl Context<'_> {
    /// Waits for a healthy target of the primary if nothing watches it yet. One is enough: with it the load balancer answers.
    pub(super) async fn primary_serves(&self, outputs: &Outputs) -> Result<()> {
        let Some(targets) = self.targets(outputs) else { return Ok(()) };
        if watched(self.cloud, &self.request.site).await? {
            return Ok(());
        }
        let held = (WATCHES, Step::Held { minutes: HEALTHY_MINUTES });
        if self.wait_for(targets, held, |health| health.healthy() > 0).await?.is_none() {
            return Ok(());
        }
        let (region, targets) = (self.request.site.primary_region().clone(), targets.to_owned());
        Err(DeployError::Unready { region, targets, minutes: HEALTHY_MINUTES })
    }

    /// Before the standby's servers change: every server of the primary, which had its change before, is healthy. A boot script
    /// or an image that breaks the primary is not to be in both regions. A change set that waited in vain is deleted.
    pub(super) async fn primary_proven(
        &self,
        stack: &Stack,
        worked: &Worked,
        outputs: &Outputs,
    ) -> Result<()> {
        let is_standby = stack.id == StackId::WebStandby;
        let targets = self.targets(outputs).filter(|_| is_standby);
        let Some(targets) = targets else { return Ok(()) };
        let proving = (stack.id, Step::Proving { minutes: HEALTHY_MINUTES });
        let all =
            |health: &TargetHealth| staying(health) > 0 && health.healthy() == staying(health);
        let Some(last) = self.wait_for(targets, proving, all).await? else { return Ok(()) };
        let Request { consent, site, .. } = self.request;
        self.cloud.delete_change_set(consent.permit(), &stack.region, &worked.id).await?;
        let (region, targets) = (site.primary_region().clone(), targets.to_owned());
        let (healthy, of) = (last.healthy(), staying(&last));
        Err(DeployError::Unproven { region, targets, healthy, of, minutes: HEALTHY_MINUTES })
    }

    /// The primary's targets, if they are to be waited for. An emulator's groups put no instance behind a load balancer.
    fn targets<'a>(&self, outputs: &'a Outputs) -> Option<&'a str> {
        let waits = self.request.safety == Safety::Guarded && !self.cloud.is_local();
        outputs.get(StackId::WebPrimary, "TargetGroupArn").filter(|_| waits)
    }

    /// Waits until the primary's targets are well enough, and tells once that it does. Answers how they were at last if they
    /// never are.
    async fn wait_for(
        &self,
        targets: &str,
        (stack, step): (StackId, Step),
        is_enough: impl Fn(&TargetHealth) -> bool,
    ) -> Result<Option<TargetHealth>> {
        let (mut step, mut last) = (Some(step), TargetHealth::default());
        let mut wait = self.pace.wait(Duration::from_mins(HEALTHY_MINUTES));
        while wait.goes_on() {
            let region = self.request.site.primary_region();
            let health = self.cloud.target_health(region, targets).await;
            let Some(health) = wait.unless_throttled(health).await? else { continue };
            if is_enough(&health) {
                return Ok(None);
            }
            last = health;
            if let Some(step) = step.take() {
                self.reporter.step(stack, step).await;
            }
            wait.pause().await;
        }
        Ok(Some(last))
    }
}

/// Targets that count: one that leaves is no part of the answer.
fn staying(health: &TargetHealth) -> usize {
    health.targets.iter().filter(|(_, state)| state != "draining").count()
}

/// Whether the detector stands already, so that holding it back would keep nothing from happening.
async fn watched(cloud: &dyn Cloud, site: &Site) -> Result<bool> {
    let Some(stack) = site.stacks.iter().find(|stack| stack.id == WATCHES) else {
        return Ok(true);
    };
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    Ok(view.is_some_and(|view| view.status.phase().may_serve()))
}
