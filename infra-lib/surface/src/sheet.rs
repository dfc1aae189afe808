//! Text on standard output that fits the terminal it is read on.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};
use terminal_size::{Height, Width, terminal_size_of};

use super::colour::Paint;

/// Wide enough for a file or a pipe, and as wide as lines are still easy to read.
const WIDTH_MAX: usize = 100;
/// Text is not squeezed below this, however narrow the terminal is.
const TEXT_MIN: usize = 20;
/// How far text stands in below its cells.
const STEP: usize = 2;

/// Where text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    width: usize,
    width_max: usize,
    /// How it is coloured.
    pub paint: Paint,
}

/// A word in a column of its own.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The word.
    pub text: &'a str,
    /// The column, in characters, with the space to the next one.
    pub width: usize,
    /// How it looks.
    pub style: Style,
}

impl Sheet {
    /// Standard output.
    #[must_use]
    pub fn output() -> Self {
        Self::of(terminal_size_of(io::stdout()), Paint::output())
    }

    /// Standard error.
    #[must_use]
    pub fn error() -> Self {
        Self::of(terminal_size_of(io::stderr()), Paint::error())
    }

    fn of(size: Option<(Width, Height)>, paint: Paint) -> Self {
        let width = size.map(|(Width(width), _)| usize::from(width));
        // A terminal that does not know its size says 0.
        let width_max = width.filter(|width| *width > 0).unwrap_or(WIDTH_MAX);
        Self { width: width_max.min(WIDTH_MAX), width_max, paint }
    }

    /// A sheet of a fixed width without colours.
    #[must_use]
    pub const fn plain(width: usize) -> Self {
        Self { width, width_max: width, paint: Paint::PLAIN }
    }

    /// As wide as a table may be: all of a terminal.
    #[must_use]
    pub const fn width_max(&self) -> usize {
        self.width_max
    }

    /// Writes `text` behind `cells`; what does not fit its line goes on below its beginning.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn row(
        &self,
        out: &mut dyn Write,
        indent: usize,
        cells: &[Cell<'_>],
        text: &str,
    ) -> io::Result<()> {
        let taken = indent + cells.iter().map(|cell| cell.width).sum::<usize>();
        // A terminal too narrow for text beside the cells has it below them.
        let beside = text.chars().count().min(TEXT_MIN);
        let below = self.width < taken + beside && !cells.is_empty();
        let margin = if below { indent + STEP } else { taken };
        let lines = wrapped(text, self.width.saturating_sub(margin).max(TEXT_MIN));
        let alone = below || lines.is_empty();
        write!(out, "{:indent$}", "")?;
        for (number, cell) in cells.iter().enumerate() {
            let width = if alone && number + 1 == cells.len() { 0 } else { cell.width };
            write!(out, "{}", format_args!("{:<width$}", cell.text).style(cell.style))?;
        }
        if alone {
            writeln!(out)?;
        }
        for (number, line) in lines.iter().enumerate() {
            let margin = if number == 0 && !below { 0 } else { margin };
            writeln!(out, "{:margin$}{line}", "")?;
        }
        Ok(())
    }
}

/// Breaks a text at spaces. A word that is wider than the room has a line of its own.
#[must_use]
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn row(width: usize, text: &str) -> String {
        let cells = [Cell { text: "D1", width: 4, style: Style::new() }];
        let mut out = b"evidence\n".to_vec();
        Sheet::plain(width).row(&mut out, 2, &cells, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_does_not_fit_goes_on_below_its_beginning() {
        expect![[r#"
            evidence
              D1  the alarm does not
                  read ALARM
        "#]]
        .assert_eq(&row(26, "the alarm does not read ALARM"));
    }

    #[test]
    fn a_very_narrow_terminal_breaks_no_word() {
        expect![[r#"
            evidence
              D1
                http://a.very.long.example.com
                is not there
        "#]]
        .assert_eq(&row(3, "http://a.very.long.example.com is not there"));
    }

    #[test]
    fn a_row_without_text_ends_with_its_last_word() {
        assert_eq!(row(80, " "), "evidence\n  D1\n");
    }
}
