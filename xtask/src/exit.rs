//! What the exit code says. Each code has a test.

use infra_lib::guard::Refusal;
use miette::Report;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Something went wrong, and the error says what.
    Error,
    /// The command line or the answer to a question makes no sense here. clap ends with the same code by itself.
    Usage,
    /// A deploy would change something.
    Pending,
    /// The live site differs from the site file, and nobody meant it to.
    Drifted,
    /// The drill missed its target.
    Missed,
    /// A safety rule refused.
    Refused,
    /// Part of the site could not be read, so nobody knows whether it is as it should be.
    Unread,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> i32 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Drifted => 4,
            Self::Missed => 5,
            Self::Refused => 6,
            Self::Unread => 7,
            Self::Interrupted => 130,
        }
    }

    /// How a command ends that failed with this error.
    pub fn of(error: &Report) -> Self {
        match error.code().map(|code| code.to_string()).as_deref() {
            Some(Refusal::CODE) => Self::Refused,
            Some("usage") => Self::Usage,
            _ => Self::Error,
        }
    }
}
