//! `destroy`: take the site down.

use futures::future::join_all;
use infra_lib::apply::Safety;
use infra_lib::destroy::{self, Destroyed, Removal};
use infra_lib::drill::restore;
use infra_lib::guard;

use crate::exit::Exit;
use crate::flags::{DestroyFlags, Flags};
use crate::site;
use crate::ui::progress::Screen;
use crate::ui::{ask, output};

pub async fn run(flags: &Flags, destroy: &DestroyFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    if !destroy.force {
        site::must_not_be_drilled(flags, &site)?;
    }
    ask::can_answer(destroy.yes)?;
    let cloud = site::cloud().await;
    let permit = guard::admit(cloud.as_ref(), &site).await?;
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
    let looks = stacks.iter().map(|stack| cloud.describe_stack(&stack.region, stack.name.as_str()));
    let views = join_all(looks).await;
    output::note(format_args!("account {account}"));
    let mut there = 0;
    for (stack, view) in stacks.iter().zip(views) {
        if let Some(view) = view? {
            there += 1;
            output::note(format_args!(
                "- {:<16} {:<14} {}",
                stack.id,
                stack.region.as_str(),
                view.status
            ));
        }
    }
    if there == 0 {
        output::note("nothing to destroy");
        return output::result(flags.format, &Destroyed::default(), Exit::Nothing, |_| Ok(()));
    }
    if !ask::confirmed("Destroy all of this?", destroy.yes).await? {
        let exit = ask::declined();
        return output::result(flags.format, &Destroyed::default(), exit, |_| Ok(()));
    }
    // Its records and checks are in no stack, and its restore file would bar the drills of the next site of this name.
    let drill = restore::path(&flags.site, &site);
    for done in restore::end(cloud.as_ref(), &permit, &drill).await? {
        output::note(format_args!("- {done}"));
    }
    let mut destruction = destroy::start(cloud, permit, site.clone(), safety);
    let screen = Screen::new(&stacks, flags.format);
    while let Some(progress) = destruction.next().await {
        screen.show(&progress);
    }
    screen.close();
    let destroyed = destruction.finish().await?;
    output::result(flags.format, &destroyed, Exit::Done, |out| summary(&destroyed, out))
}

fn summary(destroyed: &Destroyed, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    for (stack, removal) in &destroyed.stacks {
        match removal {
            Removal::Absent => {}
            Removal::Deleted { retained } => {
                writeln!(out, "- {stack}")?;
                for kept in retained {
                    writeln!(out, "  stays, because its content cannot be made again: {kept}")?;
                    if let Some(command) = kept.removal() {
                        writeln!(out, "  once you need it no more: {command}")?;
                    }
                }
            }
        }
    }
    Ok(())
}
