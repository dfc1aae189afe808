//! From what a drill noted to its journal: the same for every level.

use std::time::{Duration, Instant};

use failover_core::observation::AlarmState;
use failover_core::{DecisionRecord, ReasonKind, Signal, invariant};

use site::model::Site;

use crate::decisions;
use crate::journal::{
    Condition, Journal, Lane, Level, Milestone, Prediction, SCHEMA, between, phases, reached,
};
use crate::tally::{Sample, buckets, first_lost, tally};
use crate::timeline::{Event, Timeline};

/// What a drill is measured by. Nothing in it changes what happens.
#[derive(Clone, Debug)]
pub struct Script {
    /// How soon the standby has to serve. Units: seconds. `None`: no matter when.
    pub target_seconds: Option<f64>,
    /// How long each part was expected to take.
    pub predictions: Vec<Prediction>,
}

/// A drill that was played.
#[derive(Debug)]
pub struct Played {
    /// Its clock and its marks.
    pub timeline: Timeline,
    /// What the controller decided meanwhile, in the order of time.
    pub records: Vec<DecisionRecord>,
    /// What the clients of the site's own name got.
    pub samples: Vec<Sample>,
    /// From when to when requests are counted.
    pub counted: [Instant; 2],
    /// When the failback began.
    pub returned: Option<Instant>,
}

impl Played {
    /// The journal of it, without what the level alone knows.
    #[must_use]
    pub fn journal(mut self, level: Level, site: &Site, script: Script) -> Journal {
        self.recall();
        let Self { timeline, records, samples, counted: [from, to], returned } = self;
        let (started, started_at) = (timeline.started(), timeline.started_at());
        let (marks, capacity) = timeline.into_parts();
        let Script { target_seconds, predictions } = script;
        Journal {
            schema: SCHEMA,
            level,
            site: site.config.hostname.to_string(),
            primary_region: site.primary_region().to_string(),
            standby_region: site.standby_region().to_string(),
            started_at,
            target_seconds,
            shortened: Vec::new(),
            preconditions: Vec::new(),
            predictions,
            phases: phases(&marks),
            requests: buckets(&samples, started),
            capacity,
            decisions: decisions::lines(&records, started_at),
            invariants: invariant::verify(&records),
            recovery_seconds: between(&marks, Milestone::Begun, Milestone::Served),
            dark_seconds: between(&marks, Milestone::BegunDark, Milestone::ServedDark),
            failback_seconds: between(&marks, Milestone::Returned, Milestone::Closed),
            clients: tally(&samples, from, to, returned),
            marks,
            restored: Vec::new(),
            left_behind: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// Notes what nobody waited for: the raise, the messages of the alarm that reached the controller, and the first request
    /// that was lost.
    fn recall(&mut self) {
        let Self { timeline, records, samples, .. } = self;
        let raise = |record: &&DecisionRecord| {
            record.at >= timeline.started_at() && record.decision.reason.kind() == ReasonKind::Raise
        };
        if let Some(record) = records.iter().find(raise) {
            let at = timeline.moment(record.at);
            let marks = timeline.marks();
            let raised = reached(marks, Milestone::Raised).is_none();
            if reached(marks, Milestone::Decided).is_none() {
                let what = format!("the controller decides: raise; {}", asked(&record.signal));
                let decided = Event::new(Lane::Controller, Condition::Busy, what);
                timeline.recall(at, decided.at(Milestone::Decided));
            }
            if raised {
                let what = "the controller raises the standby group";
                let raise = Event::new(Lane::Controller, Condition::Same, what);
                timeline.recall(at, raise.at(Milestone::Raised));
            }
        }
        for record in records.iter() {
            let Signal::Alarm(claim) = &record.signal else { continue };
            let (condition, turned, brought) = match claim.state {
                AlarmState::Alarm => {
                    (Condition::Bad, Some(Milestone::Alarm), Some(Milestone::Event))
                }
                AlarmState::Ok => (Condition::Good, None, None),
                AlarmState::Insufficient => (Condition::Busy, None, None),
            };
            let word = claim.state.word();
            let turn = Event::new(
                Lane::Alarm,
                condition,
                format!("by its event the alarm turned to {word}"),
            );
            timeline.recall(timeline.moment(claim.at), turn.at(turned));
            let what = format!("SNS brought the controller the alarm's {word}");
            timeline.recall(
                timeline.moment(record.at),
                Event::new(Lane::Sns, condition, what).at(brought),
            );
        }
        let Some(begun) = reached(timeline.marks(), Milestone::Begun) else { return };
        let begun = timeline.started() + Duration::from_secs_f64(begun);
        if let Some(at) = first_lost(samples, begun) {
            let lost = Event::new(Lane::Clients, Condition::Bad, "the first request is lost");
            timeline.recall(at, lost);
        }
    }
}

/// What made the controller look at the site, in words.
#[must_use]
pub const fn asked(signal: &Signal) -> &'static str {
    match signal {
        Signal::Alarm(_) => "the alarm's event came first",
        Signal::Tick => "its tick came first",
        Signal::Look { .. } => "a look came first",
        Signal::Request(_) => "an operator asked for it",
        Signal::Rehearsal | Signal::Unreadable { .. } => "by chance",
    }
}
