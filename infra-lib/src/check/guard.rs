//! Rules in the language of `cfn-guard`, from `templates/rules`.
//!
//! The files are read by a reader of our own and not by the `cfn-guard` crate. The crate (3.2.1) turns on `preserve_order` of
//! `serde_json` for everything that is built with it, the Lambda's tests included, so that they would judge another function than
//! the one that ships; brings `serde_yaml`, which `deny.toml` bans, a licence that it does not allow, and 45 crates; and
//! knows no unknown value, where a rule here must stay silent. Read is the part of the language that our rules use: `let`,
//! `rule`, `when`, blocks, filters, `or`, `exists`, `empty`, `is_...`, comparisons and `IN`. The files run under `cfn-guard` too.

mod judge;
mod read;

use std::sync::LazyLock;

use self::judge::Judge;
use super::view::View;

/// The files with rules.
const FILES: [(&str, &str); 2] = [
    ("alarms.guard", include_str!("../../../templates/rules/alarms.guard")),
    ("capacity.guard", include_str!("../../../templates/rules/capacity.guard")),
];

static RULES: LazyLock<Vec<read::File>> = LazyLock::new(|| {
    let files: Result<_, _> = FILES.into_iter().map(|(_, text)| read::file(text)).collect();
    files.expect("the files are a part of this program; a test reads each")
});

/// What a rule found.
pub(super) struct Broken {
    /// The rule's id.
    pub(super) rule: String,
    /// Where.
    pub(super) place: String,
    /// What is wrong and what it would do.
    pub(super) message: String,
    /// What to change.
    pub(super) fix: String,
}

/// Everything that the rules find in a template.
pub(super) fn check(view: &View) -> Vec<Broken> {
    RULES.iter().flat_map(|file| Judge::new(file, &view.root).broken()).collect()
}

/// A rule's id by its name: the language has no hyphens in names.
fn id(name: &str) -> String {
    name.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::rule;
    use super::*;

    #[test]
    fn every_file_of_rules_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/rules");
        let names =
            std::fs::read_dir(folder).expect("the rules").map(|entry| entry.expect("a file"));
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(|name| name.contains(".guard")).collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

    #[test]
    fn every_rule_of_the_files_is_in_the_catalogue() {
        for rules in RULES.iter() {
            for read::Rule { name, .. } in &rules.rules {
                assert!(rule(&id(name)).is_some(), "{name}");
            }
        }
    }
}
