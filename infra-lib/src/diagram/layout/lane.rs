//! The lines. In a column they go straight up or down; between columns each gets a lane of the gutter to itself.

use super::Canvas;
use super::region::between_zones;
use crate::diagram::drawing::{Point, Rect, Wire};
use crate::diagram::scene::{Edge, NodeId, Scene};

/// Distance of two lanes.
const PITCH: i32 = 15;
/// From a column to the first lane: room for an arrow.
const SIDE: i32 = 20;
/// A jog smaller than this is made straight.
const JOG: i32 = 18;

/// Where lanes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gutter {
    /// Between the primary and the middle.
    Left,
    /// Between the two halves of the middle.
    Middle,
    /// Between the middle and the standby.
    Right,
}

/// How a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Straight up or down, in the middle of what the two boxes have in common.
    Straight,
    /// Along a lane of a gutter.
    Along(Gutter),
}

/// A line on its way through a gutter.
struct Run {
    edge: Edge,
    /// Whether the line begins at the gutter's left side.
    rightward: bool,
    left: Rect,
    right: Rect,
    /// Where it leaves the left side and where it meets the right one.
    ports: (i32, i32),
}

/// The column that a box stands in, from the left. The middle counts as two.
const fn column(id: NodeId) -> u8 {
    match id {
        NodeId::PrimaryBalancer | NodeId::PrimaryGroup => 0,
        // The users and the name take both halves, and are joined to nothing but each other.
        NodeId::Users
        | NodeId::Edge
        | NodeId::Name
        | NodeId::PrimaryRecord
        | NodeId::Gate
        | NodeId::PrimaryCheck
        | NodeId::Alarm => 1,
        NodeId::StandbyRecord | NodeId::StandbyCheck | NodeId::LatchCheck | NodeId::Topic => 2,
        NodeId::StandbyBalancer
        | NodeId::StandbyGroup
        | NodeId::Controller
        | NodeId::Tick
        | NodeId::Latch
        | NodeId::Dashboard => 3,
    }
}

fn way(edge: Edge) -> Way {
    let (from, to) = (column(edge.from), column(edge.to));
    match (from.min(to), from.max(to)) {
        (0, 1) => Way::Along(Gutter::Left),
        (1, 2) => Way::Along(Gutter::Middle),
        (2, 3) => Way::Along(Gutter::Right),
        (left, right) => {
            assert_eq!(left, right, "a line joins columns that are side by side");
            Way::Straight
        }
    }
}

/// Width of a gutter between two cards. Units: pixels.
pub(super) fn gutter(scene: &Scene, gutter: Gutter) -> i32 {
    let lanes = scene.edges.iter().filter(|edge| way(**edge) == Way::Along(gutter)).count();
    let lanes = i32::try_from(lanes).expect("a gutter has few lanes");
    2 * SIDE + (lanes - 1).max(0) * PITCH
}

