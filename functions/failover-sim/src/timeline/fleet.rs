//! Many sites of one account that fail at once: the Auto Scaling API lets them through one after the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::chance::Chance;

use super::phases::Phases;
use super::{Setup, play};

/// What an API lets through: a bucket of tokens. AWS publishes no numbers for Auto Scaling's; these are assumptions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Calls at once.
    pub burst: f64,
    /// Calls a second after that. Range: above 0.
    pub per_second: f64,
}

impl Limits {
    /// An *assumption*, on the low side.
    pub const ASSUMED: Self = Self { burst: 25.0, per_second: 5.0 };
}

/// Calls of one raise that count against the limit: the note, and the group.
const CALLS: u8 = 2;
/// Tries of one invocation, as the controller's client is set.
const TRIES: u8 = 2;
/// Pause between two tries, with luck on top. Units: seconds.
const PAUSE: f64 = 0.2;
/// BOUND: attempts of one site. A day of ticks.
const ATTEMPTS: u32 = 1440;

/// Many sites at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crowd {
    /// How many sites.
    pub sites: u32,
    /// What the API lets through.
    pub limits: Limits,
}

/// How a crowd got through. Units: seconds since the primaries stopped serving.
#[derive(Clone, Debug, PartialEq)]
pub struct Drain {
    /// When each site was raised, in rising order. Not finite for a site that never was.
    pub raised: Vec<f64>,
    /// When they would have been raised each alone, in rising order.
    pub alone: Vec<f64>,
    /// Calls that were refused.
    pub refused: u32,
}

/// A site that wants through.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Attempt {
    at: f64,
    site: u32,
    left: u8,
    tries: u8,
    attempts: u32,
}

impl Eq for Attempt {}

impl PartialOrd for Attempt {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Attempt {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.total_cmp(&other.at).then(self.site.cmp(&other.site))
    }
}

/// Lets many sites of one setup fail in the same second. What is refused is tried again by the controller's client, and then
/// by its next tick.
#[must_use]
pub fn crowd(setup: &Setup, phases: &Phases, seed: u64, crowd: Crowd) -> Drain {
    let Crowd { sites, limits } = crowd;
    let alone = play(setup, phases, seed, sites);
    let tick = setup.policy.tick().as_secs_f64();
    let mut queue: BinaryHeap<Reverse<Attempt>> = (0..sites)
        .zip(&alone)
        .map(|(site, timeline)| {
            let at = timeline.raised;
            Reverse(Attempt { at, site, left: CALLS, tries: TRIES, attempts: 0 })
        })
        .collect();
    let mut luck = Chance::new(seed, u64::MAX);
    let (mut tokens, mut filled) = (limits.burst, 0.0_f64);
    let mut raised = Vec::new();
    let mut refused = 0;
    while let Some(Reverse(attempt)) = queue.pop() {
        let waited = (attempt.at - filled).max(0.0);
        tokens = (tokens + waited * limits.per_second).min(limits.burst);
        filled = filled.max(attempt.at);
        if tokens >= 1.0 {
            tokens -= 1.0;
            if attempt.left == 1 {
                raised.push(attempt.at);
            } else {
                queue.push(Reverse(Attempt { left: attempt.left - 1, ..attempt }));
            }
            continue;
        }
        refused += 1;
        let pause = PAUSE + luck.up_to(PAUSE);
        if attempt.attempts >= ATTEMPTS {
            raised.push(f64::INFINITY);
        } else if attempt.tries > 1 {
            let (at, tries) = (attempt.at + pause, attempt.tries - 1);
            queue.push(Reverse(Attempt { at, tries, ..attempt }));
        } else {
            // The invocation is over; the next tick begins with the note again.
            let (at, attempts) = (attempt.at + tick + pause, attempt.attempts + 1);
            queue.push(Reverse(Attempt { at, left: CALLS, tries: TRIES, attempts, ..attempt }));
        }
    }
    raised.sort_by(f64::total_cmp);
    let mut alone: Vec<f64> = alone.iter().map(|timeline| timeline.raised).collect();
    alone.sort_by(f64::total_cmp);
    Drain { raised, alone, refused }
}
