//! How a place in a text is shown.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// BOUND: a template in one line, as machines write them, is shown as far as a terminal shows it.
const SHOWN_MAX: usize = 110;
/// How much of such a line is shown before the place.
const SHOWN_BEFORE: usize = 30;

/// The line of a text that a place is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Excerpt {
    /// Range: 1 and up.
    pub line: usize,
    /// Units: characters. Range: 1 and up.
    pub column: usize,
    /// The line, or what of a very long one is around the place.
    pub text: String,
    /// Where in `text` the place begins. Units: characters.
    #[serde(skip)]
    start: usize,
    /// How long it is. Units: characters.
    #[serde(skip)]
    width: usize,
}

impl Excerpt {
    /// The line of a span. A span of several lines is shown by its first.
    #[must_use]
    pub fn new(text: &str, span: Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or_default();
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
        let column = text.get(begin..start).unwrap_or_default().chars().count();
        let length = text.get(start..span.end).unwrap_or_default();
        let length = length.lines().next().unwrap_or_default().trim_end().chars().count();
        let rest = line.trim_end().chars().count().saturating_sub(column);
        // A mapping has no length of its own.
        let length = if length == 0 { rest } else { length };
        let count = line.chars().count();
        let skipped = if count > SHOWN_MAX { column.saturating_sub(SHOWN_BEFORE) } else { 0 };
        // A tab is as wide as the terminal likes, and the marks below would not fit.
        let plain = |c: char| if c == '\t' { ' ' } else { c };
        let shown: String = line.chars().skip(skipped).take(SHOWN_MAX).map(plain).collect();
        let room = shown.chars().count().saturating_sub(column - skipped).max(1);
        Self {
            line: before.matches('\n').count() + 1,
            column: column + 1,
            text: shown,
            start: column - skipped,
            width: length.clamp(1, room),
        }
    }

    /// Writes it with a label below.
    ///
    /// # Errors
    /// What the writer answers.
    pub fn write(&self, f: &mut dyn fmt::Write, file: &str, label: &str) -> fmt::Result {
        let Self { line, column, text, start, width } = self;
        let gutter = " ".repeat(line.to_string().len());
        let marks = " ".repeat(*start) + &"^".repeat(*width);
        writeln!(f, "{gutter}--> {file}:{line}:{column}")?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {text}")?;
        writeln!(f, "{gutter} | {marks} {label}")
    }
}
