//! Mutants that raise or lower wrongly.

use failover_core::Reason;
use failover_core::decision::{Latch, Proof, StandbyWrite};
use failover_core::observation::{AlarmState, Answer, Known, Probe};
use failover_core::record::{Cause, Raised, Record, Register, Sizes, Slot};
use failover_core::signal::{Claim, Signal};
use failover_core::time::after;

use super::Mutant;
use super::altered::{
    Asked, BASE, CALM, LONG, TWO, alarm, answering, deciding, record, seeing, set_up,
};
use crate::scope::{CLOCKWORK, Scope};

pub(super) const ALL: &[Mutant] = &[
    deciding("believes-events", "acts on what an alarm event says", BASE, |asked| {
        let Signal::Alarm(Claim { state, .. }) = asked.signal else { return asked.decide() };
        // With every right of a tick, or it could not lower at all.
        Asked { signal: &Signal::Tick, ..asked }.on(|seen| {
            seen.alarm = asked.long_ok();
            if let Known::Known(alarm) = &mut seen.alarm {
                alarm.state = *state;
            }
            seen.datapoints = asked.gapless();
            if let (Some(raised), Some(record)) = (asked.ours(), record(seen)) {
                record.drain = asked.nearly_drained(&raised);
            }
        })
    }),
    deciding("no-hold-down", "lowers without a hold-down", BASE, |asked| {
        let policy = asked.policy.clone().shortened(0, asked.policy.drain_ticks(), CLOCKWORK);
        Asked { policy: &policy, ..asked }.decide()
    }),
    set_up("no-tick", "runs on events alone", Scope { ticks: false, ..BASE }),
    seeing(
        "trusts-gaps",
        "takes a detector without data for a healthy primary",
        BASE,
        |seen, asked| {
            if alarm(seen) == Some(AlarmState::Insufficient) {
                seen.alarm = asked.long_ok();
                seen.datapoints = asked.gapless();
            }
        },
    ),
    seeing(
        "lowers-in-alarm",
        "believes its own probe more than an alarm that reads ALARM",
        BASE,
        |seen, asked| {
            if alarm(seen) == Some(AlarmState::Alarm) && seen.probe == Known::Known(Probe::Up) {
                seen.alarm = asked.long_ok();
                seen.datapoints = asked.gapless();
            }
        },
    ),
    seeing(
        "lowers-foreign",
        "lowers what it did not raise",
        Scope { settings: &[("floor", "1")], ..BASE },
        |seen, asked| {
            let live = seen.standby.known().copied();
            if let (Some(live), None, Some(record)) = (live, asked.ours(), record(seen))
                && live.min > 0
            {
                let at = after(asked.now, -LONG);
                let undo = Sizes { min: 0, desired: 0, max: live.max };
                let why = Cause::Alarm;
                record.raised = Slot::Held(Raised { first: at, at, target: live.min, why, undo });
                record.done = Slot::Held(after(at, -1));
            }
        },
    ),
    // It takes the minimum back as soon as it stands, and not once the primary is proven.
    answering(
        "lowers-at-once",
        "takes the minimum back as soon as the standby is raised",
        CALM,
        |decision, asked| {
            if let (Reason::AlreadyRaised { .. }, Some(raised)) = (&decision.reason, asked.ours()) {
                decision.standby = Some(StandbyWrite::LowerMin { min: raised.undo.min });
            }
        },
    ),
    // It lowers to nothing, whatever stood there before.
    answering(
        "forgets-floor",
        "lowers to nothing instead of the sizes that it noted",
        Scope { settings: &[("floor", "1")], ..BASE },
        |decision, _| match &mut decision.standby {
            Some(StandbyWrite::LowerMin { min }) => *min = 0,
            Some(StandbyWrite::LowerDesired { desired, .. }) => *desired = 0,
            Some(StandbyWrite::Raise(_)) | None => {}
        },
    ),
    answering("group-first", "writes the group before the intent", BASE, |decision, _| {
        if matches!(decision.reason, Reason::Raise { .. }) {
            decision.after.append(&mut decision.before);
        }
    }),
    answering(
        "clears-first",
        "closes the record before it restores the primary's floor",
        BASE,
        |decision, _| {
            if decision.reason == Reason::Finish {
                decision.before.append(&mut decision.after);
            }
        },
    ),
    answering(
        "closes-young",
        "closes the record while another handler may still be raising",
        TWO,
        |decision, asked| {
            let under_way =
                matches!(decision.reason, Reason::Proving { missing: Proof::Raise, .. });
            if let (true, Some(raised)) = (under_way, asked.ours()) {
                decision.reason = Reason::Finish;
                decision.after = vec![Register::Done(raised.at)];
            }
        },
    ),
    answering(
        "keeps-time",
        "gives a second raise the time of the first",
        TWO,
        |decision, asked| {
            if let Some(earlier) = asked.ours() {
                for register in &mut decision.before {
                    if let Register::Raised(raised) = register {
                        raised.at = earlier.at;
                    }
                }
            }
        },
    ),
    // The second phase sends the minimum again.
    answering("repeats-min", "sends the minimum again in phase 2", TWO, |decision, asked| {
        if let (Some(StandbyWrite::LowerDesired { desired, max }), Some(raised)) =
            (decision.standby, asked.ours())
        {
            let min = raised.undo.min.min(desired);
            decision.standby = Some(StandbyWrite::Raise(Sizes { min, desired, max }));
        }
    }),
    // Both phases in one call.
    answering("one-write", "lowers minimum and desired in one call", TWO, |decision, asked| {
        if let (Some(StandbyWrite::LowerMin { .. }), Some(raised)) =
            (decision.standby, asked.ours())
        {
            decision.standby = Some(StandbyWrite::Raise(raised.undo));
        }
    }),
    // One more than there is, instead of what there should be.
    answering(
        "deltas",
        "asks for one instance more instead of a target",
        CALM,
        |decision, asked| {
            if let (Reason::AlreadyRaised { .. }, Some(live)) =
                (&decision.reason, asked.observation.standby.known())
                && live.desired < 2 * asked.policy.capacity_max()
            {
                let more = live.desired + 1;
                decision.standby =
                    Some(StandbyWrite::Raise(Sizes { min: more, desired: more, max: more }));
            }
        },
    ),
    seeing(
        "drains-by-time",
        "takes DNS for drained once the primary is proven",
        BASE,
        |seen, asked| {
            if let (Some(raised), Some(record)) = (asked.ours(), record(seen)) {
                record.drain = asked.nearly_drained(&raised);
                seen.answer = Known::Known(Answer::Primary);
            }
        },
    ),
    seeing(
        "drains-by-metric",
        "takes the check's metric for what DNS answers",
        BASE,
        |seen, asked| {
            // The metric of the primary's record: the endpoint's check and the latch.
            let green = seen.datapoints.known().is_some_and(|points| points.healthy_run > 0);
            let open = seen.record.known().and_then(Record::gate).map(|gate| gate.latch);
            if let (Some(raised), Some(record)) = (asked.ours(), record(seen))
                && green
                && open == Some(Latch::Open)
            {
                record.drain = asked.nearly_drained(&raised);
                seen.answer = Known::Known(Answer::Primary);
            }
        },
    ),
    seeing("drains-by-one-look", "looks at DNS once", BASE, |seen, asked| {
        if let (Some(raised), Some(record)) = (asked.ours(), record(seen)) {
            record.drain = asked.nearly_drained(&raised);
        }
    }),
];
