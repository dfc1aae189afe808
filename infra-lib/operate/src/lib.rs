//! A site that stands: what is told of it, and what its controller is asked.
//!
//! [`status`] reads which region serves, what is raised and why; [`steer`] is failover and failback by hand, and knows the
//! status; [`price_list`] asks AWS for newer prices.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod price_list;
pub mod status;
pub mod steer;
