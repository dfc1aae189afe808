//! Results on standard output, as text or JSON from the same value.

use std::fmt::Display;
use std::io::{self, Write};

use failover_core::Timestamp;
use infra_lib::clock;
use infra_lib::progress::EVENT_SCHEMA;
use miette::{Context, IntoDiagnostic};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::Format;

/// Prints a result. A reader that goes away early, such as `head`, is no error.
pub fn print<T: Serialize>(
    format: Format,
    value: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    let mut out = io::stdout().lock();
    let written = match format {
        Format::Text => text(&mut out),
        Format::Json => serde_json::to_writer_pretty(&mut out, value)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).into_diagnostic().wrap_err("cannot write to standard output")
        }
        _ => Ok(Exit::Done),
    }
}

/// Prints the result of a verb that has told events before: as the last of them, or as text.
pub fn result<T: Serialize>(
    format: Format,
    value: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    match format {
        Format::Text => print(format, value, text),
        Format::Json => {
            event(&Last { event: "result", result: value });
            Ok(Exit::Done)
        }
    }
}

#[derive(Serialize)]
struct Last<'a, T> {
    event: &'static str,
    result: &'a T,
}

/// One event on one line of standard output. A reader that went away is no reason to stop half-way through a change.
pub fn event<T: Serialize>(event: &T) {
    let line = Stamped { schema: EVENT_SCHEMA, at: clock::now(), event };
    let line = serde_json::to_string(&line).expect("an event is plain data");
    writeln!(io::stdout().lock(), "{line}").ok();
}

#[derive(Serialize)]
struct Stamped<'a, T> {
    schema: u16,
    at: Timestamp,
    #[serde(flatten)]
    event: &'a T,
}

/// Says something on standard error. A standard error that went away is no reason to stop.
pub fn note(words: impl Display) {
    writeln!(io::stderr().lock(), "{words}").ok();
}
