//! One decision record, explained: what `explain` shows and writes as JSON.

use failover_core::decision::{Decision, Effect, Latch, StandbyWrite, Step};
use failover_core::invariant::{self, Case};
use failover_core::record::{Cause, Register};
use failover_core::{DecisionRecord, Explanation, Known, Timestamp, explain};
use serde::Serialize;

use super::inputs::{Input, inputs};
use super::summary::summary;
use super::words;

/// One decision, explained.
#[derive(Debug, Serialize)]
pub struct Told {
    /// When it was decided.
    pub at: Timestamp,
    /// For which site.
    pub site: String,
    /// The rule that fired.
    pub reason: &'static str,
    /// What was decided and why.
    pub summary: String,
    /// Why the invocation ran.
    pub signal: String,
    /// What became of the operator's request, if there was one.
    pub reply: Option<String>,
    /// Every write, and what became of it.
    pub writes: Vec<Write>,
    /// What it saw and remembered.
    pub inputs: Vec<Input>,
    /// What says that the primary is down.
    pub evidence: Vec<Evidence>,
    /// Every rule that was looked at, in order; the last one fired.
    pub rules: Vec<Rule>,
    /// What recomputing it offline gives otherwise. Empty: the same verdict.
    pub differences: Vec<Difference>,
    /// The invariants that it breaks.
    pub broken: Vec<Broken>,
}

/// One write.
#[derive(Debug, Serialize)]
pub struct Write {
    /// Where it stands in the order of writes.
    pub step: Step,
    /// What is written.
    pub what: String,
    /// What became of it.
    pub end: End,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// AWS confirmed it.
    Done,
    /// It failed, may have failed, or was refused.
    Failed(String),
    /// It was decided, and an earlier step or the mode kept it from being tried.
    NotTried,
}

/// One piece of evidence.
#[derive(Debug, Serialize)]
pub struct Evidence {
    /// `D1` to `D6`.
    pub number: &'static str,
    /// What it is about.
    pub name: &'static str,
    /// Why it does not count. `None`: it does.
    pub why_not: Option<&'static str>,
}

/// One rule.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// Its number.
    pub number: &'static str,
    /// What it does.
    pub title: &'static str,
    /// Why it did not fire. `None`: it did.
    pub why_not: Option<&'static str>,
}

/// Something that recomputes otherwise.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// Which part of the decision.
    pub part: &'static str,
    /// As it was logged.
    pub logged: String,
    /// As it is now.
    pub recomputed: String,
}

/// A broken invariant.
#[derive(Debug, Serialize)]
pub struct Broken {
    /// Its name in the design.
    pub id: &'static str,
    /// What is wrong.
    pub what: &'static str,
}

/// Name of the invariant that says what [`Told::differences`] says in full.
const RECOMPUTES: &str = "R";

impl Told {
    /// Explains a record.
    #[must_use]
    pub fn of(record: &DecisionRecord) -> Self {
        let DecisionRecord { at, policy, signal, observation, decision, .. } = record;
        let Explanation { evidence, rules, decision: again } =
            explain(policy, signal, observation, *at);
        let counts = evidence.iter().find(|(_, verdict)| verdict.is_ok()).map(|(cause, _)| *cause);
        let case = Case::from(record);
        let broken = invariant::broken(&case).filter(|(id, _)| *id != RECOMPUTES);
        Self {
            at: *at,
            site: record.site.clone(),
            reason: decision.reason.name(),
            summary: summary(record, counts),
            signal: words::signal(*at, signal),
            reply: decision.reply.map(words::reply),
            writes: writes(record),
            inputs: inputs(record),
            evidence: evidence.into_iter().map(weighed).collect(),
            rules: rules
                .into_iter()
                .map(|rule| Rule { number: rule.number, title: rule.title, why_not: rule.skipped })
                .collect(),
            differences: differences(decision, &again),
            broken: broken.map(|(id, what)| Broken { id, what }).collect(),
        }
    }

    /// The same verdict offline, and no broken invariant.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty() && self.broken.is_empty()
    }

    /// A write failed, or may have failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.writes.iter().any(|write| matches!(write.end, End::Failed(_)))
    }
}

