//! The table of what the tool must not do names tests and places that exist.

use e2e::sources::{Source, files, has_test};

const PAGE: &str = include_str!("../../docs/safety.md");

/// The cells of each row: the mistake, its tests, its guard.
fn rows() -> Vec<[&'static str; 3]> {
    let page = PAGE.split("\n## What each write").next().expect("the tables of mistakes");
    let lines = page.lines();
    let lines = lines.filter(|line| line.starts_with("| ") && !line.starts_with("| the mistake"));
    let cells = |line: &'static str| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        let mut next = || cells.next().expect("a row of three cells");
        [next(), next(), next()]
    };
    lines.map(cells).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Goal: no mistake loses its test by a rename. Method: every test that the table names is looked for in the sources.
#[test]
fn every_mistake_has_a_test_that_exists() {
    let sources = files("rs");
    assert!(rows().len() > 40, "{}", rows().len());
    for [mistake, tests, _] in rows() {
        assert!(quoted(tests).next().is_some(), "no test: {mistake}");
        for test in quoted(tests) {
            assert!(has_test(&sources, test), "{mistake}: there is no test `{test}`");
        }
    }
}

/// Goal: the guard that a row names is where it says. Method: each `file.rs::name` is looked for in the sources, and each file.
#[test]
fn every_guard_stands_where_the_table_says() {
    let sources = files("rs");
    for [mistake, _, guard] in rows() {
        let mut places = quoted(guard).filter(|place| place.contains(".rs")).peekable();
        assert!(places.peek().is_some(), "no place: {mistake}");
        for place in places {
            assert!(stands(&sources, place), "{mistake}: there is no `{place}`");
        }
    }
}

fn stands(sources: &[Source], place: &str) -> bool {
    let (file, name) = place.split_once("::").unwrap_or((place, ""));
    let ends = |source: &&Source| {
        source.path == file || (!source.is_test() && source.path.ends_with(&format!("/{file}")))
    };
    let declared =
        ["fn ", "const ", "struct ", "enum ", "static "].map(|word| format!("{word}{name}"));
    sources.iter().filter(ends).any(|source| {
        name.is_empty() || declared.iter().any(|one| source.text.contains(one.as_str()))
    })
}
