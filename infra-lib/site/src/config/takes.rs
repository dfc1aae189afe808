//! What a key of the site file takes, and whether it may be left out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use failover_core::time::{format_duration, parse_duration};

use super::key::{Key, Kind, Need};
use super::reader::Section;
use crate::names::NameError;

/// Reads a text, or says what would be taken.
type Read<T> = Box<dyn Fn(&str) -> Result<T, NameError>>;

/// How one value is written and read.
pub(super) struct Takes<T> {
    kind: Kind,
    read: Read<T>,
}

/// A text that a function reads.
pub(super) fn text<T: 'static>(read: fn(&str) -> Result<T, NameError>) -> Takes<T> {
    Takes { kind: Kind::Text, read: Box::new(read) }
}

/// An enum of words: the site file and the templates spell them alike.
pub(super) trait Word: Copy + 'static {
    const ALL: &'static [Self];
    const WORDS: &'static [&'static str];
}

/// One of the words of an enum.
pub(super) fn word<T: Word>() -> Takes<T> {
    let read = |text: &str| {
        let found = T::WORDS.iter().position(|word| *word == text);
        found.map_or_else(|| wrong(either(T::WORDS)), |at| Ok(T::ALL[at]))
    };
    Takes { kind: Kind::Words(T::WORDS), read: Box::new(read) }
}

/// A whole number. `expected` says the range, with its unit.
pub(super) fn number(range: RangeInclusive<u16>, expected: &'static str) -> Takes<u16> {
    let kind = Kind::Number { low: *range.start(), high: Some(*range.end()), or: None };
    let read = move |text: &str| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map_or_else(|| wrong(expected), Ok)
    };
    Takes { kind, read: Box::new(read) }
}

/// A whole number, or a word that is read as `None`.
pub(super) fn number_or(
    word: &'static str,
    range: RangeInclusive<u16>,
    expected: &'static str,
) -> Takes<Option<u16>> {
    let kind = Kind::Number { low: *range.start(), high: Some(*range.end()), or: Some(word) };
    let number = number(range, expected).read;
    let read = move |text: &str| if text == word { Ok(None) } else { number(text).map(Some) };
    Takes { kind, read: Box::new(read) }
}

/// One of some whole numbers.
pub(super) fn numbers(offered: &'static [u16], expected: &'static str) -> Takes<u16> {
    let read = move |text: &str| {
        let number = text.parse().ok().filter(|number| offered.contains(number));
        number.map_or_else(|| wrong(expected), Ok)
    };
    Takes { kind: Kind::Numbers(offered), read: Box::new(read) }
}

/// One of the durations that AWS offers, in any spelling.
pub(super) fn durations(offered: &'static [&'static str]) -> Takes<Duration> {
    let read = |text: &str| {
        let Some(duration) = parse_duration(text) else { return wrong(either(offered)) };
        if offered.iter().any(|offered| parse_duration(offered) == Some(duration)) {
            return Ok(duration);
        }
        let hint = Some(format!("AWS offers no {}", format_duration(duration)));
        Err(NameError { expected: either(offered).into(), hint })
    };
    Takes { kind: Kind::Duration(offered), read: Box::new(read) }
}

impl<T: 'static> Takes<T> {
    /// It may not be left out. `sample` is shown.
    pub(super) fn required(self, sample: &'static str) -> Ask<T> {
        let Self { kind, read } = self;
        Ask::new(kind, Need::Required, sample, move |section, name| {
            section.one(name, kind.form(), &read)?
        })
    }

    /// Without it `default` holds.
    pub(super) fn or(self, default: &'static str) -> Ask<T> {
        let Self { kind, read } = self;
        Ask::new(kind, Need::Default, default, move |section, name| {
            let given = section.one(name, kind.form(), &read)?;
            Some(given.unwrap_or_else(|| read(default).expect("a test reads every default")))
        })
    }

    /// Without it nothing holds. `sample` is shown.
    pub(super) fn optional(self, sample: &'static str) -> Ask<Option<T>> {
        self.open(Need::Optional, sample)
    }

    /// Without it something else follows, such as what is shown.
    pub(super) fn derived(self, shown: &'static str) -> Ask<Option<T>> {
        self.open(Need::Derived, shown)
    }

    fn open(self, need: Need, shown: &'static str) -> Ask<Option<T>> {
        let Self { kind, read } = self;
        Ask::new(kind, need, shown, move |section, name| section.one(name, kind.form(), &read))
    }
}

