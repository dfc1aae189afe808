//! The colours, each for a light and a dark page.

use super::drawing::{PanelKind, Tone};
use super::scene::{EdgeKind, Role};

/// A colour in both schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    pub(super) light: &'static str,
    pub(super) dark: &'static str,
}

const fn paint(light: &'static str, dark: &'static str) -> Paint {
    Paint { light, dark }
}

const INK: Paint = paint("#1d2733", "#e7ecf2");
const MUTED: Paint = paint("#556274", "#a0adbd");
const SURFACE: Paint = paint("#ffffff", "#161e2a");
const RIM: Paint = paint("#d3dae3", "#344153");
/// What serves: a calm green.
const PRIMARY: Paint = paint("#0b7a67", "#58d0b8");
/// What waits: a cool violet.
const STANDBY: Paint = paint("#5a58b8", "#aaaefb");
/// What happens in a failover: the pilot light's flame.
const FLAME: Paint = paint("#b9540c", "#ffab61");

/// What an area is filled with.
pub(super) const fn fill(kind: PanelKind) -> Paint {
    match kind {
        PanelKind::Ground => paint("#f6f8fa", "#0e141d"),
        PanelKind::Card(Role::World) => paint("#fdf8f3", "#1d1a1a"),
        PanelKind::Card(_) => SURFACE,
        PanelKind::Network => paint("#f8fafb", "#131a25"),
        PanelKind::Zone => paint("#f0f3f6", "#1b2431"),
        PanelKind::Subnet(Role::Standby) => paint("#e7e7f6", "#25284a"),
        PanelKind::Subnet(_) => paint("#dff0ec", "#183631"),
        PanelKind::Box(_) => paint("#ffffff", "#1c2635"),
        PanelKind::Badge => FLAME,
        PanelKind::Running(Role::Standby) => STANDBY,
        PanelKind::Running(_) => PRIMARY,
        PanelKind::Stopped(_) => paint("#d3d2ee", "#3a3d70"),
        PanelKind::Waiting(_) => paint("none", "none"),
        PanelKind::Users => INK,
    }
}

/// What an area is drawn around with.
pub(super) const fn rim(kind: PanelKind) -> Paint {
    match kind {
        PanelKind::Card(Role::Primary) => paint("#8cc7bb", "#2d6b60"),
        PanelKind::Card(Role::Standby) => paint("#b6b5e4", "#4c4f92"),
        PanelKind::Card(Role::World) => paint("#ecd5c0", "#57432f"),
        PanelKind::Card(_) | PanelKind::Zone => RIM,
        PanelKind::Network => paint("#b9c3cf", "#46556a"),
        PanelKind::Box(Role::Primary) => paint("#5fb3a3", "#3d8c7d"),
        PanelKind::Box(Role::Standby) => paint("#9b99d8", "#6b6fc0"),
        PanelKind::Box(_) => paint("#b4bfcb", "#4e5d73"),
        PanelKind::Stopped(Role::Primary) | PanelKind::Waiting(Role::Primary) => PRIMARY,
        PanelKind::Stopped(_) | PanelKind::Waiting(_) => STANDBY,
        PanelKind::Ground
        | PanelKind::Subnet(_)
        | PanelKind::Badge
        | PanelKind::Running(_)
        | PanelKind::Users => paint("none", "none"),
    }
}

/// What a text is written with.
pub(super) const fn ink(tone: Tone) -> Paint {
    match tone {
        Tone::Ink | Tone::Role(Role::World | Role::Dns | Role::Detector) => INK,
        Tone::Muted => MUTED,
        Tone::Role(Role::Primary) => PRIMARY,
        Tone::Role(Role::Standby) => STANDBY,
        Tone::Badge => paint("#ffffff", "#1f1206"),
    }
}

/// What a line is drawn with.
pub(super) const fn line(kind: EdgeKind) -> Paint {
    match kind {
        EdgeKind::Users => PRIMARY,
        EdgeKind::Detour => STANDBY,
        EdgeKind::Step => FLAME,
        EdgeKind::Signal => paint("#7c899a", "#76859a"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scene, draw};
    use site::config::{Config, MINIMAL};
    use site::model::Site;

    /// WCAG 2.2, 1.4.3: text of this size.
    const TEXT_MIN: f64 = 4.5;
    /// WCAG 2.2, 1.4.11: lines.
    const LINE_MIN: f64 = 3.0;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("two hex digits");
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.0722f64.mul_add(channel(5), 0.2126f64.mul_add(channel(1), 0.7152 * channel(3)))
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    fn readable(front: Paint, back: Paint, least: f64, what: &str) {
        for (front, back) in [(front.light, back.light), (front.dark, back.dark)] {
            let found = contrast(front, back);
            assert!(found >= least, "{what}: {front} on {back} is {found:.2}, least {least}");
        }
    }

    /// Goal: every text and line can be read in both schemes. Method: each against the area that lies right below it.
    #[test]
    fn everything_stands_out_in_light_and_dark() {
        let config = Config::from_toml(MINIMAL, "pilotlight.toml").expect("a site file");
        let drawing = draw(&Scene::new(&Site::new(config)).expect("a site that can be drawn"));
        for label in &drawing.labels {
            let below = drawing.panels.iter().rev().filter(|panel| panel.kind != PanelKind::Users);
            let below = below.filter(|panel| fill(panel.kind).light != "none");
            let below = below.into_iter().find(|panel| {
                let (under, over) = (panel.at, label.at);
                let beside = under.right() <= over.x || over.right() <= under.x;
                !beside && under.y < over.bottom() && over.y < under.bottom()
            });
            let back = fill(below.expect("the ground is everywhere").kind);
            readable(ink(label.tone), back, TEXT_MIN, &label.text);
        }
        for kind in EdgeKind::ALL {
            for back in [PanelKind::Ground, PanelKind::Card(Role::Primary), PanelKind::Zone] {
                readable(line(kind), fill(back), LINE_MIN, kind.class());
            }
        }
    }
}
