//! The Lambda: reads AWS, asks [`failover_core::decide`], acts, and logs one decision record.
//!
//! [`handler`] knows the order of an invocation, and [`failover_core::course`] that of its writes.
//! AWS, DNS, the network and the clock are seen through the traits of [`port`]; SDK types stop at
//! [`aws`].

#![warn(missing_docs, clippy::missing_errors_doc)]

mod acts;
pub mod aws;
pub mod dns;
pub mod egress;
pub mod emf;
pub mod error;
pub mod handler;
mod http;
pub mod log;
pub mod look;
mod observe;
pub mod port;
pub mod probe;
pub mod runtime;
pub mod settings;
mod wait;
