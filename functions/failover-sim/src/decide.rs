//! Who decides: the function that ships, or a version of it that is broken on purpose.

use failover_core::{Decision, Observation, Policy, Signal, Timestamp};

/// A way to decide, as [`failover_core::decide`] does.
pub trait Decide:
    Fn(&Policy, &Signal, &Observation, Timestamp) -> Decision + Send + Sync + 'static
{
}

impl<F> Decide for F where
    F: Fn(&Policy, &Signal, &Observation, Timestamp) -> Decision + Send + Sync + 'static
{
}
