//! Where the recovery went: a bar for each phase at its time, over what was predicted.

use super::{LEFT, RIGHT, Scale, Svg, WIDTH, death};
use crate::journal::{Compared, Journal, Prediction};

/// Room for the names of the phases, which are longer than those of the lanes.
const NAMES: f64 = LEFT + 60.0;
const ROW: f64 = 30.0;
const BAR: f64 = 14.0;
/// Room for the numbers behind the last bar.
const NUMBERS: f64 = 190.0;

/// Draws it. `None`: no phase was seen.
#[must_use]
pub fn waterfall(journal: &Journal) -> Option<String> {
    let died = death(journal)?;
    let last = journal.phases.iter().map(|phase| phase.to_seconds).fold(died, f64::max);
    let predicted = journal
        .phases
        .iter()
        .filter_map(|phase| {
            let expected = journal.predictions.iter().find(|one| one.phase == phase.name)?;
            Some(phase.from_seconds + expected.p95)
        })
        .fold(last, f64::max);
    let room = (WIDTH - NAMES - RIGHT - NUMBERS) / (predicted - died).max(0.001);
    let x = |at: f64| NAMES + (at - died).max(0.0) * room;
    let mut svg = Svg::new();
    let (top, mut y) = (6.0, 6.0);
    let bottom = top + ROW * f64::from(u16::try_from(journal.phases.len()).unwrap_or(u16::MAX));
    for at in (Scale { from: died, to: predicted }).lines(died) {
        let x = x(at);
        svg.add(&format!("<path class=\"grid\" d=\"M{x:.1} {top}V{bottom}\"/>"));
        svg.text((x, bottom + 18.0), "scale", &format!("{:.0} s", at - died));
    }
    let compared = journal.compared();
    for phase in &journal.phases {
        let beside = compared.iter().find(|one| one.name == phase.name);
        let beyond = beside.is_some_and(Compared::is_beyond);
        let expected = beside.and_then(|one| one.predicted);
        let (from, to) = (x(phase.from_seconds), x(phase.to_seconds));
        svg.text((NAMES - 12.0, y + 19.0), "lane", &phase.name);
        let mut end = to;
        if let Some(Prediction { p50, p95, .. }) = expected {
            let slow = x(phase.from_seconds + p95);
            let says = format!("predicted: half within {p50:.1} s, 95 % within {p95:.1} s");
            svg.bar("expected", (from, slow), (y + 5.0, BAR + 6.0), &says);
            end = end.max(slow);
        }
        let class = if beyond { "took beyond" } else { "took" };
        let says = format!("{}: {:.1} s", phase.name, phase.seconds());
        svg.bar(class, (from, to), (y + 8.0, BAR), &says);
        let expected = expected.map(|one| format!(", 95 % within {:.1} s", one.p95));
        let words = format!("{:.1} s{}", phase.seconds(), expected.unwrap_or_default());
        let class = if beyond { "mark flag" } else { "mark" };
        let words = if beyond { format!("{words}: beyond") } else { words };
        svg.text((end + 8.0, y + 19.0), class, &words);
        y += ROW;
    }
    let words: Vec<String> = journal
        .phases
        .iter()
        .map(|phase| format!("{} {:.1} s", phase.name, phase.seconds()))
        .collect();
    let title = "Where the recovery went";
    (!journal.phases.is_empty())
        .then(|| svg.close("waterfall", bottom + 28.0, title, &words.join("; ")))
}
