//! Ways to decide that are like the one that ships, but for one thing, and the scopes in which that shows.

use failover_core::observation::{
    AlarmState, AlarmView, Datapoints, Evaluation, Known, Observation,
};
use failover_core::record::{Count, Ownership, Raised, Record, Slot};
use failover_core::time::after;
use failover_core::{Decision, Policy, Signal, Timestamp, decide};

use super::Mutant;
use crate::scope::{self, CLOCKWORK, Catalogue, Scope};

pub(super) const BASE: Scope = Scope { reasons: &[], ..Scope::BASE };
/// Nothing goes wrong but the primary.
pub(super) const CALM: Scope = Scope { faults: 0, ..BASE };
pub(super) const TWO: Scope =
    Scope { flips: 4, faults: 2, catalogue: Catalogue::TwoHandlers, ..BASE };
/// What the standby loses does not come back, and one of two is too few to be held at.
pub(super) const DRY: Scope = Scope {
    flips: 2,
    faults: 1,
    settings: &[("hold_percent", "75")],
    catalogue: Catalogue::Drought,
    ..BASE
};
/// Somebody must be told, and a notice may be lost.
pub(super) const NOTICES: Scope = Scope { flips: 1, reasons: &[], ..scope::NOTICES };
/// The verdict is asked for, and looks come between the ticks.
pub(super) const VERDICT: Scope = Scope { flips: 2, reasons: &[], ..scope::VERDICT };
pub(super) const EAGER: Scope = Scope { flips: 2, reasons: &[], ..scope::EAGER };
pub(super) const SHORT: Scope = Scope { flips: 2, faults: 1, launchable: 1, ..BASE };

/// Older than any proof asks. Units: seconds.
pub(super) const LONG: i64 = 86_400;

/// What is not as in the way to decide that ships.
#[derive(Clone, Copy, Debug)]
pub(super) enum Altered {
    /// Nothing: the world is set up wrongly.
    Nothing,
    /// The readings.
    Seen(fn(&mut Observation, Asked<'_>)),
    /// The decision.
    Answer(fn(&mut Decision, Asked<'_>)),
    /// Everything.
    Whole(fn(Asked<'_>) -> Decision),
}

impl Altered {
    pub(super) fn decide(self, asked: Asked<'_>) -> Decision {
        match self {
            Self::Nothing => asked.decide(),
            Self::Seen(alter) => asked.on(|seen| alter(seen, asked)),
            Self::Answer(alter) => {
                let mut decision = asked.decide();
                alter(&mut decision, asked);
                decision
            }
            Self::Whole(decide) => decide(asked),
        }
    }
}

/// In a world that is set up wrongly.
pub(super) const fn set_up(name: &'static str, breaks: &'static str, scope: Scope) -> Mutant {
    Mutant { name, breaks, altered: Altered::Nothing, scope, drawn: false }
}

/// It decides on other readings than those that were made.
pub(super) const fn seeing(
    name: &'static str,
    breaks: &'static str,
    scope: Scope,
    alter: fn(&mut Observation, Asked<'_>),
) -> Mutant {
    Mutant { name, breaks, altered: Altered::Seen(alter), scope, drawn: false }
}

/// It decides something else.
pub(super) const fn answering(
    name: &'static str,
    breaks: &'static str,
    scope: Scope,
    alter: fn(&mut Decision, Asked<'_>),
) -> Mutant {
    Mutant { name, breaks, altered: Altered::Answer(alter), scope, drawn: false }
}

/// It decides in another way.
pub(super) const fn deciding(
    name: &'static str,
    breaks: &'static str,
    scope: Scope,
    decide: fn(Asked<'_>) -> Decision,
) -> Mutant {
    Mutant { name, breaks, altered: Altered::Whole(decide), scope, drawn: false }
}

/// A mutant whose fault no history reaches.
pub(super) const fn drawn(mutant: Mutant) -> Mutant {
    Mutant { drawn: true, ..mutant }
}

/// What a decision is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) policy: &'a Policy,
    pub(super) signal: &'a Signal,
    pub(super) observation: &'a Observation,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    /// As the rules that ship do.
    pub(super) fn decide(self) -> Decision {
        decide(self.policy, self.signal, self.observation, self.now)
    }

    /// The same on other readings.
    pub(super) fn on(self, alter: impl FnOnce(&mut Observation)) -> Decision {
        let mut seen = self.observation.clone();
        alter(&mut seen);
        Asked { observation: &seen, ..self }.decide()
    }

    pub(super) fn ours(self) -> Option<Raised> {
        match self.observation.record.known()?.ownership() {
            Ownership::Ours(raised) => Some(raised),
            Ownership::Idle | Ownership::Unreadable => None,
        }
    }

    pub(super) fn long_ok(self) -> Known<AlarmView> {
        Known::Known(AlarmView {
            state: AlarmState::Ok,
            transitioned_at: after(self.now, -LONG),
            evaluation: Evaluation::Sound,
            actions: true,
        })
    }

    pub(super) fn gapless(self) -> Known<Datapoints> {
        let (period, newest) = (self.policy.tick(), self.now);
        Known::Known(Datapoints { period, newest, healthy_run: u16::MAX, newest_two_zero: false })
    }

    /// A metric that is all zeros.
    pub(super) fn red(self) -> Known<Datapoints> {
        let (period, newest) = (self.policy.tick(), self.now);
        Known::Known(Datapoints { period, newest, healthy_run: 0, newest_two_zero: true })
    }

    /// A drain count that lacks only this tick.
    pub(super) fn nearly_drained(self, raised: &Raised) -> Slot<Count> {
        self.count(raised, self.policy.drain_ticks().saturating_sub(1))
    }

    /// As many ticks as it takes, all but this one.
    pub(super) fn starve(self, seen: &mut Observation) {
        if let (Some(raised), Some(record)) = (self.ours(), record(seen)) {
            record.starved = self.count(&raised, self.policy.starved_ticks());
        }
    }

    fn count(self, raised: &Raised, ticks: u16) -> Slot<Count> {
        let tick = i64::try_from(self.policy.tick().as_secs()).unwrap_or(i64::MAX);
        Slot::Held(Count { episode: raised.first, ticks, at: after(self.now, -tick) })
    }

    /// The policy with other settings, and the same clockwork as the model has.
    pub(super) fn with(self, settings: &[(&str, &str)]) -> Policy {
        let policy = self.policy;
        let ours = policy.settings();
        let altered = Policy::from_settings(|setting| {
            let chosen = settings.iter().find(|(name, _)| *name == setting.name);
            let kept = ours.iter().find(|(known, _)| known.name == setting.name);
            match (setting.name, chosen) {
                // The model's are too short for a site; they are put back below.
                ("hold_down" | "drain_ticks", _) => Some(setting.default.to_owned()),
                (_, Some((_, value))) => Some((*value).to_owned()),
                (_, None) => kept.map(|(_, value)| value.clone()),
            }
        });
        let hold_down = policy.hold_down().as_secs() / policy.tick().as_secs();
        let hold_down = u32::try_from(hold_down).unwrap_or(u32::MAX);
        let altered = altered.expect("the settings are in their ranges");
        altered.shortened(hold_down, policy.drain_ticks(), CLOCKWORK)
    }
}

pub(super) fn record(observation: &mut Observation) -> Option<&mut Record> {
    match &mut observation.record {
        Known::Known(record) => Some(record),
        Known::Unknown(_) => None,
    }
}

pub(super) fn alarm(observation: &Observation) -> Option<AlarmState> {
    observation.alarm.known().map(|alarm| alarm.state)
}
