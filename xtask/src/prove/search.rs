//! The searches themselves: one scope after the other, each on every core.

use std::collections::BTreeMap;
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
    searches: Vec<Search>,
    /// Distinct states of all of them.
    states: usize,
    /// What no search looks at.
    not_checked: &'static str,
}

/// What one search found.
#[derive(Serialize)]
struct Search {
    scope: &'static str,
    flips: u8,
    faults: u8,
    orders: u8,
    settings: BTreeMap<&'static str, &'static str>,
    /// Properties that hold on every state.
    always: usize,
    /// Reasons that are decided somewhere.
    sometimes: usize,
    states: usize,
    transitions: usize,
    /// Units: minutes.
    depth: usize,
    /// From the worst state, until everything is back to normal.
    back_minutes: u8,
    /// From the worst state, until the standby serves.
    serving_minutes: u8,
    seconds: f64,
    violations: Vec<Violation>,
}

/// A property that does not hold.
#[derive(Serialize)]
struct Violation {
    property: String,
    minutes: usize,
    story: String,
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
        .filter(|search| !search.holds())
        .map(|search| search.scope)
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

fn search(scope: &'static Scope, number: usize, count: usize) -> Search {
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
    let search = Search::of(proven);
    let (states, seconds) = (thousands(search.states), search.seconds);
    let result = search.result();
    ticker.end(&format!("{number} of {count}: {name}: {result}, {states} states, {seconds:.1} s"));
    search
}

fn per_second(states: usize, time: Duration) -> usize {
    let millis = usize::try_from(time.as_millis()).unwrap_or(usize::MAX).max(1);
    states.saturating_mul(1000) / millis
}

impl Search {
    fn of(proven: Proven) -> Self {
        let Proven { scope, violations, .. } = proven;
        let violations = violations.into_iter().map(|violation| Violation {
            property: violation.property,
            minutes: violation.minutes.len(),
            story: violation.story,
        });
        Self {
            scope: scope.name,
            flips: scope.flips,
            faults: scope.faults,
            orders: scope.orders,
            settings: scope.settings.iter().copied().collect(),
            always: proven.always,
            sometimes: proven.sometimes,
            states: proven.states,
            transitions: proven.transitions,
            depth: proven.depth,
            back_minutes: proven.back,
            serving_minutes: proven.serving,
            seconds: (proven.elapsed.as_secs_f64() * 10.0).round() / 10.0,
            violations: violations.collect(),
        }
    }

    fn holds(&self) -> bool {
        self.violations.is_empty()
    }

    /// The same as a row of the table, where that is too wide.
    fn text(&self, out: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
        let style = if self.holds() { sheet.paint.good() } else { sheet.paint.bad() };
        sheet.row(out, 0, &[Cell { text: self.result(), width: 8, style }], self.scope)?;
        let bounds = bounds(self.flips, self.faults, self.orders);
        let (states, steps) = (thousands(self.states), thousands(self.transitions));
        let lines = [
            format!("{bounds}; {} properties, {} reasons reached", self.always, self.sometimes),
            format!("{states} states, {steps} steps, depth {}", self.depth),
            format!(
                "back to normal within {} min, serving within {} min",
                self.back_minutes, self.serving_minutes
            ),
            format!("searched in {:.0} s", self.seconds),
        ];
        lines.iter().try_for_each(|line| sheet.row(out, 8, &[], line))
    }

    fn result(&self) -> &'static str {
        if self.holds() { "holds" } else { "BROKEN" }
    }
}

fn text(out: &mut dyn Write, sheet: &Sheet, report: &Report) -> io::Result<()> {
    let paint = sheet.paint;
    let table = table(sheet, report);
    if table.write(out, sheet)? {
        writeln!(out)?;
        sheet.row(out, 0, &[], LEGEND)?;
    } else {
        report.searches.iter().try_for_each(|search| search.text(out, sheet))?;
    }
    writeln!(out)?;
    for search in &report.searches {
        for violation in &search.violations {
            let words = format!("{}: {}", search.scope, violation.property);
            writeln!(out, "{} {words}", "BROKEN".style(paint.bad()))?;
            writeln!(out, "{}", violation.story.trim_end())?;
            writeln!(out)?;
        }
    }
    if report.searches.iter().all(Search::holds) {
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
            search.flips.to_string(),
            search.faults.to_string(),
            search.orders.to_string(),
            format!("{}+{}", search.always, search.sometimes),
            thousands(search.states),
            thousands(search.transitions),
            search.depth.to_string(),
            search.back_minutes.to_string(),
            search.serving_minutes.to_string(),
            format!("{:.0} s", search.seconds),
            search.result().to_owned(),
        ];
        let paint = sheet.paint;
        table.push(search.scope, row, if search.holds() { paint.good() } else { paint.bad() });
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
    use expect_test::{Expect, expect};

    use super::*;

    fn search(scope: &'static str) -> Search {
        Search {
            scope,
            flips: 5,
            faults: 4,
            orders: 0,
            settings: BTreeMap::new(),
            always: 3,
            sometimes: 16,
            states: 12_345_678,
            transitions: 234_567_890,
            depth: 41,
            back_minutes: 11,
            serving_minutes: 3,
            seconds: 321.5,
            violations: Vec::new(),
        }
    }

    fn check(width: usize, searches: Vec<Search>, expected: &Expect) {
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
            minutes: 1,
            story: "  1  the primary fails; tick: LowerMin\n     broken: S3\n".to_owned(),
        };
        let broken = Search { violations: vec![violation], ..search("base") };
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
