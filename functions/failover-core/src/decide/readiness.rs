//! Findings: told once when they appear and once when they are gone.

use std::collections::BTreeSet;

use crate::decision::{Decision, Effect, Notice, Proof, Reason};
use crate::finding::Finding;
use crate::observation::{Known, Probe, Why};
use crate::record::{Ownership, Register, Told};
use crate::signal::Signal;
use crate::time::age;

use super::situation::Situation;

/// Adds what has changed since people were last told.
///
/// What is new is told at once, what is gone only after an hour: something that comes and goes is told once an hour at most.
pub(super) fn report(situation: &Situation<'_>, decision: &mut Decision) {
    let Some(record) = situation.record() else { return };
    let silent = decision.effect == Effect::Report || decision.reason == Reason::Frozen;
    if silent || *situation.signal == Signal::Rehearsal {
        return;
    }
    let told = record.findings.held().cloned().unwrap_or_default();
    let forgets = age(situation.now, told.at) >= situation.policy.peace();
    let mut findings = told.findings.clone();
    for finding in Finding::ALL {
        match present(situation, decision, finding) {
            Some(true) => _ = findings.insert(finding),
            Some(false) if forgets => _ = findings.remove(&finding),
            Some(false) | None => {}
        }
    }
    if findings == told.findings {
        return;
    }
    let text = notice(&told.findings, &findings);
    decision.notice = Some(match decision.notice.take() {
        None => text,
        Some(Notice { subject, body }) => {
            Notice { subject, body: format!("{body}\n\nAlso: {}\n{}", text.subject, text.body) }
        }
    });
    decision.after.push(Register::Told(Told { findings, at: situation.now }));
}

/// Whether it is there now. `None`: nobody can tell, so whatever was told stays.
fn present(situation: &Situation<'_>, decision: &Decision, finding: Finding) -> Option<bool> {
    let observation = situation.observation;
    let raised = match situation.ownership() {
        Ownership::Ours(raised) => Some(raised),
        Ownership::Idle => None,
        Ownership::Unreadable => return (finding == Finding::Record).then_some(true),
    };
    match finding {
        Finding::Approval => Some(decision.reason == Reason::AwaitingApproval),
        Finding::Blind => {
            let stale = observation.datapoints.known().map(|points| situation.stale(points));
            match (observation.alarm, situation.alarm_blind(), stale) {
                // Deleted, or out of our reach: neither passes by itself, as a slow answer does.
                (Known::Unknown(Why::Empty | Why::Denied), ..) | (_, Some(true), _) => Some(true),
                (_, Some(false), stale) => stale,
                (_, None, _) => None,
            }
        }
        Finding::Actions => observation.alarm.known().map(|alarm| !alarm.actions),
        Finding::Disabled => observation.readiness.check.known().map(|check| check.disabled),
        Finding::Inverted => observation.readiness.check.known().map(|check| check.inverted),
        Finding::Unconfirmed => {
            let receivers = observation.readiness.subscriptions.known()?;
            Some(receivers.pending > 0 || receivers.confirmed == 0)
        }
        Finding::Suspended => Some(situation.live.suspended),
        Finding::Starved => {
            let Some(raised) = raised else { return Some(false) };
            let late = age(situation.now, raised.at) >= situation.policy.starved();
            situation.live.healthy.known().map(|&healthy| late && healthy < situation.live.desired)
        }
        Finding::Capacity => {
            let peak = situation.peak();
            Some(situation.policy.wanted(peak) > situation.policy.capacity_max())
        }
        Finding::Primary => {
            let primary = observation.primary.known()?;
            Some(raised.is_some() && primary.max < situation.demand())
        }
        Finding::Stale => {
            let hour = situation.policy.peace();
            let old = situation.record()?.peak.held().is_some_and(|peak| {
                age(situation.now, peak.sampled_at(hour)) > situation.policy.day() + hour
            });
            raised.is_none().then_some(old)
        }
        Finding::Probe => match (&decision.reason, observation.probe) {
            (Reason::Proving { missing: Proof::Probe, .. }, _) => Some(true),
            (_, Known::Known(Probe::Up)) => Some(false),
            (_, Known::Known(Probe::Down) | Known::Unknown(_)) => None,
        },
        Finding::Record => Some(!situation.record()?.unreadable().is_empty()),
    }
}

fn notice(before: &BTreeSet<Finding>, after: &BTreeSet<Finding>) -> Notice {
    let line = |finding: &Finding| format!("- {}: {}", finding.word(), finding.text());
    let listed =
        |findings: Vec<&Finding>| findings.into_iter().map(line).collect::<Vec<_>>().join("\n");
    let new: Vec<_> = after.difference(before).collect();
    let gone: Vec<_> = before.difference(after).map(|finding| finding.word()).collect();
    let subject = match new[..] {
        [] => format!("mended: {}", gone.join(", ")),
        [only] => only.subject().to_owned(),
        [first, ..] => format!("{}, and {} more", first.subject(), new.len() - 1),
    };
    let mut parts = Vec::new();
    if !new.is_empty() {
        parts.push(format!("New:\n{}", listed(new)));
    }
    if !gone.is_empty() {
        parts.push(format!("Mended: {}.", gone.join(", ")));
    }
    let open: Vec<_> = after.intersection(before).map(|finding| finding.word()).collect();
    if !open.is_empty() {
        parts.push(format!("Still open: {}.", open.join(", ")));
    }
    Notice { subject, body: parts.join("\n") }
}
