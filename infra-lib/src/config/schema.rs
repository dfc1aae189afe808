//! A JSON schema of the site file, for editors: the reader itself tells which keys it asks for and what it takes.
//!
//! A small site file is read with a [`Recorder`]: each key is noted with its form, and its own reading function is tried on every
//! number and on the words that it names. Settings of the policy come from [`SETTINGS`]; words about a key, and its default, from
//! the example file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use failover_core::Policy;
use failover_core::policy::{PolicyError, SETTINGS, Setting};
use failover_core::time::parse_duration;
use serde_json::{Map, Value, json};
use toml::de::DeTable;

use super::problem::{MINIMAL, Source};
use super::reader::{Document, Form, ListForm};
use super::{EXAMPLE, section};
use crate::names::NameError;

/// No text has it, so every reading function refuses it and says what it expects.
const REFUSED: &str = "\0";

/// Every number below is tried. No list of single numbers goes beyond it.
const FINE: u16 = 4096;
const BLOCK: usize = 1024;
const BLOCK_END: u16 = 1023;

/// What the reader asks for, key by key.
pub(super) type Recorder = RefCell<Vec<Key>>;

/// A key as the reader asks for it.
pub(super) struct Key {
    section: &'static str,
    name: &'static str,
    shape: Shape,
    need: Need,
    takes: Takes,
}

/// How a key is written.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// One value.
    One(Form),
    /// Several, and how many at most.
    Several(ListForm, usize),
}

/// Whether a key may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Defaulted,
    Optional,
}

/// What a reading function takes.
struct Takes {
    numbers: Vec<RangeInclusive<u16>>,
    words: Vec<String>,
    /// Whether the words are all that it takes.
    closed: bool,
    expected: &'static str,
}

impl Key {
    pub(super) fn new(
        (section, name): (&'static str, &'static str),
        shape: Shape,
        need: Need,
        read: &dyn Fn(&str) -> Result<(), NameError>,
    ) -> Self {
        let numbers = match shape {
            Shape::One(Form::Number | Form::Any) => {
                ranges(|number| read(&number.to_string()).is_ok())
            }
            Shape::One(Form::Text) | Shape::Several(..) => Vec::new(),
        };
        let expected = read(REFUSED).err().map_or("", |error| error.expected);
        let words: Vec<_> =
            quoted(expected).filter(|word| read(word).is_ok()).map(ToOwned::to_owned).collect();
        // `60s` says what `1m` says, so a list of durations is not all that there is.
        let other_ways = words.iter().any(|word| parse_duration(word).is_some());
        let closed = !words.is_empty() && !other_ways && only_words(expected);
        let takes = Takes { numbers, words, closed, expected };
        Self { section, name, shape, need, takes }
    }

    fn schema(&self) -> Value {
        match self.shape {
            Shape::One(Form::Text) => self.takes.text(),
            Shape::One(Form::Number) => self.takes.number(),
            Shape::One(Form::Any) => json!({ "anyOf": [self.takes.number(), self.takes.text()] }),
            Shape::Several(form, most) => {
                let one = self.takes.text();
                let many = json!({
                    "type": "array", "items": one, "maxItems": most, "uniqueItems": true,
                });
                match form {
                    ListForm::Array => many,
                    ListForm::TextOrArray => json!({ "anyOf": [one, many] }),
                }
            }
        }
    }
}

impl Takes {
    fn text(&self) -> Value {
        if self.closed {
            return json!({ "type": "string", "enum": self.words });
        }
        json!({ "type": "string", "minLength": 1 })
    }

    fn number(&self) -> Value {
        if let [range] = self.numbers.as_slice() {
            return json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() });
        }
        let each: Vec<_> = self.numbers.iter().cloned().flatten().collect();
        json!({ "type": "integer", "enum": each })
    }
}

/// The numbers that are taken. Above [`FINE`] a block whose ends are taken, or are not, is taken as a whole, or is not.
fn ranges(takes: impl Fn(u16) -> bool) -> Vec<RangeInclusive<u16>> {
    let mut ranges: Vec<RangeInclusive<u16>> = Vec::new();
    let mut note = |from: u16, to: u16| match ranges.last_mut() {
        Some(last) if last.end().checked_add(1) == Some(from) => *last = *last.start()..=to,
        Some(_) | None => ranges.push(from..=to),
    };
    let blocks =
        (FINE..=u16::MAX).step_by(BLOCK).map(|from| (from, from.saturating_add(BLOCK_END)));
    let fine = (0..FINE).map(|number| (number, number));
    for (from, to) in fine.chain(blocks) {
        match (takes(from), takes(to)) {
            (true, true) => note(from, to),
            (false, false) => {}
            (true, false) | (false, true) => {
                (from..=to).filter(|number| takes(*number)).for_each(|number| note(number, number));
            }
        }
    }
    ranges
}

