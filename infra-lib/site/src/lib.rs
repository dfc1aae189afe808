//! A site: `pilotlight.toml` → [`config::Config`] → [`model::Site`], its stacks and what each is given → [`render`], the files
//! that CloudFormation reads. [`graph`] is the order of the stacks, [`init`] writes a first site file, [`names`] are checked once
//! and carried as types.
//!
//! Nothing here asks AWS. Every error is a [`miette::Diagnostic`]; its `help` is the next thing to type.

#![warn(missing_docs, clippy::missing_errors_doc)]

/// The folder of this crate where it was compiled: the templates in the program are those of that checkout.
pub const COMPILED_FROM: &str = env!("CARGO_MANIFEST_DIR");

pub mod config;
pub mod graph;
pub mod init;
pub mod model;
pub mod names;
pub mod private;
pub mod render;
