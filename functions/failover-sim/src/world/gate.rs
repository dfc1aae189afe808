//! The latch's metric, and the check on it.

use failover_core::decision::Latch;

use super::Silence;

/// What was put, and what Route 53 makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gate {
    /// What was put in this minute: the maximum, as the alarm's statistic takes it, so that of two values "closed" counts.
    pub fresh: Option<Latch>,
    /// The newest minute's value.
    pub put: Latch,
    /// Minutes without a value since then; enough of them are as many as any.
    pub silent: u8,
    /// What the check says.
    pub seen: Latch,
    /// The check was late a minute ago, and is not so twice in a row.
    pub late: bool,
}

impl Gate {
    pub(crate) const fn open() -> Self {
        Self { fresh: None, put: Latch::Open, silent: 0, seen: Latch::Open, late: false }
    }

    pub(crate) fn put(&mut self, latch: Latch) {
        if self.fresh != Some(Latch::Closed) {
            self.fresh = Some(latch);
        }
    }

    /// What the check will say, if it does not lag.
    #[must_use]
    pub fn target(self, silence: Silence) -> Latch {
        let (put, silent) = match self.fresh {
            Some(fresh) => (fresh, 0),
            None => (self.put, self.silent.saturating_add(1)),
        };
        match silence {
            Silence::Open if silent > 0 => Latch::Open,
            Silence::Closed if silent > 0 => Latch::Closed,
            Silence::Forgotten { after } if silent > after => Latch::Open,
            Silence::LastKnown | Silence::Open | Silence::Closed | Silence::Forgotten { .. } => put,
        }
    }

    /// One minute: the check follows the metric, perhaps a minute late.
    pub(crate) fn settle(&mut self, silence: Silence, lags: bool) {
        let target = self.target(silence);
        let longest = match silence {
            // The count decides nothing.
            Silence::LastKnown | Silence::Open | Silence::Closed => 0,
            Silence::Forgotten { after } => after.saturating_add(1),
        };
        match self.fresh.take() {
            Some(fresh) => (self.put, self.silent) = (fresh, 0),
            None => self.silent = self.silent.saturating_add(1).min(longest),
        }
        self.late = lags;
        if !lags {
            self.seen = target;
        }
    }
}
