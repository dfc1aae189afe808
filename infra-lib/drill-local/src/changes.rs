//! Something that changes: what it is now, and when it changed.

use std::sync::Mutex;
use std::time::Instant;

use tokio::sync::watch;

use drill::locked;

/// BOUND: a drill changes a few things a few times; one that flaps must not fill the memory.
const CHANGES_MAX: usize = 10_000;

/// What something is, for whoever waits for it, and its changes.
#[derive(Debug)]
pub struct Changes<T> {
    seen: Mutex<Vec<Change<T>>>,
    now: watch::Sender<T>,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// When.
    pub at: Instant,
    /// What it is from then on.
    pub to: T,
}

impl<T: Copy + PartialEq> Changes<T> {
    pub(super) fn new(first: T) -> Self {
        Self { seen: Mutex::default(), now: watch::Sender::new(first) }
    }

    /// It is so from now on. Recorded before it is told: who was told finds it recorded.
    pub(super) fn set(&self, to: T) {
        self.now.send_if_modified(|now| {
            if *now == to {
                return false;
            }
            *now = to;
            let mut seen = locked(&self.seen);
            if seen.len() < CHANGES_MAX {
                seen.push(Change { at: Instant::now(), to });
            }
            true
        });
    }

    /// What it is now.
    #[must_use]
    pub fn now(&self) -> T {
        *self.now.borrow()
    }

    /// Tells every change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<T> {
        self.now.subscribe()
    }

    /// Every change since the start, the oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Change<T>> {
        locked(&self.seen).clone()
    }
}
