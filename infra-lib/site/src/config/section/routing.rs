//! `[routing]`: how users are shared out while both regions serve.

use super::super::key::section;
use super::super::takes::{number, word};
use super::super::value::words;

section! {
    /// How users are shared out with `routing = "active-active"`.
    #[derive(Copy)]
    struct Shares = "routing", |around| {
        /// With `active-active` only: `latency` (each user to the nearer region) or `weighted`.
        records: Records = word::<Records>().or("latency"),
        /// With `weighted` only: the primary's share, 0 to 255.
        primary_weight: u16 = number(0..=255, "a weight from 0 to 255").or("100"),
        /// With `weighted` only: the standby's share, 0 to 255.
        standby_weight: u16 = number(0..=255, "a weight from 0 to 255").or("100"),
    }
}

words! {
    /// By what users are sent to a region.
    Records,
    /// To the one that is nearest by the network.
    Latency = "latency",
    /// By two weights.
    Weighted = "weighted",
}
