//! `explain`: why the controller decided as it did, from its log, and whether it would today.

mod log;
mod text;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read as _};
use std::path::{Path, PathBuf};

use failover_core::decision::Proof;
use failover_core::invariant::{self, Verdict};
use failover_core::{Reason, Timestamp};
use miette::{Context, IntoDiagnostic};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{ExplainFlags, Flags};
use surface::output;
use surface::sheet::Sheet;

use crate::site;
use failover_words::numbers::counted;

use self::log::Unreadable;
use failover_words::Told;

const STDIN: &str = "-";
const OTHER_VERSION: &str = "a record that another version of the controller wrote is explained by that version: \
                             check its commit out and run this again";
const OTHER_RULES: &str = "another version of the rules wrote it, or the log was edited; check out the commit that is deployed and run this \
                           again: if it differs there too, it is a bug";
const FREEZE: &str = "set the mode to `frozen` until it is understood: the tag `pilotlight:mode` of the standby group";

/// What a log tells.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The decisions that are shown, oldest first.
    pub decisions: Vec<Told>,
    /// Every decision of the log in short, shown or not.
    pub course: Vec<Stretch>,
    /// Decisions in the log, shown or not.
    pub found: usize,
    /// Lines of the log without a decision.
    pub skipped: usize,
    /// Decision records that are there and cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The invariants over every decision of the log, shown or not.
    pub invariants: Vec<Verdict>,
}

pub async fn run(flags: &Flags, explain: &ExplainFlags) -> miette::Result<Exit> {
    let text = read(flags, &explain.file).await?;
    let found = log::find(&text);
    if found.records.is_empty() {
        return Err(nothing(flags, &explain.file, &found));
    }
    let explained = Explained::of(found, explain);
    let exit = output::print(flags.format, &explained, |out| {
        text::write(out, &Sheet::output(), &explained)
    })?;
    explained.judged().map_or(Ok(exit), Err)
}

