//! The text of one register: `v1 key=value key=value`, ASCII, at most 256 bytes, the limit of an Auto Scaling tag's value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use crate::time::Timestamp;

const VERSION: &str = "v1";
/// Every time since September 2001 has ten digits.
const SECONDS_MIN: i64 = 1_000_000_000;

/// The fields of one register while it is read.
pub(crate) struct Fields<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Fields<'a> {
    /// `None` if the text is of another version or is not made of `key=value`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() != Some(VERSION) {
            return None;
        }
        words.map(|word| word.split_once('=')).collect::<Option<_>>().map(Self)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).copied()
    }

    pub(crate) fn number<T: FromStr>(&self, key: &str) -> Option<T> {
        self.text(key)?.parse().ok()
    }

    pub(crate) fn time(&self, key: &str) -> Option<Timestamp> {
        time(self.text(key)?)
    }

    /// A time, or 0, which names the time before the first failover.
    pub(crate) fn time_or_zero(&self, key: &str) -> Option<Timestamp> {
        if self.text(key)? == "0" { Some(Timestamp::UNIX_EPOCH) } else { self.time(key) }
    }
}

/// Unix seconds. A text with fewer digits was cut: read as it is, it would be older than everything else in the record.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    let seconds = text.parse().ok()?;
    if seconds < SECONDS_MIN { None } else { Timestamp::from_second(seconds).ok() }
}

/// Writes a register, field by field.
pub(crate) struct Writer(String);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(VERSION.to_owned())
    }

    pub(crate) fn field(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        write!(self.0, " {key}={value}").expect("writing to a String cannot fail");
        self
    }

    pub(crate) fn time(self, key: &str, at: Timestamp) -> Self {
        self.field(key, at.as_second())
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
