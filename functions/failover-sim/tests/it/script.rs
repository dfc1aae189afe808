//! Outages as stories: what happened, minute by minute, and what the rules make of it.
//!
//! A script is a text of one line per event, played around the decision that ships with the clockwork that ships. Its
//! `expect` lines are asserted, its whole timeline is committed beside it, and every invariant holds unless the script names
//! the one that does not, and why. Where the world is coarser than the story, the script says so.

mod event;
mod expectation;
mod grammar;
mod moment;
mod outcome;
mod play;
mod read;
mod site;
mod timeline;
mod vocabulary;

pub(super) use self::read::{Script, language};
