//! `[routing]`: how users are shared out while both regions serve.

use super::super::reader::{Form, Section};
use super::super::value::{within, words};
use crate::names::NameError;

/// How users are shared out with `routing = "active-active"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// By what.
    pub records: Records,
    /// The primary's weight. Range: 0 to 255.
    pub primary_weight: u16,
    /// The standby's weight. Range: 0 to 255.
    pub standby_weight: u16,
}

words! {
    /// By what users are sent to a region.
    Records, "`latency` or `weighted`",
    /// To the one that is nearest by the network.
    Latency = "latency",
    /// By two weights.
    Weighted = "weighted",
}

pub(super) fn read(section: Section<'_>) -> Option<Shares> {
    let records = section.or("records", Form::Text, Records::Latency, Records::parse);
    let primary_weight = section.or("primary_weight", Form::Number, 100, weight);
    let standby_weight = section.or("standby_weight", Form::Number, 100, weight);
    section.finish();
    Some(Shares {
        records: records?,
        primary_weight: primary_weight?,
        standby_weight: standby_weight?,
    })
}

fn weight(text: &str) -> Result<u16, NameError> {
    within(text, 0, 255, "a weight from 0 to 255")
}
