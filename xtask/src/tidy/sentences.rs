//! No code of the drill, the status, the steering or the simulator decides by the wording of a sentence: words are made where
//! they are shown, and code matches on values.

use std::path::Path;

use failover_core::ReasonKind;

use super::{Finding, is_rust};

/// Where the rule holds.
const FOLDERS: [&str; 10] = [
    "functions/failover-sim/src",
    "functions/failover-sim/tests/it/script",
    "infra-lib/drill/src",
    "infra-lib/drill-local/src",
    "infra-lib/operate/src/status",
    "infra-lib/operate/src/steer",
    "infra-lib/cli/src/drill",
    "infra-lib/cli/src/simulate",
    "infra-lib/cli/src/status",
    "infra-lib/cli/src/steer",
];
/// What compares its argument with the text that it is called on.
const CALLS: [&str; 7] = [
    "starts_with(",
    "ends_with(",
    "contains(",
    "find(",
    "strip_prefix(",
    "strip_suffix(",
    "split_once(",
];
/// What sentences are called.
const NAMES: [&str; 4] = ["what", "words", "why", "sentence"];
/// Words of AWS, of the kernel and of the emulator, which have no type of ours.
const FOREIGN: [&str; 6] =
    ["AWS::Route53::HealthCheck", "Credential=", "InService", "ROLLBACK", "Z", "already in use"];

pub fn findings(path: &Path, text: &str) -> Vec<Finding> {
    let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
    let in_folder = FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder) || path.with_extension("") == Path::new(folder));
    if !is_rust(path) || is_test || !in_folder {
        return Vec::new();
    }
    let code = code(text);
    let mut findings = Vec::new();
    let mut note = |at: usize, what: String| {
        let line = code[..at].matches('\n').count() + 1;
        findings.push(Finding { place: path.display().to_string(), line: Some(line), what });
    };
    for Literal { at, end, text } in literals(&code) {
        let (before, after) = (code[..at].trim_end(), code[end..].trim_start());
        let compared = CALLS.iter().any(|call| before.ends_with(call))
            || ["==", "!="].iter().any(|op| before.ends_with(op) || after.starts_with(op))
            || after.starts_with("=>");
        if compared && is_sentence(text) {
            note(
                at,
                format!("compares with `{text}`: match on a value, and make words of it last"),
            );
        }
        if ReasonKind::ALL.iter().any(|kind| kind.name() == text) {
            note(at, format!("names the reason `{text}` as text: use `ReasonKind`"));
        }
    }
    for name in NAMES {
        for (at, _) in code.match_indices(name).filter(|(at, _)| begins_word(&code, *at)) {
            let after = &code[at + name.len()..];
            let searched = after.trim_start().strip_prefix('.');
            let searched =
                searched.is_some_and(|after| CALLS.iter().any(|call| after.starts_with(call)));
            let other = after.strip_prefix(" == ").or_else(|| after.strip_prefix(" != "));
            let same = other.is_some_and(|other| NAMES.contains(&last_name(other)));
            if searched || same {
                note(at, format!("decides by the sentence `{name}`: match on a value"));
            }
        }
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// The file without its comments and its tests, of the same lines.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    let lines = lines.map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

struct Literal<'a> {
    at: usize,
    end: usize,
    text: &'a str,
}

/// The plain string literals of some code, with the places of their quotes.
fn literals(code: &str) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    let mut open = None;
    let mut letters = code.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (letter, open) {
            // What is escaped ends nothing; a quote that is a character begins nothing.
            ('\\', Some(_)) => drop(letters.next()),
            ('"', None) if code[..at].ends_with('\'') || code[..at].ends_with("'\\") => {}
            ('"', None) => open = Some(at),
            ('"', Some(start)) => {
                found.push(Literal { at: start, end: at + 1, text: &code[start + 1..at] });
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// Whether a literal is of the language of people: it has a space between words, begins with a capital, or ends with a colon.
fn is_sentence(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|first| first.is_ascii_uppercase());
    let spaced = text.trim().contains(' ');
    (begins || spaced || text.ends_with(':')) && !FOREIGN.contains(&text)
}

fn begins_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The last name of a path such as `steered.words`.
fn last_name(path: &str) -> &str {
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || "_.".contains(letter);
    let path = path.split(|letter| !is_path(letter)).next().unwrap_or_default();
    path.rsplit('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<Option<usize>> {
        let findings = findings(Path::new("infra-lib/drill/src/levels/log.rs"), text);
        findings.into_iter().map(|finding| finding.line).collect()
    }

    /// Goal: what this rule was made for cannot come back. Method: the lines that it was made for.
    #[test]
    fn code_that_decides_by_a_sentence_is_found() {
        for old in [
            "let begins = |with: &str| what.starts_with(with);",
            "let mark = marks.iter().find(|mark| mark.what.starts_with(what));",
            "if begun.starts_with(\n    \"the alarm reads ALARM\") {}",
            "record.decision.reason.name() == \"Raise\"",
            "const BACKWARDS: [&str; 2] = [\"Prewarming\", \"OpenLatch\"];",
            "if what == steered.words {}",
            "\"fully served\" => served >= site.demand,",
            "if line.starts_with(\"standby:\") {}",
            "words.contains(\"timed out\")",
        ] {
            assert!(!told(old).is_empty(), "{old}");
        }
    }

    #[test]
    fn values_names_of_fields_and_tests_are_no_sentences() {
        for fine in [
            "if request.what == Wish::Order(Demand::Failover) {}",
            "group.instances.iter().filter(|one| one.state == \"InService\")",
            "let what = format!(\"{role}: healthy {count}\");",
            "if setting.name == \"peak_hint\" {}",
            "// what.starts_with(\"A USER GETS A PAGE\")",
            "#[cfg(test)]\nmod tests { assert!(what.contains(\"a user gets a page\")) }",
            "if letter == '\"' { what.push('\"'); }",
        ] {
            assert_eq!(told(fine), [], "{fine}");
        }
        let outside = findings(Path::new("infra-lib/cli/src/init.rs"), "what.starts_with(\"A b\")");
        assert_eq!(outside, []);
    }

    #[test]
    fn a_finding_names_its_line() {
        assert_eq!(told("// a\n\nlet x = name\n    == \"Raise\";"), [Some(4), Some(4)]);
    }
}
