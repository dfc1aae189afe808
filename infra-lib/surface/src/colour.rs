//! Whether and how each stream is coloured. Everything can be read without.

use std::io::{IsTerminal, stderr, stdout};

use owo_colors::Style;

/// Whether standard error is a terminal that people watch.
#[must_use]
pub fn is_watched() -> bool {
    is_capable(&stderr())
}

fn is_capable(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The styles of one stream: none if it is not a terminal or the environment says `NO_COLOR`.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// No style at all.
    pub const PLAIN: Self = Self { on: false };

    /// For standard output.
    #[must_use]
    pub fn output() -> Self {
        Self::of(&stdout())
    }

    /// For standard error.
    #[must_use]
    pub fn error() -> Self {
        Self::of(&stderr())
    }

    fn of(stream: &impl IsTerminal) -> Self {
        // Source: https://no-color.org, "when present and not an empty string".
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: is_capable(stream) && !refused }
    }

    fn style(self, style: Style) -> Style {
        if self.on { style } else { Style::new() }
    }

    /// For what went wrong.
    #[must_use]
    pub fn bad(self) -> Style {
        self.style(Style::new().red().bold())
    }

    /// For what to do next.
    #[must_use]
    pub fn hint(self) -> Style {
        self.style(Style::new().cyan())
    }

    /// For what is done.
    #[must_use]
    pub fn good(self) -> Style {
        self.style(Style::new().green())
    }

    /// For what is less important.
    #[must_use]
    pub fn faint(self) -> Style {
        self.style(Style::new().dimmed())
    }

    /// For what is to be seen first.
    #[must_use]
    pub fn strong(self) -> Style {
        self.style(Style::new().bold())
    }
}