/// The JSON schema of a site file.
///
/// # Panics
/// Never: the smallest site file is valid, and a test reads it.
#[must_use]
pub fn schema() -> Value {
    let example = example();
    let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut required: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in recorded() {
        let setting = SETTINGS.iter().find(|setting| setting.name == key.name);
        let (mut schema, words) = match setting {
            Some(setting) if key.section == "failover" => (of_setting(setting), setting.meaning),
            Some(_) | None => (key.schema(), key.takes.expected),
        };
        let shown = example.get(&(key.section.to_owned(), key.name.to_owned()));
        let told = shown.map(|shown| shown.words.as_str()).filter(|told| !told.is_empty());
        schema["description"] = json!(told.unwrap_or(words));
        let default = match setting {
            Some(setting) if key.section == "failover" => Some(number_or_text(setting.default)),
            Some(_) | None if key.need == Need::Defaulted => shown.map(|shown| shown.value.clone()),
            Some(_) | None => None,
        };
        if let Some(default) = default {
            schema["default"] = default;
        }
        if key.need == Need::Required {
            required.entry(key.section).or_default().push(key.name);
        }
        sections.entry(key.section).or_default().insert(key.name.to_owned(), schema);
    }
    let mut root =
        object(&sections.remove("").unwrap_or_default(), &required.remove("").unwrap_or_default());
    for (name, keys) in sections {
        let needed = required.remove(name).unwrap_or_default();
        root["properties"][name] = object(&keys, &needed);
        if let (false, Some(list)) = (needed.is_empty(), root["required"].as_array_mut()) {
            list.push(json!(name));
        }
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("pilotlight.toml");
    root
}

fn object(keys: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": keys, "required": required, "additionalProperties": false,
    })
}

/// Every key that the reader asks for.
fn recorded() -> Vec<Key> {
    let table = DeTable::parse(MINIMAL).expect("the smallest site file is TOML");
    let document = Document::recording(Source::new("the smallest site file", MINIMAL));
    let config = section::read(&document, &table, Path::new(""));
    assert!(config.is_some(), "the smallest site file is valid");
    document.into_keys()
}

/// A setting of the policy, which reads it itself.
fn of_setting(setting: &Setting) -> Value {
    let unreadable = |text: &str| {
        let read = Policy::from_settings(|other| {
            Some(if other.name == setting.name { text } else { other.default }.to_owned())
        });
        match read {
            Err(PolicyError::Unreadable { expected, .. }) => Some(expected),
            Err(PolicyError::Missing { .. } | PolicyError::Range { .. }) | Ok(_) => None,
        }
    };
    let expected = unreadable(REFUSED).unwrap_or_default();
    let words: Vec<_> = quoted(expected).filter(|word| unreadable(word).is_none()).collect();
    let number = json!({ "type": "integer", "minimum": 0 });
    match (unreadable("2").is_none(), only_words(expected)) {
        (true, _) if words.is_empty() => number,
        (true, _) => json!({ "anyOf": [number, { "type": "string", "enum": words }] }),
        (false, true) => json!({ "type": "string", "enum": words }),
        (false, false) => json!({ "type": "string", "minLength": 1 }),
    }
}

fn number_or_text(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number))
}

/// The parts of a text that stand in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a text holds nothing but words in backticks and what joins them.
fn only_words(text: &str) -> bool {
    let between = text.split('`').step_by(2).flat_map(|part| part.split([' ', ',']));
    quoted(text).next().is_some() && between.into_iter().all(|word| ["", "or"].contains(&word))
}

/// A key of the example file.
struct Shown {
    /// The comment above it.
    words: String,
    value: Value,
}

/// The keys of the example file, in use or commented out, by section and name.
fn example() -> BTreeMap<(String, String), Shown> {
    let (mut section, mut words, mut keys) = (String::new(), Vec::new(), BTreeMap::new());
    for line in EXAMPLE.lines() {
        let name = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        if let Some(name) = name {
            name.clone_into(&mut section);
        }
        let text = line.strip_prefix("# ").unwrap_or(line);
        if let Some((key, value)) = assignment(text) {
            let shown = Shown { words: words.join(" "), value };
            keys.insert((section.clone(), key.to_owned()), shown);
            words.clear();
        } else if line.starts_with("# ") {
            words.push(text);
        } else {
            words.clear();
        }
    }
    keys
}

/// A key and its value, if a line of the example, without its `# `, is one.
pub(crate) fn assignment(line: &str) -> Option<(&str, Value)> {
    let (key, value) = line.split_once(" = ")?;
    let name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if key.is_empty() || !key.bytes().all(name) {
        return None;
    }
    let table: toml::Table = toml::from_str(&format!("value = {value}")).ok()?;
    let value = table.into_iter().next().map(|(_, value)| value)?;
    Some((key, serde_json::to_value(value).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_all_only_if_nothing_else_is_said() {
        assert!(only_words("`none`, `one` or `per-zone`"));
        assert!(!only_words("1, or `none` on an account whose quota is too small"));
        assert!(!only_words("8 to 1024 GiB"));
        assert_eq!(quoted("`a`, `b` or `c d`").collect::<Vec<_>>(), ["a", "b", "c d"]);
    }

    #[test]
    fn numbers_are_told_as_ranges() {
        assert_eq!(ranges(|number| (1024..).contains(&number)), [1024..=u16::MAX]);
        assert_eq!(ranges(|number| (1..=5000).contains(&number)), [1..=5000]);
        assert_eq!(ranges(|number| [1, 3, 4, 400].contains(&number)), [1..=1, 3..=4, 400..=400]);
        assert_eq!(ranges(|_| false), []);
    }

    #[test]
    fn prose_is_no_assignment() {
        assert_eq!(assignment("zones = 2"), Some(("zones", json!(2))));
        assert_eq!(assignment("With \"own\" = one in each region"), None);
        assert_eq!(assignment("floor is 2"), None);
    }
}
