//! What people are told beside what is done: a finding when it appears, once a day while it stands, and when it is gone.
//!
//! One mechanism for whatever goes wrong without an error. It runs in every mode, because a controller that is not armed is
//! itself something to tell. What is told is noted only after it was published, so a notice that was lost is sent again.

use std::collections::BTreeSet;

use crate::decision::{Decision, Effect, News, Notice, Proof, Reason, StandbyWrite};
use crate::finding::Finding;
use crate::observation::{Known, Mode};
use crate::policy::Failback;
use crate::record::{Gone, Lasting, Register, Slot, Told};
use crate::signal::Signal;
use crate::time::{Timestamp, age};

use super::readiness::{answered, condition, patience};
use super::situation::Situation;

/// What people are told now, and what is noted of it.
pub(super) fn news(situation: &Situation<'_>, decision: &Decision) -> News {
    let Some(record) = situation.record() else { return News::NONE };
    if *situation.signal == Signal::Rehearsal {
        return News::NONE;
    }
    let before = record.findings.held().cloned().unwrap_or_default();
    // A raise has no time for more than its own notice, and few readings beside it.
    if decision.effect == Effect::Act && matches!(decision.standby, Some(StandbyWrite::Raise(_))) {
        return raised(situation.now, decision, before);
    }
    // What else is wrong is seen and told by the tick.
    if situation.looks() {
        return News::NONE;
    }
    let held = record.lasting.held().cloned().unwrap_or_default();
    let mut change = Change::new(situation, decision, before, held.clone());
    for &finding in Finding::ALL {
        change.look_at(finding);
    }
    let unreadable = record.lasting == Slot::Unreadable;
    let lasting = (change.lasting != held || unreadable).then(|| change.lasting.clone());
    let (notice, told) = change.told();
    News { notice, told, lasting }
}

/// The notice of a raise tells that a failover is under way.
fn raised(now: Timestamp, decision: &Decision, before: Told) -> News {
    let known = before.findings.contains(&Finding::Failover) && !before.is_gone(Finding::Failover);
    // A floor that follows the load is raised too.
    let fails_over = matches!(decision.reason, Reason::Raise { .. } | Reason::KeepRaised { .. });
    if known || !fails_over {
        return News::NONE;
    }
    let mut told = before;
    if told.findings.is_empty() {
        told.at = now;
    }
    told.findings.insert(Finding::Failover);
    if let Some(gone) = &mut told.gone {
        gone.findings.remove(&Finding::Failover);
    }
    told.gone = told.gone.filter(|gone| !gone.findings.is_empty());
    News { notice: None, told: Some(told), lasting: None }
}

/// What becomes of what people know.
struct Change<'a> {
    situation: &'a Situation<'a>,
    decision: &'a Decision,
    before: Told,
    /// What they know and what is still a question; what was answered is no longer.
    known: BTreeSet<Finding>,
    findings: BTreeSet<Finding>,
    gone: BTreeSet<Finding>,
    resolved: BTreeSet<Finding>,
    lasting: Lasting,
}

impl<'a> Change<'a> {
    fn new(
        situation: &'a Situation<'a>,
        decision: &'a Decision,
        before: Told,
        lasting: Lasting,
    ) -> Self {
        let known: BTreeSet<Finding> = before
            .findings
            .iter()
            .copied()
            .filter(|&finding| !answered(situation, finding, before.at))
            .collect();
        let gone = before.gone.as_ref().map(|gone| gone.findings.clone()).unwrap_or_default();
        let gone = gone.intersection(&known).copied().collect();
        let findings = known.clone();
        Self {
            situation,
            decision,
            before,
            known,
            findings,
            gone,
            resolved: BTreeSet::new(),
            lasting,
        }
    }

