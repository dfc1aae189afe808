//! Rules about the text of a source file: its length, and what must not stand in it.

use std::path::Path;

use super::{Finding, is_rust};

/// Longest source file. Units: lines.
const LINES_MAX: usize = 500;
/// Widest comment; rustfmt keeps code at 100. Units: characters.
const WIDTH_MAX: usize = 130;

/// What must not stand in a source file, and why.
const BANNED: [(&str, &str); 2] = [
    (concat!("#[", "ignore"), "a test that is not run proves nothing: mend it or delete it"),
    (concat!("#[", "should_panic"), "it passes at any panic: check the error instead"),
];

pub fn findings(path: &Path, text: &str) -> Vec<Finding> {
    if !is_rust(path) {
        return Vec::new();
    }
    let place = path.display().to_string();
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        let what = format!("{lines} lines, at most {LINES_MAX}: split it by concern");
        findings.push(Finding { place: place.clone(), line: None, what });
    }
    for (number, line) in text.lines().enumerate() {
        let mut note =
            |what| findings.push(Finding { place: place.clone(), line: Some(number + 1), what });
        let width = line.chars().count();
        let comment = line.trim_start().starts_with("//");
        if comment && width > WIDTH_MAX && !line.contains("://") {
            note(format!("a comment of {width} characters, at most {WIDTH_MAX}"));
        }
        for (word, why) in BANNED.iter().filter(|(word, _)| line.contains(word)) {
            note(format!("`{word}`: {why}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        findings(Path::new("src/lib.rs"), text).len()
    }

    #[test]
    fn long_files_wide_comments_and_tests_that_are_off_are_found() {
        assert_eq!(count(&"let x = 1;\n".repeat(LINES_MAX)), 0);
        assert_eq!(count(&"let x = 1;\n".repeat(LINES_MAX + 1)), 1);
        assert_eq!(count(&format!("// {}", "x".repeat(WIDTH_MAX))), 1);
        assert_eq!(count(&format!("// https://{}", "x".repeat(WIDTH_MAX))), 0);
        assert_eq!(count(concat!("#[", "ignore = \"slow\"]")), 1);
    }

    #[test]
    fn what_is_not_rust_has_no_such_rules() {
        let long = "x\n".repeat(LINES_MAX + 1);
        assert_eq!(findings(Path::new("data.txt"), &long), Vec::new());
    }
}
