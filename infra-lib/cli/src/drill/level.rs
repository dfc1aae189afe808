//! `drill shadow`, `dns` and `live`: drills of the deployed site.

use std::path::Path;
use std::time::Duration;

use ::site::model::Site;
use cloud::guard::{self, Permit, Refusal};
use cloud::{Aws, Cloud, CloudSettings};
use doctor::{Machine, Reach, Resolver, examine};
use drill::journal::{Journal, Prediction};
use drill::levels::{
    self, Facts, Level, LevelError, Run, Settings, Unknown, default_target, foretell,
};
use drill::restore::watchdog::Program;
use drill::restore::{self, Restore};
use drill::timeline::{Scene, Teller};
use failover_sim::timeline::Phases;
use machine::clock;
use miette::{Context, IntoDiagnostic};
use operate::steer;
use provision::progress::Pace;
use surface::exit::Exit;
use surface::flags::{Flags, LevelFlags, LiveFlags, PlayFlags, ReportFlags};
use surface::interrupt::{Interrupt, Interrupts};
use surface::{ask, output};

use super::{predict, report};
use crate::consent::consent;
use crate::simulate::setup::setup;
use crate::site;

/// Whether to ask, what to aim at, and where the report goes.
pub struct Wanted<'a> {
    yes: bool,
    unknown: Unknown,
    target: Option<Duration>,
    report: &'a ReportFlags,
}

impl<'a> Wanted<'a> {
    fn new(yes: bool, play: &'a PlayFlags) -> Self {
        let target = play.target.map(|seconds| Duration::from_secs(seconds.get().into()));
        let unknown =
            if play.accept_unknown_capacity { Unknown::Accepted } else { Unknown::Refused };
        Self { yes, unknown, target, report: &play.report }
    }
}

impl<'a> From<&'a LevelFlags> for Wanted<'a> {
    fn from(flags: &'a LevelFlags) -> Self {
        Self::new(flags.yes, &flags.play)
    }
}

impl<'a> TryFrom<&'a LiveFlags> for Wanted<'a> {
    type Error = Refusal;

    fn try_from(flags: &'a LiveFlags) -> Result<Self, Refusal> {
        if !flags.yes_move_production {
            return Err(Refusal {
                why: "a live drill moves the users of the real name to the standby and back"
                    .to_owned(),
                hint:
                    "add `--yes-move-production` if that is meant; `cargo xtask drill dns` moves nobody"
                        .to_owned(),
            });
        }
        Ok(Self::new(true, &flags.play))
    }
}

pub async fn run(flags: &Flags, level: Level, wanted: Wanted<'_>) -> miette::Result<Exit> {
    // From here on no request to end is lost, whatever this is busy with.
    let mut interrupts = Interrupts::listen();
    let site = site::load(flags)?;
    let path = restore::path(&flags.site, &site);
    unfinished(&path)?;
    ask::can_answer(wanted.yes)?;
    let aws = Aws::connect(&CloudSettings::default(), site.standby_region()).await;
    let permit = guard::admit(&aws, &site, &[]).await?;
    let prepare = async {
        let capacity = capacity(&aws, &site, wanted.unknown).await;
        Facts::read(&aws, &permit, &site, level, capacity).await
    };
    output::note(format_args!("checking the site before a drill ({})", level.word()));
    // Nothing is changed until the question is answered, so an interrupt has nothing to undo.
    let prepared = tokio::select! {
        biased;
        interrupt = interrupts.next() => return Ok(untouched(interrupt)),
        facts = prepare => facts?,
    };
    let mut facts = prepared;
    let mut foretold = foretell(level, &facts.rehearsal);
    refuse_unready(level, &site, &facts, &foretold)?;
    if let Ok(foretold) = &foretold {
        output::note("what will happen");
        for line in levels::plan(level, &site, foretold) {
            output::note(format_args!("  > {line}"));
        }
    }
    let answer = tokio::select! {
        biased;
        interrupt = interrupts.next() => return Ok(untouched(interrupt)),
        answer = consent("Drill the deployed site?", wanted.yes, &permit) => answer?,
    };
    let Some(consent) = answer else { return Ok(ask::declined()) };
    if !wanted.yes {
        // Somebody took his time to answer: it is looked again.
        facts = Facts::read(&aws, &permit, &site, level, facts.capacity).await?;
        foretold = foretell(level, &facts.rehearsal);
    }
    let settings = Settings {
        consent,
        path: path.clone(),
        watchdog: watchdog(flags)?,
        target: wanted.target.unwrap_or_else(|| default_target(&site)),
        by: steer::operator(&aws, &site, std::env::var("USER").ok()).await?,
        predictions: predictions(level, &site, aws.is_local()),
    };
    let play = async {
        let run =
            Run::new(&aws, &site, level, &facts, &foretold, settings, Teller::new(tell)).await?;
        run.play().await
    };
    tokio::select! {
        biased;
        interrupt = interrupts.next() => interrupted(&aws, &permit, &path, interrupt, &mut interrupts).await,
        journal = Box::pin(play) => finished(flags, &wanted, &path, journal),
    }
}

