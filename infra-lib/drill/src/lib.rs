//! Fail over on purpose, measure it, and come back. The crate `drill-local` plays one on this machine.
//!
//! | module | holds |
//! |---|---|
//! | [`clients`] | the users: resolve, connect, ask, and note what they got |
//! | [`timeline`] | the drill's clock, what happened by it, and whoever listens |
//! | [`tally`] | what clients got, and what follows from it |
//! | [`played`] | from what a drill noted to its journal, the same for every level |
//! | [`journal`] | what a drill saw, as plain data; every level fills the same |
//! | [`levels`] | drills of a deployed site: what each demands, foretells, does and watches |
//! | [`prober`] | independent clients of a deployed site |
//! | [`restore`] | what a drill must put back, and the putting back |
//! | [`report`] | what a drill found |
//!
//! **Invariant**: nothing here decides. The controller decides, and a drill looks.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod clients;
mod decisions;
mod error;
pub mod http;
pub mod journal;
pub mod levels;
pub mod played;
pub mod prober;
pub mod report;
mod resolver;
pub mod restore;
pub mod tally;
pub mod timeline;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// The guarded value. A panic elsewhere does not make it unusable: every change under these locks is a single step.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rounds at this interval, the first at once. On a busy machine they come late, not all at once.
#[must_use]
pub fn rounds(every: Duration) -> Interval {
    let mut rounds = interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}
