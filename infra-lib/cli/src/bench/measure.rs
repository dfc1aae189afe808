//! Builds what is measured, installs what it is compared with, and runs both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use drill_local::stage::host_architecture;
use machine::{target, workspace};
use miette::{Context, IntoDiagnostic};
use package::{Beside, Package, Runs, package};
use python::{Venv, VenvSettings};
use surface::output;
use tokio::process::Command;

use super::Counts;
use super::report::Samples;
use super::rows::{FAILOVERS, Group, SCOPE};
use super::{deploy, recovery};

/// Decisions under valgrind: what the greater number counts more is theirs alone.
const SPINS: [u32; 2] = [1_000, 3_000];

/// Measures one group after the other.
#[derive(Debug)]
pub struct Measurer {
    counts: Counts,
    folder: PathBuf,
    package: Option<Package>,
    bench: Option<PathBuf>,
    /// What was measured.
    pub samples: Samples,
    /// Rows that could not be measured, and why.
    pub missing: BTreeMap<&'static str, String>,
}

impl Measurer {
    /// Nothing measured so far; files go into the folder.
    pub fn new(counts: Counts, folder: PathBuf) -> Self {
        let (samples, missing) = (Samples::new(), BTreeMap::new());
        Self { counts, folder, package: None, bench: None, samples, missing }
    }

    /// Measures everything of a group.
    pub async fn measure(&mut self, group: Group) -> miette::Result<()> {
        let runs = self.counts.runs.to_string();
        match group {
            Group::Lambda => self.lambda().await,
            Group::Package => {
                #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
                let size = self.package().await?.size as f64;
                self.keep([("zip".to_owned(), vec![size])]);
                Ok(())
            }
            Group::Decide => self.bench(&["decide", "--runs", &runs]).await,
            Group::Count => self.instructions().await,
            Group::Model => self.bench(&["model", "--runs", &runs, "--scope", SCOPE]).await,
            Group::Simulate => self.simulate(&runs).await,
            Group::Recovery => {
                output::note("modelled recovery of three strategies");
                self.keep(recovery::measure()?);
                Ok(())
            }
            Group::Deploy => {
                let code = self.package().await?.code();
                let measured = deploy::measure(code, self.counts.deploys, &self.folder).await?;
                self.keep(measured);
                Ok(())
            }
        }
    }

    fn keep(&mut self, measured: impl IntoIterator<Item = (String, Vec<f64>)>) {
        for (name, values) in measured {
            self.samples.entry(name).or_default().extend(values);
        }
    }

    async fn lambda(&mut self) -> miette::Result<()> {
        let target = target();
        let settings = VenvSettings {
            name: "bench",
            purpose: "boto3, the yardstick",
            requirements: include_str!("../../../../tools/bench.txt"),
            target: &target,
        };
        let venv = Venv::prepare(settings, |words| output::note(words)).await?;
        self.package().await?;
        build("lambda", "hello").await?;
        let program = |name: &str| target.join("lambda").join(name).display().to_string();
        let handler = workspace().join("bench/boto3_handler.py").display().to_string();
        let (rounds, warm) = (self.counts.rounds.to_string(), self.counts.warm.to_string());
        let (failover, hello) = (program("failover"), program("hello"));
        let python = venv.python().display().to_string();
        let scratch = self.folder.display().to_string();
        let flags = [
            ["--failover", &failover],
            ["--hello", &hello],
            ["--python", &python],
            ["--handler", &handler],
            ["--scratch", &scratch],
            ["--rounds", &rounds],
            ["--warm", &warm],
        ];
        self.bench(&[&["lambda"], flags.as_flattened()].concat()).await
    }

