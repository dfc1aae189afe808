//! What was found, and where.

use std::fmt;

use serde::Serialize;

use super::excerpt::Excerpt;
use site::model::StackId;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// Id of the rule.
    pub rule: &'static str,
    /// The stack, if it is about one of a site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackId>,
    /// The file.
    pub file: String,
    /// Where in its template, such as `Resources.Group.Properties.DesiredCapacity`, or in the site file, such as `health.path`.
    pub place: String,
    /// What is wrong and what it would do.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// The line of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It must not be deployed.
    Error,
    /// It can be deployed and should be looked at.
    Warning,
}

impl Severity {
    /// The word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, rule, stack, file, place, message, fix, excerpt } = self;
        write!(f, "{severity}[{rule}]: ")?;
        if let Some(stack) = stack {
            write!(f, "{stack}: ")?;
        }
        writeln!(f, "{message}")?;
        match excerpt {
            Some(excerpt) => excerpt.write(f, file, place)?,
            None => writeln!(f, " --> {file}: {place}")?,
        }
        write!(f, "hint: {fix}")
    }
}
