//! Results on standard output, as text or JSON from the same value.

use std::fmt::Display;
use std::io::{self, Write};

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

/// Says something on standard error. A standard error that went away is no reason to stop.
pub fn note(words: impl Display) {
    writeln!(io::stderr().lock(), "{words}").ok();
}
