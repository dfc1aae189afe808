//! What a check found.

use serde::{Serialize, Serializer};

pub(super) use provision::needs::Stop;

/// Everything that was found, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnosis {
    /// A finding for each check and place.
    pub findings: Vec<Finding>,
}

/// What one check found at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub check: &'static str,
    /// Where, if it looks at more than one place.
    pub place: Option<String>,
    /// What it found.
    pub verdict: Verdict,
}

/// How something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be; the text says how.
    Ok(String),
    /// It works, and somebody should know.
    Warning(Trouble),
    /// A deploy or a failover would fail.
    Error(Trouble),
    /// It was not looked at, and why.
    Skipped(String),
}

/// Something to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// AWS did not answer the question, so nobody knows.
    pub unread: bool,
}

impl Diagnosis {
    /// How many findings are of a kind, by its word.
    #[must_use]
    pub fn count(&self, word: &str) -> usize {
        self.findings.iter().filter(|finding| finding.verdict.word() == word).count()
    }

    /// Whether anything would make a deploy or a failover fail.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| matches!(finding.verdict, Verdict::Error(_)))
    }
}

impl Verdict {
    /// Its word: `ok`, `warning`, `error` or `skipped`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Warning(_) => "warning",
            Self::Error(_) => "error",
            Self::Skipped(_) => "skipped",
        }
    }

    /// What was found, in words.
    #[must_use]
    pub fn told(&self) -> &str {
        match self {
            Self::Ok(text) | Self::Skipped(text) => text,
            Self::Warning(trouble) | Self::Error(trouble) => &trouble.what,
        }
    }

    /// What to do, if there is anything to do.
    #[must_use]
    pub fn fix(&self) -> Option<&str> {
        match self {
            Self::Ok(_) | Self::Skipped(_) => None,
            Self::Warning(trouble) | Self::Error(trouble) => Some(&trouble.fix),
        }
    }

    /// Whether nobody knows: the question was not asked, or not answered.
    pub(super) fn is_unread(&self) -> bool {
        match self {
            Self::Skipped(_) => true,
            Self::Warning(trouble) | Self::Error(trouble) => trouble.unread,
            Self::Ok(_) => false,
        }
    }

    pub(super) fn ok(text: impl Into<String>) -> Self {
        Self::Ok(text.into())
    }

    pub(super) fn warning(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Warning(Trouble { what: what.into(), fix: fix.into(), unread: false })
    }

    pub(super) fn error(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Error(Trouble { what: what.into(), fix: fix.into(), unread: false })
    }

    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            check: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            place: Option<&'a str>,
            verdict: &'a str,
            told: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            fix: Option<&'a str>,
        }
        let Self { check, place, verdict } = self;
        let (told, fix) = (verdict.told(), verdict.fix());
        Row { check, place: place.as_deref(), verdict: verdict.word(), told, fix }.serialize(out)
    }
}

/// What a check comes to.
pub(super) type Answer = Result<Verdict, Stop>;
