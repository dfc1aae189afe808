//! Earlier drills of the same site and level.

use std::fs;
use std::path::Path;

use failover_core::Timestamp;

use failover_words::PHASES;

use crate::journal::{FILE_NAME, Journal, Phase, Prediction};

/// BOUND: a drill each week for four years.
const DRILLS_MAX: usize = 200;

/// What earlier drills measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Each of them, the oldest first.
    pub drills: Vec<Earlier>,
}

/// An earlier drill.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// When it started.
    pub at: Timestamp,
    /// Whether it passed.
    pub passed: bool,
    /// From the primary's death to the first page from the standby. Units: seconds.
    pub recovery_seconds: Option<f64>,
    /// How long each of [`PHASES`] took, as far as it was seen. Units: seconds.
    phases: [Option<f64>; PHASES.len()],
}

impl History {
    /// Reads the drills under `folder` that came before `journal`, of its site and level. What is no journal of this version is
    /// passed over: a report is no place to fail for an old file.
    #[must_use]
    pub fn read(folder: &Path, journal: &Journal) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let journals =
            entries.filter_map(|entry| Journal::read(&entry.path().join(FILE_NAME)).ok());
        Self::of(journals, journal)
    }

    /// Those of `journals` that came before `journal`, of its site and level.
    #[must_use]
    pub fn of(journals: impl IntoIterator<Item = Journal>, journal: &Journal) -> Self {
        let earlier = |other: &Journal| {
            other.site == journal.site
                && other.level == journal.level
                && other.started_at < journal.started_at
        };
        let mut drills: Vec<Earlier> =
            journals.into_iter().filter(earlier).map(|other| Earlier::of(&other)).collect();
        drills.sort_by_key(|drill| drill.at);
        drills.drain(..drills.len().saturating_sub(DRILLS_MAX));
        Self { drills }
    }

    /// What three of four earlier drills took at most for a phase, or for [`Prediction::WHOLE`]. Units: seconds. `None`: nobody
    /// has seen it.
    #[must_use]
    pub fn p75(&self, phase: &str) -> Option<f64> {
        if phase == Prediction::WHOLE {
            return p75(self.drills.iter().filter_map(|drill| drill.recovery_seconds).collect());
        }
        let index = PHASES.iter().position(|name| *name == phase)?;
        p75(self.drills.iter().filter_map(|drill| drill.phases[index]).collect())
    }
}

impl Earlier {
    fn of(journal: &Journal) -> Self {
        let took =
            |name: &str| journal.phases.iter().find(|phase| phase.name == name).map(Phase::seconds);
        Self {
            at: journal.started_at,
            passed: journal.passed(),
            recovery_seconds: journal.recovery_seconds,
            phases: PHASES.map(took),
        }
    }
}

/// The smallest value that three of four do not exceed.
fn p75(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    let rank = (seconds.len() * 3).div_ceil(4);
    rank.checked_sub(1).map(|index| seconds[index])
}
