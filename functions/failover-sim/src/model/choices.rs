//! What may happen in the next minute.

use failover_core::decision::Latch;
use failover_core::observation::{Answer, Mode};
use failover_core::record::{Demand, Ownership};
use failover_core::signal::Wish;

use crate::scope::{Catalogue, Scope};
use crate::world::{
    Check, Fault, Fleet, Flip, Lags, Look, Minute, Names, Operator, Read, Region, Site, Tag,
    VerdictOf, Words, World,
};

use super::State;

/// The longest course has so many acts: note, look again, group, note, latch.
const ACTS: u8 = 5;

/// All choices for the next minute. Some of them have nothing to act on; those lead nowhere.
pub(super) fn choices(scope: &Scope, site: &Site, state: &State, into: &mut Vec<Minute>) {
    let world = &state.world;
    let flips = [false, true];
    let flips = if state.flips > 0 { &flips[..] } else { &flips[..1] };
    let faults = faults(scope, site, state);
    let operators = operators(scope, state);
    for &flip in flips {
        for relief in reliefs(world) {
            for &fault in &faults {
                for &operator in &operators {
                    let plain = Minute { flip, relief, fault, operator, ..Minute::default() };
                    with_lags(site, world, plain, into);
                }
            }
        }
    }
}

/// A choice is offered only where it makes a difference.
fn with_lags(site: &Site, world: &World, plain: Minute, into: &mut Vec<Minute>) {
    let both = [false, true];
    let some = |offered: bool| if offered { &both[..] } else { &both[..1] };
    let primary_up = world.primary.up != plain.flip;
    let primary = Fleet { up: primary_up, ..world.primary };
    let truth = primary.healthy() > 0;
    let verdict = truth != (plain.fault == Some(Fault::WrongVerdict));
    let alarm_turns = world.detector.would_turn(verdict);
    let gate_turns = world.gate.target(site.silence) != world.gate.seen;
    let answer_turned = world.answer != world.answered;
    for &alarm in some(alarm_turns && !world.detector.late) {
        for &gate in some(gate_turns && !world.gate.late) {
            for &answer in some(answer_turned) {
                for &tracking in some(may_trim(world, primary_up)) {
                    for &event in some(alarm_turns && !alarm) {
                        for &late in some(world.pending.is_some()) {
                            let lags = Lags { alarm, gate, answer, tracking };
                            for &look in looks(site, world) {
                                into.push(Minute { lags, event, late, look, ..plain });
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Beside another handler a look may come twice; alone the second one would find what the first one left.
const fn looks(site: &Site, world: &World) -> &'static [Option<Look>] {
    match site.verdict {
        VerdictOf::Nothing => &[None],
        VerdictOf::Endpoint | VerdictOf::Gate if world.pending.is_some() => {
            &[None, Some(Look::Before), Some(Look::After), Some(Look::Twice)]
        }
        VerdictOf::Endpoint | VerdictOf::Gate => &[None, Some(Look::Before), Some(Look::After)],
    }
}

/// An idle fleet has more than its minimum.
fn may_trim(world: &World, primary_up: bool) -> bool {
    let idle = |whom| ![world.answer, world.answered].contains(&whom);
    let primary = idle(Answer::Primary) && primary_up && world.primary.desired > world.primary.min;
    let standby =
        idle(Answer::Standby) && world.standby.up && world.standby.desired > world.standby.min;
    primary || standby
}

fn reliefs(world: &World) -> impl Iterator<Item = Option<Flip>> {
    let offered = Flip::ALL.iter().copied().filter(|&flip| world.lasts(flip));
    std::iter::once(None).chain(offered.map(Some))
}

fn faults(scope: &Scope, site: &Site, state: &State) -> Vec<Option<Fault>> {
    if state.faults == 0 {
        return vec![None];
    }
    let mut faults = catalogued(scope.catalogue, site);
    let world = &state.world;
    if world.pending.is_some() {
        faults.retain(|fault| !matches!(fault, Fault::Slow(_)));
    }
    if world.untold.lost {
        // Any one notice, and no two.
        faults.retain(|fault| *fault != Fault::Untold);
    }
    let opens = |latch| latch == Latch::Open;
    let releases = !opens(world.gate.seen) && opens(world.gate.target(site.silence));
    if scope.catalogue == Catalogue::Servers && releases {
        // Nobody can take back what is under way to the gate.
        faults.retain(|fault| ![Fault::Shrink, Fault::Unhealthy(Region::Primary)].contains(fault));
    }
    if site.launchable < site.demand {
        // Capacity is what is missing here: it is lost for good.
        faults.retain(|fault| *fault != Fault::Shrink);
    }
    std::iter::once(None).chain(faults.into_iter().map(Some)).collect()
}

/// Everything that may go wrong where there is one handler.
const SERIAL: [Fault; 11] = [
    Fault::StandbyDark,
    Fault::DetectorDark,
    Fault::DetectorSilent,
    Fault::Dead,
    Fault::Freeze,
    Fault::WrongVerdict,
    Fault::Loss,
    Fault::Shrink,
    Fault::Stragglers,
    Fault::NoEgress,
    Fault::StaleEvent,
];

fn catalogued(catalogue: Catalogue, site: &Site) -> Vec<Fault> {
    let numbered = |fault: fn(u8) -> Fault, from: u8| (from..ACTS).map(fault);
    match catalogue {
        Catalogue::Serial => {
            let reads = Read::ALL.map(Fault::Unread);
            // Dying before the first act is a tick that was missed.
            let acts = numbered(Fault::Crash, 1).chain(numbered(Fault::Lost, 0));
            let acts = acts.chain(numbered(Fault::Unconfirmed, 0));
            SERIAL.into_iter().chain(reads).chain(acts).collect()
        }
        Catalogue::Drought => [vec![Fault::Drought], catalogued(Catalogue::Serial, site)].concat(),
        Catalogue::TwoHandlers => numbered(Fault::Slow, 0).collect(),
        Catalogue::Tags => Tag::SMALL.map(Fault::Garble).into(),
        Catalogue::FreezeOnly => vec![Fault::Freeze],
        Catalogue::DeployOnly => vec![Fault::Deploy],
        Catalogue::EveryTag => {
            let garbled = Tag::ALL.into_iter().chain(Tag::KEPT).map(Fault::Garble);
            garbled.chain(Tag::ALL.map(Fault::Delete)).collect()
        }
        // Whoever deletes `closed` opens the latch, and whoever deletes `opened` closes it.
        Catalogue::KeptTags => [Tag::Raised, Tag::Done, Tag::Primary].map(Fault::Delete).into(),
        Catalogue::Readings => {
            let names = Names::ALL.map(Fault::Names);
            let reads = Read::ALL.map(Fault::Unreadable).into_iter();
            reads.chain(names).chain([Fault::NoEgress]).collect()
        }
        Catalogue::Checks => Check::all().map(Fault::Check).collect(),
        Catalogue::Verdict => {
            let lost = [Read::Verdict, Read::Alarm, Read::Standby].map(Fault::Unread).into_iter();
            let late = (1..ACTS).flat_map(|n| [Fault::Crash(n), Fault::Lost(n)]);
            let others = [
                Fault::Unreadable(Read::Verdict),
                Fault::Path,
                Fault::DetectorDark,
                Fault::DetectorSilent,
                Fault::WrongVerdict,
                Fault::NoEgress,
                Fault::Dead,
                Fault::Freeze,
            ];
            lost.chain(late).chain(Words::ALL.map(Fault::Words)).chain(others).collect()
        }
        Catalogue::Servers => vec![
            Fault::Unhealthy(Region::Primary),
            Fault::Unhealthy(Region::Standby),
            Fault::Loss,
            Fault::Drought,
            Fault::Shrink,
            Fault::WrongVerdict,
        ],
        Catalogue::Settings => {
            let last = u8::try_from(site.variants.len()).unwrap_or(u8::MAX);
            (0..=last).map(Fault::Setting).collect()
        }
        Catalogue::Notices => {
            let others = [
                Fault::Untold,
                Fault::Freeze,
                Fault::DetectorDark,
                Fault::DetectorSilent,
                Fault::Drought,
                Fault::Names(Names::Both),
                Fault::Unreadable(Read::Answer),
            ];
            others.into_iter().chain(Check::all().map(Fault::Check)).collect()
        }
        Catalogue::Restless => {
            vec![Fault::Deploy, Fault::Drought, Fault::Unhealthy(Region::Standby), Fault::Freeze]
        }
    }
}

fn operators(scope: &Scope, state: &State) -> Vec<Option<Operator>> {
    let mut operators = vec![None];
    if state.orders == 0 || scope.orders == 0 {
        return operators;
    }
    operators.push(Some(Operator::Asks(Wish::Order(Demand::Failover))));
    if matches!(state.world.record.ownership(), Ownership::Ours(_)) {
        operators.push(Some(Operator::Asks(Wish::Order(Demand::Failback))));
        operators.push(Some(Operator::Asks(Wish::Order(Demand::Approve))));
    }
    operators.push(Some(Operator::Asks(Wish::Mode(Mode::Observe))));
    operators.push(Some(Operator::Asks(Wish::Mode(Mode::Armed))));
    operators
}
