//! `plan`: what a deploy would change.

use std::sync::Arc;

use ::site::model::{Code, Site};
use cloud::guard::{self, Permit, Refusal, Safety};
use cloud::{Aws, Cloud};
use machine::clock;
use package::{Beside, Runs};
use provision::needs::Needs;
use provision::plan::{Plan, PlanFile};
use provision::progress::Pace;
use provision::{apply, outputs, plan, zone_servers, zones};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{Asked, Flags, PlanFlags};
use surface::output;

use crate::{check, site};

/// The plan, and whether `deploy` would refuse it now.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    refused: Option<Refusal>,
}

pub async fn run(flags: &Flags, wanted: &PlanFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    check::must_pass(flags, &site)?;
    site::note_drilled(flags, &site);
    let safety = if wanted.force { Safety::Overruled } else { Safety::Guarded };
    let Draft { site, cloud, plan, file, .. } = Draft::new(site, safety, &wanted.asked).await?;
    if let Some(name) = &wanted.out {
        file.write(name)?;
        let name = name.display();
        let repair = wanted.asked.repair.iter().map(|stack| format!(" --repair {stack}"));
        let rollback = wanted.asked.rollback.iter().map(|stack| format!(" --rollback {stack}"));
        let flags: String = repair.chain(rollback).collect();
        output::note(format_args!("hint: cargo xtask deploy --plan {name}{flags}"));
    }
    let refused = apply::refusal(cloud.as_ref(), &site, &plan, safety).await?;
    if let Some(Refusal { why, hint }) = &refused {
        output::note(format_args!("`deploy` would refuse this now: {why}\nhint: {hint}"));
    }
    if let Some(needs) = &plan.needs {
        tell(needs);
    }
    let told = Told { plan: &plan, refused };
    output::print(flags.format, &told, |out| write!(out, "{plan}"))?;
    Ok(if plan.is_empty() { Exit::Nothing } else { Exit::Pending })
}

/// A plan with all that is needed to carry it out.
pub struct Draft {
    /// The site, with the zones of its networks and the servers of its hosted zone.
    pub site: Site,
    pub cloud: Arc<dyn Cloud>,
    /// That it is this site.
    pub permit: Permit,
    pub code: Code,
    pub plan: Plan,
    /// The same for a file.
    pub file: PlanFile,
}

impl Draft {
    /// Builds the Lambda and works the plan out.
    pub async fn new(site: Site, safety: Safety, asked: &Asked) -> miette::Result<Self> {
        let architecture = site.config.controller.architecture;
        let aws = Arc::new(site::aws(&site).await);
        let cloud: Arc<dyn Cloud> = Arc::<Aws>::clone(&aws);
        let permit = guard::admit(cloud.as_ref(), &site, &asked.was).await?;
        // Before the Lambda is built, which can take minutes: nobody waits to hear that they are not signed in.
        outputs::read(cloud.as_ref(), &site).await?;
        let site = zones::settled(cloud.as_ref(), aws.as_ref(), site).await?;
        let site = zone_servers::settled(cloud.as_ref(), aws.as_ref(), site).await?;
        crate::package::note(architecture)?;
        let code =
            package::package(architecture, Beside::of(&site.config), Runs::AtLambda).await?.code();
        output::note("asking CloudFormation what would change");
        let carried = guard::read(cloud.as_ref(), &site).await?.carried(safety);
        let Asked { skip, repair, rollback, .. } = asked.clone();
        let code_key = code.key.clone();
        let given = outputs::Given { code_key, carried, skip, repair, rollback };
        let pace = Pace::of(cloud.as_ref());
        let plan = plan::plan(cloud.as_ref(), &permit, &site, &given, pace).await?;
        let (host, force) = (site.config.hostname.as_str(), safety == Safety::Overruled);
        let file = PlanFile::new(&plan, host, &code.key, force, clock::now()).after(&asked.was);
        Ok(Self { site, cloud, permit, code, plan, file })
    }
}

/// Tells what a failover needs and is not in place: CloudFormation does not see it, so no deploy brings it back by itself.
pub fn tell(needs: &Needs) {
    for broken in &needs.broken {
        output::note(format_args!("{broken}\nhint: {}", broken.fix));
    }
    for unread in &needs.unread {
        output::note(format_args!("not known: {}: {}", unread.need.word(), unread.why));
    }
}
