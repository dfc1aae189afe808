//! checkov's verdict. Its exit code is not enough: it is 0 for a file that checkov could not read, and a suppression without a
//! reason counts like any other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::{Context, IntoDiagnostic};
use python::Venv;
use serde::Deserialize;
use surface::output;

use super::{NICE, process};

/// What checkov writes where nobody gave a reason. Source: its `context_parser.py`.
const NO_REASON: &str = "No comment provided";
/// BOUND: so many lines are read; the rest is counted.
const LINES_MAX: usize = 40;

#[derive(Deserialize)]
struct Report {
    results: Results,
    summary: Summary,
}

#[derive(Deserialize)]
struct Results {
    failed_checks: Vec<Judged>,
    skipped_checks: Vec<Judged>,
    parsing_errors: Vec<String>,
}

#[derive(Deserialize)]
struct Summary {
    resource_count: u64,
}

#[derive(Deserialize)]
struct Judged {
    check_id: String,
    check_name: String,
    resource: String,
    file_abs_path: PathBuf,
    check_result: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    suppress_comment: Option<String>,
}

/// Whether no check fails on the templates of a folder, each could be read, and each suppression has a reason.
pub(super) async fn passes(venv: &Venv, folder: &Path) -> miette::Result<bool> {
    output::note(format_args!("checkov: {}", folder.display()));
    // `--skip-download`: a linter needs no network.
    let options = ["--framework", "cloudformation", "--compact", "--skip-download", "--output"];
    let program = venv.program("checkov").display().to_string();
    let command = [program].into_iter().chain(options.map(str::to_owned));
    let command: Vec<String> =
        command.chain(["json", "--directory", "."].map(str::to_owned)).collect();
    // In the folder itself: CKV_AWS_45 takes a path of 40 characters without a hyphen for a secret of a function.
    let output = process(NICE, &command).current_dir(folder).output().await.into_diagnostic();
    let output = output.wrap_err("cannot start checkov")?;
    let report: Report =
        serde_json::from_slice(&output.stdout).into_diagnostic().wrap_err_with(|| {
            format!("checkov wrote no report: {}", String::from_utf8_lossy(&output.stderr))
        })?;
    let lines = complaints(&report);
    for line in lines.iter().take(LINES_MAX) {
        output::note(line);
    }
    if lines.len() > LINES_MAX {
        output::note(format_args!("and {} more", lines.len() - LINES_MAX));
    }
    Ok(lines.is_empty())
}

fn complaints(report: &Report) -> BTreeSet<String> {
    let Results { failed_checks, skipped_checks, parsing_errors } = &report.results;
    let failed = failed_checks.iter().map(|check| check.told("fails"));
    let unexplained = skipped_checks.iter().filter(|check| !check.is_explained());
    let unexplained = unexplained.map(|check| check.told("is suppressed without a reason at"));
    let unread = parsing_errors.iter().map(|path| format!("checkov cannot read {path}"));
    let none =
        (report.summary.resource_count == 0).then(|| "checkov found no resource at all".to_owned());
    failed.chain(unexplained).chain(unread).chain(none).collect()
}

impl Judged {
    fn told(&self, verdict: &str) -> String {
        let Self { check_id, check_name, resource, .. } = self;
        let file = self.file_abs_path.file_name().unwrap_or_default();
        format!("{check_id} {verdict} {resource} of {}: {check_name}", Path::new(file).display())
    }

    fn is_explained(&self) -> bool {
        let reason = self.check_result.suppress_comment.as_deref().unwrap_or_default();
        !reason.is_empty() && reason != NO_REASON
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(part: &str) -> BTreeSet<String> {
        let none = r#""failed_checks": [], "skipped_checks": [], "parsing_errors": []"#;
        let results = if part.is_empty() { none } else { part };
        let text = format!(r#"{{"results": {{{results}}}, "summary": {{"resource_count": 7}}}}"#);
        complaints(&serde_json::from_str(&text).expect("a report"))
    }

    fn judged(result: &str) -> String {
        format!(
            r#"{{"check_id": "CKV_AWS_18", "check_name": "has access logging", "file_abs_path": "/x/web.yaml",
                "resource": "AWS::S3::Bucket.Logs", "check_result": {result}}}"#
        )
    }

    #[test]
    fn a_suppression_needs_a_reason() {
        let skipped = |result: &str| {
            let one = judged(result);
            report(&format!(
                r#""failed_checks": [], "skipped_checks": [{one}], "parsing_errors": []"#
            ))
        };
        assert!(skipped(r#"{"suppress_comment": "it holds the logs itself"}"#).is_empty());
        for bare in
            [r#"{"suppress_comment": "No comment provided"}"#, r#"{"suppress_comment": ""}"#, "{}"]
        {
            let lines = skipped(bare);
            let line = lines.first().expect("it is told");
            assert!(line.starts_with("CKV_AWS_18 is suppressed without a reason at"), "{line}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_success() {
        let lines = report(
            r#""failed_checks": [], "skipped_checks": [], "parsing_errors": ["/x/web.yaml"]"#,
        );
        assert_eq!(lines.first().map(String::as_str), Some("checkov cannot read /x/web.yaml"));
        assert!(report("").is_empty());
    }

    #[test]
    fn what_fails_is_told_with_its_file() {
        let one = judged("{}");
        let lines = report(&format!(
            r#""failed_checks": [{one}], "skipped_checks": [], "parsing_errors": []"#
        ));
        assert_eq!(
            lines.first().map(String::as_str),
            Some("CKV_AWS_18 fails AWS::S3::Bucket.Logs of web.yaml: has access logging")
        );
    }
}
