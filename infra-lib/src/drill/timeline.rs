//! The drill's clock, what happened by it, and how far the recovery has come.

use std::time::Instant;

use failover_core::Timestamp;
use failover_core::time::age;

use crate::clock;
use crate::drill::journal::{Lane, Mark, Mood, PHASES, Phase};

/// What happened, and what it means for whom.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Whose doing it is.
    pub lane: Lane,
    /// What it means for that lane from then on.
    pub mood: Mood,
    /// In words.
    pub what: &'a str,
}

/// Marks in the order in which they happened.
#[derive(Debug)]
pub struct Timeline {
    started: Instant,
    started_at: Timestamp,
    marks: Vec<Mark>,
    died: Option<Instant>,
    /// When each of [`PHASES`] ended.
    ends: [Option<Instant>; PHASES.len()],
}

/// The end of one of [`PHASES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone {
    /// The checkers agree that the primary is unhealthy.
    Red,
    /// The alarm reads ALARM.
    Alarm,
    /// The standby group is raised.
    Raised,
    /// Its first instance is launched.
    Launched,
    /// Its first instance serves.
    Booted,
    /// The load balancer sends it users.
    Healthy,
    /// The name servers answer the standby.
    DnsMoved,
    /// A user gets a page from the standby.
    Served,
}

impl Milestone {
    /// The phase that ends here.
    #[must_use]
    pub const fn phase(self) -> &'static str {
        PHASES[self as usize]
    }
}

/// Whose doing each of [`PHASES`] is.
const LANES: [Lane; PHASES.len()] = [
    Lane::Checkers,
    Lane::Alarm,
    Lane::Controller,
    Lane::Standby,
    Lane::Standby,
    Lane::Standby,
    Lane::Dns,
    Lane::Clients,
];

impl Timeline {
    /// Starts the clock.
    #[must_use]
    pub fn start() -> Self {
        let (started, started_at) = (Instant::now(), clock::now());
        Self { started, started_at, marks: Vec::new(), died: None, ends: Default::default() }
    }

    /// When the clock started.
    #[must_use]
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Notes that an act starts at `at`.
    pub fn act(&mut self, at: Instant, event: Event<'_>) -> &Mark {
        self.push(at, true, event)
    }

    /// Notes that something happened at `at` within its act. It may have happened before what is noted already.
    pub fn mark(&mut self, at: Instant, event: Event<'_>) -> &Mark {
        self.push(at, false, event)
    }

    /// Notes that the primary stopped serving: the first phase begins.
    pub fn died(&mut self, at: Instant) {
        self.died = Some(at);
    }

    /// Notes that a phase ended.
    pub fn reach(&mut self, milestone: Milestone, at: Instant) {
        self.ends[milestone as usize] = Some(at);
    }

    /// How long after the clock's start `at` is. Units: seconds.
    #[must_use]
    pub fn seconds(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.started).as_secs_f64()
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

    /// The phases whose beginning and end were both seen. One that ended before the one before it took no time.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        let mut from = self.died;
        let mut phases = Vec::new();
        for ((name, lane), end) in PHASES.into_iter().zip(LANES).zip(self.ends) {
            let to = end.map(|end| from.map_or(end, |from| end.max(from)));
            if let (Some(from), Some(to)) = (from, to) {
                let (from_seconds, to_seconds) = (self.seconds(from), self.seconds(to));
                phases.push(Phase { name: name.to_owned(), lane, from_seconds, to_seconds });
            }
            from = to;
        }
        phases
    }

    /// Everything noted, in the order of time.
    #[must_use]
    pub fn into_marks(mut self) -> Vec<Mark> {
        self.marks.sort_by(|a, b| a.at_seconds.total_cmp(&b.at_seconds));
        self.marks
    }

    fn push(&mut self, at: Instant, starts_act: bool, event: Event<'_>) -> &Mark {
        let Event { lane, mood, what } = event;
        let at_seconds = self.seconds(at);
        let acts = self.marks.iter().filter(|mark| mark.starts_act);
        let act = acts.map(|mark| mark.at_seconds).rfind(|act| *act <= at_seconds);
        self.marks.push(Mark {
            at_seconds,
            act_seconds: if starts_act { 0.0 } else { at_seconds - act.unwrap_or_default() },
            starts_act,
            lane,
            mood,
            what: what.to_owned(),
        });
        &self.marks[self.marks.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const fn event(what: &str) -> Event<'_> {
        Event { lane: Lane::Primary, mood: Mood::Same, what }
    }

    #[test]
    fn marks_are_measured_from_their_act_and_sorted() {
        let mut timeline = Timeline::start();
        let start = timeline.started;
        let at = |seconds| start + Duration::from_secs(seconds);
        timeline.act(at(2), event("the primary dies"));
        timeline.mark(at(5), event("later"));
        timeline.act(at(9), event("the primary returns"));
        timeline.mark(at(3), event("sooner"));
        let marks = timeline.into_marks();
        let told: Vec<_> =
            marks.iter().map(|mark| (mark.what.as_str(), mark.act_seconds)).collect();
        let sorted = [
            ("the primary dies", 0.0),
            ("sooner", 1.0),
            ("later", 3.0),
            ("the primary returns", 0.0),
        ];
        assert_eq!(told, sorted);
    }

    #[test]
    fn a_phase_is_known_only_if_both_its_ends_were_seen() {
        let mut timeline = Timeline::start();
        let start = timeline.started;
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(timeline.phases().is_empty());
        timeline.died(at(1));
        timeline.reach(Milestone::Red, at(4));
        timeline.reach(Milestone::Raised, at(9));
        timeline.reach(Milestone::Launched, at(8));
        let seen: Vec<_> = timeline
            .phases()
            .into_iter()
            .map(|phase| (phase.name.clone(), phase.lane, phase.seconds()))
            .collect();
        // The alarm was not seen, and so neither how long the controller took after it.
        let red = (Milestone::Red.phase().to_owned(), Lane::Checkers, 3.0);
        assert_eq!(seen, [red, (Milestone::Launched.phase().to_owned(), Lane::Standby, 0.0)]);
    }

    #[test]
    fn a_time_of_day_and_its_moment_agree() {
        let timeline = Timeline::start();
        let moment = timeline.started + Duration::from_secs(7);
        let back = timeline.moment(timeline.time_of_day(moment));
        assert!(back.duration_since(moment) < Duration::from_millis(1));
    }
}
