//! Where in a text a place is.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};

/// Where every place of a YAML or JSON text is. Units: bytes.
#[derive(Debug, Default)]
pub struct Places {
    spans: BTreeMap<String, Range<usize>>,
}

/// A list or mapping that is being read.
enum Open {
    List { place: String, next: usize },
    Map { place: String, key: Option<String> },
}

impl Places {
    /// Finds every place of a text. What cannot be read has no places.
    #[must_use]
    pub fn of(text: &str) -> Self {
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
    #[must_use]
    pub fn find(&self, place: &str) -> Option<Range<usize>> {
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
