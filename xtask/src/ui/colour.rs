//! Whether and how standard error is coloured. Everything can be read without.

use std::io::IsTerminal;

use owo_colors::Style;

/// Whether standard error is a terminal that people watch.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// A style for standard error, or none if it is not a terminal or the environment says `NO_COLOR`.
fn style(style: Style) -> Style {
    // Source: https://no-color.org, "when present and not an empty string".
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_watched() && !refused { style } else { Style::new() }
}

/// For what went wrong.
pub fn bad() -> Style {
    style(Style::new().red().bold())
}

/// For what to do next.
pub fn hint() -> Style {
    style(Style::new().cyan())
}

/// For what is done.
pub fn good() -> Style {
    style(Style::new().green())
}

/// For what is less important.
pub fn faint() -> Style {
    style(Style::new().dimmed())
}
