//! The shortest history that still breaks the same promise, as far as patience goes.

use std::ops::Range;

use failover_core::time::after;

use crate::world::{Lags, Minute};

use super::ending::Ending;
use super::log::Log;
use super::place::Place;
use super::player::{Court, Player};

/// So many minutes are played at most, half a minute of a person's.
const PATIENCE: usize = 4_000_000;
/// The first cuts are no finer than this share of the history.
const COARSE: usize = 64;

/// A history that broke a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct History {
    pub(super) place: Place,
    pub(super) minutes: Vec<Minute>,
    /// The quiet end that showed it. `None`: the last minute did.
    pub(super) ending: Option<Ending>,
    /// The promise.
    pub(super) broken: &'static str,
}

impl History {
    /// Plays it. Answers how many minutes it took to break the promise, or `None` if it holds.
    pub(super) fn breaks(&self, court: Court<'_>, log: &mut Log) -> Option<usize> {
        let mut player = Player::new(&self.place, court);
        for (number, minute) in self.minutes.iter().enumerate() {
            log.play(&mut player, minute);
            if let Some(broken) = player.world.broken {
                return (self.ending.is_none() && broken == self.broken).then_some(number + 1);
            }
        }
        let ending = self.ending?;
        log.line(ending.words());
        let broken = ending.play(&mut player, log).err()?;
        (broken == self.broken).then_some(self.minutes.len())
    }

    /// The same, shorter and plainer.
    pub(super) fn shrunk(self, court: Court<'_>) -> Self {
        let mut shrinking = Shrinking { court, history: self, patience: PATIENCE };
        loop {
            let before = shrinking.history.size();
            shrinking.places();
            shrinking.begin_late();
            let length = shrinking.history.minutes.len();
            shrinking.stretches(length, (length / COARSE).max(1), &cut);
            shrinking.stretches(length, 1, &|minutes, stretch| minutes[stretch].fill(plain()));
            shrinking.stretches(length, 1, &cut);
            shrinking.plain();
            if shrinking.history.size() >= before || shrinking.patience == 0 {
                return shrinking.history;
            }
        }
    }

    /// Minutes, then what happens in them.
    fn size(&self) -> (usize, usize) {
        (self.minutes.len(), self.minutes.iter().map(|minute| simpler(*minute).len()).sum())
    }
}

struct Shrinking<'a> {
    court: Court<'a>,
    history: History,
    patience: usize,
}

impl Shrinking<'_> {
    /// Keeps the candidate if it breaks the same promise.
    fn offer(&mut self, mut candidate: History) -> bool {
        let cost = candidate.minutes.len();
        if candidate == self.history || self.patience < cost {
            return false;
        }
        self.patience -= cost;
        let Some(minutes) = candidate.breaks(self.court, &mut Log::silent()) else { return false };
        candidate.minutes.truncate(minutes);
        self.history = candidate;
        true
    }

    /// Changes stretches of the history, long ones first, late ones first.
    fn stretches(&mut self, longest: usize, shortest: usize, change: &Change) {
        let mut length = longest;
        while length >= shortest.max(1) {
            let mut to = self.history.minutes.len();
            // In a row of plain minutes one stretch is like the next.
            let mut plain_failed = false;
            while to > 0 {
                let from = to.saturating_sub(length);
                let plain = self.history.minutes[from..to].iter().all(|minute| *minute == plain());
                if !(plain && plain_failed) {
                    let mut candidate = self.history.clone();
                    change(&mut candidate.minutes, from..to);
                    plain_failed = !self.offer(candidate) && plain;
                }
                to = from.min(self.history.minutes.len());
            }
            length /= 2;
        }
    }

    /// Leaves the beginning out, and begins as much later: the load depends on the hour.
    fn begin_late(&mut self) {
        let mut skipped = self.history.minutes.len() / 2;
        while skipped > 0 {
            let mut candidate = self.history.clone();
            candidate.minutes.drain(..skipped);
            candidate.place.start =
                after(candidate.place.start, 60 * i64::try_from(skipped).unwrap_or(0));
            if !self.offer(candidate) {
                skipped /= 2;
            }
            skipped = skipped.min(self.history.minutes.len());
        }
    }

    fn places(&mut self) {
        let mut simplified = true;
        while simplified {
            let places = self.history.place.simpler();
            simplified = places.into_iter().any(|place| {
                let candidate = History { place, ..self.history.clone() };
                self.offer(candidate)
            });
        }
    }

    /// Takes single things out of single minutes.
    fn plain(&mut self) {
        for at in (0..self.history.minutes.len()).rev() {
            for minute in
                self.history.minutes.get(at).map(|&minute| simpler(minute)).unwrap_or_default()
            {
                let mut candidate = self.history.clone();
                candidate.minutes[at] = minute;
                if self.offer(candidate) {
                    break;
                }
            }
        }
    }
}

type Change = dyn Fn(&mut Vec<Minute>, Range<usize>);

fn cut(minutes: &mut Vec<Minute>, stretch: Range<usize>) {
    minutes.drain(stretch);
}

/// Nothing happens, and every event arrives.
fn plain() -> Minute {
    Minute { event: true, ..Minute::default() }
}

/// The same minute with one thing less.
fn simpler(minute: Minute) -> Vec<Minute> {
    let lags = minute.lags;
    let less = [
        Minute { flip: false, ..minute },
        Minute { relief: None, ..minute },
        Minute { fault: None, ..minute },
        Minute { operator: None, ..minute },
        Minute { late: false, ..minute },
        Minute { event: true, ..minute },
        Minute { skew: 0, ..minute },
        Minute { lags: Lags { alarm: false, ..lags }, ..minute },
        Minute { lags: Lags { gate: false, ..lags }, ..minute },
        Minute { lags: Lags { answer: false, ..lags }, ..minute },
        Minute { lags: Lags { tracking: false, ..lags }, ..minute },
    ];
    less.into_iter().filter(|other| *other != minute).collect()
}
