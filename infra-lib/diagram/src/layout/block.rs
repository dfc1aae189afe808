//! The text of a box: a title, with the step's number before it, and lines below.

use super::Canvas;
use crate::drawing::{Label, PanelKind, Point, Rect, Tone};
use crate::scene::{Node, Role};
use crate::text::{Face, width, wrap};

/// Inside a box's edge, left and right.
const PAD_X: i32 = 11;
/// Inside a box's edge, above and below.
const PAD_Y: i32 = 9;
/// Across a step's disc.
const BADGE: i32 = 18;
/// Between the disc and what stands beside it.
const BADGE_GAP: i32 = 7;
/// Between a title and the lines below it.
const TITLE_GAP: i32 = 2;
/// Between the role and the region of a heading.
const HEADING_GAP: i32 = 8;

/// The text of a box, broken into lines.
pub(super) struct Block {
    step: Option<u8>,
    title: Vec<String>,
    lines: Vec<String>,
}

/// The name of a card: its role and its region, side by side if they fit.
pub(super) struct Heading {
    role: Role,
    word: &'static str,
    region: Vec<String>,
    beside: bool,
}

impl Block {
    /// Breaks a box's text into lines for a box of this width.
    pub(super) fn new(node: &Node, room: i32) -> Self {
        let room = room - 2 * PAD_X;
        let title_room = room - node.step.map_or(0, |_| indent());
        Self {
            step: node.step,
            title: wrap(&node.title, Face::Strong, title_room),
            lines: node.lines.iter().flat_map(|line| wrap(line, Face::Plain, room)).collect(),
        }
    }

    /// Height of the box. Units: pixels.
    pub(super) fn height(&self) -> i32 {
        let text = rows(&self.title, Face::Strong) + rows(&self.lines, Face::Plain);
        2 * PAD_Y + text + if self.lines.is_empty() { 0 } else { TITLE_GAP }
    }

    /// Writes it into its box, from the top.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, at: Rect) {
        let mut pen = Point { x: at.x + PAD_X, y: at.y + PAD_Y };
        let mut title_x = pen.x;
        if let Some(step) = self.step {
            badge(canvas, step, pen);
            title_x += indent();
        }
        for text in &self.title {
            let at = Point { x: title_x, ..pen };
            canvas.label(Label::new(text, Face::Strong, Tone::Ink, at));
            pen.y += Face::Strong.line();
        }
        pen.y += TITLE_GAP;
        for text in &self.lines {
            canvas.label(Label::new(text, Face::Plain, Tone::Muted, pen));
            pen.y += Face::Plain.line();
        }
    }
}

impl Heading {
    pub(super) fn new(role: Role, word: &'static str, region: &str, room: i32) -> Self {
        let taken = width(word, Face::Heading) + HEADING_GAP + width(region, Face::Plain);
        let beside = taken <= room;
        Self { role, word, region: wrap(region, Face::Plain, room), beside }
    }

    /// Units: pixels.
    pub(super) fn height(&self) -> i32 {
        let below = if self.beside { 0 } else { rows(&self.region, Face::Plain) };
        Face::Heading.line() + below
    }

    /// Writes it around a middle.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, top: Point) {
        let tone = Tone::Role(self.role);
        if self.beside {
            let region = self.region.concat();
            let word = width(self.word, Face::Heading);
            let all = word + HEADING_GAP + width(&region, Face::Plain);
            let start = Point { x: top.x - all / 2, y: top.y };
            canvas.label(Label::new(self.word, Face::Heading, tone, start));
            // On the same baseline: the smaller letters begin lower.
            let beside = Point { x: start.x + word + HEADING_GAP, y: top.y + 3 };
            canvas.label(Label::new(region, Face::Plain, Tone::Muted, beside));
            return;
        }
        canvas.label(Label::centred(self.word, Face::Heading, tone, top));
        let mut pen = Point { y: top.y + Face::Heading.line(), ..top };
        for line in &self.region {
            canvas.label(Label::centred(line, Face::Plain, Tone::Muted, pen));
            pen.y += Face::Plain.line();
        }
    }
}

/// Width of a disc and the gap after it.
pub(super) const fn indent() -> i32 {
    BADGE + BADGE_GAP
}

/// A step's number on its disc, which is as high as a title.
pub(super) fn badge(canvas: &mut Canvas<'_>, step: u8, at: Point) {
    let disc = Rect { x: at.x, y: at.y, width: BADGE, height: BADGE };
    canvas.panel(disc, PanelKind::Badge);
    let top = Point { x: disc.middle().x, y: disc.middle().y - Face::Badge.line() / 2 };
    canvas.label(Label::centred(step.to_string(), Face::Badge, Tone::Badge, top));
}

/// Height of so many lines.
pub(super) fn rows(lines: &[String], face: Face) -> i32 {
    count(lines) * face.line()
}

/// How many, as a number to reckon places with.
pub(super) fn count<T>(things: &[T]) -> i32 {
    i32::try_from(things.len()).expect("a picture has few things")
}
