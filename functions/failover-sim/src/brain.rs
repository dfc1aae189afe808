//! Who decides: the function that ships, or a version of it that is broken on purpose.

use failover_core::{Decision, Observation, Policy, Signal, Timestamp};

/// A way to decide.
pub trait Brain: Send + Sync + 'static {
    /// The same as [`failover_core::decide`].
    fn decide(
        &self,
        policy: &Policy,
        signal: &Signal,
        observation: &Observation,
        now: Timestamp,
    ) -> Decision;
}

/// The function that ships.
#[derive(Clone, Copy, Debug)]
pub struct Shipped;

impl Brain for Shipped {
    fn decide(
        &self,
        policy: &Policy,
        signal: &Signal,
        observation: &Observation,
        now: Timestamp,
    ) -> Decision {
        failover_core::decide(policy, signal, observation, now)
    }
}