fn finished(
    flags: &Flags,
    wanted: &Wanted<'_>,
    path: &Path,
    journal: Result<Journal, LevelError>,
) -> miette::Result<Exit> {
    let journal = journal?;
    let kept = report::keep(&journal, wanted.report);
    output::print(flags.format, &journal, |out| write!(out, "{journal}"))?;
    kept?;
    if Restore::read(path)?.is_some() {
        output::note("not everything is put back: run `cargo xtask drill restore`");
    }
    Ok(if journal.passed() { Exit::Done } else { Exit::Missed })
}

/// A drill refuses while another has not come to its end.
fn unfinished(path: &Path) -> miette::Result<()> {
    let Some(why) = restore::unfinished(path) else { return Ok(()) };
    let hint =
        "if no other drill runs, `cargo xtask drill restore` puts everything back".to_owned();
    Err(Refusal { why, hint }.into())
}

fn refuse_unready(
    level: Level,
    site: &Site,
    facts: &Facts,
    foretold: &Result<levels::Foretold, String>,
) -> miette::Result<()> {
    let all = levels::ready(level, site, facts, foretold);
    for one in &all {
        let mark = if one.met { "+" } else { "!" };
        let seen = if one.seen.is_empty() { String::new() } else { format!(": {}", one.seen) };
        output::note(format_args!("  {mark} {}{seen}", one.what));
    }
    levels::refusal(level, &all).map_or(Ok(()), |refusal| Err(refusal.into()))
}

/// This program again, as the process that watches over the drill.
fn watchdog(flags: &Flags) -> miette::Result<Program> {
    let program = std::env::current_exe().into_diagnostic();
    let program = program.wrap_err("cannot find this program to start the drill's watchdog")?;
    let site = flags.site.clone().into_os_string();
    Ok(Program {
        program,
        arguments: vec!["--site".into(), site, "drill".into(), "watchdog".into()],
    })
}

/// What `doctor` finds against a raise.
async fn capacity(aws: &Aws, site: &Site, unknown: Unknown) -> Vec<String> {
    let machine = Machine::read(&machine::target(), site.config.controller.architecture).await;
    let own = site.config.controller.resolver.map(|address| Resolver { address: Some(address) });
    let names = own.unwrap_or_else(Resolver::of_this_machine);
    let reach = Reach { cloud: aws, premises: aws, wiring: aws, names: &names };
    let diagnosis = examine(reach, site, &machine, clock::now()).await;
    levels::capacity(&diagnosis, site, aws.is_local(), unknown)
}

fn tell(scene: Scene) {
    match scene {
        Scene::Doing(what) => output::note(format_args!("- {what}")),
        Scene::Happened(mark) => output::note(mark.to_string().trim_end()),
        // Drills of a deployed site deploy nothing.
        Scene::Stack(_) => {}
    }
}

/// The simulator's answer. The shorter levels have no phases of a recovery.
fn predictions(level: Level, site: &Site, local: bool) -> Vec<Prediction> {
    match level {
        Level::Local | Level::Shadow | Level::Dns => Vec::new(),
        Level::Live if local => predict::local(),
        Level::Live => predict::of(
            &setup(&site.config),
            &Phases::built_in(),
            "simulated: cargo xtask simulate",
        ),
    }
}

fn untouched(interrupt: Interrupt) -> Exit {
    output::note("\ninterrupted; nothing was changed");
    Exit::Interrupted(interrupt)
}

/// Undoes what the drill itself changed; the rest is the controller's. A second interrupt ends that too.
async fn interrupted(
    cloud: &dyn Cloud,
    permit: &Permit,
    path: &Path,
    interrupt: Interrupt,
    interrupts: &mut Interrupts,
) -> miette::Result<Exit> {
    let Some(left) = Restore::read(path)? else { return Ok(untouched(interrupt)) };
    output::note("\ninterrupted; putting back what the drill changed");
    tokio::select! {
        biased;
        _ = interrupts.next() => {
            let by_hand = left.by_hand().map_or_else(String::new, |command| format!(", or `{command}`"));
            output::note(format_args!("NOT PUT BACK: run `cargo xtask drill restore` now{by_hand}"));
        }
        done = restore::insist(cloud, permit, &left, path, Pace::of(cloud), output::note) => {
            for what in done.map_err(LevelError::from)? {
                output::note(format_args!("  {what}"));
            }
            output::note(
                "the controller puts the groups back by itself; `cargo xtask drill restore` follows it to the end",
            );
        }
    }
    Ok(Exit::Interrupted(interrupt))
}
