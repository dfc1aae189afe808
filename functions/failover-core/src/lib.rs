//! The decision core of Pilotlight.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock, no randomness, no environment, no async.
//! The Lambda, the drills and `explain` all call the same [`decide`].
//!
//! An event's way: bytes → [`wire::parse`] → [`Signal`] → (the shell reads AWS) → [`Observation`] → [`decide`] →
//! [`Decision`] → (the shell acts) → one [`DecisionRecord`] line.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod course;
mod decide;
pub mod decision;
pub mod dns;
pub mod finding;
pub mod invariant;
mod known;
pub mod observation;
pub mod policy;
pub mod record;
mod register;
pub mod signal;
pub mod time;
pub mod verdict;
pub mod wire;

pub use decide::{Explanation, RuleTrace, decide, explain, target};
pub use decision::{Decision, DecisionRecord, Reason, ReasonKind};
pub use observation::{Known, Observation, Why};
pub use policy::Policy;
pub use record::Record;
pub use signal::Signal;
pub use time::Timestamp;
