//! What a decision record says, in sentences: for `status`, `explain`, drills and their reports. The Lambda logs values and has
//! none of it.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod inputs;
pub mod numbers;
mod phases;
mod summary;
mod told;
mod words;

use failover_core::DecisionRecord;

pub use self::inputs::{Input, headline_time};
pub use self::phases::PHASES;
pub use self::told::{Broken, Difference, End, Evidence, Rule, Told, Write};
pub use self::words::{clock, failed, lasting, latch, since, sizes};

/// What a record decided and why, as one sentence.
#[must_use]
pub fn sentence(record: &DecisionRecord) -> String {
    Told::of(record).summary
}
