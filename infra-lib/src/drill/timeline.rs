//! The drill's clock, and what happened by it.

use std::time::Instant;

use failover_core::Timestamp;
use failover_core::time::age;

use crate::clock;
use crate::drill::report::Mark;

/// Marks in the order in which they happened.
#[derive(Debug)]
pub struct Timeline {
    started: Instant,
    started_at: Timestamp,
    phase: Instant,
    marks: Vec<Mark>,
}

impl Timeline {
    /// Starts the clock.
    #[must_use]
    pub fn start() -> Self {
        let now = Instant::now();
        Self { started: now, started_at: clock::now(), phase: now, marks: Vec::new() }
    }

    /// Notes that a phase starts at `at`.
    pub fn phase(&mut self, at: Instant, what: impl Into<String>) -> &Mark {
        self.phase = at;
        self.push(at, true, what.into())
    }

    /// Notes that something happened at `at` within the phase.
    pub fn mark(&mut self, at: Instant, what: impl Into<String>) -> &Mark {
        self.push(at, false, what.into())
    }

    /// How long after the start of the phase `at` is. Units: seconds.
    #[must_use]
    pub fn seconds_in_phase(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.phase).as_secs_f64()
    }

    /// The moment of a time of day, such as a decision's.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> Instant {
        self.started + age(at, self.started_at)
    }

    /// The time of day of a moment.
    #[must_use]
    pub fn time_of_day(&self, at: Instant) -> Timestamp {
        self.started_at + at.saturating_duration_since(self.started)
    }

    /// Everything noted, in the order of time.
    #[must_use]
    pub fn into_marks(mut self) -> Vec<Mark> {
        self.marks.sort_by(|a, b| a.at_seconds.total_cmp(&b.at_seconds));
        self.marks
    }

    fn push(&mut self, at: Instant, starts_phase: bool, what: String) -> &Mark {
        let at_seconds = at.saturating_duration_since(self.started).as_secs_f64();
        let phase_seconds = self.seconds_in_phase(at);
        self.marks.push(Mark { at_seconds, phase_seconds, starts_phase, what });
        &self.marks[self.marks.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn marks_are_measured_from_their_phase_and_sorted() {
        let mut timeline = Timeline::start();
        let start = timeline.started;
        timeline.phase(start + Duration::from_secs(2), "the primary dies");
        timeline.mark(start + Duration::from_secs(5), "later");
        timeline.mark(start + Duration::from_secs(3), "sooner");
        let marks = timeline.into_marks();
        let told: Vec<_> =
            marks.iter().map(|mark| (mark.what.as_str(), mark.phase_seconds)).collect();
        assert_eq!(told, [("the primary dies", 0.0), ("sooner", 1.0), ("later", 3.0)]);
    }

    #[test]
    fn a_time_of_day_and_its_moment_agree() {
        let timeline = Timeline::start();
        let moment = timeline.started + Duration::from_secs(7);
        let back = timeline.moment(timeline.time_of_day(moment));
        assert!(back.duration_since(moment) < Duration::from_millis(1));
    }
}