/// Reads a file or standard input, whatever it holds.
async fn read(flags: &Flags, file: &Path) -> miette::Result<String> {
    let name = shown(file);
    let path: Option<PathBuf> = (file.as_os_str() != STDIN).then(|| file.to_owned());
    if path.is_none() && io::stdin().is_terminal() {
        output::note("reads decision records from standard input; end with Ctrl-D");
    }
    // Not on this thread: Ctrl-C must end a wait for standard input.
    let bytes = tokio::task::spawn_blocking(move || bytes(path.as_deref()));
    let bytes = bytes.await.into_diagnostic()?;
    let bytes =
        bytes.map_err(|error| miette::miette!(code = "explain", help = how(flags), "{error}"));
    let bytes = bytes.wrap_err_with(|| format!("cannot read {name}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The whole of a file, or of standard input.
fn bytes(path: Option<&Path>) -> io::Result<Vec<u8>> {
    let Some(path) = path else {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    };
    std::fs::read(path)
}

fn shown(file: &Path) -> String {
    if file.as_os_str() == STDIN {
        "standard input".to_owned()
    } else {
        format!("`{}`", file.display())
    }
}

fn nothing(flags: &Flags, file: &Path, found: &log::Found) -> miette::Report {
    let name = shown(file);
    if let Some(Unreadable { line, why }) = found.unreadable.first() {
        return miette::miette!(
            code = "explain",
            help = OTHER_VERSION,
            "no decision record in {name} can be read; the first is on line {line}: {why}"
        );
    }
    let lines = match found.skipped {
        0 => "it is empty".to_owned(),
        skipped => format!("looked through {}", counted(skipped as u64, "line")),
    };
    miette::miette!(code = "explain", help = how(flags), "no decision record in {name}: {lines}")
}

/// Where the records are, by name if the site file says it.
fn how(flags: &Flags) -> String {
    let (name, region) = site::load(flags).map_or_else(
        |_| ("SITE".to_owned(), "STANDBY-REGION".to_owned()),
        |site| (site.config.name.to_string(), site.standby_region().to_string()),
    );
    format!(
        "the controller logs a decision record on each invocation, so give its log:\n  aws logs tail \
         /aws/lambda/{name}-controller --region {region} --since 1h | cargo xtask explain -"
    )
}

impl Explained {
    fn of(found: log::Found, flags: &ExplainFlags) -> Self {
        let log::Found { mut records, skipped, unreadable } = found;
        // The streams of a log are saved one after the other; equal times keep their order.
        records.sort_by_key(|record| record.at);
        let mut decisions = Vec::new();
        let mut course: Vec<Stretch> = Vec::new();
        // BOUND: one entry for each site in the log.
        let mut newest: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &records {
            let told = Told::of(record);
            let kind = kind(&record.decision.reason);
            let running = newest.get(record.site.as_str()).copied();
            let running = running.filter(|index| course[*index].kind == kind);
            let index = running.unwrap_or(course.len());
            if running.is_none() {
                newest.insert(&record.site, index);
                course.push(Stretch::begun(&told, kind));
            }
            course[index].add(&told);
            if running.is_none() || !flags.changes || told.has_failed() || !told.is_sound() {
                decisions.push(told);
            }
        }
        let invariants = invariant::verify(&records);
        let first_shown =
            flags.last.map_or(0, |last| decisions.len().saturating_sub(usize::from(last.get())));
        let mut number = 0..;
        // What is wrong is shown, whatever was asked for.
        decisions
            .retain(|told| number.next().is_some_and(|n| n >= first_shown) || !told.is_sound());
        Self { decisions, course, found: records.len(), skipped, unreadable, invariants }
    }

    /// What is wrong with the log, if anything.
    fn judged(&self) -> Option<miette::Report> {
        let differ = self.decisions.iter().filter(|told| !told.differences.is_empty()).count();
        let broken = self.decisions.iter().filter(|told| !told.broken.is_empty()).count();
        let of = counted(self.found as u64, "decision");
        if differ > 0 {
            return Some(miette::miette!(
                code = "explain",
                help = OTHER_RULES,
                "{differ} of {of} recomputed to another verdict"
            ));
        }
        if broken > 0 {
            return Some(miette::miette!(
                code = "explain",
                help = FREEZE,
                "{broken} of {of} broke an invariant"
            ));
        }
        (!self.unreadable.is_empty()).then(|| {
            let count = self.unreadable.len();
            miette::miette!(
                code = "explain",
                help = OTHER_VERSION,
                "{count} decision records could not be read"
            )
        })
    }
}

/// Decisions of one site in a row, for the same reason.
#[derive(Debug, Serialize)]
pub struct Stretch {
    /// Whose.
    pub site: String,
    /// The first one.
    pub from: Timestamp,
    /// The last one.
    pub until: Timestamp,
    /// How many.
    pub decisions: usize,
    /// The rule that fired.
    pub reason: &'static str,
    /// What the last one decided and why.
    pub summary: String,
    /// How many had a write that failed.
    pub failed: usize,
    /// How many recompute otherwise or break an invariant.
    pub unsound: usize,
    #[serde(skip)]
    kind: Kind,
}

impl Stretch {
    fn begun(told: &Told, kind: Kind) -> Self {
        let (site, summary, reason) = (told.site.clone(), String::new(), told.reason);
        let (from, until) = (told.at, told.at);
        Self { site, from, until, decisions: 0, reason, summary, failed: 0, unsound: 0, kind }
    }

    fn add(&mut self, told: &Told) {
        self.until = told.at;
        self.summary.clone_from(&told.summary);
        self.decisions += 1;
        self.failed += usize::from(told.has_failed());
        self.unsound += usize::from(!told.is_sound());
    }
}

type Kind = (&'static str, Option<Proof>);

/// What makes a reason another one: not the numbers in it, which count down each minute.
fn kind(reason: &Reason) -> Kind {
    let missing = if let Reason::Proving { missing, .. } = reason { Some(*missing) } else { None };
    (reason.name(), missing)
}
