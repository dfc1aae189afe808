//! Mutants that a hostile reader of the rules tried, and those that tell nobody.

use failover_core::decision::{News, StandbyWrite};
use failover_core::finding::Finding;
use failover_core::observation::{Answer, Known, Why};
use failover_core::record::{Raised, Register, Slot};
use failover_core::time::after;
use failover_core::{Decision, Reason};

use super::Mutant;
use super::altered::{BASE, NOTICES, answering, deciding, drawn, record, seeing};
use crate::scope::{Catalogue, Scope};

pub(super) const ALL: &[Mutant] = &[
    answering(
        "finishes-the-first",
        "closes the record with the time of the episode's first raise",
        BASE,
        |decision, asked| {
            if let Some(raised) = asked.ours() {
                for register in &mut decision.after {
                    if let Register::Done(done) = register {
                        *done = raised.first;
                    }
                }
            }
        },
    ),
    answering(
        "undoes-to-base",
        "notes the normal sizes to go back to, whatever stands there",
        Scope { floor_by_hand: Some(1), ..BASE },
        |decision, asked| {
            let base = asked.observation.record.known().and_then(|record| record.base.held());
            if let (Some(base), None) = (base, asked.ours()) {
                noting(decision, |raised| raised.undo = base.sizes);
            }
        },
    ),
    seeing(
        "opens-on-in-service",
        "counts servers that run for servers that answer before it opens the latch",
        Scope { catalogue: Catalogue::Servers, ..BASE },
        |seen, _| {
            if let Known::Known(primary) = &mut seen.primary {
                primary.healthy = Known::Known(primary.in_service);
            }
        },
    ),
    deciding(
        "restores-undrained",
        "restores the primary's floor before DNS is drained",
        Scope { settings: &[("floor", "match")], ..BASE },
        |asked| {
            let drained = asked.on(|seen| {
                if let (Some(raised), Some(record)) = (asked.ours(), record(seen)) {
                    record.drain = asked.nearly_drained(&raised);
                    seen.answer = Known::Known(Answer::Primary);
                }
            });
            if drained.reason == Reason::Finish { drained } else { asked.decide() }
        },
    ),
    drawn(answering("raises-lower", "raises to less than stands there", BASE, |decision, _| {
        if let Some(StandbyWrite::Raise(sizes)) = &mut decision.standby {
            sizes.max = sizes.desired;
        }
    })),
    drawn(answering(
        "ignores-done",
        "notes a raise with a time before the one that was finished last",
        BASE,
        |decision, asked| {
            noting(decision, |raised| raised.at = asked.now);
        },
    )),
    drawn(seeing(
        "proves-late",
        "takes a datapoint that is late for a proof",
        BASE,
        |seen, asked| {
            if let Known::Known(points) = &mut seen.datapoints {
                points.newest = points.newest.max(after(asked.now, -60));
            }
        },
    )),
    answering(
        "is-silent",
        "tells nobody anything",
        Scope { faults: 0, ..NOTICES },
        |decision, _| {
            decision.notice = None;
            decision.news = News::NONE;
        },
    ),
    answering(
        "notes-unheard",
        "notes what is to be told as told before it was published",
        NOTICES,
        |decision, _| {
            if let Some(told) = decision.news.told.take() {
                decision.before.push(Register::Told(told));
            }
        },
    ),
    answering(
        "waits-in-silence",
        "waits for a person and does not say so",
        Scope { flips: 2, faults: 0, settings: &[("failback", "approve")], ..NOTICES },
        |decision, _| {
            if decision.reason == Reason::AwaitingApproval {
                decision.news = News::NONE;
            }
        },
    ),
    answering("freezes-in-silence", "says nothing while it is frozen", NOTICES, |decision, _| {
        if decision.reason == Reason::Frozen {
            decision.news = News::NONE;
        }
    }),
    answering(
        "holds-in-silence",
        "does not tell of a failover that lasts",
        NOTICES,
        |decision, _| {
            let told = decision.news.told.as_ref();
            if told.is_some_and(|told| told.findings.contains(&Finding::Held)) {
                decision.news = News::NONE;
            }
        },
    ),
    seeing(
        "forgets-what-lasts",
        "forgets in each minute since when something lasts",
        NOTICES,
        |seen, _| {
            if let Some(record) = record(seen) {
                record.lasting = Slot::Absent;
            }
        },
    ),
    seeing(
        "takes-no-answer-for-no-question",
        "does not tell an answer of DNS that nobody understands from one that nobody asked for",
        Scope { flips: 0, ..NOTICES },
        |seen, _| {
            if matches!(seen.answer, Known::Known(Answer::Mixed) | Known::Unknown(_)) {
                seen.answer = Known::Unknown(Why::NotAsked);
            }
        },
    ),
    seeing(
        "sees-one-address",
        "takes an answer that shares an address with both regions for the primary's",
        Scope { catalogue: Catalogue::Readings, ..BASE },
        |seen, _| {
            if seen.answer == Known::Known(Answer::Mixed) {
                seen.answer = Known::Known(Answer::Primary);
            }
        },
    ),
];

/// Changes the note of a first raise.
fn noting(decision: &mut Decision, change: impl FnOnce(&mut Raised)) {
    for register in &mut decision.before {
        if let Register::Raised(raised) = register {
            change(raised);
            break;
        }
    }
}
