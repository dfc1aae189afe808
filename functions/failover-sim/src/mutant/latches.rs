//! Mutants that open or close the latch wrongly.

use failover_core::Reason;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Known};
use failover_core::record::{Record, Register, Slot, Turn};

use super::Mutant;
use super::altered::{Asked, BASE, CALM, DRY, SHORT, alarm, answering, deciding, record, seeing};
use crate::scope::Scope;

pub(super) const ALL: &[Mutant] = &[
    answering("closes-at-raise", "closes the latch when it raises", CALM, |decision, asked| {
        if matches!(decision.reason, Reason::Raise { .. }) {
            let noted = decision.before.iter().find_map(|register| {
                if let Register::Raised(raised) = register { Some(raised.first) } else { None }
            });
            decision.after.push(Register::Closed(Turn { episode: noted, at: asked.now }));
        }
    }),
    seeing("closes-unasked", "closes the latch before DNS has moved by itself", BASE, |seen, _| {
        if alarm(seen) == Some(AlarmState::Alarm) {
            seen.answer = Known::Known(Answer::Standby);
        }
    }),
    seeing(
        "closes-unsized",
        "closes the latch before the standby carries everybody",
        SHORT,
        |seen, asked| {
            if let Known::Known(standby) = &mut seen.standby
                && alarm(asked.observation) == Some(AlarmState::Alarm)
            {
                standby.healthy = Known::Known(standby.desired);
            }
        },
    ),
    seeing("opens-early", "opens the latch onto a primary that is not ready", CALM, |seen, _| {
        if let Known::Known(primary) = &mut seen.primary {
            primary.min = primary.max;
            primary.healthy = Known::Known(primary.max);
        }
    }),
    deciding(
        "opens-for-one-server",
        "opens the latch early as soon as the standby lacks one server",
        BASE,
        |asked| {
            let policy = asked.with(&[("carry_percent", "100"), ("hold_percent", "100")]);
            Asked { policy: &policy, ..asked }.on(|seen| asked.starve(seen))
        },
    ),
    seeing(
        "opens-on-one-reading",
        "opens the latch early without having counted the ticks",
        DRY,
        |seen, asked| asked.starve(seen),
    ),
    seeing(
        "opens-blind",
        "opens the latch while the metric cannot be read",
        BASE,
        |seen, asked| {
            if seen.datapoints.known().is_none() && alarm(seen) == Some(AlarmState::Ok) {
                seen.datapoints = asked.gapless();
            }
        },
    ),
    deciding(
        "closes-at-half",
        "closes the latch at half of what the standby needs",
        SHORT,
        |asked| Asked { policy: &asked.with(&[("carry_percent", "50")]), ..asked }.decide(),
    ),
    seeing(
        "counts-old-latch",
        "takes a latch that an earlier failover left closed for its own",
        Scope { left_closed: true, ..BASE },
        |seen, asked| {
            if let (Some(raised), Some(record)) = (asked.ours(), record(seen))
                && let Slot::Held(closed) = &mut record.closed
            {
                closed.episode = Some(raised.first);
            }
        },
    ),
    seeing(
        "probe-beside-ok",
        "raises on its own probe where one reading alone was lost",
        BASE,
        |seen, asked| {
            if let Some(record) = record(seen) {
                record.unseen = Slot::Held(asked.now);
            }
        },
    ),
    // A standby that cannot carry the users must prove the primary as well.
    seeing(
        "waits-for-proof",
        "holds users on a standby that cannot carry them until the hold-down is over",
        Scope { hold_down: 16, ..DRY },
        |seen, _| {
            let gate = seen.record.known().and_then(Record::gate).map(|gate| gate.latch);
            if let (Some(Latch::Closed), Known::Known(standby)) = (gate, &mut seen.standby) {
                standby.healthy = Known::Known(standby.desired);
            }
        },
    ),
];
