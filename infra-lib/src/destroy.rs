//! Takes a site down: the waves in reverse, the stacks of a wave at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use serde::Serialize;

use crate::apply::{Listener, Safety, Start, settle};
use crate::cloud::{Cloud, CloudError, Phase, StackEvent};
use crate::graph;
use crate::guard::{self, Refusal};
use crate::model::{Site, Stack, StackId};
use crate::names::Region;
use crate::outputs;
use crate::progress::{Pace, Progress, Reporter, Running, Step};

/// What became of each stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
        /// Resources that stay because the template says so: logical id and name at AWS.
        retained: Vec<String>,
    },
}

/// A site that is not gone. What was deleted is; running it again goes on from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum DestroyError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// CloudFormation could not delete a resource.
    #[error("`{stack}` in {region} could not be deleted: {logical_id}: {reason}")]
    #[diagnostic(
        code("destroy::undeleted"),
        help("put that right, then run `cargo xtask destroy` again: it goes on from there")
    )]
    Undeleted {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
        /// The first resource that stayed.
        logical_id: String,
        /// CloudFormation's reason.
        reason: String,
    },
    /// The deletion takes longer than any should. It goes on at AWS.
    #[error("`{stack}` in {region} is still being deleted")]
    #[diagnostic(
        code("destroy::slow"),
        help("it goes on at AWS; run `cargo xtask destroy` again to wait on")
    )]
    Slow {
        /// The stack.
        stack: StackId,
        /// Where.
        region: Region,
    },
    /// A safety rule forbids it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}

/// A destruction that runs.
pub type Destruction = Running<Destroyed, DestroyError>;

/// Starts taking a site down in the background.
#[must_use]
pub fn start(cloud: Arc<dyn Cloud>, site: Site, safety: Safety) -> Destruction {
    let pace = Pace::of(cloud.as_ref());
    Running::start(|reporter| async move {
        destroy(cloud.as_ref(), &site, safety, &reporter, pace).await
    })
}

/// Takes a site down and waits until it is gone.
///
/// # Errors
/// [`DestroyError`]: the first thing that stayed. The other stacks of the same wave are waited for.
pub async fn destroy(
    cloud: &dyn Cloud,
    site: &Site,
    safety: Safety,
    reporter: &Reporter,
    pace: Pace,
) -> Result<Destroyed, DestroyError> {
    let outputs = outputs::read(cloud, site).await?;
    if safety == Safety::Guarded {
        let standing = guard::read(cloud, site, &outputs).await?;
        standing.bars_destruction().map_or(Ok(()), Err)?;
    }
    let mut stacks = BTreeMap::new();
    for wave in graph::waves(site).into_iter().rev() {
        let ids = wave.iter().map(|stack| stack.id).collect::<Vec<_>>();
        reporter.tell(Progress::Wave { number: ids[0].wave(), stacks: ids.clone() }).await;
        if let Some(bucket) = outputs.get(StackId::Artifacts, "BucketName")
            && ids.contains(&StackId::Artifacts)
        {
            let objects = cloud.empty_bucket(site.standby_region(), bucket).await?;
            reporter.tell(Progress::Emptied { objects }).await;
        }
        let results = join_all(wave.iter().map(|stack| remove(cloud, stack, reporter, pace))).await;
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

async fn remove(
    cloud: &dyn Cloud,
    stack: &Stack,
    reporter: &Reporter,
    pace: Pace,
) -> Result<Removal, DestroyError> {
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    let Some(view) = view.filter(|view| view.status.phase() != Phase::Gone) else {
        reporter.step(stack.id, Step::Gone).await;
        return Ok(Removal::Absent);
    };
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
    cloud.delete_stack(&stack.region, &view.id).await?;
    let settled = settle(&listener, &view.id, mark, Start::Asked).await?.ok_or_else(slow)?;
    match settled.view.map_or(Phase::Gone, |view| view.status.phase()) {
        Phase::Gone => {
            reporter.step(stack.id, Step::Gone).await;
            Ok(Removal::Deleted { retained: retained(&settled.events) })
        }
        Phase::Standing
        | Phase::Moving
        | Phase::Reviewing
        | Phase::RolledBack
        | Phase::Stuck
        | Phase::Undeleted => Err(undeleted(stack, &settled.events)),
    }
}

fn retained(events: &[StackEvent]) -> Vec<String> {
    let skipped = events.iter().filter(|event| event.status == "DELETE_SKIPPED");
    skipped.map(|event| format!("{} ({})", event.logical_id, event.physical_id)).collect()
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
