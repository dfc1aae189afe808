//! Writes a laid-out picture as SVG: one file, without script, font or link, in the colours that the reader's page has.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::drawing::{Anchor, Drawing, Label, Panel, PanelKind, Point, Rect, Tone, Wire};
use super::palette::{self, Paint};
use super::scene::{EdgeKind, Role, Scene};
use super::text::Face;

/// Whatever the reader's system writes its own words in.
const FONTS: &str =
    "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif";
/// What no colour scheme changes.
const FIXED: &str = "\
path{fill:none;stroke-linejoin:round}
.network{stroke-dasharray:6 4}
.waiting{stroke-dasharray:3 2.4;stroke-width:1.4}
.wire{stroke-width:1.5}
.wire.users,.wire.detour{stroke-width:2.2}
.wire.step{stroke-width:2.4}
.wire.detour{stroke-dasharray:7 5}
.wire.signal{stroke-dasharray:1 3.6;stroke-linecap:round;stroke-width:1.9}
";
/// How round the corner of a line is.
const BEND: i32 = 7;
/// How far an arrow's head reaches back, and to each side.
const HEAD: (i32, i32) = (8, 4);
/// Where letters stand in their line, in percent of its height.
const BASELINE: i32 = 75;

/// Writes a picture of a scene.
#[must_use]
pub fn svg(scene: &Scene) -> String {
    let drawing = super::draw(scene);
    let Drawing { width, height, .. } = drawing;
    let mut out = String::new();
    let title = format!("Architecture of {}", scene.site);
    writing(write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"diagram-title diagram-description\">\n\
         <title id=\"diagram-title\">{}</title>\n<desc id=\"diagram-description\">{}</desc>\n<style>\n{}</style>\n",
        escaped(&title),
        escaped(&scene.description()),
        style(&drawing),
    ));
    for part in &drawing.panels {
        panel(&mut out, part);
    }
    for part in &drawing.wires {
        wire(&mut out, part);
    }
    for part in &drawing.labels {
        label(&mut out, part);
    }
    out.push_str("</svg>\n");
    out
}

/// The style sheet: the light colours, and the dark ones for a page that is dark.
fn style(drawing: &Drawing) -> String {
    let panels: BTreeSet<PanelKind> = drawing.panels.iter().map(|panel| panel.kind).collect();
    let tones: BTreeSet<Tone> = drawing.labels.iter().map(|label| label.tone).collect();
    let mut rules: Vec<(String, Paint, Paint)> = Vec::new();
    let none = Paint { light: "none", dark: "none" };
    for kind in panels {
        rules.push((selector(&panel_class(kind)), palette::fill(kind), palette::rim(kind)));
    }
    for kind in EdgeKind::ALL {
        let class = kind.class();
        rules.push((format!(".wire.{class}"), none, palette::line(kind)));
        rules.push((format!(".head.{class}"), palette::line(kind), none));
    }
    for tone in tones {
        rules.push((format!("text.{}", tone_class(tone)), palette::ink(tone), none));
    }
    let mut sheet = format!("text{{font-family:{FONTS}}}\n{FIXED}");
    for face in Face::ALL {
        let weight = if face.bold() { ";font-weight:700" } else { "" };
        let (class, size) = (face.class(), face.size());
        writing(writeln!(sheet, ".{class}{{font-size:{size}px{weight}}}"));
    }
    for (selector, fill, stroke) in &rules {
        writing(writeln!(sheet, "{selector}{{fill:{};stroke:{}}}", fill.light, stroke.light));
    }
    sheet.push_str("@media (prefers-color-scheme:dark){\n");
    for (selector, fill, stroke) in rules {
        writing(writeln!(sheet, "{selector}{{fill:{};stroke:{}}}", fill.dark, stroke.dark));
    }
    sheet.push_str("}\n");
    sheet
}

fn panel(out: &mut String, panel: &Panel) {
    let Rect { x, y, width, height } = panel.at;
    let class = panel_class(panel.kind);
    let radius = match panel.kind {
        PanelKind::Users => {
            users(out, panel.at);
            return;
        }
        PanelKind::Badge => width / 2,
        PanelKind::Ground => 14,
        PanelKind::Card(_) => 12,
        PanelKind::Network | PanelKind::Zone => 9,
        PanelKind::Subnet(_) | PanelKind::Box(_) => 7,
        PanelKind::Running(_) | PanelKind::Stopped(_) | PanelKind::Waiting(_) => 4,
    };
    writing(writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
    ));
}

