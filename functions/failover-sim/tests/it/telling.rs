//! Never silent: a week of each sequence in which nothing goes on, and when people are told of it, although notices are lost.

use failover_core::decision::Notice;
use failover_core::finding::Finding;
use failover_core::observation::Answer;
use failover_core::record::Demand;
use failover_core::signal::Wish;
use failover_core::{Policy, Record};
use failover_sim::scope::start;
use failover_sim::world::{
    Fault, Invocation, Judged, Lags, Minute, Operator, Read, Region, Silence, Site, Stage,
    VerdictOf, World,
};

const DAY: usize = 1440;
const WEEK: usize = 7 * DAY;

/// A site of two servers whose controller ships as it is, and what happens in each minute.
struct Story {
    site: Site,
    /// By the number of the minute.
    happens: fn(usize, &World) -> Minute,
    /// The reason that it ends in, for the whole of its last day.
    reason: &'static str,
    /// What has to be told.
    finding: Finding,
    /// Within so many minutes after the first day's outage began. Units: minutes.
    within: usize,
}

fn site(changes: &[(&str, &str)]) -> Site {
    let policy = Policy::from_settings(|setting| {
        let chosen = changes.iter().find(|(name, _)| *name == setting.name);
        Some(chosen.map_or(setting.default, |(_, value)| value).to_owned())
    });
    Site {
        policy: policy.expect("valid settings"),
        demand: 2,
        floor: 0,
        launchable: 2,
        silence: Silence::LastKnown,
        deploys_detector: false,
        unchecked_standby: false,
        variants: Vec::new(),
        telling: false,
        verdict: VerdictOf::Nothing,
        wide_looks: false,
    }
}

/// The primary fails in the first minute, and is back after half an hour.
fn outage(minute: usize) -> Minute {
    Minute { flip: minute == 0 || minute == 30, event: true, ..Minute::default() }
}

/// The primary fails in the first minute, for ever.
fn failure(minute: usize) -> Minute {
    Minute { flip: minute == 0, event: true, ..Minute::default() }
}

/// A reading that has failed since the primary is back, in every minute.
fn unread(read: Read, minute: usize) -> Minute {
    let fault = (minute > 30).then_some(Fault::Unread(read));
    Minute { fault, ..outage(minute) }
}

/// Plays a week and answers who was told of what in which minute. `lost` tells which notices do not arrive.
fn played(story: &Story, lost: impl Fn(usize) -> bool) -> (Vec<(usize, Notice)>, String) {
    let stage = Stage {
        site: &story.site,
        decide: &failover_core::decide,
        judged: Judged::All,
        ticks: true,
        rulings: None,
    };
    let mut world = World::idle(&story.site, start(), Record::default());
    let (mut told, mut last) = (Vec::new(), Vec::new());
    for number in 0..WEEK {
        let minute = (story.happens)(number, &world);
        let mut heard = |invocation: &Invocation, arrives: bool| {
            last.push(invocation.decision().reason.name());
            let notice = invocation.decision().news.notice.clone();
            told.extend(notice.filter(|_| arrives).map(|notice| (number, notice)));
        };
        let untold = Minute { fault: Some(Fault::Untold), ..minute };
        let played = if lost(number) && minute.fault.is_none() {
            world.after(&stage, &untold, &mut |_, ran| heard(ran, false))
        } else {
            None
        };
        // There was no notice to lose.
        let played =
            played.or_else(|| world.after(&stage, &minute, &mut |_, ran| heard(ran, true)));
        world = played.expect("the minute has something to act on");
        assert_eq!(world.broken, None, "minute {number}");
    }
    let last: std::collections::BTreeSet<_> = last.iter().rev().take(DAY).copied().collect();
    (told, last.into_iter().collect::<Vec<_>>().join(", "))
}

