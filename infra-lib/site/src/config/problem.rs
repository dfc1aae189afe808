//! What can be wrong with a site file, with the place in it.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

/// The smallest site file that works, shown to whoever has none.
pub const MINIMAL: &str = r#"name = "shop"
hostname = "shop.example.com"
hosted_zone_id = "Z0123456789ABCDEFGHIJ"

[regions]
primary = "us-west-2"
standby = "us-east-2"
"#;

/// A site file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("no site file: `{}`", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is there and cannot be read.
    #[error("cannot read the site file: `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The file says something that cannot be. It holds one problem at least, in the order of the file.
    #[error("{}", problems.first().map_or("the site file is not valid", |problem| problem.message.as_str()))]
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong in a site file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What was expected at the place.
    pub expected: String,
    /// What to do.
    pub hint: Option<String>,
    /// Where in the text. Units: bytes.
    pub span: Range<usize>,
    source: Source,
}

/// The text that a problem points into.
pub(super) type Source = Arc<NamedSource<String>>;

impl Problem {
    pub(super) fn new(
        source: &Source,
        span: Range<usize>,
        message: String,
        expected: String,
    ) -> Self {
        let source = source.clone();
        Self { message, expected, hint: None, span, source }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("config"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = SourceSpan::from(self.span.clone());
        let label = LabeledSpan::new_with_span(Some(self.expected.clone()), span);
        Some(Box::new(std::iter::once(label)))
    }
}

impl Diagnostic for ConfigError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("config"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            Self::Absent { .. } => Some(Box::new(format!(
                "`cargo xtask init` writes one, or name another file with `--site`; the least it must say:\n\n{MINIMAL}"
            ))),
            Self::Read { .. } => Some(Box::new("it must be a file that you may read, in UTF-8")),
            Self::Invalid { problems } => problems.first().and_then(Diagnostic::help),
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.problems().first().and_then(Diagnostic::source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.problems().first().and_then(Diagnostic::labels)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let rest = self.problems().iter().skip(1).map(|problem| problem as &dyn Diagnostic);
        Some(Box::new(rest))
    }
}

impl ConfigError {
    fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems } => problems,
            Self::Absent { .. } | Self::Read { .. } => &[],
        }
    }
}
