//! What the controller decides on one set of readings, and which invariant that alone breaks.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, PoisonError};

use failover_core::invariant::{self, Case};
use failover_core::observation::{Known, Observation};
use failover_core::{Decision, Policy, Record, Signal, Timestamp};
use foldhash::fast::FixedState;

use crate::decide::Decide;

use super::Judged;

/// BOUND: a ruling takes some 2 KB, and the readings by which it is found 0.8 KB, so a full memory takes 46 MB, and few of its
/// places are too old to be found in a cache of the processor. Four times as many would find a tenth more, and no search would
/// end earlier.
const PLACES: usize = 1 << 14;

/// A decision with its readings, judged by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Which of the site's settings it is made with.
    pub setting: u8,
    /// Why the controller ran.
    pub signal: Signal,
    /// What it saw.
    pub observation: Observation,
    /// When it decided.
    pub at: Timestamp,
    /// What it decided.
    pub decision: Decision,
    /// The first invariant of single decisions that it breaks.
    pub broken: Option<&'static str>,
}

/// An [`Observation`] whose record still lies in the world: most of them are only compared with one that was ruled on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Sighting<'a> {
    /// Without its record.
    pub(super) bare: Observation,
    pub(super) record: Known<&'a Record>,
}

impl Sighting<'_> {
    pub(super) fn observation(&self) -> Observation {
        Observation { record: self.record.map(Record::clone), ..self.bare.clone() }
    }
}

impl Ruling {
    /// Decides, and judges the decision.
    pub(crate) fn new(
        (setting, policy): (u8, &Policy),
        decide: &dyn Decide,
        judged: Judged,
        (signal, observation, at): (Signal, Observation, Timestamp),
    ) -> Self {
        let decision = decide(policy, &signal, &observation, at);
        let (seen, decided) = (&observation, &decision);
        let case = Case {
            policy,
            signal: &signal,
            observation: seen,
            at,
            decision: decided,
            outcome: None,
        };
        let broken = match judged {
            Judged::None => None,
            Judged::All => invariant::broken(&case).next(),
            Judged::Alone => {
                invariant::broken(&case).find(|(id, _)| !["S7", "S8", "R"].contains(id))
            }
        };
        let broken = broken.map(|(id, _)| id);
        Self { setting, signal, observation, at, decision, broken }
    }
}

/// Rulings that were made in a search of one site by one way to decide.
///
/// Most minutes of a search differ in what happens after the decision, so the controller reads the same again and again. A
/// ruling is found only for readings that are equal, field by field: `decide` is a function, so nothing is skipped.
pub struct Rulings {
    judged: Judged,
    hasher: FixedState,
    places: Vec<Place>,
}

/// A ruling under the hash of its readings, beside those of them that lie in no world.
type Place = Mutex<Option<(u64, Observation, Arc<Ruling>)>>;

impl fmt::Debug for Rulings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rulings").field("judged", &self.judged).finish_non_exhaustive()
    }
}

impl Rulings {
    /// None yet. Each will be judged by these invariants.
    #[must_use]
    pub fn new(judged: Judged) -> Self {
        let places = (0..PLACES).map(|_| Mutex::new(None)).collect();
        Self { judged, hasher: FixedState::default(), places }
    }

    /// The ruling on these readings. Unless it is remembered it is made, and takes the place of an older one.
    pub(super) fn find(
        &self,
        (setting, signal, sighting, at): (u8, &Signal, &Sighting<'_>, Timestamp),
        make: impl FnOnce(Judged) -> Ruling,
    ) -> Arc<Ruling> {
        let hash = self.hasher.hash_one((setting, signal, sighting, at));
        let place = usize::try_from(hash % PLACES as u64).unwrap_or(0);
        let place = || self.places[place].lock().unwrap_or_else(PoisonError::into_inner);
        let same = |bare: &Observation, ruling: &Ruling| {
            let record = match &ruling.observation.record {
                Known::Known(record) => Known::Known(record),
                Known::Unknown(why) => Known::Unknown(*why),
            };
            ruling.at == at
                && ruling.setting == setting
                && ruling.signal == *signal
                && *bare == sighting.bare
                && record == sighting.record
        };
        if let Some((known, bare, ruling)) = &*place()
            && *known == hash
            && same(bare, ruling)
        {
            return Arc::clone(ruling);
        }
        let ruling = Arc::new(make(self.judged));
        *place() = Some((hash, sighting.bare.clone(), Arc::clone(&ruling)));
        ruling
    }
}
