//! Where in a text a place is, and how it is shown.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};
use serde::Serialize;

/// BOUND: a template in one line, as machines write them, is shown as far as a terminal shows it.
const SHOWN_MAX: usize = 110;
/// How much of such a line is shown before the place.
const SHOWN_BEFORE: usize = 30;

/// Where every place of a YAML or JSON text is. Units: bytes.
#[derive(Debug, Default)]
pub(super) struct Places {
    spans: BTreeMap<String, Range<usize>>,
}

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

/// A list or mapping that is being read.
enum Open {
    List { place: String, next: usize },
    Map { place: String, key: Option<String> },
}

impl Places {
    /// Finds every place of a text. What cannot be read has no places.
    pub(super) fn of(text: &str) -> Self {
        // JSON may be indented by tabs, which YAML forbids; within its texts there is none.
        let json = text.trim_start().starts_with('{');
        let text = if json { text.replace('\t', " ") } else { text.to_owned() };
        let bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
        let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());
        let mut places = Self::default();
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(&text) {
            let Ok((event, span)) = event else { break };
            places.see(
                &event,
                &mut open,
                |span| byte(span.start.index())..byte(span.end.index()),
                span,
            );
        }
        places
    }

    fn see(
        &mut self,
        event: &Event<'_>,
        open: &mut Vec<Open>,
        range: impl Fn(Span) -> Range<usize>,
        span: Span,
    ) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Open::Map { place, key: key @ None }) = open.last_mut() {
                    let joint = if place.is_empty() { "" } else { "." };
                    self.spans.insert(format!("{place}{joint}{text}"), range(span));
                    *key = Some(text.to_string());
                    return;
                }
                let place = enter(open);
                self.spans.insert(place, range(span));
            }
            Event::Alias(_) => drop(enter(open)),
            Event::SequenceStart(..) => {
                let place = enter(open);
                open.push(Open::List { place, next: 0 });
            }
            Event::MappingStart(..) => {
                let place = enter(open);
                // An item of a list has no key of its own.
                self.spans.entry(place.clone()).or_insert_with(|| range(span));
                open.push(Open::Map { place, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }

    /// Where a place is, or else what it would be in.
    pub(super) fn find(&self, place: &str) -> Option<Range<usize>> {
        let mut place = place;
        loop {
            // The word `Properties` tells nobody what lacks one.
            let plain = place.strip_suffix(".Properties").unwrap_or(place);
            if let Some(span) = self.spans.get(plain) {
                return Some(span.clone());
            }
            place = plain.rfind(['.', '[']).map(|end| &plain[..end])?;
        }
    }
}

/// The place of the value that begins, after which its list or mapping goes on.
fn enter(open: &mut [Open]) -> String {
    match open.last_mut() {
        None => String::new(),
        Some(Open::List { place, next }) => {
            *next += 1;
            format!("{place}[{}]", *next - 1)
        }
        Some(Open::Map { place, key }) => {
            let joint = if place.is_empty() { "" } else { "." };
            format!("{place}{joint}{}", key.take().unwrap_or_default())
        }
    }
}

impl Excerpt {
    /// The line of a span. A span of several lines is shown by its first.
    pub(super) fn new(text: &str, span: Range<usize>) -> Self {
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
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, file: &str, label: &str) -> fmt::Result {
        let Self { line, column, text, start, width } = self;
        let gutter = " ".repeat(line.to_string().len());
        let marks = " ".repeat(*start) + &"^".repeat(*width);
        writeln!(f, "{gutter}--> {file}:{line}:{column}")?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {text}")?;
        writeln!(f, "{gutter} | {marks} {label}")
    }
}
