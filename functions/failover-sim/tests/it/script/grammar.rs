//! The language as a table: every line has a form of fixed words and places for values, and is read by no other rule.
//!
//! So a word that is wrong can be named, together with everything that might have stood in its place.

use std::fmt::Write as _;

use failover_core::record::{Cause, Sizes};

use super::moment::Moment;
use super::read::midnight;
use super::vocabulary::{Phrase, Region, Run, State, Step, Tag};

/// One form of a line.
pub(super) struct Form<T> {
    /// Words, and places such as `<number>`.
    pub(super) text: &'static str,
    /// What it says, for the list of all forms.
    pub(super) meaning: &'static str,
    pub(super) make: fn(&Values) -> T,
}

/// A value that stood in a place.
#[derive(Debug)]
pub(super) enum Value {
    Number(u16),
    Time(Moment),
    Sizes(Sizes),
    /// The number of a phrase in the list of its kind.
    Choice(usize),
    Text(String),
}

/// The values of a line, in the order of their places.
#[derive(Debug)]
pub(super) struct Values(Vec<Value>);

impl Values {
    pub(super) fn number(&self, place: usize) -> u16 {
        let Value::Number(number) = self.0[place] else { unreachable!("the form has a number") };
        number
    }

    pub(super) fn time(&self, place: usize) -> Moment {
        let Value::Time(time) = self.0[place] else { unreachable!("the form has a time") };
        time
    }

    pub(super) fn sizes(&self, place: usize) -> Sizes {
        let Value::Sizes(sizes) = self.0[place] else { unreachable!("the form has sizes") };
        sizes
    }

    /// The chosen one of a list: the place reads no other words than theirs.
    pub(super) fn one<T: Phrase>(&self, place: usize) -> T {
        let Value::Choice(index) = self.0[place] else { unreachable!("the form has a choice") };
        T::ALL[index]
    }

    pub(super) fn text(&self, place: usize) -> &str {
        let Value::Text(text) = &self.0[place] else { unreachable!("the form has a text") };
        text
    }
}

/// A line that fits no form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misread {
    /// The word that fits nowhere; empty at the end of the line.
    pub(super) word: String,
    /// What to write instead.
    pub(super) hint: String,
}

/// A line in words.
pub(super) struct Line<'a> {
    text: &'a str,
    /// Each word with the byte it begins at.
    words: Vec<(usize, &'a str)>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let start = |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
        let words = text.split_whitespace().map(|word| (start(word), word)).collect();
        Self { text, words }
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |&(_, word)| word)
    }

    /// The rest of the line from that word on; `None` if there is none.
    pub(super) fn rest(&self, at: usize) -> Option<&'a str> {
        self.words.get(at).map(|&(start, _)| self.text[start..].trim_end())
    }
}

/// With more forms than this, only their next words are shown.
const ALTERNATIVES_MAX: usize = 4;