    /// The same seed in every run: how many different results came out, and whether another seed gives another.
    async fn simulate(&mut self, runs: &str) -> miette::Result<()> {
        let count = FAILOVERS.to_string();
        // Twice, so that two processes play the same seed.
        for _ in 0..2 {
            self.bench(&["simulate", "--runs", runs, "--count", &count]).await?;
        }
        let bits = |name: &str| {
            let values = self.samples.get(name).into_iter().flatten();
            values.map(|value| value.to_bits()).collect::<std::collections::BTreeSet<_>>()
        };
        let (same, other) = (bits("simulate.digest"), bits("simulate.other"));
        if !same.is_disjoint(&other) {
            return Err(miette::miette!(
                "two seeds gave the same failovers: the digest sees nothing"
            ));
        }
        let results = u32::try_from(same.len()).map_or(f64::INFINITY, f64::from);
        self.keep([("simulate.results".to_owned(), vec![results])]);
        Ok(())
    }

    async fn instructions(&mut self) -> miette::Result<()> {
        if Command::new("valgrind").arg("--version").output().await.is_err() {
            let why = "valgrind is not installed: `apt-get install valgrind`";
            self.missing.insert("instructions", why.to_owned());
            return Ok(());
        }
        let bench = self.program().await?;
        output::note("counting the instructions of a decision under valgrind");
        let fewer = instructions(&bench, SPINS[0]).await?;
        let more = instructions(&bench, SPINS[1]).await?;
        let each = (more - fewer) / f64::from(SPINS[1] - SPINS[0]);
        self.keep([("instructions".to_owned(), vec![each])]);
        Ok(())
    }

    async fn package(&mut self) -> miette::Result<Package> {
        if self.package.is_none() {
            output::note("building the Lambda as it ships; the first time this takes minutes");
            self.package = Some(package(host_architecture(), Beside::default(), Runs::Here).await?);
        }
        self.package.clone().ok_or_else(|| miette::miette!("the Lambda was not built"))
    }

    async fn program(&mut self) -> miette::Result<PathBuf> {
        if self.bench.is_none() {
            output::note("building what measures");
            build("release", "bench").await?;
            self.bench = Some(target().join("release/bench"));
        }
        self.bench.clone().ok_or_else(|| miette::miette!("`bench` was not built"))
    }

    /// Runs the program that measures, and keeps what it found.
    async fn bench(&mut self, arguments: &[&str]) -> miette::Result<()> {
        let program = self.program().await?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let output = command.output().await.into_diagnostic();
        let output = output.wrap_err("cannot start what measures")?;
        if !output.status.success() {
            return Err(miette::miette!("`bench {}` failed: {}", arguments[0], output.status));
        }
        let measured: Samples = serde_json::from_slice(&output.stdout).into_diagnostic()?;
        self.keep(measured);
        Ok(())
    }
}

async fn build(profile: &str, package: &str) -> miette::Result<()> {
    let mut command = Command::new("cargo");
    command.args(["build", "--profile", profile, "--package", package]).current_dir(workspace());
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let status = command.status().await.into_diagnostic().wrap_err("cannot start `cargo`")?;
    if status.success() {
        return Ok(());
    }
    Err(miette::miette!("cargo could not build `{package}`: {status}"))
}

/// Instructions of a process that decides so often.
async fn instructions(bench: &Path, times: u32) -> miette::Result<f64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    command.arg(bench).args(["spin", "--times", &times.to_string()]);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.into_diagnostic().wrap_err("cannot start `valgrind`")?;
    let told = String::from_utf8_lossy(&output.stderr);
    counted(&told).ok_or_else(|| miette::miette!("valgrind counted nothing:\n{told}"))
}

/// From a line such as `==7== I   refs:      12,345,678`.
fn counted(told: &str) -> Option<f64> {
    let line = told.lines().find(|line| line.contains('I') && line.contains("refs:"))?;
    line.split_once("refs:")?.1.trim().replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valgrinds_count_is_read() {
        let told = "==7== Cachegrind\n==7== \n==7== I   refs:      12,345,678\n";
        assert_eq!(counted(told), Some(12_345_678.0));
        assert_eq!(counted("==7== error\n"), None);
    }
}
