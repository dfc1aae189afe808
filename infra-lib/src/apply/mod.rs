//! Deploys a site: wave by wave, the stacks of a wave at once, each through a change set.
//!
//! Whatever an earlier run left is looked at first, so that running it again after any failure converges.

mod approach;
mod cause;
mod error;
mod gate;
mod ready;
mod retire;
mod settle;
mod stack;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::join_all;
use serde::Serialize;

use crate::cloud::{Cloud, Phase, Put};
use crate::graph;
use crate::guard::{self, Carried, Consent};
use crate::model::{Site, Stack, StackId};
use crate::outputs::{Given, Outputs};
use crate::plan::{Agreed, UNWANTED_BEFORE};
use crate::progress::{Pace, Progress, Reporter, Running, Step};

pub(crate) use self::approach::holds;
pub(crate) use self::cause::{last_operation, root_cause};
pub use self::error::{Cause, DeployError, Failure};
pub use self::gate::refusal;
pub(crate) use self::settle::{Listener, Start, settle};
pub use crate::model::Skip;

/// What a deploy needs to know.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site.
    pub site: Site,
    /// That it is this site, and that somebody said yes.
    pub consent: Consent,
    /// The Lambda's zip.
    pub code: Code,
    /// Whether the guarded stacks may be changed although the site is failed over, and the users' name moved.
    pub safety: Safety,
    /// What the way back of a failed update leaves out.
    pub skip: Vec<Skip>,
    /// Stacks whose live resources are brought in line with their templates.
    pub repair: Vec<StackId>,
    /// Stacks whose failed operation is rolled back, although what had worked was kept.
    pub rollback: Vec<StackId>,
    /// The plan that was consented to. Without one, whatever the site file says is done.
    pub agreed: Option<Agreed>,
}

impl Request {
    /// What the stacks are given beside the site file's values and each other's outputs.
    #[must_use]
    pub fn given(&self, carried: Carried) -> Given {
        let (skip, repair) = (self.skip.clone(), self.repair.clone());
        let rollback = self.rollback.clone();
        Given { code_key: self.code.key.clone(), carried, skip, repair, rollback }
    }
}

/// Whether safety rules hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Safety {
    /// They do.
    #[default]
    Guarded,
    /// The operator overrules them. Live sizes are kept all the same.
    Overruled,
}

/// The Lambda's zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Bucket key; it carries a hash of the content.
    pub key: String,
    /// The file.
    pub file: PathBuf,
}

/// What became of each stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// By stack.
    pub stacks: BTreeMap<StackId, Outcome>,
    /// What they answer.
    pub outputs: Outputs,
}

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was right already.
    Unchanged,
    /// The site file no longer asks for it, and it is gone.
    Deleted,
}

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
) -> Result<Deployed, DeployError> {
    assert!(request.consent.is_for(&request.site), "a consent is for one site");
    if request.safety == Safety::Guarded {
        guard::handover(cloud, &request.site).await?.map_or(Ok(()), Err)?;
    }
    let mut deployed = Deployed { stacks: BTreeMap::new(), outputs: Outputs::default() };
    for wave in graph::waves(&request.site) {
        if wave.iter().any(|stack| stack.id == UNWANTED_BEFORE) {
            deployed.stacks.extend(retire::retire(cloud, request, reporter, pace).await?);
        }
        let ids = wave.iter().map(|stack| stack.id).collect::<Vec<_>>();
        reporter.tell(Progress::Wave { number: ids[0].wave(), stacks: ids.clone() }).await;
        if ids.contains(&ready::WATCHES) {
            ready::primary_serves(cloud, request, reporter, pace, &deployed.outputs).await?;
        }
        for turn in turns(cloud, &wave).await? {
            let outputs = &deployed.outputs;
            let context = stack::Context { cloud, request, reporter, pace, outputs };
            let results = join_all(turn.iter().map(|stack| context.deploy(stack))).await;
            take(&mut deployed, &turn, results, reporter).await?;
        }
        if wave.iter().any(|stack| stack.id == StackId::Artifacts) {
            upload(cloud, request, reporter, &deployed.outputs).await?;
        }
    }
    Ok(deployed)
}

/// The stacks of a wave in their turns. Where the servers stand, the primary's change first: what breaks it must not have reached
/// the standby too.
async fn turns<'a>(
    cloud: &dyn Cloud,
    wave: &[&'a Stack],
) -> Result<Vec<Vec<&'a Stack>>, DeployError> {
    let primary = wave.iter().find(|stack| stack.id == StackId::WebPrimary);
    let view = match primary {
        Some(stack) => cloud.describe_stack(&stack.region, stack.name.as_str()).await?,
        None => None,
    };
    let stands = view.is_some_and(|view| match view.status.phase() {
        Phase::Standing | Phase::Moving | Phase::Halted | Phase::Stuck => true,
        Phase::Gone | Phase::Reviewing | Phase::RolledBack | Phase::Undeleted => false,
    });
    if !stands {
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
    results: Vec<stack::Result<(Outcome, BTreeMap<String, String>)>>,
    reporter: &Reporter,
) -> Result<(), DeployError> {
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

async fn upload(
    cloud: &dyn Cloud,
    request: &Request,
    reporter: &Reporter,
    outputs: &Outputs,
) -> Result<(), DeployError> {
    let Some(bucket) = outputs.get(StackId::Artifacts, "BucketName") else {
        return Ok(());
    };
    let Code { key, file } = &request.code;
    let (permit, region) = (request.consent.permit(), request.site.standby_region());
    let put = cloud.put_object(permit, region, bucket, key, file).await?;
    reporter.tell(Progress::Uploaded { key: key.clone(), present: put == Put::Present }).await;
    Ok(())
}
