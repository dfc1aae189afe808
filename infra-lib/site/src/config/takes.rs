//! What a key of the site file takes, and whether it may be left out.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::time::Duration;

use failover_core::time::{format_duration, parse_duration};

use super::key::{Key, Kind, Need};
use super::reader::Section;
use crate::names::NameError;

/// How one value is written and read.
pub(super) trait Takes: Sized {
    type Value;

    fn kind(&self) -> Kind;

    /// # Errors
    /// [`NameError`] with what would be taken.
    fn read(&self, text: &str) -> Result<Self::Value, NameError>;

    /// It may not be left out. `sample` is shown.
    fn required(self, sample: &'static str) -> Required<Self> {
        Required(self, sample)
    }

    /// Without it `default` holds.
    fn or(self, default: &'static str) -> Or<Self> {
        Or(self, default)
    }

    /// Without it nothing holds. `sample` is shown.
    fn optional(self, sample: &'static str) -> Optional<Self> {
        Optional { takes: self, need: Need::Optional, shown: sample }
    }

    /// Without it something else follows, such as what is shown.
    fn derived(self, shown: &'static str) -> Optional<Self> {
        Optional { takes: self, need: Need::Derived, shown }
    }
}

/// How a key is asked for.
pub(super) trait Asks {
    type Value;

    fn shape(&self) -> (Kind, Need, &'static str);

    /// The value. `None` if it is wrong, which is then reported, or missing.
    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<Self::Value>;

    /// The row of the key; `meaning` are the lines of its doc comment.
    fn key(&self, section: &'static str, name: &'static str, meaning: &[&str]) -> Key {
        let (kind, need, shown) = self.shape();
        let lines: Vec<_> = meaning.iter().map(|line| line.trim()).collect();
        Key { section, name, meaning: lines.join(" "), kind, need, shown }
    }
}

pub(super) struct Required<T>(T, &'static str);

pub(super) struct Or<T>(T, &'static str);

pub(super) struct Optional<T> {
    takes: T,
    need: Need,
    shown: &'static str,
}

impl<T: Takes> Asks for Required<T> {
    type Value = T::Value;

    fn shape(&self) -> (Kind, Need, &'static str) {
        (self.0.kind(), Need::Required, self.1)
    }

    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<T::Value> {
        section.one(name, &self.0)?
    }
}

impl<T: Takes> Or<T> {
    /// Reads a key whose default is what is shown only as long as others have theirs.
    pub(super) fn unless(
        &self,
        section: &Section<'_>,
        name: &'static str,
        default: T::Value,
    ) -> Option<T::Value> {
        section.one(name, &self.0).map(|value| value.unwrap_or(default))
    }
}

impl<T: Takes> Asks for Or<T> {
    type Value = T::Value;

    fn shape(&self) -> (Kind, Need, &'static str) {
        (self.0.kind(), Need::Default, self.1)
    }

    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<T::Value> {
        let default = self.0.read(self.1).ok();
        self.unless(section, name, default.expect("a test reads every default"))
    }
}

impl<T: Takes> Optional<T> {
    /// Reads a key further than its text, such as a file that it names.
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) fn further<V>(
        &self,
        section: &Section<'_>,
        name: &'static str,
        read: impl Fn(T::Value) -> Result<V, NameError>,
    ) -> Option<Option<V>> {
        section.one_further(name, &self.takes, read)
    }
}

impl<T: Takes> Asks for Optional<T> {
    type Value = Option<T::Value>;

    fn shape(&self) -> (Kind, Need, &'static str) {
        (self.takes.kind(), self.need, self.shown)
    }

    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<Option<T::Value>> {
        section.one(name, &self.takes)
    }
}

/// Several texts, none of them twice; none at all if the key is absent.
pub(super) struct Texts<T> {
    read: fn(&str) -> Result<T, NameError>,
    most: usize,
    /// What is shown where one text can stand for an array of one.
    sample: Option<&'static str>,
}

/// An array of texts, none if it is left out.
pub(super) const fn texts<T>(read: fn(&str) -> Result<T, NameError>, most: usize) -> Texts<T> {
    Texts { read, most, sample: None }
}

/// A text or an array of them, none if it is left out.
pub(super) const fn text_or_texts<T>(
    read: fn(&str) -> Result<T, NameError>,
    most: usize,
    sample: &'static str,
) -> Texts<T> {
    Texts { read, most, sample: Some(sample) }
}

impl<T: PartialEq> Asks for Texts<T> {
    type Value = Vec<T>;

    fn shape(&self) -> (Kind, Need, &'static str) {
        let kind = Kind::Texts { most: self.most, or_one: self.sample.is_some() };
        match self.sample {
            Some(sample) => (kind, Need::Optional, sample),
            None => (kind, Need::Default, ""),
        }
    }

    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<Vec<T>> {
        section.several(name, self.most, self.sample.is_some(), self.read)
    }
}

/// Names with a text each, or nothing at all if the key is absent.
pub(super) struct Pairs {
    read: fn(&str, &str) -> Result<(), NameError>,
    most: usize,
    sample: &'static str,
}

/// A table of texts. `sample` is shown, as TOML has it.
pub(super) const fn pairs(
    read: fn(&str, &str) -> Result<(), NameError>,
    most: usize,
    sample: &'static str,
) -> Pairs {
    Pairs { read, most, sample }
}

impl Asks for Pairs {
    type Value = Option<BTreeMap<String, String>>;

    fn shape(&self) -> (Kind, Need, &'static str) {
        (Kind::Pairs { most: self.most }, Need::Optional, self.sample)
    }

    fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<Self::Value> {
        section.pairs(name, self.most, self.read)
    }
}

/// A text that a function reads.
pub(super) struct Text<T>(fn(&str) -> Result<T, NameError>);

pub(super) const fn text<T>(read: fn(&str) -> Result<T, NameError>) -> Text<T> {
    Text(read)
}

impl<T> Takes for Text<T> {
    type Value = T;

    fn kind(&self) -> Kind {
        Kind::Text
    }

    fn read(&self, text: &str) -> Result<T, NameError> {
        (self.0)(text)
    }
}

/// One of the words of an enum.
pub(super) struct Words<T>(PhantomData<T>);

pub(super) const fn word<T: Word>() -> Words<T> {
    Words(PhantomData)
}

/// An enum of words: the site file and the templates spell them alike.
pub(super) trait Word: Copy + Debug + 'static {
    const ALL: &'static [Self];
    const WORDS: &'static [&'static str];
}