/// Draws every line of the scene.
pub(super) fn connect(canvas: &mut Canvas<'_>) {
    let edges = canvas.scene.edges.iter().copied();
    let (straight, along): (Vec<_>, Vec<_>) = edges.partition(|edge| way(*edge) == Way::Straight);
    for edge in straight {
        let (from, to) = (canvas.places[&edge.from], canvas.places[&edge.to]);
        let points = upright(from, to, crossing(canvas, edge, from, to));
        canvas.drawing.wires.push(Wire { points, kind: edge.kind, edge: Some(edge) });
    }
    for gutter in [Gutter::Left, Gutter::Middle, Gutter::Right] {
        let own = along.iter().copied().filter(|edge| way(*edge) == Way::Along(gutter));
        let mut runs: Vec<Run> = own.map(|edge| run(canvas, edge)).collect();
        ports(&mut runs);
        let order = best_order(&runs);
        for (run, points) in runs.iter().zip(paths(&runs, &order)) {
            let mut points = points;
            if !run.rightward {
                points.reverse();
            }
            points.dedup();
            let wire = Wire { points, kind: run.edge.kind, edge: Some(run.edge) };
            canvas.drawing.wires.push(wire);
        }
    }
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

fn upright(from: Rect, to: Rect, x: i32) -> Vec<Point> {
    let (start, end) = if from.y < to.y { (from.bottom(), to.y) } else { (from.y, to.bottom()) };
    vec![Point { x, y: start }, Point { x, y: end }]
}

fn run(canvas: &Canvas<'_>, edge: Edge) -> Run {
    let rightward = column(edge.from) < column(edge.to);
    let (from, to) = (canvas.places[&edge.from], canvas.places[&edge.to]);
    let (left, right) = if rightward { (from, to) } else { (to, from) };
    Run { edge, rightward, left, right, ports: (0, 0) }
}

/// Spreads the lines over the sides of their boxes, in the order in which their other ends stand.
fn ports(runs: &mut [Run]) {
    let place = |runs: &[Run], side: fn(&Run) -> Rect, other: fn(&Run) -> Rect, index: usize| {
        let own = side(&runs[index]);
        let mut sharing: Vec<usize> =
            (0..runs.len()).filter(|run| side(&runs[*run]) == own).collect();
        sharing.sort_by_key(|run| (other(&runs[*run]).middle().y, *run));
        let position = sharing.iter().position(|run| *run == index).unwrap_or_default();
        let number = |n: usize| i32::try_from(n).expect("a gutter has few lanes");
        let y = own.y + own.height * (number(position) + 1) / (number(sharing.len()) + 1);
        (y, sharing.len() == 1)
    };
    let left: Vec<_> =
        (0..runs.len()).map(|i| place(runs, |run| run.left, |run| run.right, i)).collect();
    let right: Vec<_> =
        (0..runs.len()).map(|i| place(runs, |run| run.right, |run| run.left, i)).collect();
    for (run, (left, right)) in runs.iter_mut().zip(left.into_iter().zip(right)) {
        run.ports = (left.0, right.0);
        // A small jog looks like a mistake. It is taken out where one of the two ends is free to move.
        if (left.0 - right.0).abs() < JOG {
            if right.1 {
                run.ports.1 = left.0;
            } else if left.1 {
                run.ports.0 = right.0;
            }
        }
    }
}

/// The corners of every line from left to right, if each takes the lane that the order gives it.
fn paths(runs: &[Run], order: &[usize]) -> Vec<Vec<Point>> {
    let start = runs.iter().map(|run| run.left.right()).max().unwrap_or_default();
    let end = runs.iter().map(|run| run.right.x).min().unwrap_or_default();
    let lanes = i32::try_from(runs.len()).expect("a gutter has few lanes");
    let first = i32::midpoint(start, end) - (lanes - 1) * PITCH / 2;
    let path = |(run, lane): (&Run, &usize)| {
        let x = first + i32::try_from(*lane).expect("a gutter has few lanes") * PITCH;
        let (left, right) = run.ports;
        let ends = (Point { x: run.left.right(), y: left }, Point { x: run.right.x, y: right });
        if left == right {
            return vec![ends.0, ends.1];
        }
        vec![ends.0, Point { x, y: left }, Point { x, y: right }, ends.1]
    };
    runs.iter().zip(order).map(path).collect()
}

/// The order of lanes in which the lines cross each other least.
fn best_order(runs: &[Run]) -> Vec<usize> {
    // BOUND: every order is tried, and a gutter has at most 5 lines: 120 orders.
    assert!(runs.len() <= 5, "a gutter has few lanes");
    let mut orders = vec![Vec::new()];
    for lane in 0..runs.len() {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, lane);
                    longer
                })
            })
            .collect();
    }
    orders.into_iter().min_by_key(|order| meetings(&paths(runs, order))).unwrap_or_default()
}

/// How often lines meet. A stretch that two share counts for many: it cannot be read at all.
fn meetings(paths: &[Vec<Point>]) -> usize {
    const SHARED: usize = 100;
    let stretches = |path: &[Point]| -> Vec<(Point, Point)> {
        path.windows(2).map(|pair| (pair[0].min(pair[1]), pair[0].max(pair[1]))).collect()
    };
    let mut total = 0;
    for (index, path) in paths.iter().enumerate() {
        for other in &paths[index + 1..] {
            for (a, b) in stretches(path) {
                for (c, d) in stretches(other) {
                    let meet = a.x <= d.x && c.x <= b.x && a.y <= d.y && c.y <= b.y;
                    let parallel = (a.x == b.x) == (c.x == d.x);
                    total += usize::from(meet) * if parallel { SHARED } else { 1 };
                }
            }
        }
    }
    total
}
