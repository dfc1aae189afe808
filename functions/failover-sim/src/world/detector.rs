//! Health check, metric and alarm: what the controller can see of the primary.

use std::time::Duration;

use failover_core::observation::{AlarmState, AlarmView, Datapoints, Evaluation, Known, Why};
use failover_core::time::after;
use failover_core::{Policy, Timestamp};

/// Whether the detector sees, and can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// All is well.
    Clear,
    /// The metric has stopped, because the check was deleted or disabled: the alarm lacks data.
    Silent,
    /// us-east-1 does not answer and evaluates nothing.
    Dark,
}

/// The detector in us-east-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Detector {
    /// Whether it sees.
    pub sight: Sight,
    /// What Route 53 believes of the primary.
    pub verdict: bool,
    /// The alarm's state.
    pub alarm: AlarmState,
    /// Since when.
    pub since: Timestamp,
    /// Start of the newest datapoint's minute.
    pub newest: Timestamp,
    /// Datapoints of 1 without a gap, counted back from the newest.
    pub run: u16,
    /// The alarm was late a minute ago, and is not so twice in a row.
    pub late: bool,
    /// Datapoints of 0 without a gap, counted back from the newest; 2 stands for more.
    pub zeros: u8,
}

impl Detector {
    /// A detector that has been green for longer than any proof asks.
    pub(crate) fn healthy(policy: &Policy, now: Timestamp) -> Self {
        let run = ticks(policy.evidence(), policy) + 1;
        let long_ago = seconds(policy.evidence() + policy.hour());
        Self {
            sight: Sight::Clear,
            verdict: true,
            alarm: AlarmState::Ok,
            since: after(now, -long_ago),
            newest: after(now, -2 * seconds(policy.tick())),
            run,
            late: false,
            zeros: 0,
        }
    }

    /// One minute: the check's verdict becomes a datapoint, and the alarm follows it, perhaps a minute late.
    pub(crate) fn settle(&mut self, policy: &Policy, now: Timestamp, verdict: bool, lags: bool) {
        self.late = lags && self.would_turn(verdict);
        self.verdict = verdict;
        match self.sight {
            Sight::Dark => return,
            Sight::Silent => {
                if !lags {
                    self.turn(AlarmState::Insufficient, now);
                }
                return;
            }
            Sight::Clear => {}
        }
        let start = after(now, -seconds(policy.tick()));
        let neighbours = after(self.newest, seconds(policy.tick())) == start;
        let (run, zeros) = if neighbours { (self.run, self.zeros) } else { (0, 0) };
        let longest = ticks(policy.evidence(), policy) + 1;
        (self.run, self.zeros) =
            if verdict { ((run + 1).min(longest), 0) } else { (0, (zeros + 1).min(2)) };
        self.newest = start;
        if !lags {
            self.turn(if verdict { AlarmState::Ok } else { AlarmState::Alarm }, now);
        }
    }

    /// Whether the alarm would change now, if it did not lag.
    #[must_use]
    pub(crate) fn would_turn(&self, verdict: bool) -> bool {
        match self.sight {
            Sight::Dark => false,
            Sight::Silent => self.alarm != AlarmState::Insufficient,
            Sight::Clear => self.alarm != if verdict { AlarmState::Ok } else { AlarmState::Alarm },
        }
    }

    fn turn(&mut self, state: AlarmState, now: Timestamp) {
        if self.alarm != state {
            (self.alarm, self.since) = (state, now);
        }
    }

    pub(crate) fn read_alarm(&self) -> Known<AlarmView> {
        match self.sight {
            Sight::Dark => Known::Unknown(Why::Timeout),
            Sight::Clear | Sight::Silent => Known::Known(AlarmView {
                state: self.alarm,
                transitioned_at: self.since,
                evaluation: Evaluation::Sound,
                actions: true,
            }),
        }
    }

    pub(crate) fn read_datapoints(&self, policy: &Policy) -> Known<Datapoints> {
        match self.sight {
            Sight::Dark => Known::Unknown(Why::Timeout),
            Sight::Clear | Sight::Silent => Known::Known(Datapoints {
                period: policy.tick(),
                newest: self.newest,
                healthy_run: self.run,
                newest_two_zero: self.zeros == 2,
            }),
        }
    }
}

/// Whole ticks in `duration`.
pub(crate) fn ticks(duration: Duration, policy: &Policy) -> u16 {
    u16::try_from(duration.as_secs() / policy.tick().as_secs().max(1)).unwrap_or(u16::MAX)
}

pub(crate) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
