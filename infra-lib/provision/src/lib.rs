//! From a site to stacks that stand, and back.
//!
//! | module | holds | knows |
//! |---|---|---|
//! | [`resource`], [`progress`] | what happens to a resource, and what a running operation tells of itself | the cloud |
//! | [`failure`] | what went wrong in a stack | the cloud |
//! | [`outputs`] | outputs of a wave → parameters of the next one | the cloud |
//! | [`error`] | what a plan, a deploy or a destruction can end with | `failure`, `outputs` |
//! | [`change`] | one change of a stack: its change set and the wait | those above |
//! | [`needs`], [`zones`], [`zone_servers`] | what a failover needs and may lack | `outputs` |
//! | [`plan`] | what a deploy would do, without doing it | those above |
//! | [`destroy`] | takes a site down | `plan`, `change` |
//! | [`apply`] | deploys, wave by wave | all of them |
//!
//! Each knows those above it and none below. Nothing here prints: progress goes through a channel, results are values. Every
//! error is a [`miette::Diagnostic`]; its `help` is the next thing to type.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod apply;
pub mod change;
pub mod destroy;
pub mod error;
pub mod failure;
pub mod needs;
pub mod outputs;
pub mod plan;
pub mod progress;
pub mod resource;
pub mod zone_servers;
pub mod zones;
