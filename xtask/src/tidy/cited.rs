//! What a text refers to exists: numbers of failure modes, evidence and properties are in a page of `docs`, links lead to files.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Finding, is_rust};

/// The pages whose tables explain numbers: each row begins with one.
const PAGES: [&str; 2] = ["docs/failure-modes.md", "docs/rules.md"];

/// The numbers that the pages explain.
pub fn explained(root: &Path) -> BTreeSet<String> {
    let rows = |page| std::fs::read_to_string(root.join(page)).unwrap_or_default();
    let number = |line: &str| Some(line.strip_prefix("| ")?.split(' ').next()?.to_owned());
    PAGES
        .iter()
        .flat_map(|page| rows(page).lines().filter_map(number).collect::<Vec<_>>())
        .collect()
}

/// The findings in `text`, the content of the file `inside` of `root`.
pub fn findings(
    root: &Path,
    inside: &Path,
    text: &str,
    explained: &BTreeSet<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |line: usize, what| {
        findings.push(Finding { place: inside.display().to_string(), line: Some(line + 1), what });
    };
    for (at, line) in text.lines().enumerate() {
        if is_rust(inside) || is_page(inside) {
            for number in failure_modes(line).filter(|number| !explained.contains(*number)) {
                add(
                    at,
                    format!(
                        "{number} is explained nowhere: add a row to {}, or leave the number out",
                        PAGES[0]
                    ),
                );
            }
        }
        if is_page(inside) {
            let folder = root.join(inside).parent().map(Path::to_owned).unwrap_or_default();
            for link in links(line).filter(|link| !folder.join(link).exists()) {
                add(at, format!("the link to `{link}` leads to no file"));
            }
        }
    }
    findings
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Words such as `F44`: the letter F and two digits.
fn failure_modes(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| matches!(word.as_bytes(), [b'F', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit()))
}

/// The files that a line of Markdown links to, without the place inside them.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    files.filter_map(|target| target.split('#').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let explained = BTreeSet::from(["F44".to_owned()]);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        findings(&root, Path::new("README.md"), text, &explained)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn a_number_that_no_page_explains_is_found() {
        assert_eq!(told("as F44 says, and 0xF45 does not"), Vec::<String>::new());
        let unknown =
            "F45 is explained nowhere: add a row to docs/failure-modes.md, or leave the number out";
        assert_eq!(told("a size that is fixed (F45)"), [unknown]);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        assert_eq!(
            told("[a](docs/rules.md), [b](#here), [c](https://example.com/x)"),
            Vec::<String>::new()
        );
        assert_eq!(
            told("[rules](docs/regulations.md#two)"),
            ["the link to `docs/regulations.md` leads to no file"]
        );
    }

    #[test]
    fn every_property_and_evidence_is_explained() {
        let explained = explained(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        let ids = failover_core::invariant::verify(&[]).into_iter().map(|verdict| verdict.id);
        let others = [
            "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "I1", "I2", "I3", "I4", "I5", "L2",
            "S2", "S11", "T1", "T2", "T3", "T4", "T5", "T6",
        ];
        let all = ids.chain(others.map(Into::into));
        let lacking: Vec<_> = all.filter(|id| !explained.contains(&**id)).collect();
        assert_eq!(lacking, Vec::<&str>::new());
    }
}
