//! The page's pictures as SVG. Colours and fonts are the page's: here are only classes.

mod lanes;
mod load;
mod waterfall;

use std::fmt::Write as _;

use crate::journal::{Condition, Journal, Lane, Mark};

pub use self::lanes::recovery;
pub use self::load::whole;
pub use self::waterfall::waterfall;

/// Width of every picture.
const WIDTH: f64 = 1080.0;
/// Room for the names on the left.
const LEFT: f64 = 118.0;
/// Room on the right, for the last number of the scale.
const RIGHT: f64 = 18.0;

/// Text as it may stand between tags and in attributes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A scale of time from left to right. Units: seconds, and those of the picture.
#[derive(Clone, Copy, Debug)]
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    /// Where a time is. What lies outside is at the edge.
    fn x(self, at: f64) -> f64 {
        let share = (at - self.from) / (self.to - self.from).max(0.001);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn holds(self, at: f64) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// The times of its lines, in round numbers counted from `zero`.
    fn lines(self, zero: f64) -> Vec<f64> {
        const STEPS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0];
        /// BOUND: lines of a scale; what has more gets steps of an hour.
        const LINES: f64 = 14.0;
        let length = self.to - self.from;
        let step = STEPS.into_iter().find(|step| length / step <= LINES).unwrap_or(3600.0);
        let first = ((self.from - zero) / step).ceil();
        let lines = std::iter::successors(Some(first), |line| Some(line + 1.0));
        lines.map(|line| zero + line * step).take_while(|at| *at <= self.to).collect()
    }
}

/// A picture that grows.
struct Svg(String);

impl Svg {
    fn new() -> Self {
        Self(String::new())
    }

    fn add(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn text(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        let text = escaped(text);
        writeln!(self.0, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>")
            .expect("a string grows");
    }

    /// A box from `x` to `to`, with what it says on hovering.
    fn bar(&mut self, class: &str, (x, to): (f64, f64), (y, height): (f64, f64), says: &str) {
        let (width, says) = ((to - x).max(1.0), escaped(says));
        writeln!(
            self.0,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\">\
             <title>{says}</title></rect>"
        )
        .expect("a string grows");
    }

    /// Lines of the scale over the whole height, and their numbers below.
    fn grid(&mut self, scale: Scale, zero: f64, (top, bottom): (f64, f64)) {
        for at in scale.lines(zero) {
            let x = scale.x(at);
            self.add(&format!("<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"));
            let seconds = at - zero;
            self.text((x, bottom + 18.0), "scale", &format!("{seconds:.0} s"));
        }
    }

    /// The whole picture. `id` is unlike any other on the page.
    fn close(self, id: &str, height: f64, title: &str, words: &str) -> String {
        let (title, words) = (escaped(title), escaped(words));
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-title {id}-words\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-words\">{words}</desc>\n{}</svg>\n",
            self.0
        )
    }
}

/// When the primary died, if it did: its act is the first that is bad news.
fn death(journal: &Journal) -> Option<f64> {
    let dies = |mark: &&Mark| {
        mark.starts_act && mark.lane == Lane::Primary && mark.condition == Condition::Bad
    };
    let began = journal.phases.first().map(|phase| phase.from_seconds);
    began.or_else(|| journal.marks.iter().find(dies).map(|mark| mark.at_seconds))
}

/// The last second of which anything is known.
fn end(journal: &Journal) -> f64 {
    let marks = journal.marks.iter().map(|mark| mark.at_seconds);
    let requests = journal.requests.iter().map(|bucket| f64::from(bucket.second) + 1.0);
    let capacity = journal.capacity.iter().map(|capacity| capacity.at_seconds);
    marks.chain(requests).chain(capacity).fold(1.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(escaped("<b a=\"1\" b='2'>&"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
    }

    #[test]
    fn a_scale_counts_in_round_numbers_from_its_zero() {
        let scale = Scale { from: 10.0, to: 24.5 };
        let lines: Vec<f64> = scale.lines(12.1).into_iter().map(|at| at - 12.1).collect();
        assert!(lines.windows(2).all(|pair| (pair[1] - pair[0] - 2.0).abs() < 1e-9), "{lines:?}");
        assert!((lines[0] + 2.0).abs() < 1e-9, "{lines:?}");
        let edges = [scale.x(0.0), scale.x(10.0), scale.x(99.0)];
        assert!((edges[0] - LEFT).abs() < 1e-9 && (edges[1] - LEFT).abs() < 1e-9);
        assert!((edges[2] - (WIDTH - RIGHT)).abs() < 1e-9);
    }
}