    fn look_at(&mut self, finding: Finding) {
        let now = self.situation.now;
        let patience = patience(self.situation, self.decision, finding);
        match condition(self.situation, self.decision, finding) {
            Some(true) => {
                self.gone.remove(&finding);
                let lasted = if patience.is_zero() {
                    true
                } else {
                    let since = self.lasting.since.entry(finding).or_insert(now);
                    // A time in the future is somebody's edit, or a broken clock.
                    *since = (*since).min(now);
                    age(now, *since) >= patience
                };
                if lasted {
                    self.findings.insert(finding);
                }
            }
            Some(false) => {
                self.lasting.since.remove(&finding);
                if self.findings.contains(&finding) {
                    self.gone.insert(finding);
                }
            }
            // Nobody can tell, so whatever was told stays.
            None => {}
        }
        if self.armed_again(finding) && self.findings.remove(&finding) {
            self.gone.remove(&finding);
            self.resolved.insert(finding);
        }
    }

    /// The mode changes by hand only, so its end is told at once.
    fn armed_again(&self, finding: Finding) -> bool {
        matches!(finding, Finding::Unarmed | Finding::Withheld)
            && self.situation.mode == Known::Known(Mode::Armed)
    }

    /// The notice, and what to note once it was published.
    fn told(mut self) -> (Option<Notice>, Option<Told>) {
        let now = self.situation.now;
        let before_gone = self.before.gone.clone();
        let gone_at = match &before_gone {
            Some(gone) if gone.findings == self.gone => gone.at,
            Some(_) | None => now,
        };
        // Something that comes and goes more often than once an hour stays told.
        if age(now, gone_at) >= self.situation.policy.hour() {
            for finding in std::mem::take(&mut self.gone) {
                self.findings.remove(&finding);
                self.resolved.insert(finding);
            }
        }
        let mut new: BTreeSet<_> = self.findings.difference(&self.known).copied().collect();
        let mut resolved = self.resolved.clone();
        let asked = matches!(self.decision.request, Some(Register::Mode(_)));
        if asked {
            // The notice of the request says it.
            new.remove(&Finding::Unarmed);
            resolved.remove(&Finding::Unarmed);
        }
        if self.decision.effect == Effect::Act && self.decision.notice.is_some() {
            // The notice of the step says it; and if it is lost, this is not noted either.
            new.remove(&Finding::Failover);
            if matches!(self.decision.reason, Reason::Adopt { .. }) {
                self.findings.insert(Finding::Failover);
                self.gone.remove(&Finding::Failover);
            }
            if self.decision.reason == Reason::Finish {
                self.findings.remove(&Finding::Failover);
                self.gone.remove(&Finding::Failover);
            }
        }
        let standing: BTreeSet<_> = self
            .findings
            .intersection(&self.known)
            .copied()
            .filter(|finding| !self.gone.contains(finding))
            .collect();
        let due = age(now, self.before.at) >= self.situation.policy.day() && !standing.is_empty();
        let tells = !new.is_empty() || !resolved.is_empty() || due;
        let notice = tells.then(|| self.notice(&new, &resolved, &standing));
        let first = self.before.findings.is_empty() && !self.findings.is_empty();
        let spoken = tells || first || asked && self.findings != self.before.findings;
        let any_gone = !self.gone.is_empty();
        let gone = any_gone.then_some(Gone { findings: self.gone, at: gone_at });
        let at = if spoken { now } else { self.before.at };
        let told = Told { findings: self.findings, at, gone };
        (notice, (told != self.before).then_some(told))
    }

