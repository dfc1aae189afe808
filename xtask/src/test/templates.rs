//! The linters of other people over the templates: as they are, and as each named site and each row of the covering array would
//! deploy them.

use std::path::{Path, PathBuf};

use infra_lib::config::Config;
use infra_lib::model::Site;
use infra_lib::package::{target, workspace};
use infra_lib::python::{Venv, VenvSettings};
use infra_lib::render;
use miette::{Context, IntoDiagnostic};

use super::{checkov, passes};
use crate::ui::output;

/// Folders of site files: the named ones, and one for each row of the covering array.
const SITES: [&str; 2] = ["sites", "infra-lib/tests/pairwise"];

/// The names of the checks that fail.
pub(super) async fn failed() -> miette::Result<Vec<&'static str>> {
    let target = target();
    let venv = async |name, purpose, requirements| {
        let settings = VenvSettings { name, purpose, requirements, target: &target };
        Venv::prepare(settings, |words| output::note(words)).await
    };
    let linter = venv("lint", "cfn-lint", include_str!("../../../tools/lint.txt")).await?;
    let second = venv("checkov", "checkov", include_str!("../../../tools/checkov.txt")).await?;
    let templates = files(&workspace().join("templates"), "yaml")?;
    let mut failed = Vec::new();
    // Warnings count: the linter ends with a code of its own for them.
    if !passes("templates", &lint(&linter, &templates)).await? {
        failed.push("templates");
    }
    let work = target.join("lint");
    let concrete = work.join("concrete");
    if !passes("sites", &concretise(&linter, &work, &concrete)?).await? {
        failed.push("sites");
    }
    let deployed = files(&concrete, "json")?;
    output::note(format_args!("{} different stacks of all sites", deployed.len()));
    let stacks = lint(&linter, &deployed);
    for template in &templates {
        let copy = concrete.join(template.file_name().unwrap_or_default());
        std::fs::copy(template, &copy).into_diagnostic().wrap_err_with(|| unwritten(&copy))?;
    }
    // Each takes one core for a minute.
    let (lint, second) =
        futures::join!(passes("stacks", &stacks), checkov::passes(&second, &concrete));
    if !lint? {
        failed.push("stacks");
    }
    if !second? {
        failed.push("checkov");
    }
    Ok(failed)
}

fn lint(linter: &Venv, files: &[PathBuf]) -> Vec<String> {
    let options = [text(&linter.program("cfn-lint")), "--".to_owned()];
    options.into_iter().chain(files.iter().map(|path| text(path))).collect()
}

/// Renders every site, and makes the command that turns the rendered files into what CloudFormation would see.
fn concretise(linter: &Venv, work: &Path, concrete: &Path) -> miette::Result<Vec<String>> {
    if work.exists() {
        // What an earlier run left would be linted too.
        std::fs::remove_dir_all(work).into_diagnostic().wrap_err_with(|| unwritten(work))?;
    }
    let script = workspace().join("tools/concrete.py");
    let mut command = vec![text(&linter.python()), text(&script), text(concrete)];
    for folder in SITES {
        for path in files(&workspace().join(folder), "toml")? {
            let site = Site::new(Config::load(&path)?);
            let name = path.file_stem().unwrap_or_default();
            let rendered = work.join("rendered").join(name);
            render::write(&render::render(&site), &rendered)
                .into_diagnostic()
                .wrap_err_with(|| unwritten(&rendered))?;
            command.push(text(&rendered));
        }
    }
    Ok(command)
}

/// The files of a folder with an extension, sorted.
fn files(folder: &Path, extension: &str) -> miette::Result<Vec<PathBuf>> {
    let read = || format!("cannot read `{}`", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_diagnostic().wrap_err_with(read)? {
        let path = entry.into_diagnostic().wrap_err_with(read)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unwritten(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
