//! What lies in what, and what lies across what.

use diagram::{Rect, Wire};

/// Two areas compared.
pub trait Area {
    /// The same, smaller by so much at each edge.
    fn inset(self, by: i32) -> Self;

    /// Whether two rectangles have an area in common.
    fn overlaps(self, other: Self) -> bool;

    /// Whether the other one is wholly inside.
    fn contains(self, other: Self) -> bool;
}

impl Area for Rect {
    fn inset(self, by: i32) -> Self {
        Self {
            x: self.x + by,
            y: self.y + by,
            width: self.width - 2 * by,
            height: self.height - 2 * by,
        }
    }

    fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    fn contains(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }
}

/// Its stretches, as rectangles without an area.
pub fn stretches(wire: &Wire) -> impl Iterator<Item = Rect> {
    wire.points.windows(2).map(|pair| {
        let (from, to) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        // Straight: the smaller point is smaller in the one direction that differs.
        Rect { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y }
    })
}
