//! `drill local`: fail over and come back on this machine, and measure it.

use std::collections::BTreeMap;
use std::path::Path;

use drill_local::stage::{Stage, StageSettings, host_architecture};
use drill_local::story::{self, Scene, Script, Teller};
use machine::target;
use package::{Beside, Runs};
use provision::progress::Progress;
use python::{Venv, emulator_tools};
use site::private;
use surface::exit::Exit;
use surface::flags::{Flags, Format, LocalDrillFlags};
use surface::output;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{predict, report};
use crate::progress::Screen;

pub async fn run(flags: &Flags, drill: &LocalDrillFlags) -> miette::Result<Exit> {
    let screen = Screen::new(&[], Format::Text);
    let target = target();
    screen.say("building the Lambda as it ships; the first time this takes minutes");
    let install = Venv::prepare(emulator_tools(&target), |words| screen.say(words));
    let install = async { install.await.map_err(miette::Report::from) };
    let build =
        async { Ok(package::package(host_architecture(), Beside::default(), Runs::Here).await?) };
    let (venv, package) = tokio::try_join!(install, build)?;
    screen.say(&format!("packed {}: {} bytes", package.file.display(), package.size));
    let settings = StageSettings { python: venv.python(), root: target.join("drill") };
    let (teller, scenes) = Teller::channel();
    let showing = show(&screen, scenes);
    if drill.keep {
        let ready = |stage: &Stage, variables| tell_how(&screen, &target, stage, &variables);
        let (kept, ()) =
            tokio::join!(story::keep(&settings, package.code(), &teller, ready), showing);
        match kept? {}
    }
    let script =
        Script { target_seconds: Some(drill.target.get().into()), predictions: predict::local() };
    let play = async {
        let journal = story::play(&settings, package.code(), script, &teller).await;
        // The last teller goes, and so the showing ends.
        drop(teller);
        journal
    };
    let (journal, ()) = tokio::join!(play, showing);
    let journal = journal?;
    let kept = report::keep(&journal, &drill.report);
    output::print(flags.format, &journal, |out| write!(out, "{journal}"))?;
    kept?;
    Ok(if journal.passed() { Exit::Done } else { Exit::Missed })
}

async fn show(screen: &Screen, mut scenes: UnboundedReceiver<Scene>) {
    while let Some(scene) = scenes.recv().await {
        match scene {
            Scene::Doing(what) => screen.say(&what),
            Scene::Happened(mark) => screen.quote(mark.to_string().trim_end()),
            // A drill's stacks are an emulator's: their resources are worth a line only if they fail.
            Scene::Stack(Progress::Resource { event, .. }) if !event.is_failure() => {}
            Scene::Stack(progress) => screen.show(&progress),
        }
    }
}

/// Tells a developer how to reach what runs now: with the verbs, and with a Lambda of one's own.
fn tell_how(screen: &Screen, target: &Path, stage: &Stage, variables: &BTreeMap<String, String>) {
    let folder = target.join("drill");
    let (site, environment) = (folder.join("pilotlight.toml"), folder.join("controller.env"));
    let endpoint = stage.endpoint();
    let own = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let region = ("AWS_REGION", stage.site.standby_region().as_str());
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let lines = own.into_iter().chain([region]).chain(variables);
    let lines: Vec<_> = lines.map(|(name, value)| format!("{name}={value}")).collect();
    let written = private::write(&site, stage.site_file.as_bytes())
        .and_then(|()| private::write(&environment, (lines.join("\n") + "\n").as_bytes()));
    if let Err(error) = written {
        return screen.say(&format!("cannot write to {}: {error}", folder.display()));
    }
    let own = own.map(|(name, value)| format!("{name}={value}")).join(" ");
    let (site, environment) = (site.display(), environment.display());
    screen.say(&format!(
        "the site serves until Ctrl-C; in another shell:\n\
         every verb: env {own} cargo xtask --site {site} status\n\
         the Lambda: cargo lambda watch --package failover --env-file {environment}"
    ));
}
