//! The page's head and its pictures.

use std::fmt::Write as _;

use super::super::chart::{self, escaped};
use super::super::{History, words};
use super::{Row, Section, paragraph, picture, seconds, table};
use crate::journal::{Compared, Journal, Prediction};

/// What everybody reads, and some nothing else.
pub(super) fn header(journal: &Journal, sections: &[Section]) -> String {
    let (class, verdict) =
        if journal.passed() { ("passed", "Passed") } else { ("missed", "Missed") };
    let place =
        escaped(&words::place(journal)).replacen('`', "<code>", 1).replacen('`', "</code>", 1);
    let mut html = format!(
        "<header>\n<p class=\"eyebrow\"><span class=\"verdict {class}\">{verdict}</span>{place}</p>\n<h1>{}</h1>\n",
        escaped(&words::headline(journal))
    );
    let wrong = words::wrong(journal);
    if !wrong.is_empty() {
        html.push_str("<div class=\"note bad\"><ul>");
        for what in wrong {
            write!(html, "<li>{}</li>", escaped(&what)).expect("a string grows");
        }
        html.push_str("</ul></div>\n");
    }
    html.push_str(&figures(journal));
    if let Some(caveat) = words::caveat(journal) {
        writeln!(html, "<div class=\"note\">{}</div>", paragraph(caveat)).expect("a string grows");
    }
    html.push_str("<nav aria-label=\"On this page\"><ul>");
    for Section { id, title, .. } in sections {
        write!(html, "<li><a href=\"#{id}\">{}</a></li>", escaped(title)).expect("a string grows");
    }
    html.push_str("</ul></nav>\n</header>\n");
    html
}

/// The numbers of the headline.
fn figures(journal: &Journal) -> String {
    let clients = &journal.clients;
    let (held, met) = words::held(journal);
    let target = journal
        .target_seconds
        .map_or_else(|| "no target was set".to_owned(), |target| format!("target {target:.0} s"));
    let late = journal.in_time().map(|in_time| if in_time { "good" } else { "bad" });
    let lost = format!("of {}, {}", clients.sent, words::percent(clients.lost, clients.sent));
    let all = if held == met { "good" } else { "bad" };
    let failback = format!("{} requests lost in it", clients.lost_in_failback);
    let figures = [
        ("Recovery time", seconds(journal.recovery_seconds), late.unwrap_or_default(), target),
        ("Requests lost", clients.lost.to_string(), "", lost),
        (
            "Longest gap",
            format!("{:.1} s", clients.gap_longest_seconds),
            "",
            "without a page for anybody".to_owned(),
        ),
        ("Failback", seconds(journal.failback_seconds), "", failback),
        ("Invariants that hold", format!("{held} of {met}"), all, "over every decision".to_owned()),
    ];
    let mut html = "<dl class=\"figures\">\n".to_owned();
    let dark = journal.dark_seconds.map(|dark| {
        let more = "no metric, no alarm, no event".to_owned();
        ("Recovery, us-east-1 dark", seconds(Some(dark)), "", more)
    });
    for (name, value, class, more) in figures.into_iter().chain(dark) {
        writeln!(
            html,
            "<div><dt>{name}</dt><dd class=\"value {class}\">{}</dd><dd class=\"more\">{}</dd></div>",
            escaped(&value),
            escaped(&more)
        )
        .expect("a string grows");
    }
    html + "</dl>\n"
}

const STATES: [(&str, &str); 5] = [
    ("band good", "well"),
    ("band bad", "in trouble"),
    ("band busy", "at work, or in the other region's place"),
    ("band rest", "at rest"),
    ("band none", "nothing known yet"),
];

fn legend(entries: &[(&str, &str)]) -> String {
    let mut html = "<ul class=\"legend\">".to_owned();
    for (class, words) in entries {
        write!(
            html,
            "<li><svg viewBox=\"0 0 26 12\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"{class}\" \
             width=\"26\" height=\"12\" rx=\"2\"/></svg>{}</li>",
            escaped(words)
        )
        .expect("a string grows");
    }
    html + "</ul>\n"
}

pub(super) fn recovery(journal: &Journal) -> String {
    let Some(svg) = chart::recovery(journal) else { return String::new() };
    let caption = paragraph(
        "A lane for each actor, from shortly before the primary dies. The tinted part is the time in which nobody was served by \
         the standby yet. Seconds are counted from the death.",
    );
    caption + &picture(&svg, "The recovery, actor by actor") + &legend(&STATES)
}

pub(super) fn phases(journal: &Journal, history: &History) -> String {
    let Some(svg) = chart::waterfall(journal) else { return String::new() };
    let compared = journal.compared();
    let beyond: Vec<&str> =
        compared.iter().filter(|one| one.is_beyond()).map(|one| one.name).collect();
    let told = if journal.predictions.is_empty() {
        "Nothing was predicted for this drill.".to_owned()
    } else if beyond.is_empty() {
        "Everything took no longer than predicted for 19 drills of 20.".to_owned()
    } else {
        format!("Slower than predicted for 19 drills of 20: {}.", beyond.join(", "))
    };
    let mut html = paragraph(&told);
    html.push_str(&picture(&svg, "Where the recovery went"));
    html.push_str(&legend(&[
        ("took", "measured"),
        ("expected", "predicted: 95 % of drills end within"),
        ("took beyond", "longer than that"),
    ]));
    let rows: Vec<Row> = compared.iter().map(|one| beside(one, history)).collect();
    let heads = [
        "Phase",
        "#measured",
        "#predicted, half within",
        "#95 % within",
        "#earlier drills, p75",
        "Verdict",
    ];
    html.push_str(&table("Predicted and measured", &heads, &rows));
    if let Some(prediction) = journal.predictions.first() {
        html.push_str(&paragraph(&format!("Predictions: {}.", prediction.source)));
    }
    html
}

/// How a phase compares.
fn verdict(one: &Compared<'_>) -> &'static str {
    match (one.seconds, one.predicted) {
        (Some(_), Some(_)) if one.is_beyond() => "beyond its p95",
        (Some(_), Some(_)) => "as expected",
        _ => "not comparable",
    }
}

fn beside(one: &Compared<'_>, history: &History) -> Row {
    let whole = one.name == Prediction::WHOLE;
    let cells = [
        one.name.to_owned(),
        one.seconds.map_or_else(|| "not seen".to_owned(), |took| format!("{took:.1} s")),
        words::number(one.predicted.map(|expected| expected.p50)),
        words::number(one.predicted.map(|expected| expected.p95)),
        words::number(history.p75(one.name)),
        verdict(one).to_owned(),
    ];
    let class = match (one.is_beyond(), whole) {
        (true, _) => "beyond",
        (false, true) => "total",
        (false, false) => "",
    };
    Row::new(cells).of(class)
}

pub(super) fn whole(journal: &Journal) -> String {
    let caption = paragraph(
        "The same lanes over the whole drill, with what the users got in each second and how many instances each region had. \
         Instances: dashed what the group was asked for, the line what it calls in service, filled what its load balancer calls \
         healthy.",
    );
    let users = [
        ("of-primary", "a page from the primary"),
        ("of-standby", "a page from the standby"),
        ("of-nobody", "lost"),
    ];
    caption + &picture(&chart::whole(journal), "Picture of the whole drill") + &legend(&users)
}
