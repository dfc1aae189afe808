//! The keys of the site file: one row for each, from which the reader, the JSON schema, the example file and the reference in
//! `docs/site-file.md` derive.
//!
//! A section declares its keys once, with [`section!`]: the doc comment of a field is what users read about the key. The rows of
//! `[failover]` are the core's [`SETTINGS`].

use failover_core::policy::{SETTINGS, Setting, Written};
use serde_json::{Value, json};

use super::reader::Section;
use super::section::Around;

/// The table of the policy's settings.
const OF_POLICY: &str = "failover";

/// A key of the site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The table that it belongs to; empty for the keys above the first table.
    pub section: &'static str,
    /// Its name, `snake_case`.
    pub name: &'static str,
    /// What it means, in whole sentences.
    pub meaning: String,
    /// What can be written.
    pub kind: Kind,
    /// Whether it may be left out.
    pub need: Need,
    /// The value to show, without quotes: the default, or a sample where there is none. Empty for a list that is empty.
    pub shown: &'static str,
}

/// What can be written for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text of a form that the reader checks.
    Text,
    /// One of some words.
    Words(&'static [&'static str]),
    /// A duration, one of those that AWS offers; any if none is listed.
    Duration(&'static [&'static str]),
    /// A whole number.
    Number {
        /// The smallest.
        low: u16,
        /// The largest; `None` where it depends on other keys.
        high: Option<u16>,
        /// A word that can stand instead.
        or: Option<&'static str>,
    },
    /// One of some whole numbers.
    Numbers(&'static [u16]),
    /// An array of texts.
    Texts {
        /// How many at most.
        most: usize,
        /// Whether one text can stand for an array of one.
        or_one: bool,
    },
    /// A table of texts.
    Pairs {
        /// How many at most.
        most: usize,
    },
}

/// Whether a key may be left out, and what holds then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may not.
    Required,
    /// The value that is shown holds.
    Default,
    /// The value that is shown holds for the other values that are shown; it follows from them.
    Derived,
    /// Nothing holds: what is shown is a sample.
    Optional,
}

/// How a value is written in TOML.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A string in quotes.
    Text,
    /// A bare integer.
    Number,
    /// Either.
    Any,
}

impl Key {
    /// The value that is shown, as JSON has it.
    #[must_use]
    pub fn value(&self) -> Value {
        let empty = matches!(self.kind, Kind::Texts { .. }) && self.shown.is_empty();
        if empty { json!([]) } else { self.kind.value(self.shown) }
    }

    /// The value that is shown, as TOML has it.
    #[must_use]
    pub fn written(&self) -> String {
        if let Kind::Pairs { .. } = self.kind {
            return self.shown.to_owned();
        }
        self.value().to_string()
    }

    /// What it means, and that it has no default if that is so.
    #[must_use]
    pub fn told(&self) -> String {
        match self.need {
            Need::Optional => format!("{} No default.", self.meaning),
            Need::Required | Need::Default | Need::Derived => self.meaning.clone(),
        }
    }

    fn of_setting(setting: &Setting) -> Self {
        let whole = |or| Kind::Number { low: 0, high: None, or };
        Self {
            section: OF_POLICY,
            name: setting.name,
            meaning: setting.meaning.to_owned(),
            kind: match setting.written {
                Written::Word(words) => Kind::Words(words),
                Written::Number => whole(None),
                Written::NumberOr(word) => whole(Some(word)),
                Written::Duration => Kind::Duration(&[]),
            },
            need: Need::Default,
            shown: setting.default,
        }
    }
}

impl Kind {
    /// A value of the kind, as JSON has it.
    pub(super) fn value(self, text: &str) -> Value {
        match self.form() {
            Form::Number | Form::Any => {
                text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
            }
            Form::Text => json!(text),
        }
    }

    pub(super) const fn form(self) -> Form {
        match self {
            Self::Number { or: None, .. } | Self::Numbers(_) => Form::Number,
            Self::Number { or: Some(_), .. } => Form::Any,
            Self::Text
            | Self::Words(_)
            | Self::Duration(_)
            | Self::Texts { .. }
            | Self::Pairs { .. } => Form::Text,
        }
    }
}

/// Every key, in the order of the example file.
#[must_use]
pub fn keys() -> Vec<Key> {
    super::section::keys()
}

/// The keys of `[failover]`.
pub(super) fn of_policy() -> Vec<Key> {
    let own = SETTINGS.iter().filter(|setting| setting.section() == OF_POLICY);
    own.map(Key::of_setting).collect()
}

/// A section whose keys are declared with [`section!`].
pub(super) trait Keys: Sized {
    /// Its keys.
    fn keys() -> Vec<Key>;

    /// Reads every key. `None` if one is wrong, which is then reported, or missing, which [`Section::finish`] reports.
    fn take(section: &Section<'_>, around: &Around<'_>) -> Option<Self>;

    /// Reads a whole section.
    fn read(section: Section<'_>, around: &Around<'_>) -> Option<Self> {
        let taken = Self::take(&section, around);
        section.finish(&Self::keys(), &[]);
        taken
    }
}

/// Declares a section once: its type, its keys and how they are read.
///
/// `field: Type = what it takes . whether it may be left out`, with `=> how(…)` where reading needs more than the text. The words
/// in bars name what is read elsewhere ([`Around`]); a default may also name a field above it, which is an `Option` there.
macro_rules! section {
    (
        $(#[$attribute:meta])*
        struct $name:ident = $section:literal, |$around:ident| {
            $(
                $(#[doc = $meaning:literal])+
                $key:ident: $type:ty = $asks:expr $(=> $how:ident($($more:expr),*))?
            ),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $key: $type,)+
        }

        impl $crate::config::key::Keys for $name {
            fn keys() -> Vec<$crate::config::key::Key> {
                vec![$($asks.key($section, stringify!($key), &[$($meaning),+])),+]
            }

            fn take(
                section: &$crate::config::reader::Section<'_>,
                $around: &$crate::config::section::Around<'_>,
            ) -> Option<Self> {
                let _ = $around;
                $(
                    let $key = $crate::config::key::section!(
                        @ask $asks, section, $key $(, $how $(, $more)*)?
                    );
                )+
                Some(Self { $($key: $key?),+ })
            }
        }
    };
    (@ask $asks:expr, $section:ident, $key:ident) => {
        $asks.ask($section, stringify!($key))
    };
    (@ask $asks:expr, $section:ident, $key:ident, $how:ident $(, $more:expr)*) => {
        $asks.$how($section, stringify!($key) $(, $more)*)
    };
}
pub(super) use section;
