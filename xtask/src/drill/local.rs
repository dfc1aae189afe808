//! `drill local`: fail over and come back on this machine, and measure it.

use std::collections::BTreeMap;
use std::path::Path;

use infra_lib::drill::local::stage::{Stage, StageSettings, emulator_tools, host_architecture};
use infra_lib::drill::local::story::{self, Scene, Script, Teller};
use infra_lib::package::{self, Beside, target};
use infra_lib::private;
use infra_lib::progress::Progress;
use infra_lib::python::Venv;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{predict, report};
use crate::exit::Exit;
use crate::explain;
use crate::flags::{Flags, Format, LocalDrillFlags};
use crate::ui::output;
use crate::ui::progress::Screen;

pub async fn run(flags: &Flags, drill: &LocalDrillFlags) -> miette::Result<Exit> {
    let screen = Screen::new(&[], Format::Text);
    let target = target();
    screen.say("building the Lambda as it ships; the first time this takes minutes");
    let install = Venv::prepare(emulator_tools(&target), |words| screen.say(words));
    let install = async { install.await.map_err(miette::Report::from) };
    let build = async { Ok(package::package(host_architecture(), Beside::default()).await?) };
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
    let script = Script {
        target_seconds: Some(drill.target.get().into()),
        predictions: predict::local(),
        retell: explain::sentence,
    };
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

/// Tells a developer how to reach what runs now.
fn tell_how(screen: &Screen, target: &Path, stage: &Stage, variables: &BTreeMap<String, String>) {
    let file = target.join("drill/controller.env");
    let own = BTreeMap::from([
        ("AWS_ENDPOINT_URL", stage.endpoint()),
        ("AWS_REGION", stage.site.standby_region().to_string()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
    ]);
    let lines = own.iter().map(|(name, value)| (*name, value));
    let lines = lines.chain(variables.iter().map(|(name, value)| (name.as_str(), value)));
    let text: String =
        lines.fold(String::new(), |text, (name, value)| text + name + "=" + value + "\n");
    match private::write(&file, text.as_bytes()) {
        Ok(()) => screen.say(&format!(
            "the site serves until Ctrl-C; its controller's environment: {}\n\
             hint: cargo lambda watch --package failover --env-file {}",
            file.display(),
            file.display()
        )),
        Err(error) => screen.say(&format!("cannot write {}: {error}", file.display())),
    }
}
