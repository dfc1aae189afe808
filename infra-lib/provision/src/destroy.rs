//! Takes a site down: the waves in reverse, the stacks of a wave at once.

mod doomed;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures::future::join_all;
use serde::Serialize;

use cloud::guard::{self, Consent, Refusal, Safety, Standing};
use cloud::{Cloud, Phase, StackEvent, StackView};
use site::graph;
use site::model::{Site, Stack, StackId};
use site::names::Region;

use crate::change::{Listener, Start, is_abandoned, settle};
pub use crate::error::DestroyError;
use crate::plan;
use crate::progress::{Pace, Progress, Reporter, Running, Step};

pub use self::doomed::{Doomed, doomed};

/// What became of each stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Destroyed {
    /// By stack.
    pub stacks: BTreeMap<StackId, Removal>,
}

/// What became of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// There was none.
    Absent,
    /// It is gone.
    Deleted {
        /// Resources that stay because the template retains what cannot be made again.
        retained: Vec<Retained>,
    },
}

/// A resource that outlives its stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retained {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name at AWS.
    pub physical_id: String,
    /// Its type, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Where.
    pub region: Region,
}

impl Retained {
    /// The command that deletes it, if one does.
    #[must_use]
    pub fn removal(&self) -> Option<String> {
        let Self { physical_id, region, .. } = self;
        match self.resource_type.as_str() {
            "AWS::S3::Bucket" => {
                Some(format!("aws s3 rb --force s3://{physical_id} --region {region}"))
            }
            "AWS::Logs::LogGroup" => Some(format!(
                "aws logs delete-log-group --log-group-name {physical_id} --region {region}"
            )),
            _ => None,
        }
    }
}

impl fmt::Display for Retained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.logical_id, self.physical_id)
    }
}

/// A destruction that runs.
pub type Destruction = Running<Destroyed, DestroyError>;

/// Starts taking a site down in the background.
#[must_use]
pub fn start(cloud: Arc<dyn Cloud>, consent: Consent, site: Site, safety: Safety) -> Destruction {
    let pace = Pace::of(cloud.as_ref());
    Running::start(|reporter| async move {
        destroy(cloud.as_ref(), &consent, &site, safety, &reporter, pace).await
    })
}

/// Takes a site down, the stacks of earlier site files included, and waits until it is gone.
///
/// # Errors
/// [`DestroyError`]: the first thing that stayed. The other stacks of the same wave are waited for.
pub async fn destroy(
    cloud: &dyn Cloud,
    consent: &Consent,
    site: &Site,
    safety: Safety,
    reporter: &Reporter,
    pace: Pace,
) -> Result<Destroyed, DestroyError> {
    assert!(consent.is_for(site), "a consent is for one site");
    let bars = |standing: &Standing| match safety {
        Safety::Guarded => standing.bars_destruction(),
        Safety::Overruled => None,
    };
    bars(&guard::read(cloud, site).await?).map_or(Ok(()), Err)?;
    guard::protection(cloud, site).await?.map_or(Ok(()), Err)?;
    let unwanted = plan::unwanted(cloud, site).await?.ours;
    for stack in &site.stacks {
        owned(cloud, site, stack).await?;
    }
    let removing = Removing { cloud, consent, site, reporter, pace };
    let mut stacks = BTreeMap::new();
    for wave in graph::waves_of(site.stacks.iter().chain(unwanted)).into_iter().rev() {
        let ids = wave.iter().map(|stack| stack.id).collect::<Vec<_>>();
        reporter.tell(Progress::Wave { number: ids[0].wave(), stacks: ids.clone() }).await;
        if ids.contains(&StackId::Artifacts)
            && let Some(bucket) = consent.bucket(cloud, site).await?
        {
            let objects = cloud.empty_bucket(bucket).await?;
            reporter.tell(Progress::Emptied { objects }).await;
        }
        let results = join_all(wave.iter().map(|stack| removing.remove(stack, bars))).await;
        let mut failed = None;
        for (id, result) in ids.into_iter().zip(results) {
            match result {
                Ok(removal) => {
                    stacks.insert(id, removal);
                }
                Err(error) => {
                    reporter.step(id, Step::Failed).await;
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)?;
    }
    Ok(Destroyed { stacks })
}

/// What all deletions of one run share.
pub(crate) struct Removing<'a> {
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) consent: &'a Consent,
    pub(crate) site: &'a Site,
    pub(crate) reporter: &'a Reporter,
    pub(crate) pace: Pace,
}

