//! The journal as Markdown, for an issue or a post-mortem.

use std::fmt::Write as _;

use super::{History, words};
use crate::journal::{Compared, Journal};

/// The journal as Markdown.
#[must_use]
pub fn markdown(journal: &Journal, history: &History) -> String {
    let verdict = if journal.passed() { "Passed" } else { "**Missed**" };
    let mut text =
        format!("# {}\n\n{verdict}. {}\n", plain(&words::headline(journal)), words::place(journal));
    for wrong in words::wrong(journal) {
        line(&mut text, &format!("\n- {}", plain(&wrong)));
    }
    headline(&mut text, journal);
    if let Some(caveat) = words::caveat(journal) {
        line(&mut text, &format!("\n> {caveat}"));
    }
    phases(&mut text, journal, history);
    if !journal.marks.is_empty() {
        table(&mut text, "What happened", &["at", "in the act", "who", "what"]);
        for mark in &journal.marks {
            let at = format!("{:.1} s", mark.at_seconds);
            row(&mut text, &[&at, &words::act(mark), mark.lane.title(), &mark.what]);
        }
    }
    if !journal.decisions.is_empty() {
        table(&mut text, "What the controller decided", &["at", "reason", "times", "why", "wrote"]);
        for decided in &journal.decisions {
            let at = decided.at.strftime("%H:%M:%S").to_string();
            let (times, wrote) = (decided.times.to_string(), decided.wrote.as_deref());
            row(&mut text, &[&at, &decided.reason, &times, &decided.why, wrote.unwrap_or("")]);
        }
    }
    table(&mut text, "Invariants", &["id", "verdict", "records", "what it demands"]);
    for verdict in &journal.invariants {
        let checked = verdict.checked.to_string();
        row(&mut text, &[&verdict.id, words::judged(verdict), &checked, &verdict.statement]);
    }
    if !journal.shortened.is_empty() {
        table(&mut text, "Shorter than on AWS", &["what", "on AWS", "in this drill"]);
        for one in &journal.shortened {
            row(&mut text, &[&one.what, &one.aws, &one.drill]);
        }
    }
    text
}

fn headline(text: &mut String, journal: &Journal) {
    let clients = &journal.clients;
    let target = journal.target_seconds;
    let target = target.map_or_else(|| "none set".to_owned(), |target| format!("{target:.0} s"));
    table(text, "Headline", &["", ""]);
    let (held, met) = words::held(journal);
    let lost = format!(
        "{} of {} ({}), {} of them in the failback",
        clients.lost,
        clients.sent,
        words::percent(clients.lost, clients.sent),
        clients.lost_in_failback
    );
    row(text, &["recovery time", &words::seconds(journal.recovery_seconds)]);
    row(text, &["target", &target]);
    if journal.dark_seconds.is_some() {
        row(text, &["recovery time, us-east-1 dark", &words::seconds(journal.dark_seconds)]);
    }
    row(text, &["failback", &words::seconds(journal.failback_seconds)]);
    row(text, &["requests lost", &lost]);
    row(text, &["longest time without a page", &format!("{:.1} s", clients.gap_longest_seconds)]);
    row(text, &["invariants that hold", &format!("{held} of {met}")]);
}

fn phases(text: &mut String, journal: &Journal, history: &History) {
    if journal.phases.is_empty() {
        return;
    }
    let heads = ["phase", "measured", "predicted p50", "p95", "earlier p75", ""];
    table(text, "Predicted and measured", &heads);
    for one in journal.compared() {
        let Compared { name, seconds, predicted } = one;
        let cells = [
            seconds,
            predicted.map(|expected| expected.p50),
            predicted.map(|expected| expected.p95),
            history.p75(name),
        ]
        .map(words::number);
        let flag = if one.is_beyond() { "**beyond its p95**" } else { "" };
        let [measured, p50, p95, p75] = &cells;
        raw(text, &[name, measured, p50, p95, p75, flag]);
    }
}

fn table(text: &mut String, title: &str, heads: &[&str]) {
    line(text, &format!("\n## {title}\n"));
    raw(text, heads);
    raw(text, &vec!["---"; heads.len()]);
}

/// A row of plain text.
fn row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
    raw(text, &cells.iter().map(String::as_str).collect::<Vec<_>>());
}

fn raw(text: &mut String, cells: &[&str]) {
    line(text, &format!("| {} |", cells.join(" | ")));
}

fn line(text: &mut String, words: &str) {
    writeln!(text, "{words}").expect("a string grows");
}

/// Text that stays text in a table.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => safe.push_str("<br>"),
            '<' => safe.push_str("&lt;"),
            '|' | '*' | '_' | '[' | '\\' => {
                safe.push('\\');
                safe.push(letter);
            }
            other => safe.push(other),
        }
    }
    safe
}
