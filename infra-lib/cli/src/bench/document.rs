//! The part of docs/benchmarks.md that is never typed.

use std::fmt::Write as _;

use super::report::Report;

/// The document, from the project's folder.
pub const FILE: &str = "docs/benchmarks.md";
const BEGIN: &str = "<!-- written by `cargo xtask bench --write`; do not edit from here -->\n";
const END: &str = "<!-- to here -->\n";

/// Whether the document has a place for a table.
pub fn has_place(document: &str) -> bool {
    document.split_once(BEGIN).is_some_and(|(_, rest)| rest.contains(END))
}

/// The document with this report in it. `None` if it has no place for one.
pub fn with(document: &str, report: &Report) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}{after}", table(report)))
}

fn table(report: &Report) -> String {
    let few = if report.quick { ", with few runs (`--quick`)" } else { "" };
    let mut text = format!("\nTaken on {}{few}: {}.\n\n", report.day, report.machine.words());
    text += "| what | median (least – greatest; values) | beside | ratio | goal | |\n|---|---|---|---|---|---|\n";
    for row in &report.rows {
        let [ours, yardstick, ratio, goal, verdict] = row.columns();
        let verdict = if verdict == "missed" { "**missed**" } else { &verdict };
        writeln!(text, "| {} | {ours} | {yardstick} | {ratio} | {goal} | {verdict} |", row.what)
            .expect("a string grows");
    }
    text += "\n";
    let remarks = report.rows.iter().filter_map(|row| Some((row.what, row.remark()?)));
    for (what, remark) in remarks {
        writeln!(text, "- **{what}**: {remark}").expect("a string grows");
    }
    if text.ends_with("\n\n") { text } else { text + "\n" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::super::machine::Machine;
    use super::super::report::Measured;
    use super::super::rows::{ROWS, Row};
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../docs/benchmarks.md");

    fn report(rows: &[&'static Row]) -> Report {
        let samples: BTreeMap<String, Vec<f64>> = [
            ("cold.http.failover", vec![2_900.0, 3_100.0, 2_800.0]),
            ("cold.http.hello", vec![1_800.0, 1_700.0, 1_900.0]),
            ("zip", vec![2_345_678.0]),
            ("rounds.failover", vec![2.0]),
            ("rounds.boto3", vec![6.0]),
        ]
        .into_iter()
        .map(|(name, values)| (name.to_owned(), values))
        .collect();
        let machine = Machine {
            cores: 2,
            processor: "A Processor".to_owned(),
            memory_gib: Some(8),
            system: "linux 6.1".to_owned(),
            load: Some(0.1),
        };
        let missing = BTreeMap::from([("instructions", "valgrind is not installed".to_owned())]);
        let raw = "target/bench/samples.json".to_owned();
        let rows = rows.iter().map(|row| Measured::new(row, &samples, &missing)).collect();
        Report { day: "2026-01-02".to_owned(), machine, quick: false, rows, raw }
    }

    fn rows(names: &[&str]) -> Vec<&'static Row> {
        ROWS.iter().filter(|row| names.contains(&row.name)).collect()
    }

    #[test]
    fn the_table_has_its_numbers_and_says_what_is_missed() {
        let report = report(&rows(&["cold", "zip", "rounds", "instructions"]));
        let document = format!("Words.\n{BEGIN}old\n{END}More words.\n");
        let document = with(&document, &report).expect("there is a place");
        expect![[r#"
            Words.
            <!-- written by `cargo xtask bench --write`; do not edit from here -->

            Taken on 2026-01-02: 2 cores, A Processor, 8 GiB, linux 6.1; load at the start 0.1.

            | what | median (least – greatest; values) | beside | ratio | goal | |
            |---|---|---|---|---|---|
            | cold start: process start to first poll | 2.90 ms (2.80 ms – 3.10 ms; 3) | hello-world in Rust: 1.80 ms (1.70 ms – 1.90 ms; 3) | 1.61 × | ≤ 1.6 × | **missed** |
            | size of the zip | 2.35 MB | – | – | ≤ 2.60 MB | met |
            | round trips before the write that raises | 2 | boto3 handler: 6 | 1/3.0 | = 2 | met |
            | instructions of one decision | not measured | – | – | – | – |

            - **cold start: process start to first poll**: missed by 1 %: 2.90 ms where 2.88 ms would do. Reading the settings, the trusted roots and nine SDK clients is what the function does before its first poll and hello-world does not; clients built later would cost the first raise the same.
            - **instructions of one decision**: not measured. valgrind is not installed

            <!-- to here -->
            More words.
        "#]].assert_eq(&document);
        assert_eq!(with(&document, &report).as_deref(), Some(document.as_str()), "twice is once");
    }

    #[test]
    fn a_document_without_a_place_is_left_alone() {
        assert_eq!(with("Words.\n", &report(&[])), None);
    }

    /// Goal: nobody changes a row or a goal and leaves the old table. Method: its first and fifth column.
    #[test]
    fn the_committed_table_has_the_rows_and_goals_of_today() {
        let (_, table) = DOCUMENT.split_once(BEGIN).expect("it has a table");
        let (table, _) = table.split_once(END).expect("it ends");
        let lines = table.lines().filter(|line| line.starts_with("| ")).skip(1);
        let columns = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let written: Vec<_> = lines
            .map(columns)
            .map(|columns| (columns[1].to_owned(), columns[5].to_owned()))
            .collect();
        let today: Vec<_> =
            ROWS.iter().map(|row| (row.what.to_owned(), row.goal.words(row.unit))).collect();
        assert_eq!(written, today, "run `cargo xtask bench --write`");
    }

    /// Goal: each goal stands in one place. Method: the rest of the document has no bound of its own.
    #[test]
    fn no_goal_stands_outside_the_table() {
        let (before, rest) = DOCUMENT.split_once(BEGIN).expect("it has a table");
        let (_, after) = rest.split_once(END).expect("it ends");
        for words in [before, after] {
            assert!(!words.contains('≤') && !words.contains("at most"), "{words}");
        }
    }
}
