//! What follows from a journal: whether the drill passed, and how each phase compares with its prediction.

use failover_core::invariant::Verdict;
use failover_words::PHASES;

use super::{Journal, Phase, Prediction};

/// A phase beside its prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared<'a> {
    /// Its name.
    pub name: &'a str,
    /// How long it took. Units: seconds. `None`: it was not seen.
    pub seconds: Option<f64>,
    /// What was expected. `None`: nothing that could be compared.
    pub predicted: Option<&'a Prediction>,
}

impl Compared<'_> {
    /// Whether it took longer than nineteen of twenty were expected to.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        let beyond = |seconds| self.predicted.is_some_and(|expected| seconds > expected.p95);
        self.seconds.is_some_and(beyond)
    }
}

impl Journal {
    /// Whether everything happened in time, every invariant held, and nothing is left.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.missed.is_empty()
            && self.left_behind.is_empty()
            && self.preconditions.iter().all(|precondition| precondition.met)
            && self.invariants.iter().all(Verdict::holds)
            && self.in_time() != Some(false)
    }

    /// Whether the standby served within the target. `None`: there is no target, or the drill does not measure a recovery.
    #[must_use]
    pub fn in_time(&self) -> Option<bool> {
        Some(self.recovery_seconds? <= self.target_seconds?)
    }

    /// Whether its times are those of AWS: nothing was shortened.
    #[must_use]
    pub fn is_measured_truth(&self) -> bool {
        self.shortened.is_empty()
    }

    /// Every phase beside its prediction, and the whole recovery as the last.
    #[must_use]
    pub fn compared(&self) -> Vec<Compared<'_>> {
        let predicted = |name: &str| self.predictions.iter().find(|one| one.phase == name);
        let measured = |name: &str| self.phases.iter().find(|one| one.name == name);
        let part = |name: &'static str| Compared {
            name,
            seconds: measured(name).map(Phase::seconds),
            predicted: predicted(name),
        };
        let whole = Compared {
            name: Prediction::WHOLE,
            seconds: self.recovery_seconds,
            predicted: predicted(Prediction::WHOLE),
        };
        PHASES.into_iter().map(part).chain([whole]).collect()
    }
}
