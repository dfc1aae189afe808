//! The outcome of a script as text: every change, minute by minute.

use std::fmt::Write as _;

use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer};

use failover_sim::world::{Fleet, Sight, Site};

use super::moment::Moment;
use super::play::{Frame, Ran};
use super::vocabulary::Run;

/// Longest round that is told once when it repeats. Units: minutes in which something changes.
const ROUND_MAX: usize = 24;
/// So many rounds in a row are worth a sentence instead.
const ROUNDS_MIN: usize = 3;

/// The lines of one minute.
struct Entry {
    at: Moment,
    lines: Vec<String>,
}

/// Tells every change, one minute after the other.
pub(super) fn tell(site: &Site, frames: &[Frame]) -> String {
    let mut entries = Vec::new();
    let mut before: Vec<String> = Vec::new();
    let mut reason = String::new();
    for frame in frames {
        let mut lines: Vec<String> =
            frame.happened.iter().map(|happened| format!("* {happened}")).collect();
        let now = standings(site, frame);
        let is_new = |(n, line): &(usize, &String)| before.get(*n) != Some(*line);
        let mut changes = now.iter().enumerate().filter(is_new).peekable();
        // The alarm first, which wakes the controller, then what it does, then what comes of it.
        lines.extend(changes.next_if(|(n, _)| *n == 0).map(|(_, alarm)| alarm.clone()));
        for ran in &frame.ran {
            lines.extend(said(ran, &mut reason));
        }
        lines.extend(changes.map(|(_, line)| line.clone()));
        if let Some(broken) = frame.broken {
            lines.push(format!("broken: {broken}"));
        }
        before = now.to_vec();
        if !lines.is_empty() {
            entries.push(Entry { at: frame.at, lines });
        }
    }
    write(&entries)
}

/// How things stand, one line each.
fn standings(site: &Site, frame: &Frame) -> [String; 5] {
    let world = &frame.world;
    let alarm = match (world.detector.sight, world.detector.alarm) {
        (Sight::Dark, _) => "alarm: cannot be read",
        (Sight::Clear | Sight::Silent, AlarmState::Ok) => "alarm: OK",
        (Sight::Clear | Sight::Silent, AlarmState::Alarm) => "alarm: ALARM",
        (Sight::Clear | Sight::Silent, AlarmState::Insufficient) => "alarm: INSUFFICIENT_DATA",
    };
    let latch = match world.gate.seen {
        Latch::Open => "latch: open",
        Latch::Closed => "latch: closed",
    };
    let named = match world.answer {
        Answer::Primary => "primary",
        Answer::Standby => "standby",
        Answer::Mixed => "both",
    };
    let users = match frame.served(site) {
        0 => format!("users: at the {named}, unserved"),
        served => format!("users: at the {named}, {served} of {} servers", site.demand),
    };
    [
        alarm.to_owned(),
        group("primary", &world.primary),
        group("standby", &world.standby),
        latch.to_owned(),
        users,
    ]
}

fn group(name: &str, fleet: &Fleet) -> String {
    let Fleet { up, min, desired, max, in_service, .. } = fleet;
    let serves = if *up { format!("{in_service} running") } else { "dark".to_owned() };
    format!("{name}: {min}/{desired}/{max}, {serves}")
}

/// One invocation, if it decides otherwise than the last one or moves something.
fn said(ran: &Ran, reason: &mut String) -> Vec<String> {
    let detail = ran.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
    let decided = format!("{}{detail}", ran.kind);
    let mut lines = Vec::new();
    if ran.moves || ran.reply.is_some() || decided != *reason {
        let reply = ran.reply.as_ref().map_or(String::new(), |reply| format!("{reply}; "));
        let refused = if ran.refused { ", not carried out" } else { "" };
        let run = match ran.run {
            Run::Tick => "tick",
            Run::Event => "event",
            Run::Look => "look",
            Run::Request => "request",
        };
        lines.push(format!("{run}: {reply}{decided}{refused}"));
    }
    *reason = decided;
    lines.extend(ran.mail.iter().map(|subject| format!("mail: {subject}")));
    lines
}

fn write(entries: &[Entry]) -> String {
    let mut text = String::new();
    let mut day = 1;
    let mut at = 0;
    while at < entries.len() {
        let (round, rounds) = repeated(&entries[at..]);
        for entry in &entries[at..at + round] {
            if entry.at.day() != day {
                day = entry.at.day();
                writeln!(text, "day {day}").expect("a string grows");
            }
            for (n, line) in entry.lines.iter().enumerate() {
                let clock = if n == 0 { entry.at.clock() } else { "     ".to_owned() };
                writeln!(text, "{clock}  {line}").expect("a string grows");
            }
        }
        if rounds > 1 {
            let last = entries[at + round * rounds - 1].at;
            let again = rounds - 1;
            writeln!(text, "       and so on, {again} times more, until {last}")
                .expect("a string grows");
        }
        at += round * rounds;
    }
    text
}

/// How many entries make a round here, and how often it comes in a row.
fn repeated(entries: &[Entry]) -> (usize, usize) {
    for round in 1..=ROUND_MAX.min(entries.len() / 2) {
        let length = entries[round].at.0 - entries[0].at.0;
        let same = |n: &usize| {
            let (first, again) = (&entries[n - round], &entries[*n]);
            first.lines == again.lines && first.at.0 + length == again.at.0
        };
        let alike = (round..entries.len()).take_while(same).count();
        let rounds = alike / round + 1;
        if rounds >= ROUNDS_MIN {
            return (round, rounds);
        }
    }
    (1, 1)
}
