//! Holds the alarm and the records of a new site back until the primary can serve.
//!
//! A health check that sees a primary whose instances still boot turns the first deploy into a failover: the standby is raised,
//! people are mailed, and the failback takes the hold-down.

use std::time::Duration;

use cloud::guard::Safety;
use cloud::{Cloud, TargetHealth};
use site::model::{Site, Stack, StackId};

use super::context::{Context, Result};
use super::error::DeployError;
use super::request::Request;
use crate::change::Worked;
use crate::outputs::Outputs;
use crate::progress::Step;

/// Output of the web stack: ARN of its target group.
const TARGETS: &str = "TargetGroupArn";

/// The stack that watches the primary and answers users.
pub(super) const WATCHES: StackId = StackId::Detector;

// BOUND: an instance boots, installs what its boot script asks for and passes its target group's checks within some minutes.
const HEALTHY_BOUND: Duration = Duration::from_mins(15);

impl Context<'_> {
    /// Waits for a healthy target of the primary if nothing watches it yet. One is enough: with it the load balancer answers.
    pub(super) async fn primary_serves(&self, outputs: &Outputs) -> Result<()> {
        let site = &self.request.site;
        if self.takes_any_target() || watched(self.cloud, site).await? {
            return Ok(());
        }
        let Some(targets) = outputs.get(StackId::WebPrimary, TARGETS) else { return Ok(()) };
        let minutes = HEALTHY_BOUND.as_secs() / 60;
        let held = (WATCHES, Step::Held { minutes });
        let last = self.wait_for(targets, held, |health| health.healthy() > 0).await?;
        let (region, targets) = (site.primary_region().clone(), targets.to_owned());
        last.map_or(Ok(()), |_| Err(DeployError::Unready { region, targets, minutes }))
    }

    /// Before the standby's servers change: every server of the primary, which had its change before, is healthy. A boot script
    /// or an image that breaks the primary is not to be in both regions. A change set that waited in vain is deleted.
    pub(super) async fn primary_proven(
        &self,
        stack: &Stack,
        worked: &Worked,
        outputs: &Outputs,
    ) -> Result<()> {
        if stack.id != StackId::WebStandby || self.takes_any_target() {
            return Ok(());
        }
        let Some(targets) = outputs.get(StackId::WebPrimary, TARGETS) else { return Ok(()) };
        let minutes = HEALTHY_BOUND.as_secs() / 60;
        let proving = (stack.id, Step::Proving { minutes });
        let all =
            |health: &TargetHealth| staying(health) > 0 && health.healthy() == staying(health);
        let Some(last) = self.wait_for(targets, proving, all).await? else { return Ok(()) };
        let Request { consent, site, .. } = self.request;
        self.cloud.delete_change_set(consent.permit(), &stack.region, &worked.id).await?;
        let (region, targets) = (site.primary_region().clone(), targets.to_owned());
        let (healthy, of) = (last.healthy(), staying(&last));
        Err(DeployError::Unproven { region, targets, healthy, of, minutes })
    }

    /// An emulator's groups put no instance behind a load balancer.
    fn takes_any_target(&self) -> bool {
        self.request.safety == Safety::Overruled || self.cloud.is_local()
    }

    /// Waits until the primary's targets are well enough, and tells once that it does. Answers how they were at last if they
    /// never are.
    async fn wait_for(
        &self,
        targets: &str,
        (stack, step): (StackId, Step),
        is_enough: impl Fn(&TargetHealth) -> bool,
    ) -> Result<Option<TargetHealth>> {
        let (mut wait, mut step) = (self.pace.wait(HEALTHY_BOUND), Some(step));
        let mut last = TargetHealth::default();
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
