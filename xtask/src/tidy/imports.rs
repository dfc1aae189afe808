//! Who may import whom, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use miette::{Context, IntoDiagnostic, miette};
use serde::Deserialize;

use super::Finding;

/// Who may import whom inside the workspace. What is not listed may import nothing of it; ARCHITECTURE.md has the reasons.
const IMPORTS: [(&str, &[&str]); 25] = [
    ("cfn", &[]),
    ("site", &["cfn", "failover-core"]),
    ("check", &["cfn", "failover-core", "site"]),
    ("cost", &["cfn", "failover-core", "site"]),
    ("diagram", &["cfn", "failover-core", "site"]),
    ("machine", &["failover-core"]),
    ("python", &[]),
    ("package", &["machine", "site"]),
    ("cloud", &["cfn", "failover-core", "machine", "site"]),
    ("provision", &["cfn", "check", "cloud", "failover-core", "machine", "site"]),
    (
        "operate",
        &["cloud", "cost", "failover-core", "failover-words", "machine", "provision", "site"],
    ),
    (
        "doctor",
        &[
            "cfn",
            "check",
            "cloud",
            "failover-core",
            "machine",
            "package",
            "provision",
            "python",
            "site",
        ],
    ),
    (
        "drill",
        &[
            "cloud",
            "doctor",
            "failover-core",
            "failover-words",
            "machine",
            "operate",
            "provision",
            "site",
        ],
    ),
    ("drill-local", &["cloud", "drill", "failover-core", "machine", "provision", "python", "site"]),
    ("sample", &["cloud", "failover-core", "provision", "site"]),
    ("surface", &["check", "cost", "failover-core", "machine", "site"]),
    (
        "pilotlight",
        &[
            "check",
            "cloud",
            "cost",
            "diagram",
            "doctor",
            "drill",
            "drill-local",
            "failover-core",
            "failover-sim",
            "failover-words",
            "machine",
            "operate",
            "package",
            "provision",
            "python",
            "site",
            "surface",
        ],
    ),
    (
        "xtask",
        &[
            "cfn",
            "failover-core",
            "failover-sim",
            "failover-words",
            "machine",
            "python",
            "site",
            "surface",
        ],
    ),
    ("failover-core", &[]),
    ("failover-sim", &["failover-core"]),
    ("failover-words", &["failover-core"]),
    ("failover", &["failover-core"]),
    ("hello", &[]),
    ("bench", &["failover-core", "failover-sim"]),
    (
        "e2e",
        &[
            "cloud",
            "drill",
            "drill-local",
            "failover",
            "failover-core",
            "failover-sim",
            "machine",
            "operate",
            "package",
            "provision",
            "python",
            "site",
        ],
    ),
];

/// What a crate must never depend on, by the beginning of the name.
const FORBIDDEN: [(&str, &[&str]); 7] = [
    ("failover-core", &["aws", "tokio", "futures", "async", "rand", "hyper", "lambda"]),
    ("pilotlight", &["aws"]),
    // What contributors run compiles nothing of the SDK: of the crates that `xtask` imports, none does.
    ("xtask", &["aws"]),
    ("surface", &["aws"]),
    ("machine", &["aws"]),
    ("python", &["aws"]),
    ("site", &["aws"]),
];

/// The part of `cargo metadata` that matters here.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `None` is a normal one, which ships.
    kind: Option<String>,
}

/// Names of the dependencies of each member, without those of its tests.
type Shipped = BTreeMap<String, BTreeSet<String>>;

pub fn findings(root: &Path) -> miette::Result<Vec<Finding>> {
    Ok(judge(&shipped(root)?))
}

fn shipped(root: &Path) -> miette::Result<Shipped> {
    let answer = machine::cargo()
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .into_diagnostic()
        .wrap_err("cannot start `cargo metadata`")?;
    if !answer.status.success() {
        return Err(miette!("cargo metadata fails: {}", String::from_utf8_lossy(&answer.stderr)));
    }
    let metadata: Metadata = serde_json::from_slice(&answer.stdout)
        .into_diagnostic()
        .wrap_err("cargo metadata answers something else than it documents")?;
    let packages = metadata.packages.into_iter().map(|package| {
        let shipped = package.dependencies.into_iter();
        let shipped = shipped.filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        (package.name, shipped.map(|dependency| dependency.name).collect())
    });
    Ok(packages.collect())
}

fn judge(shipped: &Shipped) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note =
        |name: &str, what| findings.push(Finding { place: name.to_owned(), line: None, what });
    for (name, dependencies) in shipped {
        let Some((_, allowed)) = IMPORTS.iter().find(|(listed, _)| listed == name) else {
            note(name, "is not in the table of imports: `xtask/src/tidy/imports.rs`".to_owned());
            continue;
        };
        let ours = dependencies.iter().filter(|other| shipped.contains_key(*other));
        for other in ours.filter(|other| !allowed.contains(&other.as_str())) {
            note(name, format!("may not import `{other}`"));
        }
        for (_, forbidden) in FORBIDDEN.iter().filter(|(listed, _)| listed == name) {
            let bad = |other: &&String| forbidden.iter().any(|start| other.starts_with(start));
            for other in dependencies.iter().filter(bad) {
                note(name, format!("may not depend on `{other}`"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, dependency: &str) -> Vec<String> {
        let mut shipped = Shipped::from([(name.to_owned(), [dependency.to_owned()].into())]);
        shipped.insert("failover-sim".to_owned(), BTreeSet::new());
        judge(&shipped).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_import_against_the_house_plan_is_found() {
        assert_eq!(judged("provision", "serde"), Vec::<String>::new());
        assert_eq!(judged("xtask", "failover-sim"), Vec::<String>::new());
        assert_eq!(
            judged("provision", "failover-sim"),
            ["provision: may not import `failover-sim`"]
        );
        assert_eq!(judged("failover-core", "tokio"), ["failover-core: may not depend on `tokio`"]);
        assert_eq!(judged("stranger", "serde").len(), 1);
    }
}
