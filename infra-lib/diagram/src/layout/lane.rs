//! The lines. In a column they go straight up or down; between columns each has a lane of the gutter to itself.

use super::Canvas;
use super::region::between_zones;
use crate::drawing::{Point, Rect, Wire};
use crate::scene::{Edge, NodeId, Scene};

/// Distance of two lanes.
const PITCH: i32 = 15;
/// From a column to the first lane: room for an arrow.
const SIDE: i32 = 20;
/// A jog smaller than this is made straight.
const JOG: i32 = 18;

/// Where lanes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gutter {
    /// Between the primary and the middle.
    Left,
    /// Between the two halves of the middle.
    Middle,
    /// Between the middle and the standby.
    Right,
}

/// The gutter that a line goes along, and its lane there, from the left. `None`: it goes straight up or down.
///
/// Of all orders the lines cross each other least in this one. Those of the latch are the last ones of their
/// gutter, or lead to boxes of the same height, so that a picture without it has no empty lane.
const fn lane(edge: Edge) -> Option<(Gutter, i32)> {
    Some(match (edge.from, edge.to) {
        (NodeId::PrimaryBalancer, NodeId::PrimaryCheck) => (Gutter::Left, 0),
        (NodeId::PrimaryRecord, NodeId::PrimaryBalancer) => (Gutter::Left, 1),
        (NodeId::LatchCheck, NodeId::Gate) => (Gutter::Middle, 0),
        (NodeId::Alarm, NodeId::Topic) => (Gutter::Middle, 1),
        (NodeId::StandbyBalancer, NodeId::StandbyCheck) => (Gutter::Right, 0),
        (NodeId::Topic, NodeId::Controller) => (Gutter::Right, 1),
        (NodeId::StandbyRecord, NodeId::StandbyBalancer) => (Gutter::Right, 2),
        (NodeId::Latch, NodeId::LatchCheck) => (Gutter::Right, 3),
        _ => return None,
    })
}

fn gutter_of(edge: Edge) -> Option<Gutter> {
    lane(edge).map(|(gutter, _)| gutter)
}

/// How many lines go along a gutter.
fn lanes(scene: &Scene, gutter: Gutter) -> i32 {
    let own = scene.edges.iter().filter(|edge| gutter_of(**edge) == Some(gutter));
    i32::try_from(own.count()).expect("a gutter has few lanes")
}

/// Width of a gutter between two cards. Units: pixels.
pub(super) fn gutter(scene: &Scene, gutter: Gutter) -> i32 {
    2 * SIDE + (lanes(scene, gutter) - 1).max(0) * PITCH
}

/// Draws every line of the scene.
pub(super) fn connect(canvas: &mut Canvas<'_>) {
    let mut edges = canvas.scene.edges.clone();
    edges.sort_by_key(|edge| gutter_of(*edge));
    for edge in edges {
        let points = match lane(edge) {
            None => upright(canvas, edge),
            Some((gutter, lane)) => along(canvas, edge, first_lane(canvas, gutter) + lane * PITCH),
        };
        canvas.drawing.wires.push(Wire { points, kind: edge.kind, edge: Some(edge) });
    }
}

fn upright(canvas: &Canvas<'_>, edge: Edge) -> Vec<Point> {
    let (from, to) = (canvas.places[&edge.from], canvas.places[&edge.to]);
    let x = crossing(canvas, edge, from, to);
    let (start, end) = if from.y < to.y { (from.bottom(), to.y) } else { (from.y, to.bottom()) };
    vec![Point { x, y: start }, Point { x, y: end }]
}

/// Where an upright line goes: in the middle of what both boxes have in common; from a load balancer, between two zones, where
/// no subnet's name is.
fn crossing(canvas: &Canvas<'_>, edge: Edge, from: Rect, to: Rect) -> i32 {
    if edge.from == NodeId::PrimaryBalancer {
        return between_zones(&canvas.scene.primary, from);
    }
    if edge.from == NodeId::StandbyBalancer {
        return between_zones(&canvas.scene.standby, from);
    }
    i32::midpoint(from.x.max(to.x), from.right().min(to.right()))
}

/// The two boxes of a line, the left one first.
fn ends(canvas: &Canvas<'_>, edge: Edge) -> [(NodeId, Rect); 2] {
    let mut ends = [edge.from, edge.to].map(|id| (id, canvas.places[&id]));
    ends.sort_by_key(|(_, at)| at.x);
    ends
}

/// The middle of a gutter's first lane.
fn first_lane(canvas: &Canvas<'_>, gutter: Gutter) -> i32 {
    let edges = canvas.scene.edges.iter().filter(|edge| gutter_of(**edge) == Some(gutter));
    let sides = edges.map(|edge| ends(canvas, *edge)).map(|[(_, left), (_, right)]| (left, right));
    let inner = |(start, end): (i32, i32), (left, right): (Rect, Rect)| {
        (start.max(left.right()), end.min(right.x))
    };
    let (start, end) = sides.fold((i32::MIN, i32::MAX), inner);
    i32::midpoint(start, end) - (lanes(canvas.scene, gutter) - 1) * PITCH / 2
}

fn along(canvas: &Canvas<'_>, edge: Edge, x: i32) -> Vec<Point> {
    let [left, right] = ends(canvas, edge);
    let (mut from, mut to) = (port(edge, left), port(edge, right));
    // A small jog looks like a mistake. A load balancer's end stays, because it has two.
    if (from - to).abs() < JOG {
        if is_balancer(right.0) { from = to } else { to = from }
    }
    let start = Point { x: left.1.right(), y: from };
    let end = Point { x: right.1.x, y: to };
    let mut points = if from == to {
        vec![start, end]
    } else {
        vec![start, Point { x, y: from }, Point { x, y: to }, end]
    };
    if edge.to == left.0 {
        points.reverse();
    }
    points
}

/// Where a line meets the side of its box: in the middle; at a load balancer users arrive above, and the check asks below.
fn port(edge: Edge, (id, at): (NodeId, Rect)) -> i32 {
    match (is_balancer(id), edge.from == id) {
        (false, _) => at.y + at.height / 2,
        (true, false) => at.y + at.height / 3,
        (true, true) => at.y + at.height * 2 / 3,
    }
}

const fn is_balancer(id: NodeId) -> bool {
    matches!(id, NodeId::PrimaryBalancer | NodeId::StandbyBalancer)
}
