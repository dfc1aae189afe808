//! The searches themselves: one scope after the other, each on every core.

use std::io::{self, Write};
use std::time::Duration;

use failover_sim::model::{self, Progress, Proven};
use failover_sim::scope::{NOT_CHECKED, Scope};
use miette::IntoDiagnostic;
use owo_colors::OwoColorize;
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;
use surface::sheet::{Cell, Sheet};
use surface::table::Table;
use surface::ticker::Ticker;

use failover_words::numbers::thousands;

use super::bounds;

/// What the searches found.
#[derive(Serialize)]
struct Report {
    searches: Vec<Proven>,
    /// Distinct states of all of them.
    states: usize,
    /// What no search looks at.
    not_checked: &'static str,
}

pub async fn run(flags: &Flags, scopes: Vec<&'static Scope>) -> miette::Result<Exit> {
    // Not on this thread: Ctrl-C ends a search of minutes.
    let searches = tokio::task::spawn_blocking(move || {
        let count = scopes.len();
        let numbered = scopes.into_iter().enumerate();
        numbered.map(|(index, scope)| search(scope, index + 1, count)).collect::<Vec<_>>()
    });
    let searches = searches.await.into_diagnostic()?;
    let states = searches.iter().map(|search| search.states).sum();
    let report = Report { searches, states, not_checked: NOT_CHECKED };
    let exit = output::print(flags.format, &report, |out| text(out, &Sheet::output(), &report))?;
    let broken: Vec<_> = report
        .searches
        .iter()
        .filter(|search| !holds(search))
        .map(|search| search.scope.name)
        .collect();
    if broken.is_empty() {
        return Ok(exit);
    }
    Err(miette::miette!(
        code = "prove",
        help = "the history above is read from its beginning, a line for each minute; \
                `cargo xtask prove --scope NAME` searches one scope again",
        "what must hold does not, in: {}",
        broken.join("; ")
    ))
}

fn search(scope: &'static Scope, number: usize, count: usize) -> Proven {
    let name = scope.name;
    let mut ticker = Ticker::begin(&format!("{number} of {count}: {name}"));
    let mut before = (0, Duration::ZERO);
    let proven = model::prove(scope, &mut |progress: Progress| {
        ticker.tick(|| {
            let Progress { states, transitions, depth, elapsed } = progress;
            let speed = per_second(states - before.0, elapsed.saturating_sub(before.1));
            before = (states, elapsed);
            format!(
                "{number} of {count}: {name}: {} states, {}/s, depth {depth}, {} s, {} steps",
                thousands(states),
                thousands(speed),
                elapsed.as_secs(),
                thousands(transitions)
            )
        });
    });
    let (states, seconds) = (thousands(proven.states), proven.elapsed.as_secs_f64());
    let result = result(&proven);
    ticker.end(&format!("{number} of {count}: {name}: {result}, {states} states, {seconds:.1} s"));
    proven
}

fn per_second(states: usize, time: Duration) -> usize {
    let millis = usize::try_from(time.as_millis()).unwrap_or(usize::MAX).max(1);
    states.saturating_mul(1000) / millis
}

fn holds(search: &Proven) -> bool {
    search.violations.is_empty()
}

fn result(search: &Proven) -> &'static str {
    if holds(search) { "holds" } else { "BROKEN" }
}

/// The same as a row of the table, where that is too wide.
fn sentences(out: &mut dyn Write, sheet: &Sheet, search: &Proven) -> io::Result<()> {
    let style = if holds(search) { sheet.paint.good() } else { sheet.paint.bad() };
    sheet.row(out, 0, &[Cell { text: result(search), width: 8, style }], search.scope.name)?;
    let Scope { flips, faults, orders, .. } = search.scope;
    let bounds = bounds(flips, faults, orders);
    let (states, steps) = (thousands(search.states), thousands(search.transitions));
    let lines = [
        format!("{bounds}; {} properties, {} reasons reached", search.always, search.sometimes),
        format!("{states} states, {steps} steps, depth {}", search.depth),
        format!("back to normal within {} min, serving within {} min", search.back, search.serving),
        format!("searched in {:.0} s", search.elapsed.as_secs_f64()),
    ];
    lines.iter().try_for_each(|line| sheet.row(out, 8, &[], line))
}

fn text(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let paint = sheet.paint;
    let table = table(sheet, report);
    if table.write(out, sheet)? {
        writeln!(out)?;
        sheet.row(out, 0, &[], LEGEND)?;
    } else {
        report.searches.iter().try_for_each(|search| sentences(out, sheet, search))?;
    }
    writeln!(out)?;
    for search in &report.searches {
        for violation in &search.violations {
            let words = format!("{}: {}", search.scope.name, violation.property);
            writeln!(out, "{} {words}", "BROKEN".style(paint.bad()))?;
            writeln!(out, "{}", violation.story.trim_end())?;
            writeln!(out)?;
        }
    }
    if report.searches.iter().all(holds) {
        let states = thousands(report.states);
        let words =
            format!("Everything holds in each of {states} distinct states, within these bounds.");
        sheet.row(out, 0, &[], &words)?;
    }
    sheet.row(out, 0, &[], report.not_checked)
}