    fn notice(
        &self,
        new: &BTreeSet<Finding>,
        resolved: &BTreeSet<Finding>,
        standing: &BTreeSet<Finding>,
    ) -> Notice {
        let listed = |findings: &BTreeSet<Finding>| {
            let lines: Vec<_> = findings.iter().map(|&finding| self.line(finding)).collect();
            lines.join("\n")
        };
        let words = |findings: &BTreeSet<Finding>| {
            let words: Vec<_> = findings.iter().map(|finding| finding.word()).collect();
            words.join(", ")
        };
        let counted = |findings: &BTreeSet<Finding>| match findings.first() {
            Some(first) if findings.len() > 1 => {
                format!("{}, and {} more", first.subject(), findings.len() - 1)
            }
            Some(only) => only.subject().to_owned(),
            None => String::new(),
        };
        let subject = if !new.is_empty() {
            counted(new)
        } else if !resolved.is_empty() {
            format!("resolved: {}", words(resolved))
        } else {
            format!("reminder: {}", counted(standing))
        };
        let mut parts = Vec::new();
        if !new.is_empty() {
            parts.push(format!("New:\n{}", listed(new)));
        }
        if !resolved.is_empty() {
            parts.push(format!("Resolved: {}.", words(resolved)));
        }
        if new.is_empty() && resolved.is_empty() {
            parts.push(format!("Still open after a day:\n{}", listed(standing)));
        } else if !standing.is_empty() {
            parts.push(format!("Still open: {}.", words(standing)));
        }
        Notice { subject, body: parts.join("\n") }
    }

    fn line(&self, finding: Finding) -> String {
        let manual = self.situation.policy.failback() == Failback::Manual;
        let more = if finding == Finding::Held {
            format!(" It waits because {}.", because(&self.decision.reason))
        } else if finding == Finding::Approval && manual {
            " `failback` is `manual`: release it with cargo xtask failback instead.".to_owned()
        } else if let Finding::Unarmed | Finding::Withheld = finding
            && let Known::Known(mode) = self.situation.mode
        {
            format!(" The mode is {}.", mode.word())
        } else {
            String::new()
        };
        format!("- {}: {}{more}", finding.word(), finding.text())
    }
}

/// Why a failover is not finished, as the rest of "because …".
fn because(reason: &Reason) -> String {
    match reason {
        Reason::AlreadyRaised { .. } | Reason::Raise { .. } => {
            "the primary is still down, or an operator's failover stands".to_owned()
        }
        Reason::Proving { missing, .. } => {
            format!("the primary is not proven up: {}", lacking(*missing))
        }
        Reason::AwaitingApproval => "a person must release the failback".to_owned(),
        Reason::Prewarm { demand } => {
            format!("the primary's minimum is to be raised to {demand}, and AWS may refuse it")
        }
        Reason::Prewarming { healthy, demand } => {
            format!("the primary has {healthy} healthy servers of the {demand} that it needs")
        }
        Reason::Draining { ticks, needed } => {
            format!(
                "DNS has named the primary on {ticks} ticks in a row, of {needed} that it takes"
            )
        }
        Reason::Busy { .. } => {
            "clients still ask the standby for pages, or their requests cannot be counted"
                .to_owned()
        }
        Reason::Frozen | Reason::NotArmed { .. } => "the mode is not armed".to_owned(),
        Reason::PrimaryUnreadable { why } => {
            format!("the primary group cannot be read: {}", why.word())
        }
        Reason::RecordUnreadable => "a tag of the record cannot be read".to_owned(),
        Reason::StandbyUnreadable { .. }
        | Reason::Adopt { .. }
        | Reason::Looked
        | Reason::CloseLatch
        | Reason::KeepRaised { .. }
        | Reason::OpenLatch
        | Reason::LowerMin
        | Reason::LowerDesired
        | Reason::Finish
        | Reason::Sample { .. }
        | Reason::Follow { .. }
        | Reason::LowerFloor { .. }
        | Reason::Blind
        | Reason::Idle => format!("the step {} is under way, or AWS refuses it", reason.name()),
    }
}

const fn lacking(missing: Proof) -> &'static str {
    match missing {
        Proof::Alarm => "the alarm does not read OK",
        Proof::Sight => "the health check has no data",
        Proof::Age => "the alarm has not been OK for the hold-down",
        Proof::Datapoints => "the metric has a gap or a 0 within the hold-down",
        Proof::Probe => "the controller's own probe does not reach it",
        Proof::Verdict => "Route 53's verdict does not read healthy, or cannot be read",
        Proof::Raise => "the last raise may still be under way",
    }
}
