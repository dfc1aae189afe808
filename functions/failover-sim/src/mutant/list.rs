//! Every mutant, and where it must die.

use failover_core::policy::Clockwork;

use super::altered::{self, early, hostile, shipped};
use super::{Altered, Mutant};
use crate::scope::{CLOCKWORK, Catalogue, Scope};
use crate::world::{Silence, VerdictOf};

const BASE: Scope = Scope { reasons: &[], ..Scope::BASE };
/// Nothing goes wrong but the primary.
const CALM: Scope = Scope { faults: 0, ..BASE };
const TWO: Scope = Scope { flips: 4, faults: 2, catalogue: Catalogue::TwoHandlers, ..BASE };
/// What the standby loses does not come back, and one of two is too few to be held at.
const DRY: Scope = Scope {
    flips: 2,
    faults: 1,
    settings: &[("hold_percent", "75")],
    catalogue: Catalogue::Drought,
    ..BASE
};
/// Somebody must be told, and a notice may be lost.
const NOTICES: Scope = Scope { flips: 1, reasons: &[], ..crate::scope::NOTICES };
/// The verdict is asked for, and looks come between the ticks.
const VERDICT: Scope = Scope { flips: 2, reasons: &[], ..crate::scope::VERDICT };
const EAGER: Scope = Scope { flips: 2, reasons: &[], ..crate::scope::EAGER };
const SHORT: Scope = Scope { flips: 2, faults: 1, launchable: 1, ..BASE };

const fn mutant(
    name: &'static str,
    breaks: &'static str,
    altered: Altered,
    scope: Scope,
) -> Mutant {
    Mutant { name, breaks, altered, scope, drawn: false }
}

/// A mutant whose fault no history reaches.
const fn drawn(name: &'static str, breaks: &'static str, altered: Altered) -> Mutant {
    Mutant { name, breaks, altered, scope: BASE, drawn: true }
}