fn table(sheet: &Sheet, report: &Report) -> Table<11> {
    let mut table = Table::new("scope", COLUMNS);
    for search in &report.searches {
        let row = [
            search.scope.flips.to_string(),
            search.scope.faults.to_string(),
            search.scope.orders.to_string(),
            format!("{}+{}", search.always, search.sometimes),
            thousands(search.states),
            thousands(search.transitions),
            search.depth.to_string(),
            search.back.to_string(),
            search.serving.to_string(),
            format!("{:.0} s", search.elapsed.as_secs_f64()),
            result(search).to_owned(),
        ];
        let paint = sheet.paint;
        table.push(search.scope.name, row, if holds(search) { paint.good() } else { paint.bad() });
    }
    table
}

const COLUMNS: [&str; 11] = [
    "flips", "faults", "orders", "props", "states", "steps", "depth", "back", "serve", "time",
    "result",
];
/// What the columns mean.
const LEGEND: &str = "flips: the primary fails or returns so often; faults: so many things go wrong; orders: an operator acts so \
                      often. props: properties of every state, and rules that fire somewhere. depth: minutes of the longest \
                      history. back, serve: from the worst state and with nothing wrong any more, minutes until all is back to \
                      normal, or until the standby serves.";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::{Expect, expect};
    use failover_sim::model::Violation;

    use super::*;

    fn search(name: &'static str) -> Proven {
        Proven {
            scope: Scope { name, flips: 5, faults: 4, orders: 0, ..Scope::BASE },
            always: 3,
            sometimes: 16,
            states: 12_345_678,
            transitions: 234_567_890,
            depth: 41,
            back: 11,
            serving: 3,
            elapsed: Duration::from_millis(321_500),
            violations: Vec::new(),
        }
    }

    fn check(width: usize, searches: Vec<Proven>, expected: &Expect) {
        let states = searches.iter().map(|search| search.states).sum();
        let report = Report { searches, states, not_checked: "Not checked: clocks that go back." };
        let mut out = Vec::new();
        text(&mut out, &Sheet::plain(width), &report).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn large_searches_fit_a_table_of_a_hundred_characters() {
        let searches = vec![search("base, widest"), search("the clockwork that ships, wider")];
        check(
            100,
            searches,
            &expect![[r#"
            scope                 flips faults orders props     states       steps depth back serve  time result
            base, widest              5      4      0  3+16 12,345,678 234,567,890    41   11     3 322 s  holds
            the clockwork that        5      4      0  3+16 12,345,678 234,567,890    41   11     3 322 s  holds
            ships, wider

            flips: the primary fails or returns so often; faults: so many things go wrong; orders: an operator
            acts so often. props: properties of every state, and rules that fire somewhere. depth: minutes of
            the longest history. back, serve: from the worst state and with nothing wrong any more, minutes
            until all is back to normal, or until the standby serves.

            Everything holds in each of 24,691,356 distinct states, within these bounds.
            Not checked: clocks that go back.
        "#]],
        );
    }

    #[test]
    fn a_narrow_terminal_gets_sentences() {
        check(
            60,
            vec![search("base, widest")],
            &expect![[r#"
                holds   base, widest
                        5 flips, 4 faults; 3 properties, 16 reasons reached
                        12,345,678 states, 234,567,890 steps, depth 41
                        back to normal within 11 min, serving within 3 min
                        searched in 322 s

                Everything holds in each of 12,345,678 distinct states,
                within these bounds.
                Not checked: clocks that go back.
            "#]],
        );
    }

    #[test]
    fn a_violation_is_told_with_its_history_and_nothing_is_claimed() {
        let violation = Violation {
            property: "S3".to_owned(),
            minutes: Vec::new(),
            also: BTreeSet::new(),
            story: "  1  the primary fails; tick: LowerMin\n     broken: S3\n".to_owned(),
        };
        let broken = Proven { violations: vec![violation], ..search("base") };
        check(
            100,
            vec![broken, search("two")],
            &expect![[r#"
            scope  flips  faults  orders  props      states        steps  depth  back  serve   time  result
            base       5       4       0   3+16  12,345,678  234,567,890     41    11      3  322 s  BROKEN
            two        5       4       0   3+16  12,345,678  234,567,890     41    11      3  322 s   holds

            flips: the primary fails or returns so often; faults: so many things go wrong; orders: an operator
            acts so often. props: properties of every state, and rules that fire somewhere. depth: minutes of
            the longest history. back, serve: from the worst state and with nothing wrong any more, minutes
            until all is back to normal, or until the standby serves.

            BROKEN base: S3
              1  the primary fails; tick: LowerMin
                 broken: S3

            Not checked: clocks that go back.
        "#]],
        );
    }
}
