//! `--direct`: the standby group is written without the controller.

use cloud::guard::{self, Refusal};
use failover_core::decision::StandbyWrite;
use machine::clock;
use operate::steer::direct::{self, Done, Place, Plan};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{FailbackFlags, FailoverFlags, Flags};
use surface::{ask, output};

use crate::consent::consent;
use crate::site;
use failover_words::sizes;

/// What came of it.
#[derive(Debug, Serialize)]
struct Told {
    plan: Plan,
    commands: Vec<String>,
    /// Nothing if it was only shown, or if there was nothing to do.
    done: Option<Done>,
}

pub async fn failover(flags: &Flags, failover: &FailoverFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    if !failover.print {
        ask::can_answer(failover.patience.yes)?;
    }
    let cloud = site::cloud(&site).await;
    let permit = if failover.print {
        None
    } else {
        Some(guard::admit_in_outage(cloud.as_ref(), &site).await?)
    };
    let read = Place::of(&site).read(cloud.as_ref()).await;
    let group = match read {
        Ok(group) => Some(group),
        // On the worst of days the commands are shown all the same.
        Err(error) if failover.print => {
            output::note(format_args!("the group could not be read: {error}"));
            output::note(
                "the sizes below are the site file's: run the first command before any other",
            );
            None
        }
        Err(error) => return Err(error.into()),
    };
    let plan = direct::raise(&site, group.as_ref(), clock::now())?;
    let Some(permit) = permit else { return printed(flags, plan) };
    if plan.is_empty() {
        output::note("the standby already runs its target; nothing was changed");
        return told(flags, plan, None).map(|_| Exit::Nothing);
    }
    show(
        &plan,
        &[
            "the record is written first, so that the controller takes the raise over once it is back",
            "Route 53 moves the users by its health checks; nothing here moves them, and no latch keeps them there",
            "the controller lowers it once the primary has been proven up; until then its instances cost money",
        ],
    );
    let question = "Raise the standby without the controller?";
    let consent = consent(question, failover.patience.yes, &permit).await?;
    let Some(consent) = consent else { return Ok(ask::declined()) };
    // Whoever raised it while the question waited is not undone: the group is read again.
    let (group, now) = direct::raise_now(cloud.as_ref(), &consent, &site, clock::now()).await?;
    if now.live != plan.live {
        changed(&now);
    }
    let done = now.carry_out(cloud.as_ref(), &consent, group).await?;
    told(flags, now, Some(done))
}

/// What is written instead, because the group was changed while the question waited.
fn changed(now: &Plan) {
    let live = now.live.map_or_else(|| "unknown".to_owned(), sizes);
    output::note(format_args!("the group changed in the meantime: {live}"));
    let written = match now.writes.first() {
        Some(StandbyWrite::Raise(to)) => format!("it is raised to {}", sizes(*to)),
        Some(StandbyWrite::LowerMin { .. } | StandbyWrite::LowerDesired { .. }) | None => {
            "that is enough; its sizes are left as they are".to_owned()
        }
    };
    output::note(written);
}

pub async fn failback(flags: &Flags, failback: &FailbackFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    if !failback.print {
        if !failback.accept_unproven {
            return Err(unproven().into());
        }
        ask::can_answer(failback.patience.yes)?;
    }
    let cloud = site::cloud(&site).await;
    let permit = guard::admit_in_outage(cloud.as_ref(), &site).await?;
    let group = Place::of(&site).read(cloud.as_ref()).await?;
    let plan = direct::lower(&site, &group)?;
    if failback.print {
        return printed(flags, plan);
    }
    if plan.is_empty() {
        output::note("the standby is already at its normal size; nothing was changed");
        return told(flags, plan, None).map(|_| Exit::Nothing);
    }
    direct::may_lower(cloud.as_ref(), &site).await?;
    show(
        &plan,
        &[
            "first the minimum alone, which stops nothing; then the desired capacity, and instances stop",
            "NOBODY HAS PROVEN THE PRIMARY: if it fails now, the users have nowhere to go until the standby is raised again",
            "the controller closes the record and restores the primary's floor once it is back",
        ],
    );
    let question = "Lower the standby without the controller's proof?";
    let consent = consent(question, failback.patience.yes, &permit).await?;
    let Some(consent) = consent else { return Ok(ask::declined()) };
    let done = direct::lower_now(cloud.as_ref(), &consent, &site, &group).await?;
    told(flags, plan, Some(done))
}

fn unproven() -> Refusal {
    Refusal {
        why: "the failback: without the controller nobody proves that the primary is up and has the users".to_owned(),
        hint: "a raised standby costs money and hurts nobody: wait until Lambda is back and run `cargo xtask failback`; \
               `--accept-unproven` lowers it without proof, `--print` shows the commands"
            .to_owned(),
    }
}

/// What stands and what will be written, on standard error.
fn show(plan: &Plan, notes: &[&str]) {
    let Place { region, group } = &plan.place;
    let live = plan.live.map_or_else(|| "unknown".to_owned(), sizes);
    super::say(&format!("{group} in {region}: "), &live);
    output::note("the same as commands:");
    for command in plan.commands() {
        output::note(format_args!("  {command}"));
    }
    super::noted(|out, sheet| super::list(out, sheet, "what will happen", notes));
}

fn printed(flags: &Flags, plan: Plan) -> miette::Result<Exit> {
    let commands = plan.commands();
    let told = Told { plan, commands, done: None };
    output::print(flags.format, &told, |out| {
        told.commands.iter().try_for_each(|command| writeln!(out, "{command}"))
    })
}

fn told(flags: &Flags, plan: Plan, done: Option<Done>) -> miette::Result<Exit> {
    let commands = plan.commands();
    let told = Told { plan, commands, done };
    let exit = output::print(flags.format, &told, |out| match told.done {
        Some(Done::Written) => writeln!(out, "done; follow it: cargo xtask status --watch"),
        Some(Done::RaisedMeanwhile) | None => Ok(()),
    })?;
    if told.done == Some(Done::RaisedMeanwhile) {
        return Err(miette::miette!(
            code = "steer::raised",
            help = "the minimum was raised again in the meantime and stays so: see why with `cargo xtask status`",
            "the desired capacity was not lowered: the standby was raised meanwhile"
        ));
    }
    Ok(exit)
}
