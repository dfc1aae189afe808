//! Ways to decide that a hostile reader of the rules tried, and those that tell nobody.

use failover_core::decision::{News, StandbyWrite};
use failover_core::finding::Finding;
use failover_core::observation::{Answer, Known, Why};
use failover_core::record::{Raised, Register, Slot};
use failover_core::time::after;
use failover_core::{Decision, Reason, decide};

use super::{Inputs, nearly_drained, on, ours, record, then};

pub(in crate::mutant) fn finishes_the_first((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let Some(raised) = ours(o) {
            for register in &mut decision.after {
                if let Register::Done(done) = register {
                    *done = raised.first;
                }
            }
        }
    })
}

/// Changes the note of a first raise.
fn noting(decision: &mut Decision, change: impl FnOnce(&mut Raised)) {
    for register in &mut decision.before {
        if let Register::Raised(raised) = register {
            change(raised);
            break;
        }
    }
}

pub(in crate::mutant) fn undoes_to_base((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        let base = o.record.known().and_then(|record| record.base.held());
        if let (Some(base), None) = (base, ours(o)) {
            noting(decision, |raised| raised.undo = base.sizes);
        }
    })
}

pub(in crate::mutant) fn opens_on_in_service(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if let Known::Known(primary) = &mut seen.primary {
            primary.healthy = Known::Known(primary.in_service);
        }
    })
}

pub(in crate::mutant) fn restores_undrained((p, s, o, now): Inputs<'_>) -> Decision {
    let drained = on((p, s, o, now), |seen| {
        if let (Some(raised), Some(record)) = (ours(o), record(seen)) {
            record.drain = nearly_drained(p, &raised, now);
            seen.answer = Known::Known(Answer::Primary);
        }
    });
    if drained.reason == Reason::Finish { drained } else { decide(p, s, o, now) }
}

pub(in crate::mutant) fn raises_lower(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if let Some(StandbyWrite::Raise(sizes)) = &mut decision.standby {
            sizes.max = sizes.desired;
        }
    })
}

pub(in crate::mutant) fn ignores_done((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        noting(decision, |raised| raised.at = now);
    })
}

pub(in crate::mutant) fn proves_late((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let Known::Known(points) = &mut seen.datapoints {
            points.newest = points.newest.max(after(now, -60));
        }
    })
}

pub(in crate::mutant) fn is_silent(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        decision.notice = None;
        decision.news = News::NONE;
    })
}

pub(in crate::mutant) fn notes_unheard(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if let Some(told) = decision.news.told.take() {
            decision.before.push(Register::Told(told));
        }
    })
}

pub(in crate::mutant) fn waits_in_silence(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if decision.reason == Reason::AwaitingApproval {
            decision.news = News::NONE;
        }
    })
}

pub(in crate::mutant) fn freezes_in_silence(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if decision.reason == Reason::Frozen {
            decision.news = News::NONE;
        }
    })
}

pub(in crate::mutant) fn holds_in_silence(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        let told = decision.news.told.as_ref();
        if told.is_some_and(|told| told.findings.contains(&Finding::Held)) {
            decision.news = News::NONE;
        }
    })
}

pub(in crate::mutant) fn forgets_what_lasts(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if let Some(record) = record(seen) {
            record.lasting = Slot::Absent;
        }
    })
}

pub(in crate::mutant) fn sees_one_address(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if seen.answer == Known::Known(Answer::Mixed) {
            seen.answer = Known::Known(Answer::Primary);
        }
    })
}

pub(in crate::mutant) fn takes_no_answer_for_no_question(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if matches!(seen.answer, Known::Known(Answer::Mixed) | Known::Unknown(_)) {
            seen.answer = Known::Unknown(Why::NotAsked);
        }
    })
}
