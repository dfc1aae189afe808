//! What may stand only in certain folders: SDK types, and the names of people and machines nowhere.

use std::path::Path;

use super::{Finding, is_rust};

/// Folders in which SDK types may be named.
const SDK_FOLDERS: [&str; 4] = [
    "functions/failover/src/aws",
    "functions/failover/src/aws.rs",
    "functions/failover/tests",
    "infra-lib/cloud/src/aws",
];

/// Account ids that AWS's own documents use, or an emulator: nobody's.
const ACCOUNTS_OF_NOBODY: [&str; 6] = [
    "000000000000",
    "111111111111",
    "111122223333",
    "123456789012",
    "210987654321",
    "999999999999",
];
const ACCOUNT_DIGITS: usize = 12;

pub fn findings(path: &Path, text: &str) -> Vec<Finding> {
    let place = || path.display().to_string();
    let sdk = is_rust(path)
        && !SDK_FOLDERS.iter().any(|folder| path.starts_with(folder))
        && !path.starts_with("tests");
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut note =
            |what| findings.push(Finding { place: place(), line: Some(number + 1), what });
        if sdk && line.contains(concat!("aws_", "sdk_")) {
            note(format!("names an SDK type; these stay in `{}`", SDK_FOLDERS.join("`, `")));
        }
        for account in accounts(line).filter(|found| !ACCOUNTS_OF_NOBODY.contains(found)) {
            note(format!("`{account}` may be somebody's account; use one of AWS's documents"));
        }
        if line.contains(concat!("AK", "IA")) && !line.contains("EXAMPLE") {
            note("looks like somebody's access key".to_owned());
        }
    }
    findings
}

/// What has the shape of an account in an ARN: twelve digits between two colons.
fn accounts(line: &str) -> impl Iterator<Item = &str> {
    line.split(':').filter(|part| {
        part.len() == ACCOUNT_DIGITS && part.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        findings(Path::new(path), text).len()
    }

    #[test]
    fn sdk_types_are_found_outside_their_folders() {
        let text = concat!("use aws_", "sdk_sns::Client;");
        assert_eq!(count("infra-lib/provision/src/plan.rs", text), 1);
        assert_eq!(count("infra-lib/cloud/src/aws/call.rs", text), 0);
        assert_eq!(count("docs/readme.md", text), 0);
    }

    #[test]
    fn somebodys_account_and_key_are_found() {
        let account = format!("arn:aws:iam::{}:role/x", "4".repeat(ACCOUNT_DIGITS));
        assert_eq!(count("a.md", &account), 1);
        assert_eq!(count("a.md", "arn:aws:iam::123456789012:role/x"), 0);
        assert_eq!(count("a.md", "at 1700000000000: nothing"), 0);
        assert_eq!(count("a.md", concat!("AK", "IAIOSFODNN7")), 1);
    }
}
