//! The status as an operator reads it: who serves first, then what is raised and why, then the rest.

use std::io;
use std::time::Duration;

use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Mode};
use failover_core::record::Demand;
use operate::status::{
    Check, Gate, Group, Lack, Phase, Raised, Reading, Serving, Side, Spent, StackReading, Status,
};
use owo_colors::{OwoColorize, Style};
use provision::needs::{Need, Needs};
use surface::colour::Paint;
use surface::sheet::{Cell, Sheet};

use failover_words::numbers::counted;
use failover_words::{clock, lasting, latch, since, sizes};

use super::course;

type Out<'a> = &'a mut dyn io::Write;

/// Widest name, and the space after it.
const NAME: usize = 11;

/// One line of the screen.
pub struct Line {
    name: &'static str,
    words: String,
    tone: Tone,
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Plain,
    Good,
    Bad,
}

impl Tone {
    fn style(self, paint: Paint) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => paint.good(),
            Self::Bad => paint.bad(),
        }
    }
}

impl Line {
    fn new(name: &'static str, tone: Tone, words: impl Into<String>) -> Self {
        Self { name, words: words.into(), tone }
    }

    fn of<T>(
        name: &'static str,
        reading: &Reading<T>,
        words: impl FnOnce(&T) -> (Tone, String),
    ) -> Self {
        match reading {
            Reading::Known(value) => {
                let (tone, words) = words(value);
                Self { name, words, tone }
            }
            Reading::Absent => Self::new(name, Tone::Plain, "not there"),
            Reading::Unknown(why) => Self::new(name, Tone::Bad, format!("unknown: {why}")),
        }
    }

    fn write(&self, out: Out<'_>, sheet: &Sheet) -> io::Result<()> {
        let cells = [Cell { text: self.name, width: NAME, style: self.tone.style(sheet.paint) }];
        sheet.row(out, 2, &cells, &self.words)
    }
}

/// Writes all of it.
pub fn write(out: Out<'_>, sheet: &Sheet, status: &Status) -> io::Result<()> {
    head(out, sheet, status)?;
    standing(status).iter().try_for_each(|line| line.write(out, sheet))?;
    rest(status).iter().try_for_each(|line| line.write(out, sheet))?;
    if !status.course.is_empty() {
        sheet.row(
            out,
            0,
            &[Cell { text: "last decisions, UTC", width: 0, style: sheet.paint.hint() }],
            "",
        )?;
        course::write(out, sheet, status)?;
    }
    Ok(())
}

/// Writes what stands now, as far as it matters to somebody who is about to change it.
pub fn write_standing(out: Out<'_>, sheet: &Sheet, status: &Status) -> io::Result<()> {
    head(out, sheet, status)?;
    standing(status).iter().try_for_each(|line| line.write(out, sheet))
}

fn head(out: Out<'_>, sheet: &Sheet, status: &Status) -> io::Result<()> {
    let at = status.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    writeln!(out, "{}", format_args!("{}  {at}", status.site).style(sheet.paint.strong()))?;
    let by = if status.failover_name == status.hostname {
        String::new()
    } else {
        format!(" by CloudFront, failover at {}", status.failover_name)
    };
    Line::new("site", Tone::Plain, format!("{}{by}", status.hostname)).write(out, sheet)
}

fn standing(status: &Status) -> Vec<Line> {
    let mut lines = vec![
        Line::of("serving", &status.serving, |serving| self::serving(status, serving)),
        phase(status),
    ];
    if let Reading::Known(decision) = &status.decision {
        let tone = if decision.failed.is_empty() { Tone::Plain } else { Tone::Bad };
        let failed = course::did_not_go_through(&decision.failed);
        lines.push(Line::new("why", tone, format!("{}{failed}", decision.words)));
    }
    if let Some(order) = &status.order {
        let what = match order.what {
            Demand::Failover => "failover",
            Demand::Failback => "failback",
            Demand::Approve => "approval of the failback",
        };
        let words = format!("{what} by {}, {}", order.by, since(status.at, order.at));
        lines.push(Line::new("order", Tone::Plain, words));
    }
    if let Some(left) = status.hold_down_left_seconds {
        let words = format!("{} at least", lasting(Duration::from_secs(left)));
        lines.push(Line::new("hold-down", Tone::Plain, words));
    }
    lines.push(Line::of("mode", &status.mode, |mode| mode_words(*mode)));
    if status.latch != Reading::Absent {
        lines.push(Line::of("latch", &status.latch, |gate| gate_words(status, gate)));
    }
    lines.push(Line::of("alarm", &status.alarm, |alarm| {
        let since = alarm.since.map_or_else(String::new, |at| format!(" {}", since(status.at, at)));
        let tone = match alarm.state {
            AlarmState::Ok => Tone::Good,
            AlarmState::Alarm | AlarmState::Insufficient => Tone::Bad,
        };
        (tone, format!("{}{since}", alarm.state.word()))
    }));
    lines.push(side("primary", &status.primary));
    lines.push(side("standby", &status.standby));
    lines
}

