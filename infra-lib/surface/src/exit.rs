//! How a command ends: its exit code, and the word for it in JSON. The one table of them: `--help` and docs/reference.md are
//! tested against it.

use miette::Report;

use crate::interrupt::Interrupt;

/// The diagnostic code of whatever a safety rule refuses.
pub const REFUSED: &str = "refused";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// There was nothing to do.
    Nothing,
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
    /// Somebody answered No. A code of its own: neither is anything done, nor did anything go wrong.
    Declined,
    /// Ctrl-C, or another signal that does the same.
    Interrupted(Interrupt),
}

impl Exit {
    /// Exit code, word in JSON, and what it means.
    const fn row(self) -> (i32, &'static str, &'static str) {
        match self {
            Self::Done => (0, "done", "done"),
            Self::Nothing => (0, "nothing", "nothing to do"),
            Self::Error => (1, "error", "error"),
            Self::Usage => (2, "usage", "usage"),
            Self::Pending => (3, "pending", "changes pending"),
            Self::Drifted => (4, "drifted", "unexpected drift"),
            Self::Missed => (5, "missed", "the drill missed its target"),
            Self::Refused => (6, "refused", "refused by a safety rule"),
            Self::Unread => (7, "unread", "part of the site could not be read"),
            Self::Declined => (8, "declined", "declined at the question"),
            // The shell's own convention: 128 and the signal's number.
            Self::Interrupted(Interrupt::HangUp) => (129, "interrupted", "interrupted by SIGHUP"),
            Self::Interrupted(Interrupt::CtrlC) => (130, "interrupted", "interrupted by Ctrl-C"),
            Self::Interrupted(Interrupt::Quit) => (131, "interrupted", "interrupted by SIGQUIT"),
            Self::Interrupted(Interrupt::Terminate) => {
                (143, "interrupted", "interrupted by SIGTERM")
            }
        }
    }

    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> i32 {
        self.row().0
    }

    /// The word for it in JSON: the field `ending`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().1
    }

    /// How a command ends that failed with this error.
    #[must_use]
    pub fn of(error: &Report) -> Self {
        match error.code().map(|code| code.to_string()).as_deref() {
            Some(REFUSED) => Self::Refused,
            Some("usage") => Self::Usage,
            _ => Self::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::flags::Flags;

    const ALL: [Exit; 14] = [
        Exit::Done,
        Exit::Nothing,
        Exit::Error,
        Exit::Usage,
        Exit::Pending,
        Exit::Drifted,
        Exit::Missed,
        Exit::Refused,
        Exit::Unread,
        Exit::Declined,
        Exit::Interrupted(Interrupt::HangUp),
        Exit::Interrupted(Interrupt::CtrlC),
        Exit::Interrupted(Interrupt::Quit),
        Exit::Interrupted(Interrupt::Terminate),
    ];
    const REFERENCE: &str = include_str!("../../../docs/reference.md");

    #[test]
    fn the_help_tells_every_code_and_no_other() {
        let help = Flags::command().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut codes = Vec::new();
        for exit in ALL {
            let (code, _, meaning) = exit.row();
            match codes.iter_mut().find(|(known, _)| *known == code) {
                None => codes.push((code, meaning.to_owned())),
                Some((_, told)) => *told = format!("{told} or {meaning}"),
            }
        }
        let told = codes.iter().map(|(code, meaning)| format!("{code} {meaning}"));
        let told = format!("Exit codes: {}.", told.collect::<Vec<_>>().join(", "));
        assert!(help.contains(&told), "the help lacks: {told}\n{help}");
    }

    #[test]
    fn the_reference_has_every_verb_and_no_other() {
        let verbs =
            REFERENCE.split("\n## ").find(|part| part.starts_with("Verbs")).expect("a part");
        let first_cells =
            verbs.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
        let mut told: Vec<_> = first_cells
            .flat_map(|cell| cell.split(", "))
            .map(|verb| verb.trim_matches('`'))
            .collect();
        told.sort_unstable();
        let command = Flags::command();
        let mut verbs: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        verbs.sort_unstable();
        assert_eq!(told, verbs);
    }

    #[test]
    fn the_reference_has_a_row_for_every_ending_and_no_other() {
        let rows =
            REFERENCE.lines().skip_while(|line| !line.starts_with("| exit code | `ending` |"));
        let rows: Vec<_> = rows.skip(2).take_while(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), ALL.len(), "{rows:?}");
        for (row, exit) in rows.into_iter().zip(ALL) {
            let (code, word, meaning) = exit.row();
            let begin = format!("| {code} | `{word}` | {meaning}");
            assert!(row.starts_with(&begin), "`{row}` should begin with `{begin}`");
        }
    }
}
