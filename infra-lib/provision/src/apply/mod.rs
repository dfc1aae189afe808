//! Deploys a site: wave by wave, the stacks of a wave at once, each through a change set.
//!
//! Whatever an earlier run left is looked at first, so that running it again after any failure converges.

mod approach;
mod context;
mod gate;
mod ready;
mod request;
mod retire;
mod stack;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;

use cloud::guard::{self, Safety};
use cloud::{Cloud, Put};
use site::graph;
use site::model::{Code, Stack, StackId};

use crate::error::Result;
use crate::outputs::Outputs;
use crate::plan::UNWANTED_BEFORE;
use crate::progress::{Pace, Progress, Reporter, Running, Step};

use self::context::Context;
pub use self::gate::refusal;
pub use self::request::{Deployed, Outcome, Request};
pub use crate::error::DeployError;

/// A deploy that runs.
pub type Deployment = Running<Deployed, DeployError>;

/// Starts a deploy in the background.
#[must_use]
pub fn start(cloud: Arc<dyn Cloud>, request: Request) -> Deployment {
    let pace = Pace::of(cloud.as_ref());
    Running::start(|reporter| async move { apply(cloud.as_ref(), &request, &reporter, pace).await })
}

/// Deploys and waits.
///
/// # Errors
/// [`DeployError`]: the first root cause. The other stacks of the same wave are waited for; later waves are not begun.
pub async fn apply(
    cloud: &dyn Cloud,
    request: &Request,
    reporter: &Reporter,
    pace: Pace,
) -> Result<Deployed> {
    assert!(request.consent.is_for(&request.site), "a consent is for one site");
    if request.safety == Safety::Guarded {
        guard::handover(cloud, &request.site).await?.map_or(Ok(()), Err)?;
    }
    let context = Context { cloud, request, reporter, pace };
    let mut deployed = Deployed { stacks: BTreeMap::new(), outputs: Outputs::default() };
    for wave in graph::waves(&request.site) {
        if wave.iter().any(|stack| stack.id == UNWANTED_BEFORE) {
            deployed.stacks.extend(retire::retire(&context).await?);
        }
        let ids = wave.iter().map(|stack| stack.id).collect::<Vec<_>>();
        reporter.tell(Progress::Wave { number: ids[0].wave(), stacks: ids.clone() }).await;
        if ids.contains(&ready::WATCHES) {
            context.primary_serves(&deployed.outputs).await?;
        }
        for turn in turns(cloud, &wave).await? {
            let work = turn.iter().map(|stack| context.deploy(stack, &deployed.outputs));
            let results = join_all(work).await;
            take(&mut deployed, &turn, results, reporter).await?;
        }
        if wave.iter().any(|stack| stack.id == StackId::Artifacts) {
            upload(&context, &deployed.outputs).await?;
        }
    }
    Ok(deployed)
}

/// The stacks of a wave in their turns. Where the servers stand, the primary's change first: what breaks it must not have reached
/// the standby too.
async fn turns<'a>(cloud: &dyn Cloud, wave: &[&'a Stack]) -> Result<Vec<Vec<&'a Stack>>> {
    let primary = wave.iter().find(|stack| stack.id == StackId::WebPrimary);
    let view = match primary {
        Some(stack) => cloud.describe_stack(&stack.region, stack.name.as_str()).await?,
        None => None,
    };
    if !view.is_some_and(|view| view.status.phase().may_serve()) {
        return Ok(vec![wave.to_vec()]);
    }
    let (later, first): (Vec<&Stack>, Vec<&Stack>) =
        wave.iter().partition(|stack| stack.id == StackId::WebStandby);
    Ok(vec![first, later])
}

/// Notes what became of the stacks of a turn.
async fn take(
    deployed: &mut Deployed,
    turn: &[&Stack],
    results: Vec<Result<(Outcome, BTreeMap<String, String>)>>,
    reporter: &Reporter,
) -> Result<()> {
    let mut failed = Vec::new();
    for (stack, result) in turn.iter().zip(results) {
        match result {
            Ok((outcome, outputs)) => {
                deployed.stacks.insert(stack.id, outcome);
                deployed.outputs.insert(stack.id, outputs);
            }
            Err(error) => {
                reporter.step(stack.id, Step::Failed).await;
                failed.push(error);
            }
        }
    }
    DeployError::first(failed).map_or(Ok(()), Err)
}

async fn upload(context: &Context<'_>, outputs: &Outputs) -> Result<()> {
    let Context { cloud, request, reporter, .. } = context;
    let Some(bucket) = outputs.get(StackId::Artifacts, "BucketName") else {
        return Ok(());
    };
    let Code { key, file } = &request.code;
    let (permit, region) = (request.consent.permit(), request.site.standby_region());
    let put = cloud.put_object(permit, region, bucket, key, file).await?;
    reporter.tell(Progress::Uploaded { key: key.clone(), present: put == Put::Present }).await;
    Ok(())
}
