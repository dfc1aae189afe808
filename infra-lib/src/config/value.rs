//! What a single value of the site file may be, where several sections ask for the same kind.

use std::time::Duration;

use failover_core::time::{format_duration, parse_duration};

use crate::names::NameError;

/// An enum of words: the site file and the templates spell them alike.
macro_rules! words {
    (
        $(#[$attribute:meta])*
        $name:ident, $expected:literal,
        $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),+ $(,)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $name {
            /// As the site file and the templates spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            pub(in crate::config) fn parse(text: &str) -> Result<Self, $crate::names::NameError> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => $crate::config::value::wrong($expected),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(in crate::config) use words;

words! {
    /// Whether an option is used.
    Switch, "`on` or `off`",
    /// It is.
    On = "on",
    /// It is not.
    Off = "off",
}

impl Switch {
    /// Whether it is on.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }

    /// On if `condition` holds.
    #[must_use]
    pub const fn on_if(condition: bool) -> Self {
        if condition { Self::On } else { Self::Off }
    }
}

pub(super) fn wrong<T>(expected: &'static str) -> Result<T, NameError> {
    Err(NameError { expected, hint: None })
}

pub(super) fn within(
    text: &str,
    low: u16,
    high: u16,
    expected: &'static str,
) -> Result<u16, NameError> {
    match text.parse() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => wrong(expected),
    }
}

pub(super) fn seconds(
    text: &str,
    allowed: &[u64],
    expected: &'static str,
) -> Result<Duration, NameError> {
    match parse_duration(text) {
        Some(duration) if allowed.contains(&duration.as_secs()) => Ok(duration),
        Some(duration) => {
            let hint = Some(format!("AWS offers no {}", format_duration(duration)));
            Err(NameError { expected, hint })
        }
        None => wrong(expected),
    }
}

pub(super) fn email(text: &str) -> Result<String, NameError> {
    match text.split_once('@') {
        Some((user, domain)) if !user.is_empty() && domain.contains('.') && !text.contains(' ') => {
            // A domain is the same in any case, and SNS refuses to subscribe an address twice.
            Ok(format!("{user}@{}", domain.to_ascii_lowercase()))
        }
        _ => wrong("an e-mail address, such as `ops@example.com`"),
    }
}
