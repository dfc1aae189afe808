//! An explained log as an operator reads it: what was decided and why first, then what it stands on.

use std::io;

use owo_colors::{OwoColorize, Style};
use surface::sheet::{Cell, Sheet};

use failover_words::numbers::counted;

use super::{Explained, Stretch};
use failover_words::{End, Evidence, Rule, Told, Write, headline_time};

type Out<'a> = &'a mut dyn io::Write;

/// Widest name of an input, and the space after it.
const NAME: usize = 11;
/// Widest end of a write, and the space after it.
const END: usize = 10;
/// `D1`, a rule's number, and the space after it.
const NUMBER: usize = 4;
/// `yes` or `no`, and the space after it.
const YES: usize = 5;
/// Widest reason with its count, and the space after it.
const REASON: usize = 21;
/// BOUND: as many lines as a screen has; the newest.
const COURSE_MAX: usize = 40;

/// Writes all of it.
pub fn write(out: Out<'_>, sheet: &Sheet, explained: &Explained) -> io::Result<()> {
    for told in &explained.decisions {
        decision(out, sheet, told)?;
        writeln!(out)?;
    }
    if explained.found > 1 {
        course(out, sheet, &explained.course)?;
    }
    end(out, sheet, explained)
}

fn decision(out: Out<'_>, sheet: &Sheet, told: &Told) -> io::Result<()> {
    let paint = sheet.paint;
    let (at, site, reason) = (headline_time(told.at), &told.site, told.reason);
    writeln!(out, "{}", format_args!("{at}  {site}  {reason}").style(paint.strong()))?;
    sheet.row(out, 2, &[], &told.summary)?;
    verdict(out, sheet, told)?;
    heading(out, sheet, "writes")?;
    if told.writes.is_empty() {
        sheet.row(out, 4, &[], "none")?;
    }
    told.writes.iter().try_for_each(|write| one_write(out, sheet, write))?;
    heading(out, sheet, "inputs")?;
    sheet.row(out, 4, &[name("woken by", Style::new())], &told.signal)?;
    if let Some(reply) = &told.reply {
        sheet.row(out, 4, &[name("request", Style::new())], reply)?;
    }
    for input in &told.inputs {
        let style = if input.known { Style::new() } else { paint.bad() };
        sheet.row(out, 4, &[name(input.name, style)], &input.words)?;
    }
    if !told.evidence.is_empty() {
        heading(out, sheet, "evidence that the primary is down")?;
    }
    for Evidence { number, name, why_not } in &told.evidence {
        answered(out, sheet, number, name, *why_not)?;
    }
    heading(out, sheet, "rules, the first that matches wins")?;
    let mut before = None;
    for Rule { number, title, why_not } in &told.rules {
        let likewise = why_not.is_some() && *why_not == before;
        before = *why_not;
        answered(out, sheet, number, title, if likewise { Some("likewise") } else { *why_not })?;
    }
    Ok(())
}

/// Whether it recomputes, and what it breaks.
fn verdict(out: Out<'_>, sheet: &Sheet, told: &Told) -> io::Result<()> {
    let bad = sheet.paint.bad();
    if told.differences.is_empty() {
        sheet.row(out, 2, &[], "Recomputed offline: the same verdict.")?;
    } else {
        let cells = [Cell { text: "DIFFERENT", width: END, style: bad }];
        sheet.row(out, 2, &cells, "when it is recomputed offline:")?;
    }
    for difference in &told.differences {
        let part = [name(difference.part, bad)];
        sheet.row(out, 4, &part, &format!("logged {}", difference.logged))?;
        let again = [name("", Style::new())];
        sheet.row(out, 4, &again, &format!("now {}", difference.recomputed))?;
    }
    for broken in &told.broken {
        let cells = [Cell { text: "BROKEN", width: END, style: bad }];
        sheet.row(out, 2, &cells, &format!("{}: {}", broken.id, broken.what))?;
    }
    Ok(())
}

fn one_write(out: Out<'_>, sheet: &Sheet, write: &Write) -> io::Result<()> {
    let paint = sheet.paint;
    let cell = |text, style| [Cell { text, width: END, style }];
    match &write.end {
        End::Done => sheet.row(out, 4, &cell("done", paint.good()), &write.what),
        End::Failed(why) => {
            let words = format!("{}: {why}", write.what);
            sheet.row(out, 4, &cell("FAILED", paint.bad()), &words)
        }
        End::NotTried => sheet.row(out, 4, &cell("not done", paint.hint()), &write.what),
    }
}

