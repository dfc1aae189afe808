//! `docs/site-file.md` says every key, and is made from the table of keys.
//! `UPDATE_EXPECT=1 cargo test --package site config::reference` writes it anew.

use std::fmt::Write as _;

use expect_test::expect_file;
use site::config::{Key, Kind, Need, keys};

const HEAD: &str = "\
# The site file
Every key of `pilotlight.toml`. This page, the JSON schema (`cargo xtask init --json-schema`) and
[the example](../pilotlight.example.toml) are made from one table; do not edit them by hand. Durations are texts such as `30m`
or `90s`.
";

#[test]
fn the_reference_is_made_from_the_table_of_keys() {
    expect_file!["../../../../../docs/site-file.md"].assert_eq(&reference());
}

#[test]
fn the_meaning_of_a_key_is_a_sentence_and_nothing_is_told_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for key in keys() {
        assert!(
            seen.insert((key.section, key.name)),
            "[{}] {} stands twice",
            key.section,
            key.name
        );
        assert!(key.meaning.ends_with('.'), "[{}] {}: {}", key.section, key.name, key.meaning);
    }
    assert_eq!(seen.len(), keys().len());
}

fn reference() -> String {
    let mut text = HEAD.to_owned();
    let mut section = None;
    for key in keys() {
        if section != Some(key.section) {
            section = Some(key.section);
            let title = if key.section.is_empty() {
                "Above the first table".to_owned()
            } else {
                format!("[{}]", key.section)
            };
            write!(text, "\n## {title}\n| key | takes | default | meaning |\n|---|---|---|---|\n")
                .expect("a text");
        }
        let (takes, default) = (takes(&key), default(&key));
        writeln!(text, "| `{}` | {takes} | {default} | {} |", key.name, key.meaning)
            .expect("a text");
    }
    text
}

fn takes(key: &Key) -> String {
    let quoted = |words: &[&str]| {
        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
    };
    match key.kind {
        Kind::Text => "text".to_owned(),
        Kind::Words(words) => quoted(words),
        Kind::Duration([]) => "duration".to_owned(),
        Kind::Duration(offered) => quoted(offered),
        Kind::Number { low, high, or } => {
            let most =
                high.map_or_else(|| "whole number".to_owned(), |high| format!("{low} to {high}"));
            or.map_or_else(|| most.clone(), |word| format!("{most}, or `{word}`"))
        }
        Kind::Numbers(numbers) => {
            numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Kind::Pairs { most } => format!("table of up to {most} texts, such as `{}`", key.shown),
        Kind::Texts { most, or_one: true } => format!("text, or up to {most} in an array"),
        Kind::Texts { most, or_one: false } => format!("array of up to {most} texts"),
    }
}

fn default(key: &Key) -> String {
    match key.need {
        Need::Required => "required".to_owned(),
        Need::Optional => "none".to_owned(),
        Need::Derived => format!("such as `{}`", key.value()),
        Need::Default => format!("`{}`", key.value()),
    }
}
