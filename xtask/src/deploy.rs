//! `deploy`: make the site at AWS what the site file says.

use infra_lib::apply::{self, Deployed, Outcome, Request, Safety};
use infra_lib::guard::{self, Refusal};
use infra_lib::model::{Site, StackId};
use infra_lib::plan::Plan;
use infra_lib::{outputs, package, plan};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::{DeployFlags, Flags};
use crate::ui::progress::Screen;
use crate::ui::{ask, output};
use crate::{check, site};

/// What a deploy tells.
#[derive(Serialize)]
struct Told {
    plan: Plan,
    stacks: Vec<(StackId, Outcome)>,
    endpoints: Vec<(&'static str, String)>,
}

pub async fn run(flags: &Flags, deploy: &DeployFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    check::must_pass(flags, &site)?;
    ask::can_answer(deploy.yes)?;
    let architecture = site.config.controller.architecture;
    let cloud = site::cloud().await;
    site::must_be_ours(cloud.as_ref(), &site).await?;
    output::note(format_args!("building the Lambda for {}", architecture.as_str()));
    let package = package::package(architecture).await?;
    let code = package.code();
    let plan = plan::plan(cloud.as_ref(), &site, &code.key).await?;
    output::note(plan.to_string().trim_end());
    if plan.is_empty() {
        output::note("no changes");
        let told = Told { plan, stacks: Vec::new(), endpoints: Vec::new() };
        return output::print(flags.format, &told, |_| Ok(()));
    }
    let live = outputs::read(cloud.as_ref(), &site).await?;
    let standing = guard::read(cloud.as_ref(), &site, &live).await?;
    let safety = if deploy.force { Safety::Overruled } else { Safety::Guarded };
    if safety == Safety::Guarded {
        refusal(&plan, &standing).map_or(Ok(()), Err)?;
        guard::handover(cloud.as_ref(), &site).await?.map_or(Ok(()), Err)?;
    }
    if !ask::confirmed("Deploy this?", deploy.yes).await? {
        output::note("nothing was changed");
        return Ok(Exit::Done);
    }
    let request = Request { site: site.clone(), code, standing, safety };
    let mut deployment = apply::start(cloud, request);
    let screen = Screen::new(&site::every_stack(&site));
    while let Some(progress) = deployment.next().await {
        screen.show(&progress);
    }
    screen.close();
    let deployed = deployment.finish().await?;
    let told = told(plan, &site, deployed);
    output::print(flags.format, &told, |out| {
        told.endpoints.iter().try_for_each(|(name, value)| writeln!(out, "{name:<10} {value}"))
    })
}

/// Refuses before anything is touched, if the plan shows that it would come to it.
fn refusal(plan: &Plan, standing: &guard::Standing) -> Option<Refusal> {
    let touched = plan.guarded_updates().next()?;
    let mut refusal = standing.lock()?;
    refusal.why = format!("`{}` would change while {}", touched.stack, refusal.why);
    Some(refusal)
}

fn told(plan: Plan, site: &Site, deployed: Deployed) -> Told {
    let Deployed { stacks, outputs } = deployed;
    let answered = |stack, name| outputs.get(stack, name).unwrap_or_default().to_owned();
    let mut endpoints = vec![
        ("site", site.config.site_url()),
        ("primary", answered(StackId::WebPrimary, "LoadBalancerDnsName")),
        ("standby", answered(StackId::WebStandby, "LoadBalancerDnsName")),
        ("function", answered(StackId::Controller, "FunctionName")),
        ("alarm", answered(StackId::Detector, "AlarmName")),
    ];
    if site.has(StackId::Edge) {
        endpoints.push(("cloudfront", answered(StackId::Edge, "DistributionDomainName")));
    }
    if site.has(StackId::Dashboard) {
        endpoints.push(("dashboard", answered(StackId::Dashboard, "DashboardName")));
    }
    Told { plan, stacks: stacks.into_iter().collect(), endpoints }
}
