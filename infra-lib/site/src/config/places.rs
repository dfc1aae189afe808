//! Where keys stand, for what can only be judged once every section is read.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use super::reader::Document;

/// Where keys stand in the whole file.
pub(super) struct Places<'a> {
    document: &'a Document,
    table: &'a DeTable<'a>,
}

impl<'a> Places<'a> {
    pub(super) fn new(document: &'a Document, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { document, table: table.get_ref() }
    }

    /// What `key` of a section is set to, if it is set to a text.
    pub(super) fn text(&self, section: &str, key: &str) -> Option<&'a str> {
        self.value(section, key).and_then(|value| value.get_ref().as_str())
    }

    /// Whether `key` of a section is set at all.
    pub(super) fn is_set(&self, section: &str, key: &str) -> bool {
        self.value(section, key).is_some()
    }

    /// A problem at the value of `key`, at the section if the key is not set, or at the beginning of the file.
    pub(super) fn problem(
        &self,
        (section, key): (&str, &str),
        message: impl Into<String>,
        expected: &str,
    ) -> Problem {
        let value = self.value(section, key).map(Spanned::span);
        let header = || self.table.get_key_value(section).map(|(name, _)| name.span());
        let span = value.or_else(header).unwrap_or(0..0);
        self.document.problem(span, message.into(), &format!("expected {expected}"))
    }

    fn value(&self, section: &str, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        if section.is_empty() {
            return self.table.get(key);
        }
        match self.table.get(section)?.get_ref() {
            DeValue::Table(table) => table.get(key),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => None,
        }
    }
}