fn stories() -> Vec<(&'static str, Story)> {
    let held = |site, happens, reason| Story {
        site,
        happens,
        reason,
        finding: Finding::Held,
        within: 240,
    };
    vec![
        ("the primary stays down", held(site(&[]), |minute, _| failure(minute), "AlreadyRaised")),
        (
            "DNS cannot be read, so nothing drains",
            held(site(&[("latch", "off")]), |minute, _| unread(Read::Answer, minute), "Draining"),
        ),
        (
            "DNS cannot be read",
            Story {
                site: site(&[("latch", "off")]),
                happens: |minute, _| unread(Read::Answer, minute),
                reason: "Draining",
                finding: Finding::Answer,
                within: 45,
            },
        ),
        (
            "a gap in the metric in each 29 minutes",
            held(
                site(&[]),
                |minute, _| {
                    let gap = minute > 30 && minute % 29 == 0;
                    let fault = gap.then_some(Fault::Unread(Read::Probe));
                    // The verdict is wrong for a minute: the metric has a 0.
                    let verdict = gap.then_some(false);
                    Minute { fault, verdict, ..outage(minute) }
                },
                "AlreadyRaised, Proving",
            ),
        ),
        (
            "nobody approves",
            held(site(&[("failback", "approve")]), |minute, _| outage(minute), "AwaitingApproval"),
        ),
        (
            "nobody approves, and it was asked",
            Story {
                site: site(&[("failback", "approve")]),
                happens: |minute, _| outage(minute),
                reason: "AwaitingApproval",
                finding: Finding::Approval,
                within: 65,
            },
        ),
        (
            "the primary cannot be read",
            held(site(&[]), |minute, _| unread(Read::Primary, minute), "PrimaryUnreadable"),
        ),
        (
            "a server of the primary stays unhealthy",
            held(
                site(&[]),
                |minute, world| {
                    // While the prewarmed server starts.
                    let starts = world.primary.desired > world.primary.in_service;
                    let fails = minute > 40 && starts && world.primary.unhealthy == 0;
                    let fault = fails.then_some(Fault::Unhealthy(Region::Primary));
                    Minute { fault, ..outage(minute) }
                },
                "Prewarming",
            ),
        ),
        (
            "clients never leave the standby",
            Story {
                site: site(&[]),
                happens: |minute, _| Minute { fault: Some(Fault::Stragglers), ..outage(minute) },
                reason: "Busy",
                finding: Finding::Busy,
                within: 135,
            },
        ),
        (
            "frozen, and then the primary fails",
            Story {
                site: site(&[]),
                happens: |minute, _| {
                    let fault = (minute == 0).then_some(Fault::Freeze);
                    Minute { fault, flip: minute == 100, ..Minute::default() }
                },
                reason: "Frozen",
                finding: Finding::Withheld,
                within: 103,
            },
        ),
        (
            "frozen in mid-failover",
            held(
                site(&[]),
                |minute, _| {
                    let fault = (minute == 10).then_some(Fault::Freeze);
                    Minute { fault, ..outage(minute) }
                },
                "Frozen",
            ),
        ),
    ]
}

/// Goal: a week in which a step is held is told within the stated time, and again each day. Method: the shipped rules in the
/// simulator's world, one story for each reason.
#[test]
fn a_week_of_each_silent_sequence_is_told() {
    for (name, story) in stories() {
        let (told, last) = played(&story, |_| false);
        assert_eq!(last, story.reason, "{name}");
        is_told(name, &story, &told, story.within);
    }
}

/// Goal: any one notice may be lost, and so may all of half a day. Method: the same weeks, in which no notice arrives in the
/// first twelve hours.
#[test]
fn notices_that_are_lost_are_sent_again() {
    for (name, story) in stories() {
        let (told, _) = played(&story, |minute| minute < DAY / 2);
        is_told(name, &story, &told, story.within.max(DAY / 2) + 1);
    }
}

fn is_told(name: &str, story: &Story, told: &[(usize, Notice)], within: usize) {
    let word = format!("- {}: ", story.finding.word());
    let mut at = told.iter().filter(|(_, notice)| notice.body.contains(&word)).map(|(at, _)| *at);
    let first = at.next().unwrap_or_else(|| panic!("{name}: nobody is told: {told:?}"));
    assert!(first <= within, "{name}: told after {first} minutes");
    let mut last = first;
    for &(next, _) in told {
        let silent = next.saturating_sub(last);
        assert!(silent <= DAY, "{name}: silent for {silent} minutes");
        last = last.max(next);
    }
    assert!(WEEK - last <= DAY, "{name}: silent since minute {last}");
    assert!(told.len() <= 20, "{name}: {} notices in a week", told.len());
}

/// Goal: users whom DNS does not follow are told of. Method: an order to fail over, with a resolver that is a minute behind for
/// ever; and DNS as it was after all.
#[test]
fn a_planned_failover_that_works_is_told_once_it_lasts() {
    let story = Story {
        site: site(&[]),
        happens: |minute, world| {
            let order = Operator::Asks(Wish::Order(Demand::Failover));
            let lags = Lags { answer: world.answer == Answer::Mixed, ..Lags::default() };
            Minute { operator: (minute == 0).then_some(order), lags, ..Minute::default() }
        },
        reason: "AlreadyRaised",
        finding: Finding::Held,
        within: 240,
    };
    let (told, last) = played(&story, |_| false);
    assert_eq!(last, story.reason);
    is_told("a planned failover", &story, &told, story.within);
}
