//! Provisioning: from a site file to stacks that stand, and back.
//!
//! A deploy's way: `pilotlight.toml` → [`config::Config`] → [`model::Site`] → [`render`] and [`check`] (offline) →
//! [`plan`] → [`apply`] in waves → [`outputs`] → the parameters of the next wave. [`cloud`] is the only way to AWS, and
//! `cloud::aws` the only place that knows the SDK. Nothing here prints: progress goes through a channel, results are values.
//!
//! Every error is a [`miette::Diagnostic`]; its `help` is the next thing to type.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub use ::{check, cost, diagram, python};
pub use machine::clock;
pub use site::{config, init, model, names, private, render};

pub mod apply;
mod change_set;
pub mod cloud;
pub mod destroy;
pub mod doctor;
pub mod drill;
pub mod graph;
pub mod guard;
pub mod needs;
pub mod outputs;
pub mod package;
pub mod plan;
pub mod price_list;
pub mod progress;
pub mod secret;
pub mod status;
pub mod steer;
pub mod views;
pub mod zone_servers;
pub mod zones;
