//! What people and programs meet of `cargo xtask`: its verbs and flags, how results, questions and errors are shown, how a
//! command ends. What a verb does is elsewhere: the operator's in the crate `pilotlight`, the contributor's in `xtask`.
//!
//! Data goes to standard output, progress and errors to standard error.

pub mod ask;
pub mod colour;
pub mod command;
pub mod exit;
pub mod flags;
pub mod interrupt;
pub mod output;
pub mod report;
pub mod sheet;
pub mod table;
pub mod ticker;
