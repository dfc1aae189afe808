//! `tidy`: the rules of this repository that a machine can check and no other tool does.

mod cited;
mod imports;
mod places;
mod sentences;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};

use machine::workspace;
use miette::{Context, IntoDiagnostic};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;

/// Something that breaks one of these rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where: a file, seen from the root, or a crate.
    pub place: String,
    /// Which line, if it is one; the first is 1.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.what),
            None => write!(f, "{}: {}", self.place, self.what),
        }
    }
}

pub fn run(flags: &Flags) -> miette::Result<Exit> {
    let findings = findings(&workspace())?;
    output::print(flags.format, &findings, |out| {
        findings.iter().try_for_each(|finding| writeln!(out, "{finding}"))
    })?;
    if findings.is_empty() {
        output::note("every rule is kept");
        return Ok(Exit::Done);
    }
    Err(miette::miette!(
        code = "tidy",
        help = "the rules and their reasons: CONTRIBUTING.md",
        "broken rules: {}",
        findings.len()
    ))
}

/// Every finding in the project below `root`.
fn findings(root: &Path) -> miette::Result<Vec<Finding>> {
    let mut findings = imports::findings(root)?;
    let explained = cited::explained(root);
    for path in files(root)? {
        let inside = path.strip_prefix(root).into_diagnostic()?;
        // What is not text has no rules.
        if let Ok(text) = std::fs::read_to_string(&path) {
            findings.extend(text::findings(inside, &text));
            findings.extend(places::findings(inside, &text));
            findings.extend(sentences::findings(inside, &text));
            findings.extend(cited::findings(root, inside, &text, &explained));
        }
    }
    Ok(findings)
}

/// The project's own files: nothing built, nothing hidden.
fn files(root: &Path) -> miette::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = || format!("cannot read the folder `{}`", folder.display());
        for entry in std::fs::read_dir(&folder).into_diagnostic().wrap_err_with(failed)? {
            let path = entry.into_diagnostic().wrap_err_with(failed)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is Rust.
fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_keeps_its_rules() {
        let findings = findings(&workspace()).expect("the project can be read");
        let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(told, Vec::<String>::new(), "see `cargo xtask tidy`");
    }

    #[test]
    fn the_project_has_files_to_look_at() {
        let files = files(&workspace()).expect("the project can be read");
        let has = |end: &str| files.iter().any(|path| path.ends_with(end));
        assert!(has("failover-core/src/lib.rs") && has("templates/web.yaml") && has("README.md"));
    }
}
