//! How an error is shown: what happened, where, why, and what to do.

use std::fmt::Write as _;

use check::Excerpt;
use miette::{Diagnostic, Report};
use owo_colors::OwoColorize;
use serde::{Serialize, Serializer};

use super::colour::Paint;
use super::output;
use crate::exit::Exit;
use crate::interrupt::Interrupt;

/// Prints an error to standard error.
pub fn print(error: &Report) {
    output::note(text(error.as_ref()).trim_end());
}

/// How a command ended, for programs.
#[derive(Debug, Serialize)]
pub struct Ending {
    /// Told by its word.
    #[serde(rename = "ending", serialize_with = "word")]
    pub exit: Exit,
    #[serde(flatten)]
    cause: Option<Cause>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn word<S: Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(exit.word())
}

/// Why a command did not come to its own end.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Cause {
    Failed { error: String, code: Option<String>, hint: Option<String> },
    Interrupted { hint: &'static str },
}

impl Ending {
    /// Without an error.
    #[must_use]
    pub const fn of(exit: Exit) -> Self {
        Self { exit, cause: None }
    }

    /// With one.
    #[must_use]
    pub fn failed(error: &Report) -> Self {
        let cause = Cause::Failed {
            error: error.to_string(),
            code: error.code().map(|code| code.to_string()),
            hint: error.help().map(|help| help.to_string()),
        };
        Self { exit: Exit::of(error), cause: Some(cause) }
    }

    /// By Ctrl-C or another signal, and how to go on.
    #[must_use]
    pub const fn interrupted(by: Interrupt, hint: &'static str) -> Self {
        Self { exit: Exit::Interrupted(by), cause: Some(Cause::Interrupted { hint }) }
    }

    /// By a command line that clap does not take.
    #[must_use]
    pub fn misused(error: &clap::Error) -> Self {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let error = first.strip_prefix("error: ").unwrap_or(first).to_owned();
        let (code, hint) = (Some("usage".to_owned()), Some("see `--help`".to_owned()));
        Self { exit: Exit::Usage, cause: Some(Cause::Failed { error, code, hint }) }
    }

    /// Tells it as the last event on standard output. A result is an event of its own.
    pub fn tell(&self) {
        let event = match &self.cause {
            Some(Cause::Failed { .. }) => "failed",
            Some(Cause::Interrupted { .. }) => "interrupted",
            None => return,
        };
        output::event(&Last { event, ending: self });
    }
}

#[derive(Serialize)]
struct Last<'a> {
    event: &'static str,
    #[serde(flatten)]
    ending: &'a Ending,
}

fn text(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    write(&mut text, error).expect("writing to a string cannot fail");
    text
}

fn write(out: &mut String, error: &dyn Diagnostic) -> std::fmt::Result {
    let message = error.to_string();
    writeln!(out, "{} {message}", "error:".style(Paint::error().bad()))?;
    write_places(out, error)?;
    let mut last = message;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !last.contains(&words) {
            writeln!(out, "  because: {words}")?;
        }
        last = words;
        cause = inner.source();
    }
    if let Some(help) = error.help() {
        writeln!(out, "{} {help}", "hint:".style(Paint::error().hint()))?;
    }
    for other in error.related().into_iter().flatten() {
        write(out, other)?;
    }
    Ok(())
}

/// The lines that the labels point to, with the labels below them.
fn write_places(out: &mut String, error: &dyn Diagnostic) -> std::fmt::Result {
    let Some(source) = error.source_code() else {
        return Ok(());
    };
    for label in error.labels().into_iter().flatten() {
        // With a line of context on either side, because without it the line is cut to the label.
        let Ok(contents) = source.read_span(label.inner(), 1, 1) else {
            continue;
        };
        let text = String::from_utf8_lossy(contents.data());
        let start = label.offset().saturating_sub(contents.span().offset());
        let mut excerpt = Excerpt::new(&text, start..start + label.len().max(1));
        excerpt.line += contents.line();
        let file = contents.name().unwrap_or("input");
        excerpt.write(out, file, label.label().unwrap_or_default())?;
    }
    Ok(())
}
