//! The drill's clock, what happened by it, and whoever listens.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use failover_core::Timestamp;
use failover_core::time::age;
use tokio::sync::mpsc;

use machine::clock;
use provision::progress::Progress;

use crate::journal::{Capacity, Condition, Lane, Mark, Milestone};

/// What a running drill tells.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Something begins that takes a while, or is about to be written.
    Doing(String),
    /// A deploy or a destruction got further.
    Stack(Progress),
    /// Something happened.
    Happened(Mark),
}

/// Where a drill tells its scenes.
#[derive(Clone)]
pub struct Teller(Arc<dyn Fn(Scene) + Send + Sync>);

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").finish_non_exhaustive()
    }
}

impl Teller {
    /// Tells everything to `hear`, at once.
    #[must_use]
    pub fn new(hear: impl Fn(Scene) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// A teller and its listener. Unbounded, for a drill tells a few hundred scenes in all.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Scene>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        // A listener that went away does not stop the drill.
        (Self::new(move |scene| drop(sender.send(scene))), receiver)
    }

    /// Tells that something begins.
    pub fn doing(&self, what: impl Into<String>) {
        self.tell(Scene::Doing(what.into()));
    }

    /// Tells a scene.
    pub fn tell(&self, scene: Scene) {
        (self.0)(scene);
    }
}

/// Something that happened, and what it means for whom.
#[derive(Clone, Debug)]
pub struct Event {
    /// Whose doing it is.
    pub lane: Lane,
    /// What it means for that lane from then on.
    pub condition: Condition,
    /// In words.
    pub what: String,
    /// Which moment of the drill it is, if it is one that is measured.
    pub milestone: Option<Milestone>,
}

impl Event {
    /// Something that is not measured.
    pub fn new(lane: Lane, condition: Condition, what: impl Into<String>) -> Self {
        Self { lane, condition, what: what.into(), milestone: None }
    }

    /// The same as a milestone.
    #[must_use]
    pub fn at(self, milestone: impl Into<Option<Milestone>>) -> Self {
        Self { milestone: milestone.into(), ..self }
    }
}

/// Marks in the order in which they were noted, and the sizes of both regions.
#[derive(Debug)]
pub struct Timeline {
    started: Instant,
    started_at: Timestamp,
    marks: Vec<Mark>,
    capacity: Vec<Capacity>,
    teller: Teller,
}

impl Timeline {
    /// Starts the clock.
    #[must_use]
    pub fn start(teller: Teller) -> Self {
        let (started, started_at) = (Instant::now(), clock::now());
        Self { started, started_at, marks: Vec::new(), capacity: Vec::new(), teller }
    }

    /// When the clock started.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// The time of day when it started.
    #[must_use]
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Everything noted so far, in the order in which it was noted.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Tells that something begins, or is about to be written.
    pub fn doing(&self, what: impl Into<String>) {
        self.teller.doing(what);
    }

    /// An act of the drill begins now.
    pub fn act(&mut self, event: Event) -> Instant {
        let now = Instant::now();
        self.push(now, true, event);
        now
    }

    /// Notes that something happened at `at` within its act. It may have happened before what is noted already.
    pub fn mark(&mut self, at: Instant, event: Event) {
        self.push(at, false, event);
    }

    /// Notes something that was found out afterwards. Nobody is told: it would come out of its order.
    pub fn recall(&mut self, at: Instant, event: Event) {
        let mark = self.of(at, false, event);
        self.marks.push(mark);
    }

    /// Notes instances of a region, unless they are as they were.
    pub fn capacity(&mut self, entry: Capacity) {
        let last = self.capacity.iter().rfind(|earlier| earlier.region == entry.region);
        let same = last
            .is_some_and(|last| Capacity { at_seconds: entry.at_seconds, ..last.clone() } == entry);
        if !same {
            self.capacity.push(entry);
        }
    }

    /// How long after the clock's start `at` is. Units: seconds.
    #[must_use]
    pub fn seconds(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.started).as_secs_f64()
    }

    /// The moment of a time of day, such as a decision's. Nothing is before the clock's start.
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
    pub fn into_parts(mut self) -> (Vec<Mark>, Vec<Capacity>) {
        self.marks.sort_by(|a, b| a.at_seconds.total_cmp(&b.at_seconds));
        (self.marks, self.capacity)
    }

    fn push(&mut self, at: Instant, starts_act: bool, event: Event) {
        let mark = self.of(at, starts_act, event);
        self.teller.tell(Scene::Happened(mark.clone()));
        self.marks.push(mark);
    }

    fn of(&self, at: Instant, starts_act: bool, event: Event) -> Mark {
        let Event { lane, condition, what, milestone } = event;
        let at_seconds = self.seconds(at);
        let acts = self.marks.iter().filter(|mark| mark.starts_act);
        let act = acts.map(|mark| mark.at_seconds).rfind(|act| *act <= at_seconds);
        let since_act = if starts_act { 0.0 } else { at_seconds - act.unwrap_or_default() };
        Mark { at_seconds, act_seconds: since_act, starts_act, lane, condition, what, milestone }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn timeline() -> Timeline {
        Timeline::start(Teller::new(|_| ()))
    }

    fn event(what: &str) -> Event {
        Event::new(Lane::Primary, Condition::Same, what)
    }

    #[test]
    fn marks_are_measured_from_their_act_and_sorted() {
        let mut timeline = timeline();
        let start = timeline.started;
        let at = |seconds| start + Duration::from_secs(seconds);
        timeline.push(at(2), true, event("the primary dies"));
        timeline.mark(at(5), event("later"));
        timeline.push(at(9), true, event("the primary returns"));
        timeline.mark(at(3), event("sooner"));
        let (marks, _) = timeline.into_parts();
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
    fn a_time_of_day_and_its_moment_agree() {
        let timeline = timeline();
        let moment = timeline.started + Duration::from_secs(7);
        let back = timeline.moment(timeline.time_of_day(moment));
        assert!(back.duration_since(moment) < Duration::from_millis(1));
    }

    #[test]
    fn sizes_are_noted_when_they_change() {
        let mut timeline = timeline();
        let size = |at_seconds, region: &str, asked| Capacity {
            at_seconds,
            region: region.to_owned(),
            asked,
            in_service: 0,
            healthy: 0,
        };
        for (at, region, asked) in [(0.0, "a", 1), (1.0, "b", 1), (2.0, "a", 1), (3.0, "a", 2)] {
            timeline.capacity(size(at, region, asked));
        }
        let (_, capacity) = timeline.into_parts();
        let noted: Vec<_> = capacity.iter().map(|one| (one.region.as_str(), one.asked)).collect();
        assert_eq!(noted, [("a", 1), ("b", 1), ("a", 2)]);
    }
}
