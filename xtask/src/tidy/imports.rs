//! What a crate may not import, read from the manifests, as far as Cargo does not say it itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use miette::{Context, IntoDiagnostic, miette};
use serde::Deserialize;

use super::Finding;

/// What a crate must never reach, by itself or through the crates of this workspace that it imports, by the beginning of the
/// name. That no import runs upwards Cargo itself demands; ARCHITECTURE.md has the reasons for these.
const NEVER: [(&str, &[&str]); 10] = [
    // No I/O, no clock, no randomness.
    ("failover-core", &["aws", "tokio", "futures", "async", "rand", "hyper", "lambda"]),
    // The Lambda is the core and the SDK.
    ("failover", &["cfn", "failover-sim", "failover-words", "machine", "site"]),
    // What needs no SDK does not wait for one.
    ("failover-sim", &["aws"]),
    ("failover-words", &["aws"]),
    ("check", &["aws"]),
    ("cost", &["aws"]),
    ("diagram", &["aws"]),
    ("python", &["aws"]),
    ("surface", &["aws"]),
    ("xtask", &["aws"]),
];
/// Who alone may import a crate: what changes a site needs no simulator, and nothing but a test needs the Lambda.
const ONLY: [(&str, &[&str]); 2] =
    [("failover-sim", &["bench", "e2e", "pilotlight", "xtask"]), ("failover", &["e2e"])];

/// Who alone may name a crate of AWS's in its manifest: two speak to AWS, and the drill asks for pages with the same client.
const SDK: [&str; 3] = ["cloud", "drill", "failover"];

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
        for (other, only) in ONLY.iter().filter(|(other, _)| dependencies.contains(*other)) {
            if !only.contains(&name.as_str()) {
                note(name, format!("may not import `{other}`: only {} may", only.join(", ")));
            }
        }
        if !SDK.contains(&name.as_str()) {
            for other in dependencies.iter().filter(|other| other.starts_with("aws")) {
                note(name, format!("may not import `{other}`: only {} may", SDK.join(", ")));
            }
        }
        for (_, never) in NEVER.iter().filter(|(listed, _)| listed == name) {
            let bad = |other: &&str| never.iter().any(|start| other.starts_with(start));
            for other in reached(shipped, name).into_iter().filter(bad) {
                note(name, format!("may not depend on `{other}`"));
            }
        }
    }
    findings
}

/// What a member depends on, and what the members that it depends on do.
fn reached<'a>(shipped: &'a Shipped, name: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<&str> = vec![name];
    while let Some(next) = left.pop() {
        for other in shipped.get(next).into_iter().flatten() {
            if reached.insert(other.as_str()) {
                left.push(other);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(imports: &[(&str, &str)]) -> Vec<String> {
        let crates =
            imports.iter().map(|&(name, other)| (name.to_owned(), [other.to_owned()].into()));
        judge(&crates.collect()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_import_against_the_architecture_is_found() {
        assert_eq!(judged(&[("provision", "serde"), ("xtask", "failover-sim")]), [""; 0]);
        assert_eq!(
            judged(&[("provision", "failover-sim")]),
            ["provision: may not import `failover-sim`: only bench, e2e, pilotlight, xtask may"]
        );
        assert_eq!(
            judged(&[("failover-core", "tokio")]),
            ["failover-core: may not depend on `tokio`"]
        );
        assert_eq!(
            judged(&[("provision", "aws-config")]),
            ["provision: may not import `aws-config`: only cloud, drill, failover may"]
        );
        // Also by way of another crate of ours.
        let round = [("check", "site"), ("site", "cloud"), ("cloud", "aws-config")];
        assert_eq!(judged(&round), ["check: may not depend on `aws-config`"]);
    }
}
