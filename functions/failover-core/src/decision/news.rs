//! What people are told beside what is done.

use serde::{Deserialize, Serialize};

use super::Notice;
use crate::record::{Lasting, Told};

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
