//! The drill's clock, and what happened by it.

use std::time::Instant;

use failover_core::Timestamp;
use failover_core::time::age;

use crate::clock;
use crate::drill::journal::{Capacity, Lane, Mark, Mood};
use crate::drill::local::answer::Role;
use crate::status::{Reading, Side, Status};
use crate::steer::steps;

/// What a running drill tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Something begins that takes a while, or is about to be written.
    Doing(String),
    /// Something happened.
    Happened(Mark),
}

/// Who hears it.
pub type Tell = Box<dyn Fn(Told) + Send + Sync>;

/// The log of one drill.
pub(super) struct Log {
    pub(super) started: Instant,
    pub(super) started_at: Timestamp,
    pub(super) marks: Vec<Mark>,
    pub(super) capacity: Vec<Capacity>,
    act: Instant,
    last: Option<Status>,
    tell: Tell,
}

impl Log {
    pub(super) fn new(tell: Tell) -> Self {
        let now = Instant::now();
        Self {
            started: now,
            started_at: clock::now(),
            marks: Vec::new(),
            capacity: Vec::new(),
            act: now,
            last: None,
            tell,
        }
    }

    pub(super) fn doing(&self, what: impl Into<String>) {
        (self.tell)(Told::Doing(what.into()));
    }

    /// An act of the drill begins.
    pub(super) fn act(&mut self, lane: Lane, mood: Mood, what: impl Into<String>) -> Instant {
        self.act = Instant::now();
        self.push(self.act, true, lane, mood, what.into());
        self.act
    }

    pub(super) fn mark(&mut self, at: Instant, lane: Lane, mood: Mood, what: impl Into<String>) {
        self.push(at, false, lane, mood, what.into());
    }

    fn push(&mut self, at: Instant, starts_act: bool, lane: Lane, mood: Mood, what: String) {
        let mark = Mark {
            at_seconds: self.seconds(at),
            act_seconds: at.saturating_duration_since(self.act).as_secs_f64(),
            starts_act,
            lane,
            mood,
            what,
        };
        (self.tell)(Told::Happened(mark.clone()));
        self.marks.push(mark);
    }

    /// Units: seconds since the drill's clock started.
    pub(super) fn seconds(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.started).as_secs_f64()
    }

    /// The same, of a time of day; below 0 if it was before.
    pub(super) fn seconds_of_day(&self, at: Timestamp) -> f64 {
        age(at, self.started_at).as_secs_f64() - age(self.started_at, at).as_secs_f64()
    }

    /// Notes what changed since the last look.
    pub(super) fn look(&mut self, status: Status) {
        let now = Instant::now();
        if let Some(last) = &self.last {
            for what in steps(last, &status) {
                let (lane, mood) = lane(&what);
                self.mark(now, lane, mood, what);
            }
        }
        for side in [&status.primary, &status.standby] {
            self.note_capacity(now, side);
        }
        self.last = Some(status);
    }

    fn note_capacity(&mut self, now: Instant, side: &Side) {
        let Reading::Known(group) = &side.group else { return };
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let entry = Capacity {
            at_seconds: self.seconds(now),
            region: side.region.to_string(),
            asked: group.sizes.desired,
            in_service: count(group.in_service),
            healthy: count(group.healthy.known().copied().unwrap_or_default()),
        };
        let same = |earlier: &&Capacity| earlier.region == entry.region;
        let last = self.capacity.iter().rev().find(same);
        let changed = last.is_none_or(|last| {
            (last.asked, last.in_service, last.healthy)
                != (entry.asked, entry.in_service, entry.healthy)
        });
        if changed {
            self.capacity.push(entry);
        }
    }
}

/// Whose doing a step is, by how its line begins. Source: `steer::steps`.
fn lane(what: &str) -> (Lane, Mood) {
    let begins = |with: &str| what.starts_with(with);
    if begins("the alarm reads ALARM") {
        (Lane::Alarm, Mood::Bad)
    } else if begins("the alarm reads OK") {
        (Lane::Alarm, Mood::Good)
    } else if begins("the alarm") {
        (Lane::Alarm, Mood::Same)
    } else if begins("primary:") {
        (Lane::Primary, Mood::Same)
    } else if begins("standby:") {
        (Lane::Standby, Mood::Busy)
    } else if begins("DNS names the standby") {
        (Lane::Dns, Mood::Busy)
    } else if begins("DNS names the primary") {
        (Lane::Dns, Mood::Good)
    } else if begins("DNS") {
        (Lane::Dns, Mood::Same)
    } else {
        (Lane::Controller, Mood::Same)
    }
}

/// The region of a role, in words.
pub(super) const fn word(role: Role) -> &'static str {
    match role {
        Role::Primary => "primary",
        Role::Standby => "standby",
    }
}
