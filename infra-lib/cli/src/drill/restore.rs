//! `drill restore`: puts back what an unfinished drill left, by its restore file, or by what is found at AWS without one.

use std::path::Path;

use ::site::model::Site;
use cloud::Cloud;
use cloud::guard::{self, Permit, Refusal};
use drill::levels::LevelError;
use drill::restore::{self, Ended, Heard, Restore, Stray, standing};
use machine::clock;
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{Flags, RestoreFlags};
use surface::{ask, output};

use crate::consent::consent;
use crate::site;

/// What came of it.
#[derive(Debug, Default, Serialize)]
struct Restored {
    /// What was put back just now.
    put_back: Vec<String>,
    /// What is not as before the drill.
    left: Vec<String>,
}

pub async fn run(flags: &Flags, wanted: &RestoreFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let path = restore::path(&flags.site, &site);
    let file = Restore::read(&path)?;
    let cloud = site::cloud(&site).await;
    let cloud: &dyn Cloud = cloud.as_ref();
    let permit = guard::admit_in_outage(cloud, &site).await?;
    let place = Place { cloud, permit, site: &site, path: &path };
    match file {
        Some(file) => by_file(flags, wanted, &place, &file).await,
        None => by_sight(flags, wanted, &place).await,
    }
}

/// Where is put back what.
struct Place<'a> {
    cloud: &'a dyn Cloud,
    permit: Permit,
    site: &'a Site,
    /// The restore file, if there is one.
    path: &'a Path,
}

async fn by_file(
    flags: &Flags,
    wanted: &RestoreFlags,
    place: &Place<'_>,
    file: &Restore,
) -> miette::Result<Exit> {
    let Place { cloud, permit, site, path } = place;
    let (cloud, site, path) = (*cloud, *site, *path);
    output::note(format_args!(
        "a drill ({}) of {} that {} started at {}, {} s ago",
        file.level.word(),
        file.site,
        file.by,
        file.started_at,
        clock::now().duration_since(file.started_at).as_secs()
    ));
    let put_back = restore::undo(cloud, permit, file).await.map_err(LevelError::from)?;
    for what in &put_back {
        output::note(format_args!("  {what}"));
    }
    if wanted.forget {
        return forget(flags, cloud, file, path, put_back).await;
    }
    let tell = |heard: Heard<'_>| match heard {
        Heard::Left(left) => {
            for one in left {
                output::note(format_args!("  waits: {}", one.what));
            }
        }
        Heard::SignIn(words) => output::note(format_args!("  {words}")),
    };
    let ended = restore::finish(cloud, site, file, path, tell).await?;
    let left = match ended {
        Ended::Restored => Vec::new(),
        Ended::Left(left) => left,
    };
    let restored = Restored { put_back, left };
    output::print(flags.format, &restored, |out| match restored.left.as_slice() {
        [] => writeln!(out, "everything is as before the drill"),
        left => left.iter().try_for_each(|what| writeln!(out, "left: {what}")),
    })?;
    if !restored.left.is_empty() {
        return Err(miette::miette!(
            code = "drill::restore::left",
            help = "put it back by hand, or, if somebody meant it, `cargo xtask drill restore --forget`; docs/drills.md says more",
            "not everything is as before the drill"
        ));
    }
    // The file names what one drill did; something else may be wrong all the same.
    let strays = restore::strays(cloud, site).await.map_err(LevelError::from)?;
    if strays.is_empty() { Ok(Exit::Done) } else { Err(still_wrong(&strays).into()) }
}

/// Looks at AWS itself: the file may be on another machine, and nobody else would tell that a health check is inverted.
async fn by_sight(flags: &Flags, wanted: &RestoreFlags, place: &Place<'_>) -> miette::Result<Exit> {
    let Place { cloud, permit, site, path } = place;
    let (cloud, site, path) = (*cloud, *site, *path);
    let strays = restore::strays(cloud, site).await.map_err(LevelError::from)?;
    if strays.is_empty() {
        output::print(flags.format, &Restored::default(), |out| {
            writeln!(
                out,
                "no drill left anything: there is no {}, and at AWS no health check of the site is inverted or disabled",
                path.display()
            )
        })?;
        return Ok(Exit::Nothing);
    }
    output::note(format_args!("no restore file: there is no {}; but at AWS:", path.display()));
    for stray in &strays {
        output::note(format_args!("  ! {}\n    `{}`", stray.what, stray.command()));
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = strays.iter().partition(|stray| stray.is_ours());
    let left = |strays: &[&Stray]| strays.iter().map(|stray| stray.what.clone()).collect();
    if ours.is_empty() || ask::can_answer(wanted.yes).is_err() {
        let restored =
            Restored { left: left(&strays.iter().collect::<Vec<_>>()), ..Restored::default() };
        output::print(flags.format, &restored, |_| Ok(()))?;
        return Err(still_wrong(&strays).into());
    }
    // A drill may be running on another machine, which this would end.
    let question = "Put this back? If a drill is running on another machine, this ends it.";
    let consent = consent(question, wanted.yes, permit).await?;
    let Some(consent) = consent else { return Ok(ask::declined()) };
    let mut put_back = Vec::new();
    for stray in ours {
        let done = restore::remedy(cloud, &consent, site, stray).await.map_err(LevelError::from)?;
        put_back.extend(done);
    }
    let restored = Restored { put_back, left: left(&theirs) };
    output::print(flags.format, &restored, |out| {
        restored.put_back.iter().try_for_each(|what| writeln!(out, "{what}"))
    })?;
    let strays = restore::strays(cloud, site).await.map_err(LevelError::from)?;
    if strays.is_empty() { Ok(Exit::Done) } else { Err(still_wrong(&strays).into()) }
}

fn still_wrong(strays: &[Stray]) -> Refusal {
    let whats: Vec<_> = strays.iter().map(|stray| stray.what.as_str()).collect();
    let (ours, theirs): (Vec<_>, Vec<_>) = strays.iter().partition(|stray| stray.is_ours());
    let mut hints = Vec::new();
    if !ours.is_empty() {
        hints.push("`cargo xtask drill restore --yes` puts back what a drill left".to_owned());
    }
    hints.extend(theirs.iter().map(|stray| format!("`{}`", stray.command())));
    Refusal {
        why: format!("a failover would not work as it should: {}", whats.join("; ")),
        hint: hints.join("; "),
    }
}

/// The groups and whatever else is left stay as they are.
async fn forget(
    flags: &Flags,
    cloud: &dyn Cloud,
    file: &Restore,
    path: &Path,
    put_back: Vec<String>,
) -> miette::Result<Exit> {
    let left = standing(cloud, file, false).await?;
    Restore::delete(path)?;
    let left = left.into_iter().map(|left| left.what).collect();
    let restored = Restored { put_back, left };
    output::print(flags.format, &restored, |out| {
        restored.left.iter().try_for_each(|what| writeln!(out, "left as it is: {what}"))?;
        writeln!(out, "the restore file is deleted")
    })
}
