//! Tests of the world around the decision core.

#![expect(clippy::panic, reason = "helpers of tests fail like tests")]
#![expect(clippy::too_many_lines, reason = "tables of cases")]
#![expect(clippy::similar_names, reason = "a line and the lines it is among")]

mod outage;
mod proof;
mod run;
mod script;
mod telling;
mod timeline;
