//! `plan`: what a deploy would change.

use std::sync::Arc;

use infra_lib::apply::{Code, Safety, Skip};
use infra_lib::cloud::Cloud;
use infra_lib::guard::{self, Permit, Standing};
use infra_lib::model::Site;
use infra_lib::plan::{Plan, PlanFile};
use infra_lib::progress::Pace;
use infra_lib::{clock, outputs, package, plan};

use crate::exit::Exit;
use crate::flags::{Flags, PlanFlags};
use crate::ui::output;
use crate::{check, site};

pub async fn run(flags: &Flags, asked: &PlanFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    check::must_pass(flags, &site)?;
    site::note_drilled(flags, &site);
    let safety = if asked.force { Safety::Overruled } else { Safety::Guarded };
    let Draft { plan, file, standing, .. } = Draft::new(&site, safety, &asked.skip).await?;
    if let Some(name) = &asked.out {
        file.write(name)?;
        let name = name.display();
        output::note(format_args!("hint: cargo xtask deploy --plan {name}"));
    }
    if safety == Safety::Guarded
        && let Some(refusal) = locked(&plan, &standing)
    {
        output::note(format_args!("`deploy` would refuse this now: {}", refusal.why));
    }
    output::print(flags.format, &plan, |out| write!(out, "{plan}"))?;
    Ok(if plan.is_empty() { Exit::Nothing } else { Exit::Pending })
}

/// A plan with all that is needed to carry it out.
pub struct Draft {
    pub cloud: Arc<dyn Cloud>,
    /// That it is this site.
    pub permit: Permit,
    pub code: Code,
    pub standing: Standing,
    pub plan: Plan,
    /// The same for a file.
    pub file: PlanFile,
}

impl Draft {
    /// Builds the Lambda and works the plan out.
    pub async fn new(site: &Site, safety: Safety, skip: &[Skip]) -> miette::Result<Self> {
        let architecture = site.config.controller.architecture;
        let cloud = site::cloud().await;
        let permit = guard::admit(cloud.as_ref(), site).await?;
        // Before the Lambda is built, which can take minutes: nobody waits to hear that they are not signed in.
        let live = outputs::read(cloud.as_ref(), site).await?;
        let standing = guard::read(cloud.as_ref(), site, &live).await?;
        output::note(format_args!("building the Lambda for {}", architecture.as_str()));
        let code = package::package(architecture).await?.code();
        output::note("asking CloudFormation what would change");
        let carried = standing.carried(safety);
        let given = outputs::Given { code_key: code.key.clone(), carried, skip: skip.to_vec() };
        let pace = Pace::of(cloud.as_ref());
        let plan = plan::plan(cloud.as_ref(), &permit, site, &given, pace).await?;
        let (host, force) = (site.config.hostname.as_str(), safety == Safety::Overruled);
        let file = PlanFile::new(&plan, host, &code.key, force, clock::now());
        Ok(Self { cloud, permit, code, standing, plan, file })
    }
}

/// Why a deploy would refuse the plan, if it touches what a failover needs.
pub fn locked(plan: &Plan, standing: &Standing) -> Option<guard::Refusal> {
    let touched = plan.guarded_updates().next()?;
    let mut refusal = standing.lock()?;
    refusal.why = format!("`{}` would change while {}", touched.stack, refusal.why);
    Some(refusal)
}
