//! A reading, or why there is none; and what the operator allows, which is read like everything else.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// A reading that either succeeded or is unknown for a reason. Uncertainty is a value here, never an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// AWS answered and the answer could be read.
    Known(T),
    /// There is no answer to act on.
    Unknown(Why),
}

impl<T> Known<T> {
    /// The value, or `None` if it is unknown.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Applies `f` to a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Known(value) => Known::Known(f(value)),
            Self::Unknown(why) => Known::Unknown(why),
        }
    }

    /// Applies `f`, which may itself end in the unknown, to a known value.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Known<U>) -> Known<U> {
        match self {
            Self::Known(value) => f(value),
            Self::Unknown(why) => Known::Unknown(why),
        }
    }
}

/// Why a reading is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No answer within our own bound.
    Timeout,
    /// AWS asked us to slow down.
    Throttled,
    /// The role may not read it.
    Denied,
    /// AWS answered, and the thing is not there. An empty list is never good news.
    Empty,
    /// AWS answered something that cannot be read.
    Unparseable,
    /// AWS answered with an error of its own.
    Fault,
    /// Not read in this invocation: the decision did not wait for it.
    NotAsked,
    /// DNS answered with addresses that neither load balancer has.
    Foreign,
    /// The session token has expired: this process cannot reach AWS any more.
    Expired,
}

impl Why {
    /// The word for logs and notices.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Throttled => "throttled",
            Self::Denied => "access denied",
            Self::Empty => "not found",
            Self::Unparseable => "unreadable",
            Self::Fault => "service error",
            Self::NotAsked => "not asked",
            Self::Foreign => "addresses of neither region",
            Self::Expired => "session token expired",
        }
    }
}

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Mode {
    /// Decide and act. The default when no mode is set.
    Armed,
    /// Decide and report, write nothing.
    Observe,
    /// Touch nothing.
    Frozen,
}

impl Mode {
    /// Every mode.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word in the register, in requests and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}
