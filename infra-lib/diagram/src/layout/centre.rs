//! The middle column: the users, the site's name with its two records, and the detector below, which feeds them.

use super::block::{Block, Heading, count, rows};
use super::{CARD_GAP, CARD_PAD, Canvas};
use crate::drawing::{Label, PanelKind, Point, Rect, Tone};
use crate::scene::{NodeId, Role, Scene};
use crate::text::{Face, wrap};

/// Width of a box; there are two side by side.
const CELL: i32 = 164;
/// Between the two: a lane with room on both sides.
const LANE: i32 = 40;
/// Between two rows: room for an arrow.
const ROW_GAP: i32 = 28;
/// The users' sign, as wide as the word below it.
const SIGN: (i32, i32) = (56, 26);
/// Between the users, CloudFront and the name.
const USERS_GAP: i32 = 30;

/// Width of CloudFront's box.
const EDGE: i32 = 262;

/// The rows of the detector: left what is about the primary, right what is about the standby.
const ROWS: [[NodeId; 2]; 3] = [
    [NodeId::Gate, NodeId::StandbyCheck],
    [NodeId::PrimaryCheck, NodeId::LatchCheck],
    [NodeId::Alarm, NodeId::Topic],
];
/// Without a latch the primary's check feeds its record itself.
const ROWS_UNLATCHED: [[NodeId; 2]; 2] =
    [[NodeId::PrimaryCheck, NodeId::StandbyCheck], [NodeId::Alarm, NodeId::Topic]];

/// The middle column, measured.
pub(super) struct Centre {
    pub(super) width: i32,
    edge: Option<Block>,
    name: Vec<String>,
    zone: Vec<String>,
    records: Row,
    heading: Heading,
    rows: Vec<Row>,
}

/// Two boxes side by side.
struct Row {
    boxes: Vec<(NodeId, Block)>,
    height: i32,
}

impl Row {
    fn measure(scene: &Scene, ids: [NodeId; 2]) -> Self {
        let nodes = ids.into_iter().filter_map(|id| scene.node(id));
        let boxes: Vec<_> = nodes.map(|node| (node.id, Block::new(node, CELL))).collect();
        assert_eq!(boxes.len(), 2, "the scene has both boxes of a row");
        let height = boxes.iter().map(|(_, block)| block.height()).max().unwrap_or_default();
        Self { boxes, height }
    }

    fn place(&self, canvas: &mut Canvas<'_>, at: Point) {
        let mut x = at.x;
        for (id, block) in &self.boxes {
            canvas.node(*id, block, Rect { x, y: at.y, width: CELL, height: self.height });
            x += CELL + LANE;
        }
    }
}

impl Centre {
    pub(super) fn measure(scene: &Scene) -> Self {
        let width = 2 * (CARD_PAD + CELL) + LANE;
        let room = width - 2 * CARD_PAD;
        let name = scene.node(NodeId::Name).expect("every site has a name");
        let rows: &[_] = if scene.node(NodeId::Gate).is_some() { &ROWS } else { &ROWS_UNLATCHED };
        // The lines from the checks to the records pass on both sides of the heading.
        let between = CELL + LANE - 2 * CARD_PAD;
        Self {
            width,
            edge: scene.node(NodeId::Edge).map(|node| Block::new(node, EDGE)),
            name: wrap(&name.title, Face::Heading, room),
            zone: name.lines.iter().flat_map(|line| wrap(line, Face::Plain, room)).collect(),
            records: Row::measure(scene, [NodeId::PrimaryRecord, NodeId::StandbyRecord]),
            heading: Heading::new(Role::Detector, "Detector", &scene.detector_region, between),
            rows: rows.iter().map(|ids| Row::measure(scene, *ids)).collect(),
        }
    }

    /// Units: pixels.
    pub(super) fn height(&self) -> i32 {
        users() + USERS_GAP + self.edge() + self.dns() + CARD_GAP + self.detector()
    }

    /// Puts it into its column. Room to spare goes around the detector's rows.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, at: Rect) {
        let x = at.middle().x;
        let mut y = at.y;
        let sign = Rect { x: x - SIGN.0 / 2, y, width: SIGN.0, height: users() };
        canvas.area(NodeId::Users, sign, PanelKind::Users);
        let top = Point { x, y: y + SIGN.1 };
        canvas.label(Label::centred("users", Face::Strong, Tone::Ink, top));
        y += users() + USERS_GAP;
        if let Some(edge) = &self.edge {
            let at = Rect { x: x - EDGE / 2, y, width: EDGE, height: edge.height() };
            canvas.node(NodeId::Edge, edge, at);
        }
        y += self.edge();
        self.place_dns(canvas, Rect { y, height: self.dns(), ..at });
        y += self.dns() + CARD_GAP;
        self.place_detector(canvas, Rect { y, height: at.bottom() - y, ..at });
    }

    fn place_dns(&self, canvas: &mut Canvas<'_>, card: Rect) {
        canvas.area(NodeId::Name, card, PanelKind::Card(Role::Dns));
        let mut pen = Point { x: card.middle().x, y: card.y + CARD_PAD };
        for line in &self.name {
            canvas.label(Label::centred(line, Face::Heading, Tone::Ink, pen));
            pen.y += Face::Heading.line();
        }
        for line in &self.zone {
            canvas.label(Label::centred(line, Face::Plain, Tone::Muted, pen));
            pen.y += Face::Plain.line();
        }
        let y = card.bottom() - CARD_PAD - self.records.height;
        self.records.place(canvas, Point { x: card.x + CARD_PAD, y });
    }

    fn place_detector(&self, canvas: &mut Canvas<'_>, card: Rect) {
        canvas.panel(card, PanelKind::Card(Role::Detector));
        let spare = (card.height - self.detector()) / (count(&self.rows) + 1);
        let mut pen = Point { x: card.x + CARD_PAD, y: card.y + CARD_PAD };
        self.heading.place(canvas, Point { x: card.middle().x, y: pen.y });
        pen.y += self.heading.height() + CARD_PAD + spare;
        for row in &self.rows {
            row.place(canvas, pen);
            pen.y += row.height + ROW_GAP + spare;
        }
    }

    /// CloudFront's box and the gap below it.
    fn edge(&self) -> i32 {
        self.edge.as_ref().map_or(0, |edge| edge.height() + USERS_GAP)
    }

    fn dns(&self) -> i32 {
        let text = rows(&self.name, Face::Heading) + rows(&self.zone, Face::Plain);
        3 * CARD_PAD + text + self.records.height
    }

    fn detector(&self) -> i32 {
        let rows: i32 = self.rows.iter().map(|row| row.height + ROW_GAP).sum();
        3 * CARD_PAD + self.heading.height() + rows - ROW_GAP
    }
}

/// Height of the users' sign with the word below it, which the line keeps away from.
const fn users() -> i32 {
    SIGN.1 + Face::Strong.line() + 4
}