fn weighed((cause, verdict): (Cause, Result<(), &'static str>)) -> Evidence {
    Evidence { number: words::number(cause), name: cause.word(), why_not: verdict.err() }
}

/// Every write of a decision in its order, and what became of it.
fn writes(record: &DecisionRecord) -> Vec<Write> {
    let (decision, now) = (&record.decision, record.at);
    let mut writes = Vec::new();
    let mut add = |step, what| writes.push(Write { step, what, end: end(record, step) });
    for register in decision.request.iter().chain(&decision.before) {
        add(Step::Before, words::register(now, register));
    }
    if decision.standby.is_some_and(|write| write.lowers()) {
        add(Step::Recheck, "the alarm and DNS, read again".to_owned());
    }
    if let Some(write) = decision.standby {
        add(Step::Standby, words::standby_write(write));
    }
    if let Some(write) = decision.primary {
        add(Step::Primary, words::primary_write(write));
    }
    for register in &decision.after {
        add(Step::After, words::register(now, register));
    }
    if let Known::Known(latch) = decision.latch {
        add(Step::Latch, format!("the latch's metric: {}", words::latch(put(decision, latch))));
    }
    for notice in decision.notice.iter().chain(&decision.news.notice) {
        add(Step::Notify, format!("notice: {}", notice.subject));
    }
    let told = decision.news.told.iter().cloned().map(Register::Told);
    for register in told.chain(decision.news.lasting.iter().cloned().map(Register::Lasting)) {
        add(Step::Told, words::register(now, &register));
    }
    for (step, _) in &record.outcome.failed {
        if !writes.iter().any(|write| write.step == *step) {
            let what = "nothing that was decided".to_owned();
            writes.push(Write { step: *step, what, end: end(record, *step) });
        }
    }
    writes
}

/// The value that is put for the latch: the recorded one, unless it changes now.
fn put(decision: &Decision, recorded: Latch) -> Latch {
    let acts = decision.effect == Effect::Act;
    let changed = |moves: fn(&Register) -> bool| acts && decision.after.iter().any(moves);
    if changed(|register| matches!(register, Register::Closed(_))) {
        Latch::Closed
    } else if changed(|register| matches!(register, Register::Opened(_))) {
        Latch::Open
    } else {
        recorded
    }
}

fn end(record: &DecisionRecord, step: Step) -> End {
    let outcome = &record.outcome;
    let failed = outcome.failed.iter().find(|(failed, _)| *failed == step);
    let raises = matches!(record.decision.standby, Some(StandbyWrite::Raise(_)));
    match failed {
        // The note of a raise that could not be written before it is written after it.
        Some((_, why)) if step == Step::Before && raises && outcome.done.contains(&Step::After) => {
            End::Failed(format!("{why}; written after the group instead"))
        }
        Some((_, why)) => End::Failed(why.clone()),
        None if outcome.done.contains(&step) => End::Done,
        None => End::NotTried,
    }
}

/// Both in full: a difference may be in a single digit.
fn differences(logged: &Decision, recomputed: &Decision) -> Vec<Difference> {
    type Part = (&'static str, fn(&Decision) -> String);
    let parts: [Part; 11] = [
        ("reason", |decision| format!("{:?}", decision.reason)),
        ("effect", |decision| format!("{:?}", decision.effect)),
        ("reply", |decision| format!("{:?}", decision.reply)),
        ("request", |decision| format!("{:?}", decision.request)),
        ("before", |decision| format!("{:?}", decision.before)),
        ("standby", |decision| format!("{:?}", decision.standby)),
        ("primary", |decision| format!("{:?}", decision.primary)),
        ("after", |decision| format!("{:?}", decision.after)),
        ("latch", |decision| format!("{:?}", decision.latch)),
        ("notice", |decision| format!("{:?}", decision.notice)),
        ("news", |decision| format!("{:?}", decision.news)),
    ];
    let differs = |(part, words): Part| {
        let (logged, recomputed) = (words(logged), words(recomputed));
        (logged != recomputed).then_some(Difference { part, logged, recomputed })
    };
    parts.into_iter().filter_map(differs).collect()
}
