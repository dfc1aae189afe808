//! What an invocation saw and remembered, in words.

use failover_core::observation::Verdict;
use failover_core::observation::Why;
use failover_core::policy::Floor;
use failover_core::record::{Gate, Ownership, Peak, Slot};
use failover_core::time::age;
use failover_core::{DecisionRecord, Known, Record, Timestamp};
use serde::Serialize;

use crate::numbers::counted;

use super::words::{self, clock, known, lasting, since};

/// One input of a decision.
#[derive(Debug, Serialize)]
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub words: String,
    /// It could be read.
    pub known: bool,
}

/// Every input, the most important first. What is always the same, and says nothing when it is, is left out.
pub fn inputs(record: &DecisionRecord) -> Vec<Input> {
    let (seen, now) = (&record.observation, record.at);
    let mut inputs = vec![
        read("alarm", &seen.alarm, |alarm| words::alarm(now, alarm)),
        read("metric", &seen.datapoints, |points| words::datapoints(now, points)),
        read("primary", &seen.primary, words::group),
        read("standby", &seen.standby, words::group),
        read("DNS", &seen.answer, |answer| words::answer(*answer)),
        read("probe", &seen.probe, |probe| words::probe(*probe)),
        input(
            "way out",
            if seen.egress { "other endpoints answer" } else { "no other endpoint answers" },
        ),
        read("mode", &seen.mode(), |mode| mode.word().to_owned()),
    ];
    if seen.verdict != Known::Unknown(Why::NotAsked) {
        let verdict = |verdict: &Verdict| format!("Route 53 says: {}", verdict.word());
        inputs.push(read("verdict", &seen.verdict, verdict));
    }
    if seen.requests != Known::Unknown(Why::NotAsked) {
        inputs.push(read("requests", &seen.requests, |each| words::requests(*each)));
    }
    match &seen.record {
        Known::Known(held) => inputs.extend(remembered(record, held)),
        Known::Unknown(_) => inputs.push(read("record", &seen.record, |_| String::new())),
    }
    inputs.push(input("settings", settings(record)));
    let ready = [
        known(&seen.readiness.check, |check| words::check(*check)),
        known(&seen.readiness.subscriptions, |all| words::subscriptions(*all)),
    ];
    if seen.readiness != failover_core::observation::Readiness::NOT_ASKED {
        inputs.push(input("readiness", ready.join("; ")));
    }
    inputs
}

fn input(name: &'static str, words: impl Into<String>) -> Input {
    Input { name, words: words.into(), known: true }
}

fn read<T>(name: &'static str, reading: &Known<T>, words: impl FnOnce(&T) -> String) -> Input {
    Input { name, words: known(reading, words), known: reading.known().is_some() }
}

/// What the record says.
fn remembered(record: &DecisionRecord, held: &Record) -> Vec<Input> {
    let now = record.at;
    let mut inputs = vec![
        match held.ownership() {
            Ownership::Ours(raised) => input("ours", words::raised(now, &raised)),
            Ownership::Idle => input("ours", "nothing is raised"),
            Ownership::Unreadable => unreadable("ours"),
        },
        latch(record, held),
    ];
    // Of a failover that is over they say nothing.
    if held.ownership() != Ownership::Idle || record.policy.floor() == Floor::Match {
        inputs.extend(slot("drain", &held.drain, |drain| {
            format!("{}, the last at {}", counted(drain.ticks, "tick"), clock(now, drain.at))
        }));
        inputs.extend(slot("undo", &held.primary, |undo| {
            format!("the primary goes back to min {}, and had desired {}", undo.min, undo.desired)
        }));
    }
    inputs.extend(slot("order", &held.order, |order| {
        format!(
            "{} by {} at {}, for the failover that was raised at {}",
            order.what.word(),
            order.by,
            clock(now, order.at),
            clock(now, order.episode)
        )
    }));
    inputs.extend(slot("failbacks", &held.history, |history| {
        let recent = history.finished.iter().filter(|&&at| age(now, at) < record.policy.day());
        format!("{} within a day", recent.count())
    }));
    inputs.extend(slot("normal", &held.base, |base| {
        format!("{}, recorded at {}", words::sizes(base.sizes), clock(now, base.at))
    }));
    inputs.extend(slot("findings", &held.findings, |told| words::findings(told, "none")));
    inputs.extend(slot("lasting", &held.lasting, |lasting| {
        let since = lasting.since.iter();
        let since =
            since.map(|(finding, at)| format!("{} since {}", finding.word(), clock(now, *at)));
        let words: Vec<_> = since.collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }));
    let bad = held.unreadable();
    if !bad.is_empty() {
        let tags: Vec<_> = bad.iter().map(|key| format!("pilotlight:{key}")).collect();
        inputs.push(Input {
            name: "tags",
            words: format!("unreadable: {}", tags.join(", ")),
            known: false,
        });
    }
    inputs
}

fn unreadable(name: &'static str) -> Input {
    Input { name, words: "unknown: the record cannot be read".to_owned(), known: false }
}

fn slot<T>(name: &'static str, slot: &Slot<T>, words: impl FnOnce(&T) -> String) -> Option<Input> {
    match slot {
        Slot::Absent => None,
        Slot::Held(value) => Some(input(name, words(value))),
        Slot::Unreadable => Some(unreadable(name)),
    }
}

fn latch(record: &DecisionRecord, held: &Record) -> Input {
    if !record.policy.latch() {
        return input("latch", "this site has none");
    }
    match held.gate() {
        None => unreadable("latch"),
        Some(Gate { latch, since: None }) => {
            input("latch", format!("{}, never closed", words::latch(latch)))
        }
        Some(Gate { latch, since: Some(at) }) => {
            input("latch", format!("{} {}", words::latch(latch), since(record.at, at)))
        }
    }
}

/// The numbers that the rules compare with.
fn settings(record: &DecisionRecord) -> String {
    let policy = &record.policy;
    let ring = record.observation.record.known().and_then(|held| held.peak.held());
    let peak = ring.and_then(Peak::max);
    let seen = peak.map_or_else(|| "not sampled yet".to_owned(), |peak| peak.to_string());
    let floor = match policy.floor() {
        Floor::Fixed(floor) => floor.to_string(),
        Floor::Match => "as the load".to_owned(),
    };
    format!(
        "a raise asks for {} (peak {seen}); floor {floor}; hold-down {}; drain {}",
        counted(failover_core::target(policy, &record.observation, record.at), "instance"),
        lasting(policy.hold_down()),
        counted(policy.drain_ticks(), "tick")
    )
}

/// When, as a headline has it.
#[must_use]
pub fn headline_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
