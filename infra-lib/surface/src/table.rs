//! Rows under a heading, where the terminal is wide enough for them.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::sheet::{Sheet, wrapped};

/// Space between two columns, and what it is narrowed to before names are wrapped.
const GAPS: [usize; 2] = [2, 1];
/// Names are not squeezed below this.
const NAME_MIN: usize = 16;

/// Rows with a name and `N` values each.
#[derive(Debug)]
pub struct Table<const N: usize> {
    names: &'static str,
    columns: [&'static str; N],
    rows: Vec<Row<N>>,
}

#[derive(Debug)]
struct Row<const N: usize> {
    name: String,
    values: [String; N],
    /// Of the last value.
    style: Style,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    #[must_use]
    pub const fn new(names: &'static str, columns: [&'static str; N]) -> Self {
        Self { names, columns, rows: Vec::new() }
    }

    /// Adds a row; its last value has this style.
    pub fn push(&mut self, name: &str, values: [String; N], style: Style) {
        self.rows.push(Row { name: name.to_owned(), values, style });
    }

    /// Writes it, if it fits its sheet; whether it does.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn write(&self, out: &mut dyn Write, sheet: &Sheet) -> io::Result<bool> {
        let widths: [usize; N] = std::array::from_fn(|column| {
            let values = self.rows.iter().map(|row| row.values[column].as_str());
            widest(values.chain([self.columns[column]]))
        });
        let names = widest(self.rows.iter().map(|row| row.name.as_str()).chain([self.names]));
        let fitting = GAPS.into_iter().find_map(|gap| {
            let values = widths.iter().map(|width| width + gap).sum::<usize>();
            let room = sheet.width_max().saturating_sub(values).min(names);
            (room >= NAME_MIN.min(names)).then_some(Layout { widths, gap, room })
        });
        let Some(layout) = fitting else { return Ok(false) };
        let (hint, plain) = (sheet.paint.hint(), Style::new());
        layout.line(out, self.names, &self.columns, [hint, hint])?;
        for row in &self.rows {
            layout.line(out, &row.name, &row.values, [plain, row.style])?;
        }
        Ok(true)
    }
}

/// How wide everything is on a sheet.
struct Layout<const N: usize> {
    widths: [usize; N],
    gap: usize,
    room: usize,
}

impl<const N: usize> Layout<N> {
    fn line(
        &self,
        out: &mut dyn Write,
        name: &str,
        values: &[impl AsRef<str>; N],
        [style, last]: [Style; 2],
    ) -> io::Result<()> {
        let Self { widths, gap, room } = *self;
        let names = wrapped(name, room);
        let mut names = names.iter().map(String::as_str);
        let name = names.next().unwrap_or_default();
        write!(out, "{}", format_args!("{name:<room$}").style(style))?;
        for (number, (value, width)) in values.iter().zip(widths).enumerate() {
            let style = if number + 1 == N { last } else { style };
            let value = value.as_ref();
            write!(out, "{:gap$}{}", "", format_args!("{value:>width$}").style(style))?;
        }
        writeln!(out)?;
        names.try_for_each(|name| writeln!(out, "{name}"))
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use failover_words::numbers::thousands;

    fn check(width: usize, expected: &Expect) {
        let mut table = Table::new("scope", ["states", "result"]);
        for (name, states) in [("base, widest", 1_234_567), ("two handlers, and wider", 89)] {
            table.push(name, [thousands(states), "holds".to_owned()], Style::new());
        }
        let sheet = Sheet::plain(width);
        let mut out = Vec::new();
        if !table.write(&mut out, &sheet).unwrap() {
            out.extend(b"too narrow");
        }
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_wide_terminal_has_a_row_for_each() {
        check(
            80,
            &expect![[r#"
                scope                       states  result
                base, widest             1,234,567   holds
                two handlers, and wider         89   holds
            "#]],
        );
    }

    #[test]
    fn a_narrower_one_wraps_the_names() {
        check(
            36,
            &expect![[r#"
                scope                 states  result
                base, widest       1,234,567   holds
                two handlers, and         89   holds
                wider
            "#]],
        );
    }

    #[test]
    fn a_narrow_one_has_no_table() {
        check(24, &expect!["too narrow"]);
    }
}
