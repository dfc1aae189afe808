//! `failover`, `failback`, `approve`, `mode`: an operator asks, and follows what comes of it.

mod direct;

use std::io;
use std::time::Duration;

use cloud::Cloud;
use cloud::guard::Glance;
use failover_core::Timestamp;
use failover_core::decision::Reply;
use failover_core::observation::Mode;
use failover_core::record::Demand;
use failover_core::signal::{Request, Wish};
use machine::clock;
use operate::status::{READ_MAX, Reader, Status, gist};
use operate::steer::{self, Answer, End, Goal};
use owo_colors::Style;
use provision::progress::Pace;
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{FailbackFlags, FailoverFlags, Flags, ModeFlags, ModeWord, Patience};
use surface::sheet::{Cell, Sheet};
use surface::{ask, output};

use crate::consent::consent;
use crate::site;
use crate::status::text;
use failover_words::sentence;

/// BOUND: servers come one by one and the controller decides once a minute; an emulator's tick is two seconds.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const LOOK_AGAIN_LOCAL: Duration = Duration::from_secs(1);

pub async fn failover(flags: &Flags, failover: &FailoverFlags) -> miette::Result<Exit> {
    if failover.direct {
        return direct::failover(flags, failover).await;
    }
    let question = "Move users to the standby?";
    order(flags, Demand::Failover, question, Goal::Failover, &failover.patience).await
}

pub async fn failback(flags: &Flags, failback: &FailbackFlags) -> miette::Result<Exit> {
    if failback.direct {
        return direct::failback(flags, failback).await;
    }
    let question = "Move users back to the primary?";
    order(flags, Demand::Failback, question, Goal::Failback, &failback.patience).await
}

pub async fn approve(flags: &Flags, patience: &Patience) -> miette::Result<Exit> {
    let question = "Approve the failback?";
    order(flags, Demand::Approve, question, Goal::Failback, patience).await
}

async fn order(
    flags: &Flags,
    demand: Demand,
    question: &'static str,
    goal: Goal,
    &Patience { yes, no_wait }: &Patience,
) -> miette::Result<Exit> {
    let goal = (!no_wait).then_some(goal);
    steer(flags, Wanted { what: Wish::Order(demand), question, goal, yes }).await
}

pub async fn mode(flags: &Flags, mode: &ModeFlags) -> miette::Result<Exit> {
    let what = Wish::Mode(match mode.mode {
        ModeWord::Armed => Mode::Armed,
        ModeWord::Observe => Mode::Observe,
        ModeWord::Frozen => Mode::Frozen,
    });
    let wanted = Wanted { what, question: "Set this mode?", goal: None, yes: mode.yes };
    steer(flags, wanted).await
}

/// What an operator wants.
struct Wanted {
    what: Wish,
    question: &'static str,
    /// What to wait for.
    goal: Option<Goal>,
    yes: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Steered {
    /// What was sent.
    request: Request,
    /// Taken, or taken before.
    reply: Reply,
    /// The rule that fired with it.
    reason: &'static str,
    /// What was decided at once and why.
    words: String,
    /// What happened until it was done.
    steps: Vec<Step>,
    /// How the waiting ended. Nothing if nobody waited.
    end: Option<End>,
}

/// Something that happened.
#[derive(Debug, Serialize)]
struct Step {
    at: Timestamp,
    what: String,
}

async fn steer(flags: &Flags, wanted: Wanted) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    ask::can_answer(wanted.yes)?;
    let cloud = site::cloud(&site).await;
    let cloud: &dyn Cloud = cloud.as_ref();
    let seen = Glance::read(cloud, &site, READ_MAX).await;
    let permit = seen.admit()?;
    let reader = Reader::of(cloud, &site, &seen.into_views())?;
    // Together, because whoever orders a failover waits for neither after the answer.
    let user = std::env::var("USER").ok();
    let (before, by) =
        futures::join!(reader.look(clock::now()), steer::operator(cloud, &site, user));
    let by = by?;
    show_plan(&before, &steer::intent(&site, wanted.what, &before));
    let consent = consent(wanted.question, wanted.yes, &permit).await?;
    let Some(consent) = consent else { return Ok(ask::declined()) };
    let request = steer::request(wanted.what, Some(&before), clock::now(), by);
    let Answer { reply, record } =
        steer::ask(cloud, &consent, &site, &request, Pace::of(cloud)).await?;
    let mut steered = Steered {
        request,
        reply,
        reason: record.decision.reason.name(),
        words: sentence(&record),
        steps: Vec::new(),
        end: None,
    };
    let answered = gist(&record.decision.reason);
    say(&format!("{}: ", replied(reply)), &steered.words);
    if let Some(goal) = wanted.goal {
        let pause = if cloud.is_local() { LOOK_AGAIN_LOCAL } else { LOOK_AGAIN };
        let (end, _) = steer::follow(&reader, goal, before, pause, |at, step| {
            // The log tells again what the answer told.
            if matches!(step, steer::Step::Decided { gist, .. } if *gist == answered) {
                return;
            }
            let what = step.to_string();
            say(&format!("{}  ", at.strftime("%H:%M:%S")), &what);
            steered.steps.push(Step { at, what });
        })
        .await;
        steered.end = Some(end);
    }
    let exit = output::print(flags.format, &steered, |out| {
        writeln!(out, "{}", outcome(wanted.what, &steered))
    })?;
    if steered.end == Some(End::Late) {
        return Err(late());
    }
    Ok(exit)
}

/// What stands, and what will happen, on standard error.
fn show_plan(before: &Status, will: &[String]) {
    noted(|out, sheet| {
        text::write_standing(out, sheet, before)?;
        list(out, sheet, "what will happen", will)
    });
}

/// Says what happened, on lines that fit a terminal.
fn say(head: &str, what: &str) {
    let head = Cell { text: head, width: head.len(), style: Style::new() };
    noted(|out, sheet| sheet.row(out, 0, &[head], what));
}

/// Writes on standard error what fits a terminal.
fn noted(write: impl FnOnce(&mut dyn io::Write, &Sheet) -> io::Result<()>) {
    let mut words = Vec::new();
    write(&mut words, &Sheet::error()).expect("writing to memory cannot fail");
    output::note(String::from_utf8_lossy(&words).trim_end());
}

fn list(
    out: &mut dyn io::Write,
    sheet: &Sheet,
    title: &str,
    lines: &[impl AsRef<str>],
) -> io::Result<()> {
    sheet.row(out, 0, &[Cell { text: title, width: 0, style: sheet.paint.hint() }], "")?;
    let mark = [Cell { text: ">", width: 2, style: sheet.paint.hint() }];
    lines.iter().try_for_each(|line| sheet.row(out, 2, &mark, line.as_ref()))
}

const fn replied(reply: Reply) -> &'static str {
    match reply {
        Reply::Taken => "taken",
        Reply::Repeated => "taken before",
        Reply::Refused(_) => "refused",
    }
}

fn outcome(what: Wish, steered: &Steered) -> String {
    let what = match what {
        Wish::Mode(mode) => return format!("the mode is {}", mode.word()),
        Wish::Order(Demand::Failover) => "failover",
        Wish::Order(Demand::Failback | Demand::Approve) => "failback",
    };
    match steered.end {
        Some(End::Done) => format!("{what} done"),
        Some(End::Late) => format!("{what} not done yet"),
        None => format!("{what} {}", replied(steered.reply)),
    }
}

fn late() -> miette::Report {
    miette::miette!(
        code = "steer::late",
        help = "the controller continues on its own; `cargo xtask status` shows what it waits for",
        "this takes longer than it should"
    )
}
