//! Decision records, out of whatever a log was saved as.
//!
//! As the function wrote it, behind the time and the stream of `aws logs tail`, in the `events[].message` of
//! `aws logs filter-log-events`, in the rows of a query, in a table that the console saved, or the bare record that a
//! rehearsal answers: wherever a record stands in the text, it is found.

use failover_core::DecisionRecord;
use failover_core::decision::SCHEMA;
use serde::Serialize;
use serde_json::{Deserializer, Map, Value};

const KEY: &str = "decision_record";
/// Fields by which a bare record is known.
const FIELDS: [&str; 4] = ["policy", "signal", "observation", "decision"];
/// Fields that hold one line of the log each, in documents of AWS.
const LINE: &str = "message";
/// BOUND: a line of the log in an answer of AWS in somebody's own log, and one more.
const NESTING_MAX: u8 = 4;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Found {
    /// The decision records, in the order of the text.
    pub records: Vec<DecisionRecord>,
    /// Lines that hold none.
    pub skipped: usize,
    /// Decision records that are there and cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// A decision record that is there and cannot be read.
#[derive(Debug, Serialize)]
pub struct Unreadable {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Finds every decision record in `text`.
pub fn find(text: &str) -> Found {
    let mut found = Found::default();
    found.scan(text, None, 0);
    found
}

impl Found {
    fn count(&self) -> usize {
        self.records.len() + self.unreadable.len() + self.skipped
    }

    /// `within` is the line that the text itself was found on, if it was found in another.
    fn scan(&mut self, text: &str, within: Option<usize>, nesting: u8) {
        let (mut at, mut line) = (0, 1);
        // BOUND: each turn goes on to a later line, or behind a value on the same one.
        while at < text.len() {
            let end = line_end(text, at);
            let place = within.unwrap_or(line);
            let start = text[at..end].find('{').map(|offset| at + offset);
            let value = start.and_then(|start| {
                let mut values = Deserializer::from_str(&text[start..]).into_iter::<Value>();
                let value = values.next()?.ok()?;
                Some((value, start + values.byte_offset()))
            });
            let next = if let Some((value, behind)) = value {
                let before = self.count();
                self.walk(value, place, nesting);
                self.skipped += usize::from(self.count() == before);
                // What follows on the same line is of interest only if it is another value.
                let end = line_end(text, behind);
                if text[behind..end].contains('{') { behind } else { end }
            } else {
                self.no_value(&text[at..end], place, nesting);
                end
            };
            line += text[at..next].matches('\n').count();
            at = next;
        }
    }

    /// A line without a JSON value that ends.
    fn no_value(&mut self, line: &str, place: usize, nesting: u8) {
        // A table in a file has its quotes doubled.
        let quoted = line.contains(&format!(r#"""{KEY}"""#));
        if quoted && nesting < NESTING_MAX {
            self.scan(&line.replace(r#""""#, r#"""#), Some(place), nesting + 1);
        } else if line.contains(&format!(r#""{KEY}""#)) {
            let why = "the line is cut off, or is no JSON".to_owned();
            self.unreadable.push(Unreadable { line: place, why });
        } else {
            self.skipped += usize::from(!line.trim().is_empty());
        }
    }

    fn walk(&mut self, value: Value, place: usize, nesting: u8) {
        match value {
            Value::Object(mut fields) => {
                if let Some(record) = fields.remove(KEY) {
                    self.take(record, place);
                } else if FIELDS.iter().all(|name| fields.contains_key(*name)) {
                    self.take(Value::Object(fields), place);
                } else {
                    self.walk_fields(fields, place, nesting);
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.walk(value, place, nesting);
                }
            }
            Value::String(text) => {
                let worth = text.contains(KEY) || FIELDS.iter().all(|name| text.contains(name));
                if worth && nesting < NESTING_MAX {
                    self.scan(&text, Some(place), nesting + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn walk_fields(&mut self, fields: Map<String, Value>, place: usize, nesting: u8) {
        let (before, is_line) = (self.count(), matches!(fields.get(LINE), Some(Value::String(_))));
        for (_, value) in fields {
            self.walk(value, place, nesting);
        }
        self.skipped += usize::from(is_line && self.count() == before);
    }

    fn take(&mut self, record: Value, line: usize) {
        let schema = record.get("schema").and_then(Value::as_u64);
        let read = serde_json::from_value::<DecisionRecord>(record);
        let why = match (schema, read) {
            (Some(schema), _) if schema != u64::from(SCHEMA) => {
                format!("it is of schema {schema}, and this is schema {SCHEMA}")
            }
            (_, Ok(record)) => return self.records.push(record),
            (_, Err(error)) => error.to_string(),
        };
        self.unreadable.push(Unreadable { line, why });
    }
}

/// Where the line that `at` stands in ends, its line break included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}
