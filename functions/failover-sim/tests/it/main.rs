//! Tests of the world around the decision core.

mod outage;
mod proof;
mod run;
