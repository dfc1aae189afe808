//! What people are told beside what is done.

use serde::{Deserialize, Serialize};

use crate::record::{Lasting, Told};

/// Plain language for people: what, why, what next, what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    /// One line, ASCII, at most 100 characters: the limit of an SNS subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What people are told beside what is done, in every mode.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct News {
    /// The findings that changed, or that still stand after a day.
    pub notice: Option<Notice>,
    /// What people have been told of: written once the notice was published, so that one that was lost is sent again.
    pub told: Option<Told>,
    /// Since when something lasts: written in any case.
    pub lasting: Option<Lasting>,
}

impl News {
    /// Nothing is new.
    pub const NONE: Self = Self { notice: None, told: None, lasting: None };
}

impl Default for News {
    fn default() -> Self {
        Self::NONE
    }
}
