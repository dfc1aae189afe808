//! What stands around the columns: the title, the key, and the steps in words.

use super::block::{badge, count, indent, rows};
use super::{CARD_PAD, Canvas};
use crate::drawing::{Label, PanelKind, Point, Rect, Tone};
use crate::scene::{EdgeKind, Role, Scene, Step};
use crate::text::{Face, wrap};

/// Between a title and what is below it.
const TITLE_GAP: i32 = 6;
/// Length of a sample line.
const SAMPLE: i32 = 34;
/// Between a sample and its meaning.
const SAMPLE_GAP: i32 = 10;
/// Across a sample instance.
const INSTANCE: i32 = 13;
/// Distance of two entries of the key.
const ENTRY: i32 = 20;
/// Between two steps, and between the two columns of them.
const STEP_GAP: (i32, i32) = (28, 10);
/// The site's name and who serves.
pub(super) struct Title {
    name: Vec<String>,
    summary: Vec<String>,
}

/// What the lines and the signs of this picture mean.
pub(super) struct Key {
    lines: Vec<(EdgeKind, &'static str)>,
    instances: Vec<(PanelKind, &'static str)>,
}

/// What happens when the primary fails.
pub(super) struct Steps {
    heading: Vec<String>,
    rows: Vec<Vec<(u8, Vec<String>)>>,
    after: Vec<String>,
    column: i32,
}

impl Title {
    pub(super) fn measure(scene: &Scene, room: i32) -> Self {
        Self {
            name: wrap(&scene.site, Face::Title, room),
            summary: wrap(&scene.summary, Face::Plain, room),
        }
    }

    pub(super) fn height(&self) -> i32 {
        rows(&self.name, Face::Title) + TITLE_GAP + rows(&self.summary, Face::Plain)
    }

    pub(super) fn place(&self, canvas: &mut Canvas<'_>, at: Point) {
        let mut pen = at;
        lines(canvas, &self.name, (Face::Title, Tone::Ink), &mut pen);
        pen.y += TITLE_GAP;
        lines(canvas, &self.summary, (Face::Plain, Tone::Muted), &mut pen);
    }
}

impl Key {
    pub(super) fn measure(scene: &Scene) -> Self {
        let drawn = |kind: EdgeKind| scene.edges.iter().any(|edge| edge.kind == kind);
        let meaning = |kind: EdgeKind| match kind {
            // Both regions serve, at all times.
            EdgeKind::Users if !drawn(EdgeKind::Detour) => "users",
            EdgeKind::Users | EdgeKind::Detour | EdgeKind::Step | EdgeKind::Signal => {
                kind.meaning()
            }
        };
        let kinds = EdgeKind::ALL.into_iter().filter(|kind| drawn(*kind));
        let fleet = scene.standby.fleet;
        let instances = [
            (true, PanelKind::Running(Role::Primary), "instance that always runs"),
            (fleet.stopped > 0, PanelKind::Stopped(Role::Standby), "instance stopped in the pool"),
            (fleet.waiting > 0, PanelKind::Waiting(Role::Standby), "instance that a failover adds"),
        ];
        let instances = instances.into_iter().filter(|(there, ..)| *there);
        Self {
            lines: kinds.map(|kind| (kind, meaning(kind))).collect(),
            instances: instances.map(|(_, kind, meaning)| (kind, meaning)).collect(),
        }
    }

    pub(super) fn height(&self) -> i32 {
        (count(&self.lines) + count(&self.instances)) * ENTRY
    }

    pub(super) fn place(&self, canvas: &mut Canvas<'_>, at: Point) {
        let mut pen = at;
        let entry = |canvas: &mut Canvas<'_>, pen: &mut Point, meaning: &str| {
            let text = Point { x: pen.x + SAMPLE + SAMPLE_GAP, y: pen.y };
            canvas.label(Label::new(meaning, Face::Plain, Tone::Muted, text));
            pen.y += ENTRY;
        };
        for &(kind, meaning) in &self.lines {
            let y = pen.y + Face::Plain.line() / 2;
            let points = vec![Point { x: pen.x, y }, Point { x: pen.x + SAMPLE, y }];
            canvas.sample(points, kind);
            entry(canvas, &mut pen, meaning);
        }
        for &(kind, meaning) in &self.instances {
            let x = pen.x + (SAMPLE - INSTANCE) / 2;
            let sample = Rect { x, y: pen.y + 1, width: INSTANCE, height: INSTANCE };
            canvas.panel(sample, kind);
            entry(canvas, &mut pen, meaning);
        }
    }
}

impl Steps {
    pub(super) fn measure(scene: &Scene, width: i32) -> Self {
        let room = width - 2 * CARD_PAD;
        let column = (room - STEP_GAP.0) / 2;
        let wrapped = |step: &Step| {
            let text = wrap(&step.text, Face::Plain, column - indent());
            (step.number, text)
        };
        // Down the left column, then down the right one.
        let half = scene.steps.len().div_ceil(2);
        let row = |index: usize| {
            let pair = [scene.steps.get(index), scene.steps.get(index + half)];
            pair.into_iter().flatten().map(wrapped).collect()
        };
        let heading = format!("When {} fails", scene.primary.region);
        Self {
            heading: wrap(&heading, Face::Heading, room),
            rows: (0..half).map(row).collect(),
            after: wrap(&scene.return_trip, Face::Plain, room),
            column,
        }
    }

    pub(super) fn height(&self) -> i32 {
        let steps: i32 = self.rows.iter().map(|row| row_height(row) + STEP_GAP.1).sum();
        let text = rows(&self.heading, Face::Heading) + rows(&self.after, Face::Plain);
        2 * CARD_PAD + STEP_GAP.1 + steps + text
    }

    /// Puts them into a card. Room to spare goes between the rows.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, card: Rect) {
        canvas.panel(card, PanelKind::Card(Role::World));
        let spare = (card.height - self.height()) / (count(&self.rows) + 1);
        let mut pen = Point { x: card.x + CARD_PAD, y: card.y + CARD_PAD };
        lines(canvas, &self.heading, (Face::Heading, Tone::Ink), &mut pen);
        pen.y += STEP_GAP.1 + spare / 2;
        for row in &self.rows {
            let mut x = pen.x;
            for (number, text) in row {
                badge(canvas, *number, Point { x, y: pen.y });
                let mut text_pen = Point { x: x + indent(), y: pen.y + 1 };
                lines(canvas, text, (Face::Plain, Tone::Ink), &mut text_pen);
                x += self.column + STEP_GAP.0;
            }
            pen.y += row_height(row) + STEP_GAP.1 + spare;
        }
        lines(canvas, &self.after, (Face::Plain, Tone::Muted), &mut pen);
    }
}

fn row_height(row: &[(u8, Vec<String>)]) -> i32 {
    let texts = row.iter().map(|(_, text)| rows(text, Face::Plain));
    texts.max().unwrap_or_default().max(Face::Strong.line()) + 2
}

/// Writes lines one below the other and leaves the pen below them.
fn lines(canvas: &mut Canvas<'_>, texts: &[String], style: (Face, Tone), pen: &mut Point) {
    for text in texts {
        canvas.label(Label::new(text, style.0, style.1, *pen));
        pen.y += style.0.line();
    }
}
