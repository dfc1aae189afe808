//! The drill from the first stack to the last: deploy, serve, die, fail over, come back, hand over, destroy.

mod act;
mod steps;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use self::act::Act;
pub use self::steps::until;
use cloud::guard;
use cloud::guard::Safety;
use provision::apply::{self, Deployed};
use provision::destroy;
use provision::outputs::Outputs;
use site::model::{Code, Role, StackId};

use drill::journal::Journal;

pub use crate::error::DrillError;
use crate::stage::{Stage, StageSettings};
pub use drill::played::Script;
pub use drill::timeline::{Scene, Teller};

/// Plays the whole drill.
///
/// # Errors
/// [`DrillError`] if the stage does not stand, or the site cannot be deployed or destroyed.
pub async fn play(
    settings: &StageSettings,
    code: Code,
    script: Script,
    teller: &Teller,
) -> Result<Journal, DrillError> {
    let (stage, outputs) = open(settings, code, teller).await?;
    let mut act = Act::new(stage, &outputs, teller.clone());
    let told = act.play().await;
    act.end(told, script).await
}

/// Deploys the drill's site, lets it serve, and never ends by itself: for a developer's own experiments.
///
/// `ready` gets the stage and the controller's environment variables once users get pages.
///
/// # Errors
/// [`DrillError`] if the stage does not stand or the site cannot be deployed.
pub async fn keep(
    settings: &StageSettings,
    code: Code,
    teller: &Teller,
    ready: impl FnOnce(&Stage, BTreeMap<String, String>),
) -> Result<Infallible, DrillError> {
    let (stage, outputs) = open(settings, code, teller).await?;
    let function = outputs.get(StackId::Controller, "FunctionName").unwrap_or_default().to_owned();
    let variables = stage.cloud.function_variables(stage.region(Role::Standby), &function).await;
    let variables = variables?;
    let mut act = Act::new(stage, &outputs, teller.clone());
    if let Err(step) = act.serve().await {
        teller.doing(step.to_string());
    }
    ready(&act.stage, variables);
    std::future::pending().await
}

async fn open(
    settings: &StageSettings,
    code: Code,
    teller: &Teller,
) -> Result<(Stage, Outputs), DrillError> {
    teller.doing("starting the emulator, DNS, load balancers and health checkers");
    let stage = Stage::open(settings).await?;
    teller.doing("deploying the site: 7 stacks in 3 regions");
    let outputs = deploy(&stage, code, teller).await?.outputs;
    stage.name_balancers(&outputs)?;
    Ok((stage, outputs))
}

/// Deploys the stage's site, telling every step.
///
/// # Errors
/// [`DrillError::Deploy`] with the first root cause.
pub async fn deploy(stage: &Stage, code: Code, teller: &Teller) -> Result<Deployed, DrillError> {
    guard::admit(stage.cloud.as_ref(), &stage.site, &[]).await?;
    let request = apply::Request {
        consent: stage.local.consent(),
        site: stage.site.clone(),
        code,
        safety: Safety::Guarded,
        skip: Vec::new(),
        repair: Vec::new(),
        rollback: Vec::new(),
        agreed: None,
    };
    let mut running = apply::start(Arc::clone(&stage.cloud), request);
    while let Some(progress) = running.next().await {
        teller.tell(Scene::Stack(progress));
    }
    running.finish().await.map_err(|error| DrillError::Deploy(Box::new(error)))
}

/// Destroys the stage's site, telling every step.
///
/// # Errors
/// [`DrillError::Destroy`] with what stayed.
pub async fn destroy(stage: &Stage, safety: Safety, teller: &Teller) -> Result<(), DrillError> {
    guard::admit(stage.cloud.as_ref(), &stage.site, &[]).await?;
    let consent = stage.local.consent();
    let mut running = destroy::start(Arc::clone(&stage.cloud), consent, stage.site.clone(), safety);
    while let Some(progress) = running.next().await {
        teller.tell(Scene::Stack(progress));
    }
    let destroyed = running.finish().await;
    destroyed.map(|_| ()).map_err(|error| DrillError::Destroy(Box::new(error)))
}
