//! The page: one file without a script and without anything from elsewhere, for a browser, a printer and a post-mortem.

mod parts;
mod tables;

use std::fmt::Write as _;

use super::History;
use super::chart::escaped;
use super::words;
use crate::journal::{FILE_NAME, Journal};

const STYLE: &str = include_str!("page.css");
/// Nothing may be fetched and nothing may run, whatever a journal holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
/// The pattern of trouble, which is told from the rest without its colour too.
const PATTERNS: &str = "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\" class=\"patterns\"><defs>\
<pattern id=\"stripes\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect class=\"stripe-ground\" width=\"7\" height=\"7\"/><path class=\"stripe\" d=\"M2 0V7\"/></pattern></defs></svg>";

/// A section of the page.
pub(super) struct Section {
    /// Its anchor.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What is under the heading.
    pub(super) body: String,
}

/// The journal as a page.
#[must_use]
pub fn page(journal: &Journal, history: &History) -> String {
    let title = format!("{} · drill {}", journal.site, journal.level.word());
    let sections = sections(journal, history);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{PATTERNS}\n<div class=\"sheet\">\n",
        escaped(&title)
    );
    html.push_str(&parts::header(journal, &sections));
    html.push_str("<main>\n");
    for Section { id, title, body } in &sections {
        let heading = format!("<h2 id=\"{id}-heading\">{}</h2>", escaped(title));
        writeln!(
            html,
            "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n{heading}\n{body}</section>"
        )
        .expect("a string grows");
    }
    html.push_str("</main>\n");
    writeln!(
        html,
        "<footer>Written by <code>cargo xtask drill</code> from <code>{FILE_NAME}</code> beside this page, version {} of its form. \
         <code>cargo xtask drill report {FILE_NAME}</code> writes it anew.</footer>",
        journal.schema
    )
    .expect("a string grows");
    html.push_str("</div>\n</body>\n</html>\n");
    html
}

fn sections(journal: &Journal, history: &History) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut add = |id, title, body: String| {
        if !body.is_empty() {
            sections.push(Section { id, title, body });
        }
    };
    add("recovery", "The recovery, second by second", parts::recovery(journal));
    add("phases", "Where the time went", parts::phases(journal, history));
    add("whole", "The whole drill", parts::whole(journal));
    add("timeline", "What happened", tables::marks(journal));
    add("decisions", "What the controller decided", tables::decisions(journal));
    add("clients", "What the users got", tables::clients(journal));
    add("invariants", "Invariants over every decision", tables::invariants(journal));
    add("conditions", "Before and after", tables::conditions(journal));
    add("shortened", "Shorter than on AWS", tables::shortened(journal));
    add("history", "Earlier drills", tables::history(journal, history));
    sections
}

/// A picture that can be scrolled with the keyboard where it does not fit.
pub(super) fn picture(svg: &str, what: &str) -> String {
    format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n{svg}</div>\n",
        escaped(what)
    )
}

/// A table that can be scrolled with the keyboard where it does not fit; nothing without rows. Heads with `#` before them are of
/// numbers.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n<table>\n<caption>{0}</caption>\n<thead><tr>",
        escaped(caption)
    );
    for head in heads {
        let number = head.strip_prefix('#');
        let class = if number.is_some() { " class=\"number\"" } else { "" };
        write!(html, "<th scope=\"col\"{class}>{}</th>", escaped(number.unwrap_or(head)))
            .expect("a string grows");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for Row { class, cells } in rows {
        write!(html, "<tr class=\"{class}\">").expect("a string grows");
        for (index, (cell, head)) in cells.iter().zip(heads).enumerate() {
            let class = if head.starts_with('#') { " class=\"number\"" } else { "" };
            let (open, close) = if index == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            write!(html, "<{open}{class}>{}</{close}>", escaped(cell)).expect("a string grows");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// A row of a table: plain text, which the table escapes.
pub(super) struct Row {
    /// `act`, `beyond`, `total`, or nothing.
    pub(super) class: &'static str,
    /// One for each head. The first names the row.
    pub(super) cells: Vec<String>,
}

impl Row {
    /// An ordinary row.
    pub(super) fn new(cells: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { class: "", cells: cells.into_iter().map(Into::into).collect() }
    }

    /// The same as one of another class.
    pub(super) const fn of(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// A paragraph of plain text.
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escaped(text))
}

pub(super) use words::seconds;
