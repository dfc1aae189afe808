//! Mutants that leave something out, and worlds that are set up without it.

use failover_core::Reason;
use failover_core::decision::PrimaryWrite;
use failover_core::observation::{Group, Known, Mode, Why};
use failover_core::policy::Clockwork;
use failover_core::record::{Base, Peak, Register, Slot};

use super::Mutant;
use super::altered::{BASE, CALM, answering, deciding, record, seeing, set_up};
use crate::scope::{CLOCKWORK, Catalogue, Scope};
use crate::world::Silence;

pub(super) const ALL: &[Mutant] = &[
    answering(
        "prewarms-desired",
        "prewarms the primary's desired capacity and not its minimum",
        BASE,
        |decision, asked| {
            let live = asked.observation.primary.known().map(|primary| primary.min);
            if let (Some(write), Some(min), Reason::Prewarm { .. }) =
                (decision.primary, live, &decision.reason)
            {
                decision.primary = Some(PrimaryWrite { min, ..write });
            }
        },
    ),
    answering(
        "frozen-is-silent",
        "does not feed the latch while frozen",
        Scope {
            catalogue: Catalogue::FreezeOnly,
            silence: Silence::Forgotten { after: 3 },
            ..BASE
        },
        |decision, _| {
            if decision.reason == Reason::Frozen {
                decision.latch = Known::Unknown(Why::NotAsked);
            }
        },
    ),
    seeing("ignores-freeze", "acts although the operator froze it", BASE, |seen, _| {
        if let Some(record) = record(seen)
            && record.mode == Slot::Held(Mode::Frozen)
        {
            record.mode = Slot::Absent;
        }
    }),
    seeing("ignores-egress", "takes its own cut line for a dead primary", BASE, |seen, _| {
        seen.egress = true;
    }),
    // It samples what runs while the users are elsewhere.
    answering(
        "samples-always",
        "notes the normal state in the middle of a failover",
        CALM,
        |decision, asked| {
            let (primary, sizes) = (
                asked.observation.primary.known(),
                asked.observation.standby.known().map(Group::sizes),
            );
            if let (Reason::AlreadyRaised { .. }, Some(primary), Some(sizes)) =
                (&decision.reason, primary, sizes)
            {
                let peak = Peak::sampled(None, 0, primary.in_service);
                decision.after =
                    vec![Register::Peak(peak), Register::Base(Base { sizes, at: asked.now })];
            }
        },
    ),
    seeing(
        "cuts-clients-off",
        "lowers the standby under clients that still ask it",
        BASE,
        |seen, _| seen.requests = Known::Known(0),
    ),
    deciding(
        "never-asks",
        "goes back and forth all day without asking a person",
        Scope { flips: 6, faults: 0, clockwork: Clockwork { day: 80, ..CLOCKWORK }, ..BASE },
        |asked| {
            // The note of finished failbacks stays whole; it is only not looked at.
            let blind = asked.on(|seen| {
                if let Some(record) = record(seen) {
                    record.history = Slot::Absent;
                }
            });
            if blind.reason == Reason::Finish { asked.decide() } else { blind }
        },
    ),
    set_up(
        "silence-opens",
        "has a latch check that opens in silence",
        Scope { silence: Silence::Open, ..BASE },
    ),
    set_up(
        "silence-closes",
        "has a latch check that closes in silence",
        Scope { silence: Silence::Closed, ..BASE },
    ),
    set_up(
        "silence-forgets",
        "has a latch check that forgets, and a controller that is dead for long",
        Scope { silence: Silence::Forgotten { after: 3 }, ..BASE },
    ),
    set_up(
        "deploys-detector",
        "lets a deploy replace the detector in mid-outage",
        Scope { deploys_detector: true, catalogue: Catalogue::DeployOnly, ..BASE },
    ),
    set_up(
        "unchecked-standby",
        "has no health check on the SECONDARY record",
        Scope { unchecked_standby: true, ..BASE },
    ),
];