/// How a place reads a value: the words it took, and the value.
type Read = fn(&Line<'_>, usize) -> Option<(usize, Value)>;

struct Place {
    name: &'static str,
    means: fn() -> String,
    read: Read,
}

const PLACES: [Place; 13] = [
    Place {
        name: "<time>",
        means: || "a time such as `06:55` or `day 2 06:55`".to_owned(),
        read: |line, at| {
            let (day, clock, took) = match line.word(at) {
                "day" => (line.word(at + 1).parse().ok()?, line.word(at + 2), 3),
                clock => (1, clock, 1),
            };
            Some((took, Value::Time(Moment::read(clock, day)?)))
        },
    },
    Place {
        name: "<date>",
        means: || "a date such as `2025-10-20`".to_owned(),
        read: |line, at| {
            midnight(line.word(at))?;
            Some((1, Value::Text(line.word(at).to_owned())))
        },
    },
    Place {
        name: "<number>",
        means: || "a whole number such as `4`".to_owned(),
        read: |line, at| Some((1, Value::Number(line.word(at).parse().ok()?))),
    },
    Place {
        name: "<count>",
        means: || "`once`, `twice`, or a number with `times`, such as `3 times`".to_owned(),
        read: |line, at| match line.word(at) {
            "once" => Some((1, Value::Number(1))),
            "twice" => Some((1, Value::Number(2))),
            number if line.word(at + 1) == "times" => {
                Some((2, Value::Number(number.parse().ok()?)))
            }
            _ => None,
        },
    },
    Place {
        name: "<sizes>",
        means: || "minimum, desired and maximum, such as `4/4/8`".to_owned(),
        read: |line, at| {
            let sizes: Option<Vec<u16>> =
                line.word(at).split('/').map(|size| size.parse().ok()).collect();
            let [min, desired, max] = sizes?[..] else { return None };
            let sizes = Sizes { min, desired, max };
            sizes.plausible().then_some((1, Value::Sizes(sizes)))
        },
    },
    Place {
        name: "<text>",
        means: || "the rest of the line".to_owned(),
        read: |line, at| {
            Some((line.words.len().checked_sub(at)?, Value::Text(line.rest(at)?.to_owned())))
        },
    },
    Place {
        name: "<invariant>",
        means: || "the name of an invariant, such as `I4`".to_owned(),
        read: |line, at| {
            let name = line.word(at);
            let named = name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.len() <= 4
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            named.then(|| (1, Value::Text(name.to_owned())))
        },
    },
    Place { name: "<step>", means: one_of::<Step>, read: choice::<Step> },
    Place { name: "<cause>", means: one_of::<Cause>, read: choice::<Cause> },
    Place { name: "<run>", means: one_of::<Run>, read: choice::<Run> },
    Place { name: "<region>", means: one_of::<Region>, read: choice::<Region> },
    Place { name: "<state>", means: one_of::<State>, read: choice::<State> },
    Place { name: "<tag>", means: one_of::<Tag>, read: choice::<Tag> },
];

fn one_of<T: Phrase>() -> String {
    let quoted: Vec<_> = T::ALL.iter().map(|phrase| format!("`{}`", phrase.words())).collect();
    format!("one of {}", quoted.join(", "))
}

/// The longest of the phrases that stands there.
fn choice<T: Phrase>(line: &Line<'_>, at: usize) -> Option<(usize, Value)> {
    let stands = |(_, phrase): &(usize, &str)| {
        phrase.split(' ').enumerate().all(|(n, word)| line.word(at + n) == word)
    };
    let all = T::ALL.iter().map(|phrase| phrase.words()).enumerate();
    let (index, phrase) = all.filter(stands).max_by_key(|(_, phrase)| phrase.len())?;
    Some((phrase.split(' ').count(), Value::Choice(index)))
}

/// Reads the words of `line` from `from` on by the one form that fits.
pub(super) fn read<T>(forms: &[Form<T>], line: &Line<'_>, from: usize) -> Result<T, Misread> {
    let mut farthest = from;
    let mut instead: Vec<String> = Vec::new();
    for form in forms {
        match fit(form.text, line, from) {
            Ok(values) => return Ok((form.make)(&values)),
            Err((at, rest)) => {
                if at > farthest {
                    farthest = at;
                    instead.clear();
                }
                if at == farthest && !instead.contains(&rest) {
                    instead.push(rest);
                }
            }
        }
    }
    Err(Misread { word: line.word(farthest).to_owned(), hint: hint(line, farthest, &instead) })
}

/// The values of the form, or the word that does not fit and what the form has from there on.
fn fit(form: &str, line: &Line<'_>, from: usize) -> Result<Values, (usize, String)> {
    let words: Vec<&str> = form.split(' ').collect();
    let mut values = Vec::new();
    let mut at = from;
    for (n, word) in words.iter().enumerate() {
        let fits = if word.starts_with('<') {
            (place(word).read)(line, at).map(|(took, value)| {
                values.push(value);
                took
            })
        } else {
            (line.word(at) == *word).then_some(1)
        };
        at += fits.ok_or_else(|| (at, words[n..].join(" ")))?;
    }
    if at < line.words.len() { Err((at, String::new())) } else { Ok(Values(values)) }
}

fn place(name: &str) -> &'static Place {
    PLACES.iter().find(|place| place.name == name).expect("every place of a form is listed")
}

/// The time at the beginning of a line, and the words that it takes.
pub(super) fn time(line: &Line<'_>) -> Result<(Moment, usize), Misread> {
    let place = place("<time>");
    if let Some((took, Value::Time(time))) = (place.read)(line, 0) {
        return Ok((time, took));
    }
    let hint = format!("begin with {}", (place.means)());
    Err(Misread { word: line.word(0).to_owned(), hint })
}

/// What fits after the word before `at`: what each form has from there on, or, if that is much, its next word.
fn hint(line: &Line<'_>, at: usize, instead: &[String]) -> String {
    let next = |rest: &String| rest.split(' ').next().unwrap_or_default().to_owned();
    let mut firsts: Vec<String> = Vec::new();
    for first in instead.iter().map(next) {
        if !firsts.contains(&first) {
            firsts.push(first);
        }
    }
    let shown = if instead.len() > ALTERNATIVES_MAX { &firsts[..] } else { instead };
    let quoted = |rest: &String| match rest.as_str() {
        "" => "nothing more".to_owned(),
        rest => format!("`{rest}`"),
    };
    let written = shown.iter().map(quoted).collect::<Vec<_>>().join(" or ");
    let after =
        at.checked_sub(1).map_or(String::new(), |last| format!("after `{}` ", line.word(last)));
    let places = PLACES.iter().filter(|place| firsts.iter().any(|first| first == place.name));
    let mut hint = format!("{after}write {written}");
    for place in places {
        write!(hint, "; {} is {}", place.name, (place.means)()).expect("a string grows");
    }
    hint
}