/// Every mutant.
pub const ALL: &[Mutant] = &[
    mutant("believes-events", "acts on what an alarm event says", altered::believes_events, BASE),
    mutant("no-hold-down", "lowers without a hold-down", altered::no_hold_down, BASE),
    mutant("no-tick", "runs on events alone", shipped, Scope { ticks: false, ..BASE }),
    mutant(
        "trusts-gaps",
        "takes a detector without data for a healthy primary",
        altered::trusts_gaps,
        BASE,
    ),
    mutant(
        "lowers-in-alarm",
        "believes its own probe more than an alarm that reads ALARM",
        altered::lowers_in_alarm,
        BASE,
    ),
    mutant(
        "lowers-foreign",
        "lowers what it did not raise",
        altered::lowers_foreign,
        Scope { settings: &[("floor", "1")], ..BASE },
    ),
    mutant(
        "lowers-at-once",
        "takes the minimum back as soon as the standby is raised",
        altered::lowers_at_once,
        CALM,
    ),
    mutant(
        "forgets-floor",
        "lowers to nothing instead of the sizes that it noted",
        altered::forgets_floor,
        Scope { settings: &[("floor", "1")], ..BASE },
    ),
    mutant("group-first", "writes the group before the intent", altered::group_first, BASE),
    mutant(
        "clears-first",
        "closes the record before it restores the primary's floor",
        altered::clears_first,
        BASE,
    ),
    mutant(
        "closes-young",
        "closes the record while another handler may still be raising",
        altered::closes_young,
        TWO,
    ),
    mutant("keeps-time", "gives a second raise the time of the first", altered::keeps_time, TWO),
    mutant("repeats-min", "sends the minimum again in phase 2", altered::repeats_min, TWO),
    mutant("one-write", "lowers minimum and desired in one call", altered::one_write, TWO),
    mutant("deltas", "asks for one instance more instead of a target", altered::deltas, CALM),
    mutant(
        "drains-by-time",
        "takes DNS for drained once the primary is proven",
        altered::drains_by_time,
        BASE,
    ),
    mutant(
        "drains-by-metric",
        "takes the check's metric for what DNS answers",
        altered::drains_by_metric,
        BASE,
    ),
    mutant("drains-by-one-look", "looks at DNS once", altered::drains_by_one_look, BASE),
    mutant("closes-at-raise", "closes the latch when it raises", altered::closes_at_raise, CALM),
    mutant(
        "closes-unasked",
        "closes the latch before DNS has moved by itself",
        altered::closes_unasked,
        BASE,
    ),
    mutant(
        "closes-unsized",
        "closes the latch before the standby carries everybody",
        altered::closes_unsized,
        SHORT,
    ),
    mutant(
        "opens-early",
        "opens the latch onto a primary that is not ready",
        altered::opens_early,
        CALM,
    ),
    mutant(
        "opens-for-one-server",
        "opens the latch early as soon as the standby lacks one server",
        altered::opens_for_one_server,
        BASE,
    ),
    mutant(
        "opens-on-one-reading",
        "opens the latch early without having counted the ticks",
        altered::opens_on_one_reading,
        DRY,
    ),
    mutant(
        "opens-blind",
        "opens the latch while the metric cannot be read",
        altered::opens_blind,
        BASE,
    ),
    mutant(
        "closes-at-half",
        "closes the latch at half of what the standby needs",
        altered::closes_at_half,
        SHORT,
    ),
    mutant(
        "counts-old-latch",
        "takes a latch that an earlier failover left closed for its own",
        altered::counts_old_latch,
        Scope { left_closed: true, ..BASE },
    ),
    mutant(
        "probe-beside-ok",
        "raises on its own probe where one reading alone was lost",
        altered::probe_beside_ok,
        BASE,
    ),
    mutant(
        "waits-for-proof",
        "holds users on a standby that cannot carry them until the hold-down is over",
        altered::waits_for_proof,
        Scope { hold_down: 16, ..DRY },
    ),
    mutant(
        "prewarms-desired",
        "prewarms the primary's desired capacity and not its minimum",
        altered::prewarms_desired,
        BASE,
    ),
    mutant(
        "frozen-is-silent",
        "does not feed the latch while frozen",
        altered::frozen_is_silent,
        Scope {
            catalogue: Catalogue::FreezeOnly,
            silence: Silence::Forgotten { after: 3 },
            ..BASE
        },
    ),
    mutant("ignores-freeze", "acts although the operator froze it", altered::ignores_freeze, BASE),
    mutant(
        "ignores-egress",
        "takes its own cut line for a dead primary",
        altered::ignores_egress,
        BASE,
    ),
    mutant(
        "samples-always",
        "notes the normal state in the middle of a failover",
        altered::samples_always,
        CALM,
    ),
    mutant(
        "cuts-clients-off",
        "lowers the standby under clients that still ask it",
        altered::cuts_clients_off,
        BASE,
    ),
    mutant(
        "never-asks",
        "goes back and forth all day without asking a person",
        altered::never_asks,
        Scope { flips: 6, faults: 0, clockwork: Clockwork { day: 80, ..CLOCKWORK }, ..BASE },
    ),
    mutant(
        "silence-opens",
        "has a latch check that opens in silence",
        shipped,
        Scope { silence: Silence::Open, ..BASE },
    ),
    mutant(
        "silence-closes",
        "has a latch check that closes in silence",
        shipped,
        Scope { silence: Silence::Closed, ..BASE },
    ),
    mutant(
        "silence-forgets",
        "has a latch check that forgets, and a controller that is dead for long",
        shipped,
        Scope { silence: Silence::Forgotten { after: 3 }, ..BASE },
    ),
    mutant(
        "deploys-detector",
        "lets a deploy replace the detector in mid-outage",
        shipped,
        Scope { deploys_detector: true, catalogue: Catalogue::DeployOnly, ..BASE },
    ),
    mutant(
        "unchecked-standby",
        "has no health check on the SECONDARY record",
        shipped,
        Scope { unchecked_standby: true, ..BASE },
    ),
    mutant(
        "finishes-the-first",
        "closes the record with the time of the episode's first raise",
        hostile::finishes_the_first,
        BASE,
    ),
    mutant(
        "undoes-to-base",
        "notes the normal sizes to go back to, whatever stands there",
        hostile::undoes_to_base,
        Scope { floor_by_hand: Some(1), ..BASE },
    ),
    mutant(
        "opens-on-in-service",
        "counts servers that run for servers that answer before it opens the latch",
        hostile::opens_on_in_service,
        Scope { catalogue: Catalogue::Servers, ..BASE },
    ),
    mutant(
        "restores-undrained",
        "restores the primary's floor before DNS is drained",
        hostile::restores_undrained,
        Scope { settings: &[("floor", "match")], ..BASE },
    ),
    drawn("raises-lower", "raises to less than stands there", hostile::raises_lower),
    drawn(
        "ignores-done",
        "notes a raise with a time before the one that was finished last",
        hostile::ignores_done,
    ),
    drawn("proves-late", "takes a datapoint that is late for a proof", hostile::proves_late),
    mutant(
        "is-silent",
        "tells nobody anything",
        hostile::is_silent,
        Scope { faults: 0, ..NOTICES },
    ),
    mutant(
        "notes-unheard",
        "notes what is to be told as told before it was published",
        hostile::notes_unheard,
        NOTICES,
    ),
    mutant(
        "waits-in-silence",
        "waits for a person and does not say so",
        hostile::waits_in_silence,
        Scope { flips: 2, faults: 0, settings: &[("failback", "approve")], ..NOTICES },
    ),
    mutant(
        "freezes-in-silence",
        "says nothing while it is frozen",
        hostile::freezes_in_silence,
        NOTICES,
    ),
    mutant(
        "holds-in-silence",
        "does not tell of a failover that lasts",
        hostile::holds_in_silence,
        NOTICES,
    ),
    mutant(
        "forgets-what-lasts",
        "forgets in each minute since when something lasts",
        hostile::forgets_what_lasts,
        NOTICES,
    ),
    mutant(
        "takes-no-answer-for-no-question",
        "does not tell an answer of DNS that nobody understands from one that nobody asked for",
        hostile::takes_no_answer_for_no_question,
        Scope { flips: 0, ..NOTICES },
    ),
    mutant(
        "sees-one-address",
        "takes an answer that shares an address with both regions for the primary's",
        hostile::sees_one_address,
        Scope { catalogue: Catalogue::Readings, ..BASE },
    ),
    mutant(
        "takes-looks-for-ticks",
        "counts a look between two ticks as a tick",
        early::takes_looks_for_ticks,
        VERDICT,
    ),
    mutant(
        "takes-unknown-for-unhealthy",
        "takes a verdict that cannot be read for an unhealthy one",
        early::takes_unknown_for_unhealthy,
        VERDICT,
    ),
    mutant(
        "takes-unknown-for-healthy",
        "takes a verdict that cannot be read, or one server's alone, for a proof that the primary is up",
        early::takes_unknown_for_healthy,
        VERDICT,
    ),
    mutant(
        "reads-the-gate",
        "reads the verdict of the gate, which the latch colours, instead of the endpoint's",
        shipped,
        Scope { verdict: VerdictOf::Gate, ..VERDICT },
    ),
    mutant(
        "closes-on-the-verdict",
        "closes the latch on the verdict while us-east-1 is dark",
        early::closes_on_the_verdict,
        VERDICT,
    ),
    mutant(
        "suspects-its-own-line",
        "raises on suspicion without a line to the outside",
        early::suspects_its_own_line,
        EAGER,
    ),
];