fn heading(out: Out<'_>, sheet: &Sheet, words: &str) -> io::Result<()> {
    sheet.row(out, 2, &[Cell { text: words, width: 0, style: sheet.paint.hint() }], "")
}

fn name(text: &str, style: Style) -> Cell<'_> {
    Cell { text, width: NAME, style }
}

/// A line that begins with its number, and whether it is so.
fn answered(
    out: Out<'_>,
    sheet: &Sheet,
    number: &str,
    what: &str,
    why_not: Option<&str>,
) -> io::Result<()> {
    let (text, style, words) = match why_not {
        None => ("YES", sheet.paint.strong(), what.to_owned()),
        Some(why_not) => ("no", sheet.paint.faint(), format!("{what}: {why_not}")),
    };
    let cells = [Cell { text: number, width: NUMBER, style }, Cell { text, width: YES, style }];
    sheet.row(out, 4, &cells, &words)
}

/// Every decision of the log, a line for each stretch of the same reason.
fn course(out: Out<'_>, sheet: &Sheet, course: &[Stretch]) -> io::Result<()> {
    let (Some(first), Some(last)) = (course.first(), course.last()) else { return Ok(()) };
    let day = first.from.strftime("%Y-%m-%d").to_string();
    let one_day = last.until.strftime("%Y-%m-%d").to_string() == day;
    let (title, time, width) = if one_day {
        (format!("the log in short, {day} UTC"), "%H:%M:%S", 10)
    } else {
        ("the log in short, UTC".to_owned(), "%Y-%m-%d %H:%M:%S", 21)
    };
    sheet.row(out, 0, &[Cell { text: &title, width: 0, style: sheet.paint.hint() }], "")?;
    let left_out = course.len().saturating_sub(COURSE_MAX);
    if left_out > 0 {
        sheet.row(out, 2, &[], &format!("({left_out} earlier lines are left out)"))?;
    }
    let one_site = course.iter().all(|stretch| stretch.site == first.site);
    for stretch in &course[left_out..] {
        let at = stretch.from.strftime(time).to_string();
        let reason = match stretch.decisions {
            1 => stretch.reason.to_owned(),
            times => format!("{} x{times}", stretch.reason),
        };
        let wrong = stretch.failed + stretch.unsound;
        let style = if wrong > 0 { sheet.paint.bad() } else { sheet.paint.strong() };
        let cells = [
            Cell { text: &at, width, style: Style::new() },
            Cell { text: &reason, width: REASON, style },
        ];
        let site = if one_site { String::new() } else { format!("{}: ", stretch.site) };
        let failed = match stretch.failed {
            0 => String::new(),
            failed => format!(" FAILED WRITES in {failed}."),
        };
        let unsound = match stretch.unsound {
            0 => String::new(),
            unsound => format!(" DIFFERENT OR BROKEN: {unsound}."),
        };
        let words = format!("{site}{}{failed}{unsound}", stretch.summary);
        sheet.row(out, 2, &cells, &words)?;
    }
    Ok(())
}

/// What holds over the whole log.
fn end(out: Out<'_>, sheet: &Sheet, explained: &Explained) -> io::Result<()> {
    let bad = sheet.paint.bad();
    let shown = explained.decisions.len();
    let whole = counted(explained.found as u64, "decision");
    let left_out =
        if shown == explained.found { String::new() } else { format!(", {shown} shown") };
    let skipped = match explained.skipped {
        0 => String::new(),
        skipped => format!("; {} without one", counted(skipped as u64, "line")),
    };
    sheet.row(out, 0, &[], &format!("{whole}{left_out}{skipped}."))?;
    for unreadable in &explained.unreadable {
        let cells = [Cell { text: "UNREADABLE", width: 12, style: bad }];
        sheet.row(out, 0, &cells, &format!("line {}: {}", unreadable.line, unreadable.why))?;
    }
    let broken: Vec<_> = explained.invariants.iter().filter(|verdict| !verdict.holds()).collect();
    if broken.is_empty() {
        let count = explained.invariants.len();
        let words = format!("Every verdict recomputes to the same; {count} invariants hold.");
        return sheet.row(out, 0, &[], &words);
    }
    for verdict in broken {
        let cells = [Cell { text: "BROKEN", width: END, style: bad }];
        sheet.row(out, 0, &cells, &format!("{}: {}", verdict.id, verdict.statement))?;
        for violation in &verdict.violations {
            sheet.row(out, END, &[], violation)?;
        }
    }
    Ok(())
}