impl Removing<'_> {
    /// Deletes a stack, whatever state it is in, and waits until it is gone. `bars` is asked right before, on a new reading.
    pub(crate) async fn remove(
        &self,
        stack: &Stack,
        bars: impl Fn(&Standing) -> Option<Refusal>,
    ) -> Result<Removal, DestroyError> {
        let Self { cloud, consent, site, reporter, pace } = *self;
        let Some(view) = owned(cloud, site, stack).await? else {
            reporter.step(stack.id, Step::Gone).await;
            return Ok(Removal::Absent);
        };
        if view.status.phase() == Phase::Reviewing {
            let status = view.status.to_string();
            reporter.step(stack.id, Step::Waiting { status }).await;
            if !is_abandoned(cloud, pace, stack, &view.id).await? {
                return Err(being_made(stack).into());
            }
        }
        let listener = Listener { cloud, reporter, pace, stack: stack.id, region: &stack.region };
        let slow = || DestroyError::Slow { stack: stack.id, region: stack.region.clone() };
        if view.status.phase() == Phase::Moving {
            let status = view.status.to_string();
            reporter.step(stack.id, Step::Waiting { status }).await;
            let mark = listener.mark(&view.id).await?;
            settle(&listener, &view.id, mark, Start::Seen).await?.ok_or_else(slow)?;
        }
        reporter.step(stack.id, Step::Deleting).await;
        let mark = listener.mark(&view.id).await?;
        let now = consent.stack(cloud, site, &stack.region, &view.id).await?;
        bars(&now.standing).map_or(Ok(()), Err)?;
        let phase = now.view.as_ref().map_or(Phase::Gone, |now| now.status.phase());
        if view.status.phase() == Phase::Reviewing && phase == Phase::Moving {
            return Err(being_made(stack).into());
        }
        cloud.delete_stack(now).await?;
        let settled = settle(&listener, &view.id, mark, Start::Asked).await?.ok_or_else(slow)?;
        if settled.view.is_some_and(|view| view.status.phase() != Phase::Gone) {
            return Err(undeleted(stack, &settled.events));
        }
        reporter.step(stack.id, Step::Gone).await;
        Ok(Removal::Deleted { retained: retained(stack, &settled.events) })
    }
}

/// A stack that is there, if it is ours: somebody else's is never deleted.
async fn owned(
    cloud: &dyn Cloud,
    site: &Site,
    stack: &Stack,
) -> Result<Option<StackView>, DestroyError> {
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    let Some(view) = view.filter(|view| view.status.phase() != Phase::Gone) else {
        return Ok(None);
    };
    match guard::stranger_within(cloud, site, stack, &view).await? {
        None => Ok(Some(view)),
        Some(stranger) => Err(Refusal::from(stranger).into()),
    }
}

fn being_made(stack: &Stack) -> Refusal {
    Refusal {
        why: format!("another run is creating `{}` in {}", stack.name, stack.region),
        hint: "wait until it is done, then run the same command again".to_owned(),
    }
}

fn retained(stack: &Stack, events: &[StackEvent]) -> Vec<Retained> {
    let skipped = events.iter().filter(|event| event.status == "DELETE_SKIPPED");
    let retained = skipped.map(|event| Retained {
        logical_id: event.logical_id.clone(),
        physical_id: event.physical_id.clone(),
        resource_type: event.resource_type.clone(),
        region: stack.region.clone(),
    });
    retained.collect()
}

fn undeleted(stack: &Stack, events: &[StackEvent]) -> DestroyError {
    let first = events.iter().find(|event| event.is_failure());
    let reason = first.and_then(|event| event.reason.clone());
    DestroyError::Undeleted {
        stack: stack.id,
        region: stack.region.clone(),
        logical_id: first.map_or_else(|| stack.name.to_string(), |event| event.logical_id.clone()),
        reason: reason.unwrap_or_else(|| "CloudFormation gives no reason".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::config::{Config, MINIMAL};

    #[test]
    fn what_the_template_retains_is_told_and_nothing_else() {
        let site = Site::new(Config::from_toml(MINIMAL, "pilotlight.toml").expect("valid"));
        let event = |status: &str, id: &str| StackEvent {
            id: format!("{id}-{status}"),
            at: None,
            logical_id: id.to_owned(),
            physical_id: format!("shop-{}", id.to_lowercase()),
            resource_type: "AWS::S3::Bucket".to_owned(),
            status: status.to_owned(),
            reason: None,
        };
        let events = [event("DELETE_COMPLETE", "Other"), event("DELETE_SKIPPED", "Logs")];
        let retained = retained(site.stack(StackId::WebPrimary), &events);
        let told: Vec<_> = retained.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["Logs (shop-logs)"]);
        let command = "aws s3 rb --force s3://shop-logs --region us-west-2";
        assert_eq!(retained[0].removal().as_deref(), Some(command));
    }
}
