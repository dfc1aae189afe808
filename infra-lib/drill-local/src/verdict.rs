//! Route 53's rules of judgement, without sockets: a checker's streak, and the share of checkers that makes a verdict.

use std::sync::Mutex;

use drill::locked;

use crate::answer::Health;
use crate::changes::Changes;

/// How many checkers watch an endpoint: at 30 s one asks about every two seconds.
pub const CHECKERS: u32 = 16;
/// An endpoint is healthy while more than this share of the checkers holds it for healthy. Units: percent.
const HEALTHY_PERCENT: u32 = 18;

/// What all the checkers together hold of the endpoint.
#[derive(Debug)]
pub(super) struct Verdict {
    threshold: u32,
    state: Mutex<State>,
    health: Changes<Health>,
}

#[derive(Debug)]
struct State {
    checkers: Vec<Checker>,
    inverted: bool,
}

impl Verdict {
    pub(super) fn new(threshold: u32) -> Self {
        let checkers = (0..CHECKERS).map(|_| Checker::NEW).collect();
        Self {
            threshold,
            state: Mutex::new(State { checkers, inverted: false }),
            health: Changes::new(Health::Healthy),
        }
    }

    pub(super) const fn health(&self) -> &Changes<Health> {
        &self.health
    }

    /// One more result of one checker.
    pub(super) fn observe(&self, number: u32, good: bool) {
        let mut state = locked(&self.state);
        if let Some(checker) = state.checkers.get_mut(number as usize) {
            checker.observe(good, self.threshold);
        }
        self.settle(&state);
    }

    /// Turns the verdict round, as `Inverted` does; the checkers go on as before.
    pub(super) fn turn(&self, inverted: bool) {
        let mut state = locked(&self.state);
        state.inverted = inverted;
        self.settle(&state);
    }

    fn settle(&self, state: &State) {
        let checkers_healthy =
            state.checkers.iter().map(|checker| u32::from(checker.healthy)).sum();
        let found = verdict(checkers_healthy, CHECKERS);
        self.health.set(Health::from((found == Health::Healthy) != state.inverted));
    }
}

/// What one checker holds of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checker {
    healthy: bool,
    /// Results in a row that speak against what it holds.
    against: u32,
}

impl Checker {
    const NEW: Self = Self { healthy: true, against: 0 };

    fn observe(&mut self, good: bool, threshold: u32) {
        if good == self.healthy {
            self.against = 0;
            return;
        }
        self.against += 1;
        if self.against >= threshold {
            *self = Self { healthy: good, against: 0 };
        }
    }
}

/// Healthy while more than 18 % of the checkers say so.
fn verdict(healthy: u32, all: u32) -> Health {
    Health::from(healthy * 100 > all * HEALTHY_PERCENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: one checker changes its mind after `threshold` results in a row, both ways. Method: streaks.
    #[test]
    fn a_checker_flips_after_the_threshold() {
        let mut checker = Checker::NEW;
        let mut after = |good| {
            checker.observe(good, 3);
            checker.healthy
        };
        assert_eq!(
            [false, false, true, false, false, false].map(&mut after),
            [true, true, true, true, true, false]
        );
        assert_eq!(
            [true, true, false, true, true, true].map(&mut after),
            [false, false, false, false, false, true]
        );
    }

    /// Goal: an inverted check says the opposite, at once and back again. Method: turn it, with a failing and a good endpoint.
    #[test]
    fn an_inverted_check_says_the_opposite() {
        let verdict = Verdict::new(1);
        let now = || verdict.health().now();
        verdict.turn(true);
        assert_eq!(now(), Health::Unhealthy);
        for number in 0..CHECKERS {
            verdict.observe(number, false);
        }
        assert_eq!(now(), Health::Healthy, "a dead endpoint looks well");
        verdict.turn(false);
        assert_eq!(now(), Health::Unhealthy);
        assert_eq!(verdict.health().all().len(), 3);
    }

    /// Goal: two of sixteen are too few, three are enough. Method: every count.
    #[test]
    fn the_endpoint_is_healthy_above_18_percent() {
        for healthy in 0..=CHECKERS {
            assert_eq!(verdict(healthy, CHECKERS), Health::from(healthy >= 3), "{healthy}");
        }
        assert_eq!((verdict(18, 100), verdict(19, 100)), (Health::Unhealthy, Health::Healthy));
    }

    /// Goal: the verdict falls with the fourteenth checker and returns with the third. Method: results one by one.
    #[test]
    fn the_verdict_changes_with_the_share_of_checkers() {
        let verdict = Verdict::new(1);
        let health = || verdict.health().now();
        for number in 0..CHECKERS {
            verdict.observe(number, false);
            assert_eq!(health(), Health::from(number < 13), "checker {number}");
        }
        for number in 0..3 {
            verdict.observe(number, true);
            assert_eq!(health(), Health::from(number == 2), "checker {number}");
        }
        let changes: Vec<_> = verdict.health().all().iter().map(|change| change.to).collect();
        assert_eq!(changes, [Health::Unhealthy, Health::Healthy]);
    }
}
