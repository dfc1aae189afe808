//! Tests of the drills of a deployed site: an account in memory stands for AWS.

mod drill_left;
mod drill_levels;
mod journal;