impl<T: Word> Takes for Words<T> {
    type Value = T;

    fn kind(&self) -> Kind {
        Kind::Words(T::WORDS)
    }

    fn read(&self, text: &str) -> Result<T, NameError> {
        let found = T::WORDS.iter().position(|word| *word == text);
        found.map_or_else(|| wrong(either(T::WORDS)), |at| Ok(T::ALL[at]))
    }
}

/// A whole number within a range, or a word instead of it.
pub(super) struct Number<T> {
    low: u16,
    high: u16,
    or: Option<&'static str>,
    expected: &'static str,
    value: PhantomData<T>,
}

/// `expected` says the range, with its unit.
pub(super) const fn number(range: &RangeInclusive<u16>, expected: &'static str) -> Number<u16> {
    let (low, high) = (*range.start(), *range.end());
    Number { low, high, or: None, expected, value: PhantomData }
}

/// The word is read as `None`.
pub(super) const fn number_or(
    word: &'static str,
    range: &RangeInclusive<u16>,
    expected: &'static str,
) -> Number<Option<u16>> {
    let (low, high) = (*range.start(), *range.end());
    Number { low, high, or: Some(word), expected, value: PhantomData }
}

impl<T> Number<T> {
    fn shape(&self) -> Kind {
        Kind::Number { low: self.low, high: Some(self.high), or: self.or }
    }

    fn number(&self, text: &str) -> Result<u16, NameError> {
        let number = text.parse().ok().filter(|number| (self.low..=self.high).contains(number));
        number.map_or_else(|| wrong(self.expected), Ok)
    }
}

impl Takes for Number<u16> {
    type Value = u16;

    fn kind(&self) -> Kind {
        self.shape()
    }

    fn read(&self, text: &str) -> Result<u16, NameError> {
        self.number(text)
    }
}

impl Takes for Number<Option<u16>> {
    type Value = Option<u16>;

    fn kind(&self) -> Kind {
        self.shape()
    }

    fn read(&self, text: &str) -> Result<Option<u16>, NameError> {
        if self.or == Some(text) { Ok(None) } else { self.number(text).map(Some) }
    }
}

/// One of some whole numbers.
pub(super) struct Numbers(pub(super) &'static [u16], pub(super) &'static str);

impl Takes for Numbers {
    type Value = u16;

    fn kind(&self) -> Kind {
        Kind::Numbers(self.0)
    }

    fn read(&self, text: &str) -> Result<u16, NameError> {
        let number = text.parse().ok().filter(|number| self.0.contains(number));
        number.map_or_else(|| wrong(self.1), Ok)
    }
}

/// One of the durations that AWS offers, in any spelling.
pub(super) struct Durations(pub(super) &'static [&'static str]);

impl Takes for Durations {
    type Value = Duration;

    fn kind(&self) -> Kind {
        Kind::Duration(self.0)
    }

    fn read(&self, text: &str) -> Result<Duration, NameError> {
        let Some(duration) = parse_duration(text) else { return wrong(either(self.0)) };
        if self.0.iter().any(|offered| parse_duration(offered) == Some(duration)) {
            return Ok(duration);
        }
        let hint = Some(format!("AWS offers no {}", format_duration(duration)));
        Err(NameError { expected: either(self.0).into(), hint })
    }
}

pub(super) fn wrong<T>(
    expected: impl Into<std::borrow::Cow<'static, str>>,
) -> Result<T, NameError> {
    Err(NameError { expected: expected.into(), hint: None })
}

/// The words as a choice: `` `a`, `b` or `c` ``.
fn either(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some(_) | None => quoted.concat(),
    }
}