/// Three people, the middle one in front.
fn users(out: &mut String, at: Rect) {
    for (dx, scale) in [(-17, 4), (17, 4), (0, 5)] {
        let (x, y) = (at.middle().x + dx, at.y + 26 - 5 * scale);
        let (head, shoulder) = (scale, 2 * scale);
        writing(writeln!(
            out,
            "<circle class=\"person\" cx=\"{x}\" cy=\"{}\" r=\"{head}\"/>\
             <path class=\"person\" d=\"M{} {}a{shoulder} {shoulder} 0 0 1 {} 0z\"/>",
            y + head,
            x - shoulder,
            y + 2 * head + 1 + shoulder,
            2 * shoulder,
        ));
    }
}

fn wire(out: &mut String, wire: &Wire) {
    let class = wire.kind.class();
    let mut points = wire.points.clone();
    if wire.edge.is_some() {
        // The line ends inside its head, so that no corner of it shows beside the tip.
        let (from, tip) = (points[points.len() - 2], points[points.len() - 1]);
        let last = points.len() - 1;
        points[last] = towards(tip, from, HEAD.0 - 2);
    }
    writing(writeln!(out, "<path class=\"wire {class}\" d=\"{}\"/>", rounded(&points)));
    if wire.edge.is_some() {
        let (from, tip) = (wire.points[wire.points.len() - 2], wire.points[wire.points.len() - 1]);
        let back = towards(tip, from, HEAD.0);
        // To the sides of a horizontal line is up and down.
        let (dx, dy) = if from.y == tip.y { (0, HEAD.1) } else { (HEAD.1, 0) };
        writing(writeln!(
            out,
            "<polygon class=\"head {class}\" points=\"{},{} {},{} {},{}\"/>",
            tip.x,
            tip.y,
            back.x + dx,
            back.y + dy,
            back.x - dx,
            back.y - dy,
        ));
    }
}

/// The way along the corners, each of them rounded.
fn rounded(points: &[Point]) -> String {
    let mut path = format!("M{} {}", points[0].x, points[0].y);
    for corner in points.windows(3) {
        let [from, at, to] = [corner[0], corner[1], corner[2]];
        // Half of a short stretch belongs to the corner at its other end.
        let room = length(from, at).min(length(at, to)) / 2;
        let (before, after) = (towards(at, from, BEND.min(room)), towards(at, to, BEND.min(room)));
        writing(write!(
            path,
            "L{} {}Q{} {} {} {}",
            before.x, before.y, at.x, at.y, after.x, after.y
        ));
    }
    let last = points[points.len() - 1];
    writing(write!(path, "L{} {}", last.x, last.y));
    path
}

const fn length(from: Point, to: Point) -> i32 {
    (from.x - to.x).abs() + (from.y - to.y).abs()
}

/// The place so far from one point on the way to another, which lies straight across or straight up or down.
const fn towards(from: Point, to: Point, by: i32) -> Point {
    let (dx, dy) = ((to.x - from.x).signum(), (to.y - from.y).signum());
    Point { x: from.x + dx * by, y: from.y + dy * by }
}

fn label(out: &mut String, label: &Label) {
    let Label { at, text, face, tone, anchor } = label;
    let y = at.y + at.height * BASELINE / 100;
    let (x, middle) = match anchor {
        Anchor::Start => (at.x, ""),
        Anchor::Middle => (at.middle().x, " text-anchor=\"middle\""),
    };
    writing(writeln!(
        out,
        "<text class=\"{} {}\" x=\"{x}\" y=\"{y}\"{middle}>{}</text>",
        face.class(),
        tone_class(*tone),
        escaped(text),
    ));
}

fn panel_class(kind: PanelKind) -> String {
    let word = |word: &str, role: Role| format!("{word} {}", role.word());
    match kind {
        PanelKind::Ground => "ground".to_owned(),
        PanelKind::Card(role) => word("card", role),
        PanelKind::Network => "network".to_owned(),
        PanelKind::Zone => "zone".to_owned(),
        PanelKind::Subnet(role) => word("subnet", role),
        PanelKind::Box(role) => word("box", role),
        PanelKind::Badge => "badge".to_owned(),
        PanelKind::Running(role) => word("running", role),
        // It has the dashes of those that wait.
        PanelKind::Stopped(role) => word("waiting stopped", role),
        PanelKind::Waiting(role) => word("waiting", role),
        PanelKind::Users => "person".to_owned(),
    }
}

fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Ink => "ink",
        Tone::Muted => "muted",
        Tone::Role(role) => role.word(),
        Tone::Badge => "number",
    }
}

fn selector(class: &str) -> String {
    format!(".{}", class.replace(' ', "."))
}

/// Text that XML takes. Signs that XML has no place for at all are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
    out
}

fn writing(result: std::fmt::Result) {
    result.expect("a string takes everything");
}
