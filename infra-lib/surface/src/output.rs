//! Results on standard output, as text or JSON from the same value.
//!
//! With `--format json` standard output is one document, or a line for each event, whatever the ending is. A document is kept
//! until the command ends, because only then is it known how; its field `ending` says so, in the words of [`Exit`]. A list, or a
//! map whose keys are data, has no place for the field and stays as it is.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::Mutex;

use failover_core::Timestamp;
use machine::clock;
use miette::{Context, IntoDiagnostic};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::Format;

/// Version of the events on standard output; grows when a field changes its meaning.
const EVENT_SCHEMA: u16 = 1;

/// The document of this command, once there is one.
static DOCUMENT: Mutex<Option<Document>> = Mutex::new(None);

/// A document, as it is written.
struct Document {
    text: String,
    /// Whether it takes fields of ours.
    open: bool,
}

/// Prints a result. A reader that goes away early, such as `head`, is no error.
///
/// # Errors
/// Standard output cannot be written.
pub fn print<T: Serialize>(
    format: Format,
    value: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    written(format, value, true, text)
}

/// The same for a map whose keys are data: a field of ours would pass for one of them.
///
/// # Errors
/// Standard output cannot be written.
pub fn print_closed<T: Serialize>(
    format: Format,
    value: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    written(format, value, false, text)
}

fn written<T: Serialize>(
    format: Format,
    value: &T,
    open: bool,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    match format {
        Format::Text => told(text)?,
        Format::Json => {
            let text = serde_json::to_string_pretty(value).into_diagnostic()?;
            let open = open && text.starts_with('{');
            *DOCUMENT.lock().expect("no panic while it is held") = Some(Document { text, open });
        }
    }
    Ok(Exit::Done)
}

fn told(text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> miette::Result<()> {
    let mut out = io::stdout().lock();
    match text(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).into_diagnostic().wrap_err("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Writes the document of a command that ended: what it printed, if anything, with these fields as the last.
///
/// # Errors
/// Standard output cannot be written.
pub fn end<T: Serialize>(ending: &T) -> miette::Result<()> {
    let fields = serde_json::to_string_pretty(ending).into_diagnostic()?;
    let printed = DOCUMENT.lock().expect("no panic while it is held").take();
    let text = match printed {
        Some(Document { text, open: false }) => text,
        Some(Document { text, open: true }) => joined(&text, &fields),
        None => fields,
    };
    told(|out| writeln!(out, "{text}"))
}

/// Writes one document on one line.
///
/// # Errors
/// Standard output cannot be written.
pub fn line<T: Serialize>(value: &T) -> miette::Result<()> {
    let text = serde_json::to_string(value).into_diagnostic()?;
    told(|out| writeln!(out, "{text}"))
}

/// Two objects, written one below the other, as one. As text, because a map of `serde_json` has no order of its own.
fn joined(one: &str, other: &str) -> String {
    let one = one.strip_suffix('}').unwrap_or(one).trim_end();
    let comma = if one == "{" { "" } else { "," };
    format!("{one}{comma}{}", other.strip_prefix('{').unwrap_or(other))
}

/// Prints the result of a verb that has told events before: as the last of them, or as text.
///
/// # Errors
/// Standard output cannot be written.
pub fn result<T: Serialize>(
    format: Format,
    value: &T,
    exit: Exit,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> miette::Result<Exit> {
    match format {
        Format::Text => told(text)?,
        Format::Json => event(&Last { event: "result", ending: exit.word(), result: value }),
    }
    Ok(exit)
}

#[derive(Serialize)]
struct Last<'a, T> {
    event: &'static str,
    ending: &'static str,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_added_after_those_that_are_there() {
        let ending = "{\n  \"ending\": \"done\"\n}";
        let one = "{\n  \"b\": {\n    \"c\": {}\n  }\n}";
        let both = "{\n  \"b\": {\n    \"c\": {}\n  },\n  \"ending\": \"done\"\n}";
        assert_eq!(joined(one, ending), both);
        assert_eq!(joined("{}", ending), ending);
    }
}
