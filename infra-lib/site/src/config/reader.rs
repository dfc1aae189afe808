//! Reads a table of the site file key by key, remembers where each stood, and gathers what was wrong with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{Form, Key, Need};
use super::problem::{Problem, Source};
use crate::names::NameError;

/// A site file while it is read. It gathers every problem instead of stopping at the first.
pub(super) struct Document<'a> {
    source: Source,
    table: &'a DeTable<'a>,
    problems: RefCell<Vec<Problem>>,
}

/// One table of the file, present or not.
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    name: &'static str,
    table: Option<&'a DeTable<'a>>,
    span: Range<usize>,
}

impl<'a> Document<'a> {
    pub(super) fn new(source: Source, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { source, table: table.get_ref(), problems: RefCell::default() }
    }

    pub(super) fn root(&'a self) -> Section<'a> {
        Section { document: self, name: "", table: Some(self.table), span: 0..0 }
    }

    /// What `key` of a section is set to, if it is set to a text.
    pub(super) fn text(&self, section: &str, key: &str) -> Option<&'a str> {
        self.value(section, key)?.get_ref().as_str()
    }

    /// Whether `key` of a section is set at all.
    pub(super) fn is_set(&self, section: &str, key: &str) -> bool {
        self.value(section, key).is_some()
    }

    fn value(&self, section: &str, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        if section.is_empty() {
            return self.table.get(key);
        }
        self.table.get(section)?.get_ref().as_table()?.get(key)
    }

    /// A problem at the value of `key`, at the section if the key is not set, or at the beginning of the file.
    pub(super) fn problem_at(
        &self,
        (section, key): (&str, &str),
        message: impl Into<String>,
        expected: &str,
    ) -> Problem {
        let value = self.value(section, key).map(Spanned::span);
        let header = || self.table.get_key_value(section).map(|(name, _)| name.span());
        let span = value.or_else(header).unwrap_or(0..0);
        self.problem(span, message.into(), &format!("expected {expected}"))
    }

    /// Reports such a problem, with what to do about it.
    pub(super) fn refuse(
        &self,
        place: (&str, &str),
        message: impl Into<String>,
        expected: &str,
        hint: impl Into<String>,
    ) {
        self.report(self.problem_at(place, message, expected).hint(hint));
    }

    /// Notes a problem.
    pub(super) fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn problem(&self, span: Range<usize>, message: String, expected: &str) -> Problem {
        Problem::new(&self.source, span, message, expected.to_owned())
    }

    /// Everything that was wrong, in the order of the file.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.span.start);
        problems
    }
}

impl<'a> Section<'a> {
    /// The table under `key`. An absent one is empty: its required keys will say so.
    pub(super) fn section(&self, key: &'static str) -> Section<'a> {
        let (document, span) = (self.document, self.span.clone());
        let mut section = Section { document, name: key, table: None, span };
        let Some((found, value)) = self.table.and_then(|table| table.get_key_value(key)) else {
            return section;
        };
        section.span = found.span();
        if let DeValue::Table(table) = value.get_ref() {
            section.table = Some(table);
        } else {
            section.report(value.span(), format!("`{key}` is not a table"), "a table");
        }
        section
    }

    /// A value in a form, read by a function; it may be absent. The outer `None` means that it is wrong, which is then reported.
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) fn one<V>(
        &self,
        key: &'static str,
        form: Form,
        read: impl Fn(&str) -> Result<V, NameError>,
    ) -> Option<Option<V>> {
        let Some(value) = self.value(key) else { return Some(None) };
        let Some(text) = scalar(value.get_ref(), form) else {
            self.misfit(key, value, form.name());
            return None;
        };
        let read = read(&text).map_err(|error| self.refuse(key, &text, value.span(), error));
        read.ok().map(Some)
    }

    /// Texts of which none may stand twice; none at all if the key is absent. `None` if one is wrong, which is then reported.
    pub(super) fn several<T: PartialEq>(
        &self,
        key: &'static str,
        most: usize,
        or_one: bool,
        read: impl Fn(&str) -> Result<T, NameError>,
    ) -> Option<Vec<T>> {
        let Some(value) = self.value(key) else { return Some(Vec::new()) };
        let entries = if let Some(entries) = value.get_ref().as_array() {
            entries.iter().collect::<Vec<_>>()
        } else if or_one && value.get_ref().is_str() {
            vec![value]
        } else {
            let one = "a text in quotes, or an array of them";
            let many = "an array of texts, such as `[\"a\", \"b\"]`";
            self.misfit(key, value, if or_one { one } else { many });
            return None;
        };
        self.bounded(key, entries.len(), most, entries.get(most).map(|over| over.span()))?;
        let mut found = Vec::new();
        for entry in &entries {
            let Some(text) = self.entry(&format!("an entry of `{key}`"), entry) else { continue };
            match read(&text) {
                Ok(value) if found.contains(&value) => {
                    let message = format!("`{key}` names `{text}` twice");
                    self.report(entry.span(), message, "each one once");
                }
                Ok(value) => found.push(value),
                Err(error) => self.refuse(key, &text, entry.span(), error),
            }
        }
        (found.len() == entries.len()).then_some(found)
    }

