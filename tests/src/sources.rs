//! The project's own sources and pages, for the tests that hold what is written in them.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose files are none of ours.
const FOREIGN: [&str; 3] = ["target", ".git", ".pilotlight"];

/// The folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("it is there")
}

/// A text file of the project.
#[derive(Debug)]
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// Whether it is part of a test only.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let path = self.path.as_str();
        path.contains("/tests/") || path.starts_with("tests/") || path.ends_with("tests.rs")
    }

    /// What of a Rust source ends up in the program: without comments, without tests, with each text on one line.
    #[must_use]
    pub fn shipped(&self) -> String {
        let own = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = own.lines().filter(|line| !line.trim_start().starts_with("//"));
        let mut shipped = String::new();
        let mut is_continued = false;
        for line in lines {
            let line = if is_continued { line.trim_start() } else { line };
            is_continued = line.ends_with('\\');
            shipped.push_str(line.trim_end_matches('\\'));
            if !is_continued {
                shipped.push('\n');
            }
        }
        shipped
    }
}

/// Every file of the project with this ending, in the order of their paths.
#[must_use]
pub fn files(ending: &str) -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    walk(&root, ending, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("it is text");
        let path = path.strip_prefix(&root).expect("it is below the root");
        Source { path: path.to_string_lossy().replace('\\', "/"), text }
    };
    paths.into_iter().map(read).collect()
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !FOREIGN.contains(&name.as_ref()) {
            walk(&path, ending, found);
        } else if path.is_file() && path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
}

/// Whether a test stands where its name says: `fresh::name` in a crate below `infra-lib`, `e2e: races::name` or
/// `drill: prober::name` in the crate that is named.
#[must_use]
pub fn has_test(sources: &[Source], name: &str) -> bool {
    let (crate_name, path) = name.split_once(": ").unwrap_or(("infra-lib", name));
    let folder = match crate_name {
        "e2e" => "tests/it/".to_owned(),
        "infra-lib" | "xtask" => crate_name.to_owned(),
        "failover-core" | "failover" | "failover-sim" => format!("functions/{crate_name}/"),
        _ => format!("infra-lib/{crate_name}/"),
    };
    has_test_in(sources, &folder, path)
}

fn has_test_in(sources: &[Source], folder: &str, path: &str) -> bool {
    let Some((module, name)) = path.rsplit_once("::") else { return false };
    let module = module.replace("::", "/");
    let files = [format!("/{module}.rs"), format!("/{module}/mod.rs")];
    let inner = module.strip_suffix("/tests").map(|module| format!("/{module}.rs"));
    let mut sources = sources.iter().filter(|source| {
        let path = format!("/{}", source.path);
        source.path.starts_with(folder)
            && files.iter().chain(&inner).any(|file| path.ends_with(file.as_str()))
    });
    let called = [format!("fn {name}()"), format!("fn {name}(\n")];
    sources.any(|source| called.iter().any(|called| source.text.contains(called.as_str())))
}
