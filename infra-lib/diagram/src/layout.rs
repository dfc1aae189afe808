//! Lays a scene out.
//!
//! Three columns, primary left, DNS and detector in the middle, standby right, with a gutter on each side of the middle. Boxes of
//! one column are joined by straight lines up and down; boxes of different columns by a lane in the gutter between them. So no
//! line ever passes through a column, and labels stand in columns only.

mod block;
mod centre;
mod lane;
mod margin;
mod region;

use std::collections::BTreeMap;

use self::block::Block;
use self::centre::Centre;
use self::margin::{Key, Steps, Title};
use self::region::{Annex, Region};
use super::drawing::{Drawing, Label, Panel, PanelKind, Point, Rect, Wire};
use super::scene::{EdgeKind, NodeId, Role, Scene};

/// Between the picture's edge and what is in it.
const MARGIN: i32 = 24;
/// Between two cards, one above the other.
const CARD_GAP: i32 = 22;
/// Inside a card's edge.
const CARD_PAD: i32 = 14;

/// A picture while it is laid out.
struct Canvas<'a> {
    scene: &'a Scene,
    drawing: Drawing,
    /// Where the boxes have come to stand.
    places: BTreeMap<NodeId, Rect>,
}

/// Lays a scene out. The same scene always becomes the same drawing.
#[must_use]
pub fn draw(scene: &Scene) -> Drawing {
    let mut canvas = Canvas { scene, drawing: Drawing::default(), places: BTreeMap::new() };
    let centre = Centre::measure(scene);
    let region = Region::measure(scene);
    let annex = Annex::measure(scene, region.width);
    let left = Rect { x: MARGIN, y: MARGIN, width: region.width, height: 0 };
    let middle_x = left.right() + lane::gutter(scene, lane::Gutter::Left);
    let middle = Rect { x: middle_x, y: MARGIN, width: centre.width, height: 0 };
    let right_x = middle.right() + lane::gutter(scene, lane::Gutter::Right);
    let right = Rect { x: right_x, ..left };
    let title = Title::measure(scene, left.width);
    let key = Key::measure(scene);
    let steps = Steps::measure(scene, middle.right() - left.x);

    // The cards of the regions end where the detector ends, unless what stands above them needs the room.
    let above = MARGIN + title.height().max(key.height()) + CARD_GAP;
    let region_y = above.max(middle.y + centre.height() - region.height());
    let bottom = region_y + region.height();
    let steps_y = bottom + CARD_GAP;
    let end = (steps_y + steps.height()).max(bottom + annex.height());

    canvas.panel(
        Rect { x: 0, y: 0, width: right.right() + MARGIN, height: end + MARGIN },
        PanelKind::Ground,
    );
    let card = |column: Rect, until: i32| Rect { y: region_y, height: until - region_y, ..column };
    region.place(&mut canvas, Role::Primary, card(left, bottom));
    region.place(&mut canvas, Role::Standby, card(right, end));
    annex.place(&mut canvas, Rect { y: bottom, height: end - bottom, ..right });
    centre.place(&mut canvas, Rect { height: bottom - middle.y, ..middle });
    title.place(&mut canvas, Point { x: left.x, y: left.y });
    key.place(&mut canvas, Point { x: right.x, y: right.y });
    steps.place(
        &mut canvas,
        Rect { x: left.x, y: steps_y, width: middle.right() - left.x, height: end - steps_y },
    );
    lane::connect(&mut canvas);
    canvas.drawing.width = right.right() + MARGIN;
    canvas.drawing.height = end + MARGIN;
    canvas.drawing
}

impl Canvas<'_> {
    fn panel(&mut self, at: Rect, kind: PanelKind) {
        self.drawing.panels.push(Panel { at, kind, node: None });
    }

    fn label(&mut self, label: Label) {
        self.drawing.labels.push(label);
    }

    fn sample(&mut self, points: Vec<Point>, kind: EdgeKind) {
        self.drawing.wires.push(Wire { points, kind, edge: None });
    }

    /// Puts a box of the scene somewhere, with its text.
    fn node(&mut self, id: NodeId, block: &Block, at: Rect) {
        self.area(id, at, PanelKind::Box(id.role()));
        block.place(self, at);
    }

    /// Says where a box of the scene is.
    fn area(&mut self, id: NodeId, at: Rect, kind: PanelKind) {
        self.drawing.panels.push(Panel { at, kind, node: Some(id) });
        self.places.insert(id, at);
    }
}
