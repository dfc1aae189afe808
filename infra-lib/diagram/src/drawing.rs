//! A picture that is laid out: where everything is, in whole pixels, and nothing of how it looks.

use super::scene::{Edge, EdgeKind, NodeId, Role};
use super::text::{Face, width};

/// A laid-out picture.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// Its width. Units: pixels.
    pub width: i32,
    /// Its height. Units: pixels.
    pub height: i32,
    /// Areas, each drawn over the ones before.
    pub panels: Vec<Panel>,
    /// Lines, drawn over the panels.
    pub wires: Vec<Wire>,
    /// Texts, drawn over everything.
    pub labels: Vec<Label>,
}

/// A place. Units: pixels from the left and the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// From the left edge to the right one.
    pub width: i32,
    /// From the upper edge to the lower one.
    pub height: i32,
}

/// An area.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Where it is.
    pub at: Rect,
    /// What it is.
    pub kind: PanelKind,
    /// The box of the scene that it stands for, if any.
    pub node: Option<NodeId>,
}

/// What an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PanelKind {
    /// The ground of the whole picture.
    Ground,
    /// A region, DNS, the detector; with the role of the world, the steps.
    Card(Role),
    /// A network.
    Network,
    /// An availability zone.
    Zone,
    /// A subnet.
    Subnet(Role),
    /// A thing that lines lead to.
    Box(Role),
    /// The disc behind a step's number.
    Badge,
    /// An instance that always runs.
    Running(Role),
    /// An instance that waits stopped in the pool.
    Stopped(Role),
    /// An instance that a failover adds.
    Waiting(Role),
    /// The sign for the users.
    Users,
}

/// A line of horizontal and vertical stretches.
#[derive(Clone, Debug)]
pub struct Wire {
    /// Its corners, from its beginning to its arrow.
    pub points: Vec<Point>,
    /// What goes along it.
    pub kind: EdgeKind,
    /// The line of the scene that it is; `None` for the samples of the key, which have no arrow.
    pub edge: Option<Edge>,
}

/// A line of text.
#[derive(Clone, Debug)]
pub struct Label {
    /// The room that it may take.
    pub at: Rect,
    /// What it says.
    pub text: String,
    /// Size and weight.
    pub face: Face,
    /// Its colour.
    pub tone: Tone,
    /// Where in its room it stands if it turns out narrower.
    pub anchor: Anchor,
}

/// Colour of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// What matters.
    Ink,
    /// What is beside it.
    Muted,
    /// The colour of a role.
    Role(Role),
    /// A number on its disc.
    Badge,
}

/// Where a text stands in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At the left.
    Start,
    /// In the middle.
    Middle,
}

impl Rect {
    /// The right edge.
    #[must_use]
    pub const fn right(self) -> i32 {
        self.x + self.width
    }

    /// The lower edge.
    #[must_use]
    pub const fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// The middle.
    #[must_use]
    pub const fn middle(self) -> Point {
        Point { x: self.x + self.width / 2, y: self.y + self.height / 2 }
    }
}

impl Label {
    /// A line of text that begins at a place.
    pub(super) fn new(text: impl Into<String>, face: Face, tone: Tone, at: Point) -> Self {
        let text = text.into();
        let at = Rect { x: at.x, y: at.y, width: width(&text, face), height: face.line() };
        Self { at, text, face, tone, anchor: Anchor::Start }
    }

    /// A line of text around a middle; `y` is its upper edge.
    pub(super) fn centred(text: impl Into<String>, face: Face, tone: Tone, top: Point) -> Self {
        let mut label = Self::new(text, face, tone, top);
        label.at.x -= label.at.width / 2;
        label.anchor = Anchor::Middle;
        label
    }
}
