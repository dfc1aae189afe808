//! What the controller decides on one set of readings, and which invariant that alone breaks.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, PoisonError};

use failover_core::invariant::{self, Case};
use failover_core::observation::{
    AlarmView, Answer, Datapoints, Group, Known, Observation, Probe, Readiness, Verdict,
};
use failover_core::{Decision, Policy, Record, Signal, Timestamp};
use foldhash::fast::FixedState;

use crate::decide::Decide;

use super::Judged;

/// BOUND: a ruling takes some 2 KB, so a full memory takes 35 MB, and few of its places are too old to be found in a cache of
/// the processor. Four times as many would find a tenth more, and no search would end earlier.
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
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sighting<'a> {
    pub(super) alarm: Known<AlarmView>,
    pub(super) datapoints: Known<Datapoints>,
    pub(super) standby: Known<Group>,
    pub(super) record: Known<&'a Record>,
    pub(super) primary: Known<Group>,
    pub(super) verdict: Known<Verdict>,
    pub(super) answer: Known<Answer>,
    pub(super) probe: Known<Probe>,
    pub(super) egress: bool,
    pub(super) readiness: Readiness,
    pub(super) requests: Known<u32>,
}

impl<'a> Sighting<'a> {
    fn of(observation: &'a Observation) -> Self {
        let Observation { alarm, datapoints, standby, ref record, .. } = *observation;
        let Observation { primary, verdict, answer, probe, egress, .. } = *observation;
        let Observation { readiness, requests, .. } = *observation;
        let record = match record {
            Known::Known(record) => Known::Known(record),
            Known::Unknown(why) => Known::Unknown(*why),
        };
        Self {
            alarm,
            datapoints,
            standby,
            record,
            primary,
            verdict,
            answer,
            probe,
            egress,
            readiness,
            requests,
        }
    }

    fn observation(self) -> Observation {
        let Self { alarm, datapoints, standby, record, .. } = self;
        let Self { primary, verdict, answer, probe, egress, .. } = self;
        let Self { readiness, requests, .. } = self;
        let record = record.map(Record::clone);
        Observation {
            alarm,
            datapoints,
            standby,
            record,
            primary,
            verdict,
            answer,
            probe,
            egress,
            readiness,
            requests,
        }
    }
}

impl Ruling {
    /// Decides, and judges the decision.
    pub(super) fn new(
        policy: &Policy,
        decide: &dyn Decide,
        judged: Judged,
        (setting, signal, sighting, at): (u8, &Signal, Sighting<'_>, Timestamp),
    ) -> Self {
        let asked = (signal.clone(), sighting.observation(), at);
        Self { setting, ..Self::of(policy, decide, judged, asked) }
    }

    /// The same of readings that lie in no world.
    pub(crate) fn of(
        policy: &Policy,
        decide: &dyn Decide,
        judged: Judged,
        (signal, observation, at): (Signal, Observation, Timestamp),
    ) -> Self {
        let decision = decide(policy, &signal, &observation, at);
        let case = Case {
            policy,
            signal: &signal,
            observation: &observation,
            at,
            decision: &decision,
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
        Self { setting: 0, signal, observation, at, decision, broken }
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

/// A ruling under the hash of its readings.
type Place = Mutex<Option<(u64, Arc<Ruling>)>>;

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
        (setting, signal, sighting, at): (u8, &Signal, Sighting<'_>, Timestamp),
        make: impl FnOnce(Judged) -> Ruling,
    ) -> Arc<Ruling> {
        let hash = self.hasher.hash_one((setting, signal, sighting, at));
        let place = usize::try_from(hash % PLACES as u64).unwrap_or(0);
        let place = || self.places[place].lock().unwrap_or_else(PoisonError::into_inner);
        let same = |ruling: &Ruling| {
            ruling.at == at
                && ruling.setting == setting
                && ruling.signal == *signal
                && Sighting::of(&ruling.observation) == sighting
        };
        if let Some((known, ruling)) = &*place()
            && *known == hash
            && same(ruling)
        {
            return Arc::clone(ruling);
        }
        let ruling = Arc::new(make(self.judged));
        *place() = Some((hash, Arc::clone(&ruling)));
        ruling
    }
}
