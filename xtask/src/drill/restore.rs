//! `drill restore`: puts back what a drill left that did not come to its end.

use infra_lib::cloud::Cloud;
use infra_lib::drill::levels::LevelError;
use infra_lib::drill::restore::{self, Ended, Restore, standing};
use infra_lib::{clock, guard};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::{Flags, RestoreFlags};
use crate::site;
use crate::ui::output;

/// What came of it.
#[derive(Debug, Serialize)]
struct Restored {
    /// What was put back just now.
    put_back: Vec<String>,
    /// What is not as before the drill.
    left: Vec<String>,
}

pub async fn run(flags: &Flags, wanted: &RestoreFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let path = restore::path(&flags.site, &site);
    let Some(file) = Restore::read(&path)? else {
        return output::print(
            flags.format,
            &Restored { put_back: Vec::new(), left: Vec::new() },
            |out| writeln!(out, "no drill left anything: there is no {}", path.display()),
        )
        .map(|_| Exit::Nothing);
    };
    output::note(format_args!(
        "a drill ({}) of {} that {} began at {}, {} s ago",
        file.level.word(),
        file.site,
        file.by,
        file.started_at,
        clock::now().duration_since(file.started_at).as_secs()
    ));
    let cloud = site::cloud().await;
    let cloud: &dyn Cloud = cloud.as_ref();
    let permit = guard::admit_in_outage(cloud, &site).await?;
    let put_back = restore::undo(cloud, &permit, &file).await.map_err(LevelError::from)?;
    for what in &put_back {
        output::note(format_args!("  {what}"));
    }
    if wanted.forget {
        return forget(flags, cloud, &file, &path, put_back).await;
    }
    let tell = |left: &[restore::Left]| {
        for one in left {
            output::note(format_args!("  waits: {}", one.what));
        }
    };
    let ended = restore::finish(cloud, &site, &file, &path, tell).await?;
    let left = match ended {
        Ended::Restored => Vec::new(),
        Ended::Left(left) => left,
    };
    let restored = Restored { put_back, left };
    output::print(flags.format, &restored, |out| match restored.left.as_slice() {
        [] => writeln!(out, "everything is as before the drill"),
        left => left.iter().try_for_each(|what| writeln!(out, "left: {what}")),
    })?;
    if restored.left.is_empty() {
        return Ok(Exit::Done);
    }
    Err(miette::miette!(
        code = "drill::restore::left",
        help = "put it back by hand, or, if somebody meant it, `cargo xtask drill restore --forget`; docs/drills.md says more",
        "not everything is as before the drill"
    ))
}

/// The groups and whatever else is left stay as they are.
async fn forget(
    flags: &Flags,
    cloud: &dyn Cloud,
    file: &Restore,
    path: &std::path::Path,
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
