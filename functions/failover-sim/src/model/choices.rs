//! What may happen in the next minute.

use failover_core::decision::Latch;
use failover_core::observation::{Answer, Mode};
use failover_core::record::{Demand, Ownership, Slot};
use failover_core::signal::Wish;

use crate::scope::{Catalogue, Scope};
use crate::world::{
    Check, Fault, Fleet, Flip, Lags, Look, Minute, Names, Operator, Read, Region, Sight, Site, Tag,
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

fn reliefs(world: &World) -> Vec<Option<Flip>> {
    let offered = [
        (!world.standby.up, Flip::Standby),
        (world.detector.sight != Sight::Clear, Flip::Sight),
        (!world.alive, Flip::Controller),
        (world.record.mode == Slot::Held(Mode::Frozen), Flip::Freeze),
        (!world.record.unreadable().is_empty(), Flip::Tags),
        (world.lasting.unread(), Flip::Readings),
        (world.lasting.names.is_some(), Flip::Names),
        (world.lasting.check.is_some(), Flip::Check),
        (world.lasting.words.is_some(), Flip::Words),
        (world.lasting.cut, Flip::Path),
        (world.primary.unhealthy + world.standby.unhealthy > 0, Flip::Servers),
    ];
    let offered = offered.into_iter().filter_map(|(offered, flip)| offered.then_some(Some(flip)));
    std::iter::once(None).chain(offered).collect()
}

fn faults(scope: &Scope, site: &Site, state: &State) -> Vec<Option<Fault>> {
    let mut faults = vec![None];
    if state.faults == 0 {
        return faults;
    }
    let numbered = |fault: fn(u8) -> Fault, from: u8| (from..ACTS).map(move |n| Some(fault(n)));
    match scope.catalogue {
        Catalogue::Serial | Catalogue::Drought => {
            if scope.catalogue == Catalogue::Drought {
                faults.push(Some(Fault::Drought));
            }
            faults.extend(
                [
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
                ]
                .map(Some),
            );
            faults.extend(Read::ALL.map(|read| Some(Fault::Unread(read))));
            // Dying before the first act is a tick that was missed.
            faults.extend(numbered(Fault::Crash, 1));
            faults.extend(numbered(Fault::Lost, 0));
            faults.extend(numbered(Fault::Unconfirmed, 0));
        }
        Catalogue::TwoHandlers => {
            if state.world.pending.is_none() {
                faults.extend(numbered(Fault::Slow, 0));
            }
        }
        Catalogue::Tags => {
            faults.extend(Tag::SMALL.map(|tag| Some(Fault::Garble(tag))));
        }
        Catalogue::FreezeOnly => faults.push(Some(Fault::Freeze)),
        Catalogue::DeployOnly => faults.push(Some(Fault::Deploy)),
        Catalogue::Restless
        | Catalogue::EveryTag
        | Catalogue::KeptTags
        | Catalogue::Readings
        | Catalogue::Checks
        | Catalogue::Servers
        | Catalogue::Settings
        | Catalogue::Verdict
        | Catalogue::Notices => faults.extend(further(scope.catalogue, site)),
    }
    if state.world.untold.lost {
        // Any one notice, and no two.
        faults.retain(|fault| *fault != Some(Fault::Untold));
    }
    let opens = |latch| latch == Latch::Open;
    let gate = &state.world.gate;
    if scope.catalogue == Catalogue::Servers
        && !opens(gate.seen)
        && opens(gate.target(site.silence))
    {
        // Nobody can take back what is under way to the gate.
        let releasing = [Fault::Shrink, Fault::Unhealthy(Region::Primary)].map(Some);
        faults.retain(|fault| !releasing.contains(fault));
    }
    if site.launchable < site.demand {
        // Capacity is what is missing here: it is lost for good.
        faults.retain(|fault| !matches!(fault, Some(Fault::Shrink)));
    }
    faults
}

/// The faults of one further thing that may go wrong.
fn further(catalogue: Catalogue, site: &Site) -> Vec<Option<Fault>> {
    let faults: Vec<Fault> = match catalogue {
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
        Catalogue::Checks => Check::ALL.map(Fault::Check).into(),
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
            others.into_iter().chain(Check::ALL.map(Fault::Check)).collect()
        }
        Catalogue::Restless => {
            vec![Fault::Deploy, Fault::Drought, Fault::Unhealthy(Region::Standby), Fault::Freeze]
        }
        Catalogue::Serial
        | Catalogue::Drought
        | Catalogue::TwoHandlers
        | Catalogue::Tags
        | Catalogue::FreezeOnly
        | Catalogue::DeployOnly => Vec::new(),
    };
    faults.into_iter().map(Some).collect()
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