fn rest(status: &Status) -> Vec<Line> {
    let mut lines = vec![Line::of("check", &status.check, check)];
    if let Some(spent) = &status.spent {
        lines.push(Line::of("cost", spent, |spent| (Tone::Plain, spent_words(spent))));
    }
    match &status.findings {
        Reading::Known(findings) if findings.is_empty() => {
            lines.push(Line::new("findings", Tone::Good, "none"));
        }
        Reading::Known(findings) => {
            for (number, found) in findings.iter().enumerate() {
                let name = if number == 0 { "findings" } else { "" };
                let (tone, gone) = match found.gone_since {
                    None => (Tone::Bad, String::new()),
                    Some(at) => (Tone::Plain, format!("not true any more since {at}: ")),
                };
                let words = format!("{}: {gone}{}", found.finding.word(), found.text);
                lines.push(Line::new(name, tone, words));
            }
        }
        reading @ (Reading::Absent | Reading::Unknown(_)) => {
            lines.push(Line::of("findings", reading, |_| (Tone::Plain, String::new())));
        }
    }
    if status.decision.known().is_none() {
        let nothing = Reading::Absent;
        lines.push(match &status.decision {
            Reading::Unknown(_) => {
                Line::of("decisions", &status.decision, |_| (Tone::Plain, String::new()))
            }
            Reading::Known(_) | Reading::Absent if status.stacks.iter().all(is_fine) => Line::new(
                "decisions",
                Tone::Bad,
                "none within the last hour: the controller has not run",
            ),
            Reading::Known(_) | Reading::Absent => {
                Line::of("decisions", &nothing, |(): &()| (Tone::Plain, String::new()))
            }
        });
    }
    lines.extend(status.needs.as_ref().map(needs));
    lines.extend(stacks(&status.stacks));
    lines
}

fn serving(status: &Status, serving: &Serving) -> (Tone, String) {
    let by = serving.seen_by_controller.map_or_else(
        || "DNS answers it here".to_owned(),
        |at| format!("as the controller saw DNS at {}", clock(status.at, at)),
    );
    if serving.both {
        return (Tone::Good, format!("both regions; {by}"));
    }
    match serving.answer {
        Answer::Primary => (Tone::Good, format!("the primary, {}; {by}", status.primary.region)),
        Answer::Standby => (Tone::Bad, format!("the standby, {}; {by}", status.standby.region)),
        Answer::Mixed => (Tone::Bad, format!("addresses of both regions; {by}")),
    }
}

fn phase(status: &Status) -> Line {
    let words = status.phase.words();
    let tone = match status.phase {
        Phase::Idle => Tone::Good,
        Phase::Raising | Phase::Raised | Phase::GoingBack | Phase::Unknown => Tone::Bad,
    };
    let words = match &status.raised {
        Reading::Known(Raised::Ours { since: at, target, why, undo, .. }) => format!(
            "{words}: to {} {}, because of the {why}; to go back to {}",
            counted(*target, "instance"),
            since(status.at, *at),
            sizes(*undo)
        ),
        Reading::Known(Raised::Unreadable) => {
            format!("{words}: the record on the standby group cannot be read")
        }
        Reading::Unknown(why) => format!("{words}: {why}"),
        Reading::Known(Raised::Idle) | Reading::Absent => words.to_owned(),
    };
    Line::new("phase", tone, words)
}

fn mode_words(mode: Mode) -> (Tone, String) {
    match mode {
        Mode::Armed => (Tone::Good, "armed".to_owned()),
        Mode::Observe => (
            Tone::Bad,
            "observe: it decides and changes nothing, so no failover will happen".to_owned(),
        ),
        Mode::Frozen => {
            (Tone::Bad, "frozen: it changes nothing, so no failover will happen".to_owned())
        }
    }
}

fn gate_words(status: &Status, gate: &Gate) -> (Tone, String) {
    let recorded = match gate.since {
        Some(at) => format!("{} {}", latch(gate.recorded), since(status.at, at)),
        None => format!("{}, never closed", latch(gate.recorded)),
    };
    let tone = match gate.recorded {
        Latch::Open => Tone::Good,
        Latch::Closed => Tone::Bad,
    };
    match &gate.shown {
        Reading::Known(shown) if *shown == gate.recorded => (tone, recorded),
        Reading::Known(shown) => {
            (Tone::Bad, format!("{recorded}; its alarm still says {}", latch(*shown)))
        }
        Reading::Absent => (Tone::Bad, format!("{recorded}; its alarm does not exist")),
        Reading::Unknown(why) => (tone, format!("{recorded}; its alarm is unknown: {why}")),
    }
}

