//! A plan in a file, so that exactly what was reviewed is done, or nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use failover_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use cloud::guard::Refusal;
use site::model::Was;
use site::private;

use super::entry::Plan;

/// Version of the file's form; grows when a field changes its meaning.
pub const PLAN_SCHEMA: u16 = 2;

/// A plan as it was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    /// [`PLAN_SCHEMA`].
    pub schema: u16,
    /// When it was worked out.
    pub at: Timestamp,
    /// Host name of the site.
    pub site: String,
    /// Bucket key of the Lambda's zip; it carries a hash of the content.
    pub code_key: String,
    /// Whether safety rules were overruled.
    pub force: bool,
    /// What was said to have been live, as `hostname=shop.example.com`; see [`Was`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<String>,
    /// [`Plan`], as it is printed with `--format json`.
    pub plan: Value,
}

/// A file that holds no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{}` holds no plan that can be executed: {reason}", file.display())]
#[diagnostic(code("plan::file"), help("write one with `cargo xtask plan --out FILE`"))]
pub struct PlanFileError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl PlanFile {
    /// What is to be reviewed.
    #[must_use]
    pub fn new(plan: &Plan, site: &str, code_key: &str, force: bool, at: Timestamp) -> Self {
        let plan = serde_json::to_value(plan).expect("a plan is plain data");
        let (site, code_key) = (site.to_owned(), code_key.to_owned());
        Self { schema: PLAN_SCHEMA, at, site, code_key, force, was: Vec::new(), plan }
    }

    /// The same with what is changed on purpose.
    #[must_use]
    pub fn after(self, was: &[Was]) -> Self {
        Self { was: was.iter().map(ToString::to_string).collect(), ..self }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`PlanFileError`] if it cannot be read, or was written by another version.
    pub fn read(file: &Path) -> Result<Self, PlanFileError> {
        let wrong = |reason: String| PlanFileError { file: file.to_owned(), reason };
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let read: Self = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if read.schema != PLAN_SCHEMA {
            return Err(wrong(format!("it has version {}, not {PLAN_SCHEMA}", read.schema)));
        }
        Ok(read)
    }

    /// Writes the file, for its owner alone.
    ///
    /// # Errors
    /// [`PlanFileError`] if it cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), PlanFileError> {
        let text = serde_json::to_string_pretty(self).expect("a plan is plain data") + "\n";
        let wrong = |error: std::io::Error| PlanFileError {
            file: file.to_owned(),
            reason: error.to_string(),
        };
        private::write(file, text.as_bytes()).map_err(wrong)
    }

    /// Why it may not be executed, if the world is another one than the one it was made for.
    #[must_use]
    pub fn moved(&self, now: &Self) -> Option<Refusal> {
        let mut moved = Vec::new();
        if self.site != now.site {
            moved.push(format!("it is for {}, not {}", self.site, now.site));
        }
        if self.code_key != now.code_key {
            moved.push(format!("the Lambda is {}, not {}", now.code_key, self.code_key));
        }
        if self.force != now.force {
            moved.push("`--force` was given for only one of them".to_owned());
        }
        if self.was != now.was {
            moved.push("`--was` differs between them".to_owned());
        }
        let account = |file: &Self| file.plan.get("account").cloned().unwrap_or_default();
        if account(self) != account(now) {
            moved.push(format!("the account is {}, not {}", account(now), account(self)));
        }
        moved.extend(differences(&self.plan, &now.plan));
        let why = || {
            format!(
                "refused: something has changed since the plan of {}: {}",
                self.at,
                moved.join("; ")
            )
        };
        let hint = "see the present plan with `cargo xtask plan --out FILE`".to_owned();
        (!moved.is_empty()).then(|| Refusal { why: why(), hint })
    }
}

/// The stacks that differ between two plans, and in what.
fn differences(before: &Value, now: &Value) -> Vec<String> {
    let mut moved = Vec::new();
    let names: BTreeSet<_> = stacks(before).chain(stacks(now)).filter_map(name).collect();
    for stack in names {
        let find = |plan| stacks(plan).find(|entry| name(entry) == Some(stack));
        let (Some(before), Some(now)) = (find(before), find(now)) else {
            moved.push(format!("`{stack}` exists in only one of them"));
            continue;
        };
        for (field, words) in [
            ("seen", "somebody changed it meanwhile"),
            ("template", "its template differs"),
            ("parameters", "its parameters differ"),
            ("action", "another action would be taken on it"),
            ("resources", "other resources would be changed, or in another way"),
        ] {
            if before.get(field) != now.get(field) {
                moved.push(format!("`{stack}`: {words}"));
                break;
            }
        }
    }
    moved
}

fn stacks(plan: &Value) -> impl Iterator<Item = &Value> {
    plan.get("stacks").and_then(Value::as_array).into_iter().flatten()
}

fn name(entry: &Value) -> Option<&str> {
    entry.get("stack")?.as_str()
}
