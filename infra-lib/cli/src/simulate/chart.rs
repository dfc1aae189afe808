//! The report as a picture: how many failovers serve by when, and where a middling one spends its time.

use std::fmt::Write as _;

use super::report::Report;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 76.0;
/// Height of the curve.
const CURVE: f64 = 220.0;
/// Height of a part's row.
const ROW: f64 = 26.0;
/// Distance of two lines of the scale. Units: seconds.
const GRID: usize = 60;

const STYLE: &str = "\
  svg { font: 13px system-ui, sans-serif; }
  .ground { fill: #ffffff; } .ink { fill: #1d2733; } .muted { fill: #556274; }
  .grid { stroke: #d3dae3; } .curve { stroke: #0b7a67; stroke-width: 2.5; fill: none; }
  .area { fill: #0b7a67; opacity: .12; } .bar { fill: #5a58b8; } .mark { stroke: #b9540c; stroke-dasharray: 4 3; }
  .flame { fill: #b9540c; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0e141d; } .ink { fill: #e7ecf2; } .muted { fill: #a0adbd; }
    .grid { stroke: #344153; } .curve { stroke: #58d0b8; } .area { fill: #58d0b8; }
    .bar { fill: #aaaefb; } .mark { stroke: #ffab61; } .flame { fill: #ffab61; }
  }
";

/// Draws it.
pub fn svg(report: &Report) -> String {
    let seconds = shown(report);
    let across = |second: f64| LEFT + second / float(seconds) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + CURVE;
    let height = bottom + 62.0 + float(report.phases.len()) * ROW + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n\
         <style>\n{STYLE}</style>\n<rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n",
        headline(report)
    );
    let mut add = |text: String| svg.push_str(&(text + "\n"));
    add(label(LEFT, 30.0, "ink", "start", 17, &format!("Recovery time of {}", report.site)));
    add(label(LEFT, 52.0, "muted", "start", 13, &headline(report)));
    for percent in [0, 50, 100] {
        let y = bottom - f64::from(percent) / 100.0 * CURVE;
        add(format!("<path class=\"grid\" d=\"M{LEFT} {y}H{}\"/>", WIDTH - RIGHT));
        add(label(LEFT - 8.0, y + 4.0, "muted", "end", 12, &format!("{percent} %")));
    }
    for second in (0..=seconds).step_by(GRID) {
        let x = across(float(second));
        add(format!("<path class=\"grid\" d=\"M{x:.1} {bottom}v5\"/>"));
        add(label(x, bottom + 20.0, "muted", "middle", 12, &format!("{second} s")));
    }
    add(curve(report, seconds, &across));
    for (name, at) in [("p50", report.served.p50), ("p95", report.served.p95)] {
        let x = across(at);
        add(format!("<path class=\"mark\" d=\"M{x:.1} {TOP}V{bottom}\"/>"));
        add(label(x - 5.0, bottom - 8.0, "flame", "end", 12, &format!("{name} {at:.0} s")));
    }
    let heading = bottom + 48.0;
    add(label(
        LEFT,
        heading,
        "ink",
        "start",
        13,
        "Where the time goes: median of each part, and its p95",
    ));
    rows(report, heading + 12.0, &mut add);
    svg.push_str("</svg>\n");
    svg
}

fn headline(report: &Report) -> String {
    let served = &report.served;
    format!(
        "first page from the standby: p50 {:.0} s, p95 {:.0} s, p99 {:.0} s; simulated, see the assumptions",
        served.p50, served.p95, served.p99
    )
}

/// Seconds of the scale: past the p99, in whole minutes.
fn shown(report: &Report) -> usize {
    let minutes = (1..=10).find(|minutes| float(minutes * GRID) > report.served.p99 + 10.0);
    minutes.unwrap_or(10) * GRID
}

fn curve(report: &Report, seconds: usize, across: &dyn Fn(f64) -> f64) -> String {
    let bottom = TOP + CURVE;
    let mut line = String::new();
    for (second, share) in report.within.iter().enumerate().take(seconds + 1).step_by(2) {
        let (x, y) = (across(float(second)), bottom - share * CURVE);
        let step = if line.is_empty() { 'M' } else { 'L' };
        write!(line, "{step}{x:.1} {y:.1}").expect("a string grows");
    }
    let end = across(float(seconds));
    format!(
        "<path class=\"area\" d=\"{line}L{end:.1} {bottom}L{LEFT} {bottom}Z\"/>\n<path class=\"curve\" d=\"{line}\"/>"
    )
}

/// Room for the names of the parts.
const NAMES: f64 = 170.0;
/// Room for the numbers behind the bars.
const NUMBERS: f64 = 110.0;

fn rows(report: &Report, top: f64, add: &mut dyn FnMut(String)) {
    let longest = report.phases.iter().map(|part| part.seconds.p95).fold(1.0, f64::max);
    let room = WIDTH - LEFT - RIGHT - NAMES - NUMBERS;
    for (number, part) in report.phases.iter().enumerate() {
        let y = top + float(number) * ROW;
        let (median, slow) = (part.seconds.p50 / longest * room, part.seconds.p95 / longest * room);
        let x = LEFT + NAMES;
        add(label(LEFT, y + 15.0, "ink", "start", 13, part.phase));
        add(format!(
            "<rect class=\"bar\" opacity=\".35\" x=\"{x}\" y=\"{}\" width=\"{slow:.1}\" height=\"12\" rx=\"2\"/>",
            y + 5.0
        ));
        add(format!(
            "<rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"{median:.1}\" height=\"12\" rx=\"2\"/>",
            y + 5.0
        ));
        let numbers = format!("{:.0} s, {:.0} s", part.seconds.p50, part.seconds.p95);
        add(label(x + slow + 8.0, y + 15.0, "muted", "start", 12, &numbers));
    }
}

fn label(x: f64, y: f64, class: &str, anchor: &str, size: u8, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{text}</text>"
    )
}

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
