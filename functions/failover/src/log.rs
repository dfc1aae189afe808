//! The log: JSON lines on stdout, the only place that writes there.

use std::error::Error;
use std::fmt;
use std::io::Write as _;

use serde_json::{Map, Value, json};

/// Where lines of the log go.
pub trait Log: fmt::Debug + Send + Sync {
    /// Writes one line; `line` holds no line break.
    fn line(&self, line: &str);
}

/// The function's own output, which Lambda carries to CloudWatch Logs.
#[derive(Clone, Copy, Debug)]
pub struct Stdout;

impl Log for Stdout {
    fn line(&self, line: &str) {
        // A closed stdout must not stop a failover, and there is nowhere left to complain.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

/// A line that tells of something that went wrong.
#[must_use]
pub fn problem(level: Level, message: &str, fields: &[(&str, &str)]) -> String {
    let mut line = Map::new();
    line.insert("level".to_owned(), json!(level.word()));
    line.insert("message".to_owned(), json!(message));
    line.extend(fields.iter().map(|&(key, value)| (key.to_owned(), json!(value))));
    Value::Object(line).to_string()
}

/// An error with the chain of its causes, as one text.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    // BOUND: a chain of causes is finite; the deepest one seen has six.
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The invocation goes on with less.
    Warn,
    /// The invocation, or the whole function, ends here.
    Error,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}
