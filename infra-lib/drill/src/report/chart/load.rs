//! The whole drill on one scale: every lane, what the users got second by second, and how many instances there were.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lanes::{bands, words_width};
use super::{LEFT, RIGHT, Scale, Svg, WIDTH, death, end};
use crate::journal::{Capacity, Journal, Lane};

/// Height of a lane, of the picture of the requests, and of a region's instances.
const LANE: f64 = 19.0;
const REQUESTS: f64 = 96.0;
const REGION: f64 = 46.0;

/// What all clients got in a second.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    primary: u32,
    standby: u32,
    lost: u32,
}

/// Draws it.
#[must_use]
pub fn whole(journal: &Journal) -> String {
    let zero = death(journal).unwrap_or_default();
    let scale = Scale { from: 0.0, to: end(journal) };
    let mut svg = Svg::new();
    let mut front = Svg::new();
    let top = 22.0;
    let mut y = top;
    for &lane in Lane::ALL {
        front.text((LEFT - 12.0, y + 13.0), "lane", lane.title());
        bands(&mut front, journal, lane, scale, y + 4.0, LANE - 8.0);
        y += LANE;
    }
    if !journal.requests.is_empty() {
        y += 24.0;
        requests(&mut front, journal, scale, y);
        y += REQUESTS;
    }
    for region in [&journal.primary_region, &journal.standby_region] {
        let changes: Vec<&Capacity> =
            journal.capacity.iter().filter(|one| one.region == *region).collect();
        if !changes.is_empty() {
            y += 24.0;
            instances(&mut front, region, &changes, scale, y);
            y += REGION;
        }
    }
    let bottom = y + 8.0;
    svg.grid(scale, zero, (top, bottom));
    // The latest first: one whose words would run into the next act's keeps its line alone.
    let mut free = WIDTH;
    for mark in journal.marks.iter().rev().filter(|mark| mark.starts_act) {
        let (x, words) = (scale.x(mark.at_seconds), short(&mark.what));
        svg.add(&format!("<path class=\"act\" d=\"M{x:.1} {:.1}V{bottom:.1}\"/>", top - 12.0));
        if x + 8.0 + words_width(&words) < free {
            svg.text((x + 4.0, top - 5.0), "mark", &words);
        }
        free = x;
    }
    svg.add(&front.0);
    svg.close("whole", bottom + 28.0, "The whole drill", &words(journal))
}

/// The beginning of a mark's words, up to a colon or semicolon.
fn short(what: &str) -> String {
    what.split([':', ';']).next().unwrap_or(what).to_lowercase()
}

fn words(journal: &Journal) -> String {
    let clients = &journal.clients;
    format!(
        "States of all actors; {} requests, {} of them lost; instances of both regions. The tables below have the numbers.",
        clients.sent, clients.lost
    )
}

/// A column for each second: pages from the primary, pages from the standby, requests that were lost.
fn requests(svg: &mut Svg, journal: &Journal, scale: Scale, top: f64) {
    let mut seconds = BTreeMap::<u32, Second>::new();
    for bucket in &journal.requests {
        let second = seconds.entry(bucket.second).or_default();
        second.primary += bucket.primary;
        second.standby += bucket.standby;
        second.lost += bucket.lost();
    }
    let sent = |second: &Second| second.primary + second.standby + second.lost;
    let most = seconds.values().map(sent).max().unwrap_or(1).max(1);
    let height = |count: u32| f64::from(count) / f64::from(most) * REQUESTS;
    let bottom = top + REQUESTS;
    svg.text((LEFT - 12.0, top + 12.0), "lane", "requests");
    svg.text((LEFT - 12.0, top + 28.0), "unit", &format!("{most} a second"));
    svg.add(&format!("<path class=\"base\" d=\"M{LEFT} {bottom:.1}H{:.1}\"/>", WIDTH - RIGHT));
    for (second, got) in &seconds {
        let at = f64::from(*second);
        let (x, to) = (scale.x(at), scale.x(at + 1.0));
        let says = format!(
            "second {second}: {} from the primary, {} from the standby, {} lost",
            got.primary, got.standby, got.lost
        );
        let mut y = bottom;
        for (class, count) in
            [("of-primary", got.primary), ("of-standby", got.standby), ("of-nobody", got.lost)]
        {
            if count > 0 {
                y -= height(count);
                svg.bar(class, (x, (to - 0.6).max(x + 0.6)), (y, height(count)), &says);
            }
        }
    }
}

/// A region's instances: asked for as a line, healthy as an area.
fn instances(svg: &mut Svg, region: &str, changes: &[&Capacity], scale: Scale, top: f64) {
    let most = changes.iter().map(|one| one.asked.max(one.in_service).max(one.healthy)).max();
    let most = most.unwrap_or(1).max(1);
    let bottom = top + REGION;
    let y = |count: u16| bottom - f64::from(count) / f64::from(most) * (REGION - 6.0);
    let steps = |value: &dyn Fn(&Capacity) -> u16| {
        let mut path = String::new();
        for (index, one) in changes.iter().enumerate() {
            let (x, y) = (scale.x(one.at_seconds), y(value(one)));
            if index == 0 {
                write!(path, "M{x:.1} {y:.1}").expect("a string grows");
            } else {
                write!(path, "H{x:.1}V{y:.1}").expect("a string grows");
            }
        }
        write!(path, "H{:.1}", scale.x(scale.to)).expect("a string grows");
        path
    };
    let first = scale.x(changes[0].at_seconds);
    let healthy = steps(&|one| one.healthy);
    svg.text((LEFT - 12.0, top + 14.0), "lane", region);
    svg.text((LEFT - 12.0, top + 30.0), "unit", &format!("{most} instances"));
    svg.add(&format!("<path class=\"base\" d=\"M{LEFT} {bottom:.1}H{:.1}\"/>", WIDTH - RIGHT));
    svg.add(&format!("<path class=\"healthy\" d=\"{healthy}V{bottom:.1}H{first:.1}Z\"/>"));
    svg.add(&format!("<path class=\"serving\" d=\"{}\"/>", steps(&|one| one.in_service)));
    svg.add(&format!("<path class=\"asked\" d=\"{}\"/>", steps(&|one| one.asked)));
}
