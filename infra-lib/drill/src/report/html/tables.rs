//! The page's tables: everything that the pictures show, in words and numbers, and what they do not.

use std::collections::BTreeMap;

use super::super::{History, words};
use super::{Row, paragraph, seconds, table};
use crate::journal::{DecisionLine, Journal, Mark, Prediction};

/// BOUND: earlier drills that the page lists; the p75 is over all.
const EARLIER_MAX: usize = 12;

pub(super) fn marks(journal: &Journal) -> String {
    let row = |mark: &Mark| {
        let at = format!("{:.1} s", mark.at_seconds);
        let cells = [at, words::act(mark), mark.lane.title().to_owned(), mark.what.clone()];
        Row::new(cells).of(if mark.starts_act { "act" } else { "" })
    };
    let rows: Vec<Row> = journal.marks.iter().map(row).collect();
    let heads = ["#since the start", "#in the act", "Who", "What"];
    table("Every mark of the drill, in the order of time", &heads, &rows)
}

pub(super) fn decisions(journal: &Journal) -> String {
    let row = |line: &DecisionLine| {
        let times = if line.times > 1 { format!("{} ×", line.times) } else { String::new() };
        let at = line.at.strftime("%H:%M:%S").to_string();
        let wrote = line.wrote.clone().unwrap_or_default();
        Row::new([at, line.reason.clone(), times, line.why.clone(), wrote])
    };
    let rows: Vec<Row> = journal.decisions.iter().map(row).collect();
    let heads = ["At (UTC)", "Reason", "#Times", "Why", "Wrote"];
    let caption = "Equal decisions in a row are one line, in the words of the first";
    table(caption, &heads, &rows)
}

pub(super) fn clients(journal: &Journal) -> String {
    let mut kinds = BTreeMap::<&str, [u64; 3]>::new();
    let mut reasons = BTreeMap::<&str, u64>::new();
    for bucket in &journal.requests {
        let kind = kinds.entry(&bucket.client).or_default();
        kind[0] += u64::from(bucket.primary);
        kind[1] += u64::from(bucket.standby);
        kind[2] += u64::from(bucket.lost());
        for (reason, count) in &bucket.failed {
            *reasons.entry(reason).or_default() += u64::from(*count);
        }
    }
    if kinds.is_empty() {
        return String::new();
    }
    let row = |(kind, [primary, standby, lost]): (&&str, &[u64; 3])| {
        let name = (*kind).replace('_', "-");
        let sent = primary + standby + lost;
        let share = words::percent(*lost, sent);
        let numbers = [sent, *primary, *standby, *lost].map(|count| count.to_string());
        Row::new([name].into_iter().chain(numbers).chain([share]))
    };
    let rows: Vec<Row> = kinds.iter().map(row).collect();
    let heads =
        ["Client", "#sent", "#from the primary", "#from the standby", "#lost", "#lost, of its own"];
    let mut html = table("Every request from the drill's start to its end", &heads, &rows);
    let reasons = reasons.iter();
    let rows: Vec<Row> = reasons
        .map(|(reason, count)| Row::new([(*reason).to_owned(), count.to_string()]))
        .collect();
    html.push_str(&table("Why requests were lost", &["Reason", "#requests"], &rows));
    html.push_str(&paragraph(
        "The headline counts from the moment at which the site stood; here is everything, its first boot included.",
    ));
    html
}

pub(super) fn invariants(journal: &Journal) -> String {
    let rows: Vec<Row> = journal
        .invariants
        .iter()
        .map(|verdict| {
            let broken = verdict.violations.join("; ");
            let statement = if broken.is_empty() {
                verdict.statement.to_string()
            } else {
                format!("{}. Broken: {broken}", verdict.statement)
            };
            let judged = words::judged(verdict).to_owned();
            let row =
                Row::new([verdict.id.to_string(), judged, verdict.checked.to_string(), statement]);
            if verdict.holds() { row } else { row.of("beyond") }
        })
        .collect();
    let caption = "Judged from the decision records alone, as anybody can again";
    table(caption, &["Id", "Verdict", "#records", "What it demands"], &rows)
}

pub(super) fn conditions(journal: &Journal) -> String {
    let before: Vec<Row> = journal
        .preconditions
        .iter()
        .map(|one| {
            let met = if one.met { "so" } else { "NOT so" };
            Row::new([one.what.clone(), met.to_owned(), one.seen.clone()])
        })
        .collect();
    let before = table("Before the drill", &["What had to be", "Was it", "Seen"], &before);
    let put_back = journal.restored.iter().map(|what| (what, "put back"));
    let left = journal.left_behind.iter().map(|what| (what, "left behind"));
    let after: Vec<Row> =
        put_back.chain(left).map(|(what, how)| Row::new([what.clone(), how.to_owned()])).collect();
    before + &table("After the drill", &["What", "How"], &after)
}

pub(super) fn shortened(journal: &Journal) -> String {
    let rows: Vec<Row> = journal
        .shortened
        .iter()
        .map(|one| Row::new([one.what.clone(), one.aws.clone(), one.drill.clone()]))
        .collect();
    table("What was shorter in this drill", &["What", "On AWS", "In this drill"], &rows)
}

pub(super) fn history(journal: &Journal, history: &History) -> String {
    if history.drills.is_empty() {
        return paragraph(&format!(
            "None of {} at level {} in this folder yet.",
            journal.site,
            journal.level.word()
        ));
    }
    let rows: Vec<Row> = history
        .drills
        .iter()
        .rev()
        .take(EARLIER_MAX)
        .map(|drill| {
            let verdict = if drill.passed { "passed" } else { "missed" };
            let at = drill.at.strftime("%Y-%m-%d %H:%M").to_string();
            Row::new([at, verdict.to_owned(), seconds(drill.recovery_seconds)])
        })
        .collect();
    let caption = format!(
        "{} earlier drills of this site and level; three of four recovered within {}",
        history.drills.len(),
        history
            .p75(Prediction::WHOLE)
            .map_or_else(|| "no known time".to_owned(), |p75| format!("{p75:.1} s"))
    );
    table(&caption, &["Started (UTC)", "Verdict", "#Recovery time"], &rows)
}
