//! One line on standard error that says how far something long has come.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::colour::is_watched;
use super::output;

/// On a terminal the line changes so often.
const WATCHED: Duration = Duration::from_secs(1);
/// A log gets a line so often.
const LOGGED: Duration = Duration::from_secs(10);

/// The line. It goes away with its value.
#[derive(Debug)]
pub struct Ticker {
    bar: Option<ProgressBar>,
    shown: Instant,
}

impl Ticker {
    /// Begins with these words.
    #[must_use]
    pub fn begin(words: &str) -> Self {
        let bar = is_watched().then(|| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            let style = style.expect("the template is a constant that was seen on a terminal");
            ProgressBar::new_spinner().with_style(style)
        });
        let ticker = Self { bar, shown: Instant::now() };
        match &ticker.bar {
            Some(bar) => {
                bar.enable_steady_tick(Duration::from_millis(120));
                bar.set_message(words.to_owned());
            }
            None => output::note(words),
        }
        ticker
    }

    /// Shows how far it has come, if it is time to.
    pub fn tick(&mut self, words: impl FnOnce() -> String) {
        let every = if self.bar.is_some() { WATCHED } else { LOGGED };
        if self.shown.elapsed() < every {
            return;
        }
        self.shown = Instant::now();
        match &self.bar {
            Some(bar) => bar.set_message(words()),
            None => output::note(words()),
        }
    }

    /// Takes the line away and says how it ended.
    pub fn end(self, words: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        output::note(words);
    }
}
