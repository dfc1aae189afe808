//! Every history within a [`Scope`], walked by Stateright around the decision that ships.
//!
//! Safety is judged on every step. Liveness is not Stateright's `eventually`, which misses counterexamples on cycles and
//! joined paths, but an `always`: from *every* reachable state both futures without faults, the primary stays up and the
//! primary stays down, are run until nothing changes any more, within a stated number of minutes.

mod canonical;
mod choices;
mod future;
mod reached;
mod search;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use stateright::{Model, Property};

use crate::decide::Decide;
use crate::scope::Scope;
use crate::world::{Judged, Minute, Rulings, Site, Stage, World};

use self::future::Memory;

use self::reached::bit_of;
pub(crate) use self::search::search;
pub use self::search::{Progress, Proven, Violation, prove};

/// No invariant is broken.
const SAFE: &str = "safe";
/// The first kind of liveness.
const SERVES: &str = "L1 served by the standby while the primary stays down";
/// The second kind.
const RECOVERS: &str = "L2 back to normal while the primary stays up";

/// A history so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// How the world stands.
    pub world: World,
    /// How often the primary may still change.
    pub flips: u8,
    /// How many things may still go wrong.
    pub faults: u8,
    /// How often the operator may still act.
    pub orders: u8,
}

/// The model of one scope.
pub(crate) struct Proof {
    scope: Scope,
    site: Site,
    decide: Box<dyn Decide>,
    judged: Judged,
    rulings: Rulings,
    /// Reasons that were decided so far, one bit each.
    seen: AtomicU64,
    memory: Memory,
    longest: [AtomicU8; 2],
    /// Which property has been violated already: the first violation is the shortest, and the checker would keep the last.
    violated: [AtomicBool; 3],
}

impl Proof {
    /// A proof of `scope` about `decide`.
    pub fn new(scope: Scope, decide: impl Decide, judged: Judged) -> Self {
        let site = scope.site();
        Self {
            scope,
            site,
            decide: Box::new(decide),
            judged,
            rulings: Rulings::new(judged),
            seen: AtomicU64::new(0),
            memory: Memory::default(),
            longest: Default::default(),
            violated: Default::default(),
        }
    }

    /// What one minute needs.
    #[must_use]
    pub fn stage(&self) -> Stage<'_> {
        Stage {
            site: &self.site,
            decide: &*self.decide,
            judged: self.judged,
            ticks: self.scope.ticks,
            rulings: Some(&self.rulings),
        }
    }

    /// The longest way, in minutes, back to normal when the primary stays up, and to a serving standby when it stays down,
    /// over every state that was reached.
    #[must_use]
    pub fn longest(&self) -> [u8; 2] {
        self.longest.each_ref().map(|longest| longest.load(Ordering::Relaxed))
    }

    /// `false` for the first violation only.
    fn holds(&self, property: usize, holds: bool) -> bool {
        holds || self.violated[property].swap(true, Ordering::Relaxed)
    }

    fn note(&self, reason: &failover_core::Reason) {
        let bit = bit_of(reason.kind());
        if self.seen.load(Ordering::Relaxed) & bit == 0 {
            self.seen.fetch_or(bit, Ordering::Relaxed);
        }
    }
}

impl Model for Proof {
    type State = State;
    type Action = Minute;

    fn init_states(&self) -> Vec<State> {
        let world = self.scope.world(&self.site);
        let Scope { flips, faults, orders, .. } = self.scope;
        let world = canonical::canonical(world, &self.scope, &self.site);
        vec![State { world, flips, faults, orders }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Minute>) {
        if state.world.broken.is_none() {
            choices::choices(&self.scope, &self.site, state, actions);
        }
    }

    fn next_state(&self, state: &State, minute: Minute) -> Option<State> {
        let world = state
            .world
            .after(&self.stage(), &minute, &mut |_, ran| self.note(&ran.decision().reason))?;
        Some(State {
            world: canonical::canonical(world, &self.scope, &self.site),
            flips: state.flips - u8::from(minute.flip),
            faults: state.faults - u8::from(minute.fault.is_some()),
            orders: state.orders - u8::from(minute.operator.is_some()),
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(SAFE, |proof: &Self, state: &State| {
                proof.holds(0, state.world.broken.is_none())
            }),
            Property::always(SERVES, |proof: &Self, state: &State| {
                proof.holds(1, proof.serves(&state.world))
            }),
        ];
        if self.scope.recovers {
            properties.push(Property::always(RECOVERS, |proof: &Self, state: &State| {
                proof.holds(2, proof.recovers(&state.world))
            }));
        }
        properties.extend(reached::properties(self.scope.reasons));
        properties
    }
}