    /// Names with a text each. The outer `None` means that one is wrong, which is then reported.
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) fn pairs(
        &self,
        key: &'static str,
        most: usize,
        read: impl Fn(&str, &str) -> Result<(), NameError>,
    ) -> Option<Option<BTreeMap<String, String>>> {
        let Some(value) = self.value(key) else { return Some(None) };
        let DeValue::Table(table) = value.get_ref() else {
            self.misfit(key, value, "a table of texts, such as `{ owner = \"web-team\" }`");
            return None;
        };
        let over = table.iter().nth(most).map(|(over, _)| over.span());
        self.bounded(key, table.len(), most, over)?;
        let mut found = BTreeMap::new();
        for (name, entry) in table {
            let name = name.get_ref().to_string();
            let Some(text) = self.entry(&format!("`{name}` of `{key}`"), entry) else { continue };
            match read(&name, &text) {
                Ok(()) => drop(found.insert(name, text)),
                Err(error) => self.refuse(key, &format!("{name} = {text}"), entry.span(), error),
            }
        }
        (found.len() == table.len()).then_some(Some(found))
    }

    /// Reports the first entry of too many.
    fn bounded(
        &self,
        key: &str,
        count: usize,
        most: usize,
        over: Option<Range<usize>>,
    ) -> Option<()> {
        let Some(over) = over else { return Some(()) };
        self.report(over, format!("`{key}` has {count} entries"), &format!("{most} at most"));
        None
    }

    /// The text of an entry. What is none is reported.
    fn entry(&self, what: &str, entry: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = scalar(entry.get_ref(), Form::Text);
        if text.is_none() {
            let kind = entry.get_ref().type_str();
            let message = format!("{what} is {} {kind}", article(kind));
            self.report(entry.span(), message, Form::Text.name());
        }
        text
    }

    /// Whether `key` is set at all.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Where the value of `key` stands, or the table if the key is absent.
    pub(super) fn span(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Reports every key that is neither one of `keys` nor a table of `tables`, and every key that is missing and was not merely
    /// misspelt.
    pub(super) fn finish(self, keys: &[Key], tables: &[&str]) {
        let known: Vec<_> = keys.iter().map(|key| key.name).chain(tables.iter().copied()).collect();
        let required = keys.iter().filter(|key| key.need == Need::Required);
        let mut missing: Vec<_> =
            required.map(|key| key.name).filter(|name| self.value(name).is_none()).collect();
        for (key, value) in self.table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let what = if value.get_ref().is_table() { "table" } else { "key" };
            let place =
                if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
            let message = format!("unknown {what}{place}: `{name}`");
            let expected = format!("expected one of {}", list(&known));
            let mut problem = self.document.problem(key.span(), message, &expected);
            if let Some(nearest) = nearest(name, &known) {
                missing.retain(|key| *key != nearest);
                problem = problem.hint(format!("did you mean `{nearest}`?"));
            }
            self.document.report(problem);
        }
        for key in missing {
            let table =
                if self.name.is_empty() { String::new() } else { format!("[{}] ", self.name) };
            let message = format!("{table}`{key}` is missing");
            let expected = format!("expected {table}`{key}`");
            self.document.report(self.document.problem(self.span.clone(), message, &expected));
        }
    }

    fn report(&self, span: Range<usize>, message: String, expected: &str) {
        let problem = self.document.problem(span, message, &format!("expected {expected}"));
        self.document.report(problem);
    }

    fn misfit(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let found = value.get_ref().type_str();
        let message = format!("`{key}` cannot be written as {} {found}", article(found));
        self.report(value.span(), message, expected);
    }

    fn refuse(&self, key: &str, text: &str, span: Range<usize>, error: NameError) {
        let message = format!("`{key}` is not valid: `{text}`");
        let mut problem = self.document.problem(span, message, &error.to_string());
        problem.hint = error.hint;
        self.document.report(problem);
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.and_then(|table| table.get(key))
    }
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a whole number without quotes",
            Self::Any => "a whole number or a text in quotes",
        }
    }
}

fn scalar(value: &DeValue<'_>, form: Form) -> Option<String> {
    let text = value.as_str().filter(|_| form != Form::Number).map(str::to_owned);
    let number = value.as_integer().filter(|_| form != Form::Text);
    text.or_else(|| {
        let number = i64::from_str_radix(number?.as_str(), number?.radix()).ok()?;
        Some(number.to_string())
    })
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn list(names: &[&str]) -> String {
    let quoted = names.iter().map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ")
}

/// The known name that `name` was probably meant to be.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Above this similarity the Jaro-Winkler measure finds slips of the finger and little else.
    const SIMILAR: f64 = 0.8;
    let scored = known.iter().map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= SIMILAR).then_some(best.1)
}
