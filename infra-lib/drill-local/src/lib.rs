//! The world around the emulated AWS, so that a whole failover happens on one machine.
//!
//! The emulator has alarms, topics, functions and groups, but nothing that probes an endpoint, serves a request or
//! answers DNS. These modules do, with real sockets on the loopback addresses:
//!
//! | module | stands for |
//! |---|---|
//! | [`emulator`] | AWS itself: installed once, started, and ended with everything it started |
//! | [`proxy`] | the network between the function and AWS, with faults by region and service |
//! | [`fleet`] | a region: its load balancer and the instances of its Auto Scaling group |
//! | [`checkers`] | Route 53's health checkers and the metric that they feed |
//! | [`latch`] | Route 53's check on the metric that the controller feeds |
//! | [`dns`] | Route 53's name servers, answering by the failover table and with the verdict's own name |
//! | [`route53`] | what Route 53 is told by a drill: a check turned round, a name of the drill's own |
//! | [`world`] | all of it, wired together, with its users |
//! | [`stage`], [`story`] | a site deployed into it, and the failover and failback that are played there |
//!
//! Times are parameters. What a drill shortens against AWS it has to say; nothing here shortens by itself. Which instances
//! exist is told by the caller, who reads it from the Auto Scaling group; which region answers follows from health alone.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod answer;
mod balancer;
mod call;
pub mod changes;
pub mod checkers;
mod checks;
pub mod dns;
pub mod emulator;
mod error;
pub mod findings;
pub mod fleet;
mod front;
mod group;
mod instance;
pub mod latch;
mod names;
mod note;
mod pool;
mod process;
pub mod proxy;
pub mod pulse;
pub mod route53;
pub mod stage;
pub mod story;
mod verdict;
pub mod world;
mod zone;
