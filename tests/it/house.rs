//! The house rules that a machine can check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Who may import whom inside the workspace. What is not listed may import nothing of it.
const IMPORTS: [(&str, &[&str]); 6] = [
    ("failover-core", &[]),
    ("failover-sim", &["failover-core"]),
    ("failover", &["failover-core"]),
    ("infra-lib", &["failover-core"]),
    ("xtask", &["failover-core", "failover-sim", "infra-lib"]),
    ("e2e", &["failover-core", "failover-sim", "failover", "infra-lib", "xtask"]),
];

/// What a crate must never depend on, by the beginning of the name.
const FORBIDDEN: [(&str, &[&str]); 2] = [
    ("failover-core", &["aws", "tokio", "futures", "async", "rand", "hyper", "lambda"]),
    ("xtask", &["aws"]),
];

/// Folders in which SDK types may be named.
const SDK_ROOMS: [&str; 2] = ["functions/failover/src/aws", "infra-lib/src/cloud/aws"];

/// Longest source file. Units: lines.
const LINES_MAX: usize = 500;

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace")
}

fn root() -> PathBuf {
    metadata().workspace_root.into_std_path_buf()
}

/// Names of the normal and build dependencies of each member.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata().packages.into_iter().map(|package| {
        let shipped = package.dependencies.into_iter();
        let shipped = shipped.filter(|dependency| dependency.kind != DependencyKind::Development);
        (package.name.to_string(), shipped.map(|dependency| dependency.name).collect())
    });
    packages.collect()
}

fn sources(root: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the project can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root, &mut found);
    found
}

/// Goal: the table of ARCHITECTURE.md is what the manifests say. Method: `cargo metadata`.
#[test]
fn crates_import_only_what_the_table_allows() {
    let dependencies = dependencies();
    let members: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = IMPORTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, listed, "every member stands in the table");
    for (name, allowed) in IMPORTS {
        let inside = dependencies[name].iter().filter(|other| members.contains(other.as_str()));
        for other in inside {
            assert!(allowed.contains(&other.as_str()), "{name} may not import {other}");
        }
    }
}

#[test]
fn the_pure_core_and_the_command_keep_away_from_what_is_forbidden() {
    let dependencies = dependencies();
    for (name, forbidden) in FORBIDDEN {
        for other in &dependencies[name] {
            let bad = forbidden.iter().find(|start| other.starts_with(*start));
            assert_eq!(bad, None, "{name} may not depend on {other}");
        }
    }
}

#[test]
fn sdk_types_stay_in_their_rooms() {
    let root = root();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).expect("a source lies below the root");
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let allowed = SDK_ROOMS
            .iter()
            .any(|room| inside.starts_with(room) || inside == Path::new(&format!("{room}.rs")));
        let own_tests =
            inside.starts_with("functions/failover/tests") || inside.starts_with("tests");
        assert!(
            allowed || own_tests || !text.contains(concat!("aws_", "sdk_")),
            "{} names an SDK type",
            inside.display()
        );
    }
}

#[test]
fn no_source_file_is_too_long() {
    let root = root();
    for path in sources(&root) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{}: {lines} lines, at most {LINES_MAX}", path.display());
    }
}