fn side(name: &'static str, side: &Side) -> Line {
    let mut line = Line::of(name, &side.group, |group| {
        let (tone, words) = group_words(side, group);
        let suspended = if group.suspended.is_empty() {
            String::new()
        } else {
            format!("; SUSPENDED: {}", group.suspended.join(", "))
        };
        (tone, format!("{words}{suspended}"))
    });
    line.words = format!("{}: {}", side.region, line.words);
    line
}

fn group_words(side: &Side, group: &Group) -> (Tone, String) {
    let (min, max) = (group.sizes.min, group.sizes.max);
    let lacks = side.lacks.map(|lack| match lack {
        Lack::Floor { floor } => format!("; BELOW ITS FLOOR OF {floor}"),
        Lack::Maximum { needed } => {
            format!("; ITS MAXIMUM IS BELOW THE {needed} THAT IT MAY NEED")
        }
    });
    if side.dormant {
        return (Tone::Good, format!("dark, as it should be (min {min}, max {max})"));
    }
    let healthy = match &group.healthy {
        Reading::Known(healthy) => healthy.to_string(),
        Reading::Absent => "does not exist".to_owned(),
        Reading::Unknown(why) => format!("unknown ({why})"),
    };
    let asked = group.sizes.desired;
    let tone = match &group.healthy {
        _ if lacks.is_some() => Tone::Bad,
        Reading::Known(healthy) if *healthy >= usize::from(asked) => Tone::Good,
        Reading::Known(_) => Tone::Bad,
        Reading::Absent | Reading::Unknown(_) => Tone::Plain,
    };
    let words = format!(
        "desired {asked}, in service {}, healthy {healthy} (min {min}, max {max}){}",
        group.in_service,
        lacks.unwrap_or_default()
    );
    (tone, words)
}

fn check(check: &Check) -> (Tone, String) {
    let Check { checkers, succeeded, failure } = check;
    if *checkers == 0 {
        return (Tone::Plain, "no checker has reported yet".to_owned());
    }
    let failure =
        failure.as_ref().map_or_else(String::new, |failure| format!("; one says: {failure}"));
    // Source: Route 53 calls an endpoint healthy while more than 18 % of the checkers do.
    let tone = if succeeded * 100 > checkers * 18 { Tone::Good } else { Tone::Bad };
    (tone, format!("{succeeded} of {checkers} checkers reach the primary{failure}"))
}

fn spent_words(spent: &Spent) -> String {
    let length = lasting(Duration::from_secs(spent.lasting_seconds));
    let cents = match spent.amount.cents() {
        nothing if nothing == "0.00" => "less than $0.01".to_owned(),
        cents => format!("about ${cents}"),
    };
    format!(
        "{cents} so far: {} above the floor for {length}, at ${} an hour each",
        counted(spent.instances, "instance"),
        spent.hourly
    )
}

fn is_fine(stack: &StackReading) -> bool {
    stack.wanted
        && stack
            .status
            .known()
            .is_some_and(|status| status.ends_with("_COMPLETE") && !status.contains("ROLLBACK"))
}

/// One line: all that a failover needs is in place, or the worst of what is not, its consequence first.
fn needs(needs: &Needs) -> Line {
    let (met, all) = (needs.met.len(), Need::ALL.len());
    let unread = needs.unread.first().map(|first| {
        let count = counted(needs.unread.len() as u64, "need");
        format!("unknown: {count} of a failover could not be read: {}", first.why)
    });
    let Some(worst) = needs.broken.first() else {
        return match unread {
            Some(unread) => Line::new("needs", Tone::Bad, unread),
            None if met == 0 => Line::new("needs", Tone::Plain, "not there"),
            None if met == all => {
                let words = format!("a failover needs: all {all} in place");
                Line::new("needs", Tone::Good, words)
            }
            None => {
                let words = format!(
                    "a failover needs: {met} of {all} in place, nothing to compare for the rest"
                );
                Line::new("needs", Tone::Plain, words)
            }
        };
    };
    let more = match needs.broken.len() - 1 {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let words = format!("{worst}{more}; `cargo xtask doctor` says what to do");
    Line::new("needs", Tone::Bad, words)
}

/// One line while all is well, else one for each stack.
fn stacks(stacks: &[StackReading]) -> Vec<Line> {
    if stacks.iter().all(is_fine) {
        let words = format!("all {} deployed", stacks.len());
        return vec![Line::new("stacks", Tone::Good, words)];
    }
    let mut lines = Vec::new();
    for (number, stack) in stacks.iter().enumerate() {
        let status = match &stack.status {
            Reading::Known(status) => status.clone(),
            Reading::Absent => "does not exist".to_owned(),
            Reading::Unknown(why) => format!("unknown: {why}"),
        };
        let unwanted = if stack.wanted { "" } else { ", no longer asked for" };
        let name = if number == 0 { "stacks" } else { "" };
        let tone = if is_fine(stack) { Tone::Plain } else { Tone::Bad };
        let words = format!("{} in {}: {status}{unwanted}", stack.stack, stack.region);
        lines.push(Line::new(name, tone, words));
    }
    lines
}

#[cfg(test)]
mod tests;
