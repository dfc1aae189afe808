//! Measured values by name, and what can go wrong while measuring.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::io::Write as _;
use std::time::Duration;

/// Every value that was measured, by its name such as `cold.failover`, in the order of the runs.
#[derive(Debug, Default)]
pub struct Samples(BTreeMap<String, Vec<f64>>);

impl Samples {
    /// Adds a value.
    pub fn add(&mut self, name: &str, value: f64) {
        self.0.entry(name.to_owned()).or_default().push(value);
    }

    /// Adds a time, in microseconds.
    pub fn time(&mut self, name: &str, value: Duration) {
        self.add(name, value.as_secs_f64() * 1e6);
    }

    /// One line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("numbers by name can be written")
    }
}

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The canned AWS or the runtime API cannot listen.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[source] std::io::Error),
    /// Certificates cannot be made or written.
    #[error("cannot make a certificate for 127.0.0.1")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
    /// A program does not start.
    #[error("cannot start {subject}")]
    Start {
        /// Which.
        subject: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A program ended, was silent for too long, or answered an error.
    #[error("{subject}: {what}")]
    Broken {
        /// Which.
        subject: &'static str,
        /// What happened.
        what: String,
    },
    /// The yardstick does not do the same work.
    #[error(
        "the yardstick asks for other things: only the function {ours:?}, only boto3 {theirs:?}"
    )]
    Unlike {
        /// What only the function asks for.
        ours: Vec<String>,
        /// What only the yardstick asks for.
        theirs: Vec<String>,
    },
    /// There are no such bounds.
    #[error("no scope is called `{0}`")]
    Scope(String),
    /// Standard output went away.
    #[error("cannot write to standard output")]
    Output(#[source] std::io::Error),
}

/// An error with its causes.
pub fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words = format!("{words}: {next}");
        cause = next.source();
    }
    words
}

/// Says how far it is, on standard error.
pub fn note(words: impl Display) {
    writeln!(std::io::stderr().lock(), "{words}").ok();
}
