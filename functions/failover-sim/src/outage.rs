//! Outages as stories: what happened, minute by minute, and what the rules make of it.
//!
//! A script is a text of one line per event, played around the decision that ships with the clockwork that ships. Its
//! `expect` lines are asserted, its whole timeline is committed beside it, and every invariant holds unless the script names
//! the one that does not, and why. Where the world is coarser than the story, the script says so.
//!
//! ```
//! use failover_sim::outage::Script;
//!
//! let script = Script::read("blip.outage", "
//! site    demand 4, floor 0
//! from    2025-10-20 06:40
//! 06:55   the primary fails
//! 06:58   the primary is back
//! until   08:00
//! expect  raised at 06:56 because of alarm
//! ").expect("every line is understood");
//! assert!(script.play().wrong().is_empty());
//! ```

mod event;
mod expectation;
mod grammar;
mod moment;
mod outcome;
mod play;
mod script;
mod site;
mod timeline;
mod vocabulary;

pub use self::outcome::Outcome;
pub use self::script::{Script, ScriptError, language};
