//! Holds the alarm and the records of a new site back until the primary can serve.
//!
//! A health check that sees a primary whose instances still boot turns the first deploy into a failover: the standby is raised,
//! people are mailed, and the failback takes the hold-down.

use std::time::Duration;

use cloud::guard::Safety;
use cloud::{Cloud, Phase};
use site::model::{Site, Stack, StackId};

use super::context::{Context, Result};
use super::error::DeployError;
use super::request::Request;
use crate::change::Worked;
use crate::outputs::Outputs;
use crate::progress::{Pace, Reporter, Step};

/// The stack that watches the primary and answers users.
pub(super) const WATCHES: StackId = StackId::Detector;

// BOUND: an instance boots, installs what its boot script asks for and passes its target group's checks within some minutes.
const HEALTHY_BOUND: Duration = Duration::from_mins(15);

/// Waits for a healthy target of the primary if nothing watches it yet. One is enough: with it the load balancer answers.
pub(super) async fn primary_serves(
    cloud: &dyn Cloud,
    request: &Request,
    reporter: &Reporter,
    pace: Pace,
    outputs: &Outputs,
) -> Result<()> {
    let site = &request.site;
    // An emulator's groups put no instance behind a load balancer.
    if request.safety == Safety::Overruled || cloud.is_local() || watched(cloud, site).await? {
        return Ok(());
    }
    let Some(targets) = outputs.get(StackId::WebPrimary, "TargetGroupArn") else { return Ok(()) };
    let region = &site.config.regions.primary;
    let minutes = HEALTHY_BOUND.as_secs() / 60;
    let (mut wait, mut told) = (pace.wait(HEALTHY_BOUND), false);
    while wait.goes_on() {
        let health = cloud.target_health(region, targets).await;
        let Some(health) = wait.unless_throttled(health).await? else { continue };
        if health.healthy() > 0 {
            return Ok(());
        }
        if !std::mem::replace(&mut told, true) {
            reporter.step(WATCHES, Step::Held { minutes }).await;
        }
        wait.pause().await;
    }
    Err(DeployError::Unready { region: region.clone(), targets: targets.to_owned(), minutes })
}

impl Context<'_> {
    /// Before the standby's servers change: every server of the primary, which had its change before, is healthy. A boot script
    /// or an image that breaks the primary is not to be in both regions. A change set that waited in vain is deleted.
    pub(super) async fn primary_proven(&self, stack: &Stack, worked: &Worked) -> Result<()> {
        let Self { cloud, request, reporter, pace, outputs } = *self;
        // An emulator's groups put no instance behind a load balancer.
        let free = request.safety == Safety::Overruled || cloud.is_local();
        if stack.id != StackId::WebStandby || free {
            return Ok(());
        }
        let Some(targets) = outputs.get(StackId::WebPrimary, "TargetGroupArn") else {
            return Ok(());
        };
        let region = &request.site.config.regions.primary;
        let minutes = HEALTHY_BOUND.as_secs() / 60;
        let (mut wait, mut told, mut healthy) = (pace.wait(HEALTHY_BOUND), false, (0, 0));
        while wait.goes_on() {
            let health = cloud.target_health(region, targets).await;
            let Some(health) = wait.unless_throttled(health).await? else { continue };
            // One that leaves is no part of the answer.
            let staying = health.targets.iter().filter(|(_, state)| state != "draining").count();
            healthy = (health.healthy(), staying);
            if staying > 0 && health.healthy() == staying {
                return Ok(());
            }
            if !std::mem::replace(&mut told, true) {
                reporter.step(stack.id, Step::Proving { minutes }).await;
            }
            wait.pause().await;
        }
        cloud.delete_change_set(request.consent.permit(), &stack.region, &worked.id).await?;
        let (region, targets) = (region.clone(), targets.to_owned());
        Err(DeployError::Unproven { region, targets, healthy: healthy.0, of: healthy.1, minutes })
    }
}

/// Whether the detector stands already, so that holding it back would keep nothing from happening.
async fn watched(cloud: &dyn Cloud, site: &Site) -> Result<bool> {
    let Some(stack) = site.stacks.iter().find(|stack| stack.id == WATCHES) else {
        return Ok(true);
    };
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    Ok(view.is_some_and(|view| match view.status.phase() {
        Phase::Standing | Phase::Moving | Phase::Halted | Phase::Stuck => true,
        Phase::Gone | Phase::Reviewing | Phase::RolledBack | Phase::Undeleted => false,
    }))
}
