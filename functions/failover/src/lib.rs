//! The Lambda: reads AWS, asks [`failover_core::decide`], acts, and logs one decision record.
//!
//! [`handler`] is the only file that knows the order of things. It sees AWS, DNS, the network and
//! the clock through the traits of [`port`]; SDK types stop at [`aws`].

#![warn(missing_docs, clippy::missing_errors_doc)]

mod acts;
pub mod aws;
pub mod dns;
pub mod emf;
pub mod error;
pub mod handler;
pub mod log;
mod observe;
pub mod port;
pub mod probe;
pub mod runtime;
pub mod settings;
mod wait;
