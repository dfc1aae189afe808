//! Every pair of values of the options in some site, rendered and checked. `cargo xtask test` gives the same sites to other
//! people's linters, so they are files: `UPDATE_EXPECT=1 cargo test --package site pairwise::` makes them again.

mod cover;
mod options;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use check::{Severity, check};
use expect_test::expect_file;
use site::config::{Config, ConfigError, MINIMAL, Problem};
use site::model::Site;
use site::render::render;

use self::cover::{Cover, Pair, Problems, Row, cover};
use self::options::{FACTORS, NOT_VARIED};

type IsWarned = fn(&Config) -> bool;

/// The warnings of `check` about what somebody may want all the same, and who is warned.
const WARNED: [(&str, IsWarned); 2] = [
    ("alarm-period", |config| config.health.alarm_period < Duration::from_mins(1)),
    ("record-health-check", |config| !config.health.standby_check.is_on()),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairwise")
}

/// The site file of a row.
fn text(row: &Row) -> String {
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (factor, value) in FACTORS.iter().zip(row) {
        for (table, line) in factor.values[*value].1 {
            tables.entry(table).or_default().push(line);
        }
    }
    // Keys of the root come before the first table.
    let root = tables.remove("").unwrap_or_default();
    let mut text: String = root.iter().flat_map(|line| [line, "\n"]).collect();
    text.push_str(MINIMAL);
    for (table, lines) in tables {
        write!(text, "\n[{table}]\n{}\n", lines.join("\n")).expect("a text grows");
    }
    text
}

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    // The boot script lies beside the rows.
    let source = folder().join("row.toml");
    Config::from_toml(text, &source.display().to_string()).map_err(|error| match error {
        ConfigError::Invalid { problems } => problems,
        ConfigError::Absent { .. } | ConfigError::Read { .. } => unreachable!("it is a text"),
    })
}

fn problems(row: &Row) -> Problems {
    let problems = read(&text(row)).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.message).collect()
}

fn named(pair: &Pair) -> String {
    let name = |(factor, value): (usize, usize)| {
        let factor = &FACTORS[factor];
        format!("{} = {}", factor.name, factor.values[value].0)
    };
    format!("{} + {}", name(pair.first), name(pair.second))
}

/// The rows on disk, by file name.
fn committed() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).expect("the rows can be read");
    let files = files.map(|file| file.expect("an entry can be read").path());
    let mut rows: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    rows.sort();
    rows
}

/// Goal: no pair of options is left out that is possible at all. Method: the covering array is made anew and compared with the
/// files; pairs that the rules of the site file refuse stand in a list with the reason.
#[test]
fn the_rows_cover_every_pair_that_is_possible() {
    let sizes: Vec<usize> = FACTORS.iter().map(|factor| factor.values.len()).collect();
    let Cover { rows, impossible } = cover(&sizes, problems);
    for pair in cover::pairs(&sizes) {
        let refused = impossible.iter().any(|(refused, _)| *refused == pair);
        let covered = rows.iter().any(|row| pair.is_in(row));
        assert!(refused != covered, "{}: refused {refused}, covered {covered}", named(&pair));
    }
    for (number, row) in (1..).zip(&rows) {
        let head = "# A row of the covering array; see infra-lib/site/tests/it/pairwise.rs.\n\n";
        let file = folder().join(format!("row-{number:02}.toml"));
        expect_file![file].assert_eq(&format!("{head}{}", text(row)));
    }
    let mut refusals = String::new();
    for (pair, reasons) in &impossible {
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        writeln!(refusals, "{}: {}", named(pair), reasons.join("; ")).expect("a text grows");
    }
    expect_file![folder().join("impossible.txt")].assert_eq(&refusals);
    let last = committed().len();
    assert_eq!(last, rows.len(), "take out the rows from row-{:02}.toml on", rows.len() + 1);
}

/// Goal: every combination renders, and nothing is wrong with it. Method: each row, rendered and checked; the two options that
/// are a risk by themselves are warned of, and only they.
#[test]
fn every_row_renders_and_passes_check() {
    let rows = committed();
    assert!(!rows.is_empty(), "the rows are not made yet");
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for path in rows {
        let site = Site::new(Config::load(&path).expect("a row is a valid site file"));
        let name = path.file_name().unwrap_or_default().display().to_string();
        assert_eq!(render(&site).len(), 2 * site.stacks.len() + 1, "{name}");
        let mut warned = BTreeSet::new();
        for finding in check(&site) {
            if finding.severity == Severity::Warning
                && WARNED.iter().any(|(rule, _)| *rule == finding.rule)
            {
                warned.insert(finding.rule);
            } else {
                told.entry(finding.to_string()).or_default().extend([" ", &name]);
            }
        }
        let meant = WARNED.into_iter().filter(|(_, is_warned)| is_warned(&site.config));
        assert_eq!(warned, meant.map(|(rule, _)| rule).collect(), "{name}");
    }
    let lines = told.iter().map(|(finding, rows)| format!("{finding}\nin{rows}\n"));
    assert!(told.is_empty(), "{} findings\n\n{}", told.len(), lines.collect::<String>());
}

/// Goal: a new option is not forgotten here. Method: an unknown key makes the site file say which it knows.
#[test]
fn every_key_of_the_site_file_is_varied_or_named() {
    let mut keys = BTreeSet::new();
    for key in known("") {
        let below = known(&key);
        let is_table = !below.is_empty();
        keys.extend(if is_table { below } else { vec![key] });
    }
    let lines = FACTORS.iter().flat_map(|factor| factor.values).flat_map(|value| value.1);
    let varied = lines.filter_map(|(_, line)| line.split(" =").next()).map(str::to_owned);
    let mut named: BTreeSet<String> = varied.collect();
    for key in NOT_VARIED {
        assert!(named.insert((*key).to_owned()), "`{key}` is varied after all");
    }
    assert_eq!(keys, named, "left: what the site file knows; right: what stands in options.rs");
}

/// The keys of a table, as its complaint about an unknown one lists them. Empty for what is no table.
fn known(table: &str) -> Vec<String> {
    let head = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
    let text = format!("{head}zzz = 1\n");
    let complaints = read(&text).expect_err("there is no such key");
    let complaint = complaints.iter().find(|problem| problem.message.contains("`zzz`"));
    let expected = complaint.map(|problem| problem.expected.as_str()).unwrap_or_default();
    let listed = expected.strip_prefix("expected one of ").unwrap_or_default();
    listed
        .split(", ")
        .map(|key| key.trim_matches('`').to_owned())
        .filter(|key| !key.is_empty())
        .collect()
}
