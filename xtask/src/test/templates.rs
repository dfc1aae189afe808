//! The linters of other people over the templates: as they are, and as each named site and each row of the covering array would
//! deploy them.

use std::path::{Path, PathBuf};

use machine::{target, workspace};
use miette::{Context, IntoDiagnostic};
use python::{Venv, VenvSettings};
use surface::output;

use super::concrete::{files, unwritten};
use super::{NICE, checkov, concrete, passes_quietly};

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
    if !passes_quietly("templates", NICE, &lint(&linter, &templates)).await? {
        failed.push("templates");
    }
    let folder = target.join("lint");
    if !concrete::write(&folder)? {
        failed.push("sites");
    }
    let deployed = files(&folder, "json")?;
    output::note(format_args!("{} different stacks of all sites", deployed.len()));
    let stacks = lint(&linter, &deployed);
    for template in &templates {
        let copy = folder.join(template.file_name().unwrap_or_default());
        std::fs::copy(template, &copy).into_diagnostic().wrap_err_with(|| unwritten(&copy))?;
    }
    // Each takes one core for a minute.
    let (lint, second) =
        futures::join!(passes_quietly("stacks", NICE, &stacks), checkov::passes(&second, &folder));
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

fn text(path: &Path) -> String {
    path.display().to_string()
}
