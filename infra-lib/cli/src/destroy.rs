//! `destroy`: take the site down.

use ::site::model::{Site, StackId};
use cloud::guard;
use cloud::guard::Safety;
use drill::restore;
use provision::destroy::{self, Destroyed, Doomed, Removal};
use surface::exit::Exit;
use surface::flags::{DestroyFlags, Flags};
use surface::{ask, output};

use crate::consent::consent;
use crate::progress::Screen;
use crate::site;

pub async fn run(flags: &Flags, destroy: &DestroyFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    if !destroy.force {
        site::must_not_be_drilled(flags, &site)?;
    }
    ask::can_answer(destroy.yes)?;
    let cloud = site::cloud(&site).await;
    let permit = guard::admit(cloud.as_ref(), &site, &[]).await?;
    let account = cloud.account(site.standby_region()).await?;
    let safety = if destroy.force { Safety::Overruled } else { Safety::Guarded };
    if safety == Safety::Guarded {
        let standing = guard::read(cloud.as_ref(), &site).await?;
        if let Some(refusal) = standing.bars_destruction() {
            return Err(refusal.into());
        }
    }
    if let Some(refusal) = guard::protection(cloud.as_ref(), &site).await? {
        return Err(refusal.into());
    }
    let stacks = site::every_stack(&site);
    let doomed = destroy::doomed(cloud.as_ref(), &site).await?;
    tell(&account, &site, &doomed);
    if doomed.stacks.is_empty() {
        output::note("nothing to destroy");
        return output::result(flags.format, &Destroyed::default(), Exit::Nothing, |_| Ok(()));
    }
    let Some(consent) = consent("Destroy all of this?", destroy.yes, &permit).await? else {
        let exit = ask::declined();
        return output::result(flags.format, &Destroyed::default(), exit, |_| Ok(()));
    };
    // Its records and checks are in no stack, and its restore file would bar the drills of the next site of this name.
    let drill = restore::path(&flags.site, &site);
    for done in restore::end(cloud.as_ref(), &permit, &drill).await? {
        output::note(format_args!("- {done}"));
    }
    let mut destruction = destroy::start(cloud, consent, site.clone(), safety);
    let screen = Screen::new(&stacks, flags.format);
    while let Some(progress) = destruction.next().await {
        screen.show(&progress);
    }
    screen.close();
    let destroyed = destruction.finish().await?;
    output::result(flags.format, &destroyed, Exit::Done, |out| summary(&destroyed, out))
}

/// What goes, by its whole names, and what nobody can bring back.
fn tell(account: &str, site: &Site, doomed: &Doomed<'_>) {
    output::note(format_args!("account {account}, {}", site.config.hostname));
    for (stack, status) in &doomed.stacks {
        let (id, name, region) = (stack.id, &stack.name, stack.region.as_str());
        output::note(format_args!("- {id:<16} {:<22} {region:<14} {status}", name.as_str()));
    }
    for stranger in &doomed.strangers {
        output::note(format_args!("not touched: {stranger}"));
    }
    if doomed.stacks.iter().any(|(stack, _)| stack.id == StackId::Detector) {
        let zone = &site.config.hosted_zone_id;
        output::note(format_args!("{} loses its records in the zone {zone}", site.config.hostname));
    }
    if let Some(bucket) = &doomed.bucket {
        let region = site.standby_region();
        output::note(format_args!(
            "deleted for good: the bucket {bucket} in {region}, with every version of every object"
        ));
    }
    for kept in &doomed.retained {
        output::note(format_args!("stays: {kept} in {}", kept.region));
    }
}

fn summary(destroyed: &Destroyed, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for (stack, removal) in &destroyed.stacks {
        match removal {
            Removal::Absent => {}
            Removal::Deleted { retained } => {
                writeln!(out, "- {stack}")?;
                for kept in retained {
                    writeln!(out, "  kept, because its content cannot be recovered: {kept}")?;
                    if let Some(command) = kept.removal() {
                        writeln!(out, "  when you no longer need it: {command}")?;
                    }
                }
            }
        }
    }
    Ok(())
}
