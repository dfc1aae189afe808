//! A lane for each actor: what state it was in, and what happened.

use super::{LEFT, RIGHT, Scale, Svg, WIDTH, death, end};
use crate::journal::{Condition, Journal, Lane, Mark};

/// Seconds that the picture of the recovery shows before the death and after the first page.
const BEFORE: f64 = 2.0;
const AFTER: f64 = 3.0;
/// Height of a lane's band, of a line of words above it, and the space around both.
const BAND: f64 = 12.0;
const LINE: f64 = 15.0;
const SPACE: f64 = 9.0;
/// About the width of a letter of a mark's words, and of a capital one.
const LETTER: f64 = 6.1;
const CAPITAL: f64 = 7.6;
/// BOUND: lines of words above one band; what has no room tells itself on hovering and in the table.
const LINES: usize = 3;

/// A lane's state from one time to another.
pub(super) struct Stretch {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) condition: Condition,
    pub(super) since: String,
}

/// The states of a lane up to `end`. Before its first mark nothing is known of it.
pub(super) fn stretches(journal: &Journal, lane: Lane, end: f64) -> Vec<Stretch> {
    let changes: Vec<&Mark> = journal
        .marks
        .iter()
        .filter(|mark| mark.lane == lane && mark.condition != Condition::Same)
        .collect();
    let ends = changes.iter().skip(1).map(|mark| mark.at_seconds).chain([end]);
    let stretch = |(mark, to): (&&Mark, f64)| Stretch {
        from: mark.at_seconds,
        to,
        condition: mark.condition,
        since: mark.what.clone(),
    };
    changes.iter().zip(ends).map(stretch).collect()
}

/// The class of a state.
pub(super) const fn class(condition: Condition) -> &'static str {
    match condition {
        Condition::Same | Condition::Rest => "band rest",
        Condition::Good => "band good",
        Condition::Bad => "band bad",
        Condition::Busy => "band busy",
    }
}

/// Draws the bands of a lane.
pub(super) fn bands(
    svg: &mut Svg,
    journal: &Journal,
    lane: Lane,
    scale: Scale,
    y: f64,
    height: f64,
) {
    svg.bar("band none", (LEFT, WIDTH - RIGHT), (y + height / 2.0 - 0.5, 1.0), "nothing is known");
    for Stretch { from, to, condition, since } in stretches(journal, lane, end(journal)) {
        if to <= scale.from || from >= scale.to {
            continue;
        }
        let (y, height) = match condition {
            Condition::Rest => (y + height / 2.0 - 2.0, 4.0),
            Condition::Same | Condition::Good | Condition::Bad | Condition::Busy => (y, height),
        };
        svg.bar(class(condition), (scale.x(from), scale.x(to)), (y, height), &since);
    }
}

/// The recovery: from shortly before the primary dies until shortly after the standby serves. `None`: no death was seen.
#[must_use]
pub fn recovery(journal: &Journal) -> Option<String> {
    let died = death(journal)?;
    let served = journal.recovery_seconds.map_or_else(|| end(journal), |took| died + took);
    let scale = Scale { from: died - BEFORE, to: (served + AFTER).min(end(journal)) };
    let mut svg = Svg::new();
    let top = 8.0;
    let mut y = top;
    let mut lanes = Svg::new();
    for &lane in Lane::ALL {
        y = row(&mut lanes, journal, lane, scale, y);
    }
    let bottom = y + 2.0;
    if journal.recovery_seconds.is_some() {
        let (from, to) = (scale.x(died), scale.x(served));
        svg.bar("outage", (from, to), (top, bottom - top), "from the death to the first page");
    }
    svg.grid(scale, died, (top, bottom));
    svg.add(&lanes.0);
    let words = journal.marks.iter().filter(|mark| scale.holds(mark.at_seconds));
    let words: Vec<String> = words
        .map(|mark| {
            format!("{:+.1} s {}: {}", mark.at_seconds - died, mark.lane.title(), mark.what)
        })
        .collect();
    Some(svg.close("recovery", bottom + 28.0, "The recovery, actor by actor", &words.join("; ")))
}

/// A lane with the words of its marks above its band. Returns where the next one begins.
fn row(svg: &mut Svg, journal: &Journal, lane: Lane, scale: Scale, top: f64) -> f64 {
    let marks = journal.marks.iter().filter(|mark| mark.lane == lane);
    let marks: Vec<&Mark> = marks.filter(|mark| scale.holds(mark.at_seconds)).collect();
    let placed = place(&marks, scale);
    let lines =
        placed.iter().filter_map(|place| place.map(|(_, line)| line + 1)).max().unwrap_or(0);
    let band = top + SPACE + f64::from(lines) * LINE;
    svg.text((LEFT - 12.0, band + BAND - 1.5), "lane", lane.title());
    bands(svg, journal, lane, scale, band, BAND);
    let mut words = Svg::new();
    for (mark, place) in marks.iter().zip(placed) {
        let at = scale.x(mark.at_seconds);
        if let Some((x, line)) = place {
            let y = band - 5.0 - f64::from(line) * LINE;
            svg.add(&format!("<path class=\"stem\" d=\"M{at:.1} {:.1}V{band:.1}\"/>", y - 9.0));
            let class = if x < at { "mark before" } else { "mark" };
            words.text((x, y), class, &mark.what);
        }
        let says = super::escaped(&mark.what);
        svg.add(&format!(
            "<circle class=\"dot\" cx=\"{at:.1}\" cy=\"{:.1}\" r=\"3.5\"><title>{says}</title></circle>",
            band + BAND / 2.0
        ));
    }
    // Over every stem, so that none crosses a word.
    svg.add(&words.0);
    band + BAND + SPACE
}

/// About the room that a mark's words take.
pub(super) fn words_width(words: &str) -> f64 {
    let width = |letter: char| if letter.is_uppercase() { CAPITAL } else { LETTER };
    words.chars().map(width).sum()
}

/// Where the words of each mark stand: right or left of it, on the lowest line with room. `None`: nowhere.
fn place(marks: &[&Mark], scale: Scale) -> Vec<Option<(f64, u8)>> {
    // The free room of each line begins here.
    let mut free = [LEFT; LINES];
    let one = |mark: &&Mark| {
        let at = scale.x(mark.at_seconds);
        let width = words_width(&mark.what);
        let right = at + 5.0;
        for (line, free) in (0_u8..).zip(&mut free) {
            if right + width <= WIDTH && *free <= at {
                *free = right + width + 8.0;
                return Some((right, line));
            }
            if right + width > WIDTH && *free <= at - 5.0 - width {
                *free = at + 8.0;
                return Some((at - 5.0, line));
            }
        }
        None
    };
    marks.iter().map(one).collect()
}
