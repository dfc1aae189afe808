//! `deploy`: make the site at AWS what the site file says.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::site::model::{Site, StackId};
use cloud::guard::{self, Leaving, Safety};
use operate::steer;
use provision::apply::{self, Deployed, Outcome, Request};
use provision::needs::{self, Needs};
use provision::plan::{Agreed, Plan, PlanFile};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{Asked, DeployFlags, Flags};
use surface::{ask, output};

use crate::consent::consent;
use crate::plan::{Draft, tell};
use crate::progress::Screen;
use crate::{check, site};

/// What a deploy tells.
#[derive(Serialize)]
struct Told {
    plan: Plan,
    stacks: Vec<(StackId, Outcome)>,
    endpoints: Vec<(&'static str, String)>,
    /// What a failover needs, as it is after the deploy.
    needs: Needs,
    /// Regions that the site has left, with the commands that take away what stays there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<Leaving>,
}

impl Told {
    fn unchanged(plan: Plan) -> Self {
        let needs = plan.needs.clone().unwrap_or_default();
        Self { plan, stacks: Vec::new(), endpoints: Vec::new(), needs, left: Vec::new() }
    }
}

/// The first event.
#[derive(Serialize)]
struct Planned<'a> {
    event: &'static str,
    plan: &'a Plan,
}

pub async fn run(flags: &Flags, deploy: &DeployFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    check::must_pass(flags, &site)?;
    if !deploy.force {
        site::must_not_be_drilled(flags, &site)?;
    }
    site::note_drilled(flags, &site);
    let reviewed = deploy.plan.as_deref().map(PlanFile::read).transpose()?;
    // A plan that somebody wrote into a file and names here was looked at.
    let yes = deploy.yes || reviewed.is_some();
    ask::can_answer(yes)?;
    let safety = if deploy.force { Safety::Overruled } else { Safety::Guarded };
    let Draft { site, cloud, permit, code, plan, file } =
        Draft::new(site, safety, &deploy.asked).await?;
    tell_whose(&site);
    output::note(plan.to_string().trim_end());
    if flags.tells_events() {
        output::event(&Planned { event: "plan", plan: &plan });
    }
    if let Some(refusal) = reviewed.and_then(|reviewed| reviewed.moved(&file)) {
        return Err(refusal.into());
    }
    if plan.is_empty() {
        output::note("no changes");
        let told = Told::unchanged(plan);
        let exit = ended(Exit::Nothing, &told.needs);
        return output::result(flags.format, &told, exit, |_| Ok(()));
    }
    apply::refusal(cloud.as_ref(), &site, &plan, safety).await?.map_or(Ok(()), Err)?;
    let Some(consent) = consent("Deploy this?", yes, &permit).await? else {
        let told = Told::unchanged(plan);
        return output::result(flags.format, &told, ask::declined(), |_| Ok(()));
    };
    // The answer may have come an hour later: before anything is begun, the site is read again.
    apply::refusal(cloud.as_ref(), &site, &plan, safety).await?.map_or(Ok(()), Err)?;
    let Asked { skip, repair, rollback, was } = deploy.asked.clone();
    let agreed = Some(Agreed::from(&plan).after(&was));
    let site_now = site.clone();
    let request = Request { site: site_now, consent, code, safety, skip, repair, rollback, agreed };
    let live = Arc::clone(&cloud);
    let mut deployment = apply::start(cloud, request);
    let screen = Screen::new(&site::every_stack(&site), flags.format);
    while let Some(progress) = deployment.next().await {
        screen.show(&progress);
    }
    screen.close();
    let deployed = deployment.finish().await?;
    if steer::after_deploy(live.as_ref(), &permit, &site, &deployed.outputs).await?.is_some() {
        output::note("the deployed controller answered a rehearsal as expected");
    }
    let needs = needs::read(live.as_ref(), &site).await;
    let exit = ended(Exit::Done, &needs);
    let left = guard::leaving(&site, &was);
    tell_what_stays(&left);
    let told = Told { left, ..told(plan, &site, deployed, needs) };
    output::result(flags.format, &told, exit, |out| {
        told.endpoints.iter().try_for_each(|(name, value)| writeln!(out, "{name:<10} {value}"))
    })
}

/// Whose stacks these are, by their whole names, beside what the plan says of each.
fn tell_whose(site: &Site) {
    let (name, host, zone) =
        (&site.config.name, &site.config.hostname, &site.config.hosted_zone_id);
    output::note(format_args!("site {name}: {host} in the zone {zone}"));
    let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for stack in &site.stacks {
        regions.entry(stack.region.as_str()).or_default().push(stack.name.as_str());
    }
    for (region, names) in regions {
        output::note(format_args!("  {region:<14} {}", names.join(", ")));
    }
}

/// How to take away what stays in a region that the site has left.
fn tell_what_stays(left: &[Leaving]) {
    for Leaving { region, commands } in left {
        output::note(format_args!(
            "\nthe site has left {region}; resolvers may remember its addresses for 15 minutes. Look with `cargo xtask status`, \
             then, in this order:"
        ));
        for command in commands {
            output::note(format_args!("  {command}"));
        }
    }
}

/// Tells what a failover needs and the deploy did not bring. A script that takes 0 for a site that can fail over must not get it.
fn ended(exit: Exit, needs: &Needs) -> Exit {
    tell(needs);
    if needs.broken.is_empty() { exit } else { Exit::Drifted }
}

fn told(plan: Plan, site: &Site, deployed: Deployed, needs: Needs) -> Told {
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
    Told { plan, stacks: stacks.into_iter().collect(), endpoints, needs, left: Vec::new() }
}