/// Several texts, none of them twice; an array, and none if it is left out.
pub(super) fn texts<T: PartialEq + 'static>(
    read: fn(&str) -> Result<T, NameError>,
    most: usize,
) -> Ask<Vec<T>> {
    Ask::new(Kind::Texts { most, or_one: false }, Need::Default, "", move |section, name| {
        section.several(name, most, false, read)
    })
}

/// The same, and one text can stand for an array of one. `sample` is shown.
pub(super) fn text_or_texts<T: PartialEq + 'static>(
    read: fn(&str) -> Result<T, NameError>,
    most: usize,
    sample: &'static str,
) -> Ask<Vec<T>> {
    Ask::new(Kind::Texts { most, or_one: true }, Need::Optional, sample, move |section, name| {
        section.several(name, most, true, read)
    })
}

/// Names with a text each, or nothing at all if the key is absent. `sample` is shown, as TOML has it.
pub(super) fn pairs(
    read: fn(&str, &str) -> Result<(), NameError>,
    most: usize,
    sample: &'static str,
) -> Ask<Option<BTreeMap<String, String>>> {
    Ask::new(Kind::Pairs { most }, Need::Optional, sample, move |section, name| {
        section.pairs(name, most, read)
    })
}

/// Takes a key out of its section. `None` if it is wrong, which is then reported, or missing.
type Take<V> = Box<dyn Fn(&Section<'_>, &'static str) -> Option<V>>;

/// How a key is asked for.
pub(super) struct Ask<V> {
    kind: Kind,
    need: Need,
    shown: &'static str,
    take: Take<V>,
}

impl<V> Ask<V> {
    fn new(
        kind: Kind,
        need: Need,
        shown: &'static str,
        take: impl Fn(&Section<'_>, &'static str) -> Option<V> + 'static,
    ) -> Self {
        Self { kind, need, shown, take: Box::new(take) }
    }

    /// Reads the key.
    pub(super) fn ask(&self, section: &Section<'_>, name: &'static str) -> Option<V> {
        (self.take)(section, name)
    }

    /// Reads a key whose default is what is shown only as long as others have theirs.
    pub(super) fn unless(
        &self,
        section: &Section<'_>,
        name: &'static str,
        default: V,
    ) -> Option<V> {
        if section.is_set(name) { self.ask(section, name) } else { Some(default) }
    }

    /// The row of the key; `meaning` are the lines of its doc comment.
    pub(super) fn key(&self, section: &'static str, name: &'static str, meaning: &[&str]) -> Key {
        let lines: Vec<_> = meaning.iter().map(|line| line.trim()).collect();
        let Self { kind, need, shown, .. } = *self;
        Key { section, name, meaning: lines.join(" "), kind, need, shown }
    }
}

impl Ask<Option<String>> {
    /// Reads a text further, such as a file that it names.
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) fn further(
        &self,
        section: &Section<'_>,
        name: &'static str,
        read: impl Fn(&str) -> Result<String, NameError>,
    ) -> Option<Option<String>> {
        match self.ask(section, name)? {
            Some(_) => section.one(name, self.kind.form(), read),
            None => Some(None),
        }
    }
}

/// The text as it is, if it is good.
pub(super) fn kept(text: &str, good: bool, expected: &'static str) -> Result<String, NameError> {
    if good { Ok(text.to_owned()) } else { wrong(expected) }
}

pub(super) fn wrong<T>(expected: impl Into<Cow<'static, str>>) -> Result<T, NameError> {
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
