//! The command at a terminal: what an operator sees up to a question, and what comes of the answer.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::Arc;

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::WITHIN;
use crate::command::Xtask;

/// Wide enough that no sentence is broken.
const COLUMNS: u16 = 240;
const ROWS: u16 = 50;

/// A command on a terminal of its own.
#[expect(missing_debug_implementations, reason = "the terminal has none")]
pub struct Terminal {
    child: Ended,
    pty: Arc<Pty>,
    told: UnboundedReceiver<Vec<u8>>,
    text: String,
}

/// What was shown from the beginning to the end.
#[derive(Debug)]
pub struct Shown {
    /// Exit code; none after a signal.
    pub code: Option<i32>,
    /// Every line, without the frames that errors are drawn in.
    pub text: String,
    /// What was shown after the answer.
    pub after: String,
}

/// A process that a failing test does not leave behind.
#[derive(Debug)]
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Terminal {
    /// Types a command and waits for its question.
    pub async fn asked(xtask: &Xtask, arguments: &str) -> Self {
        let mut terminal = Self::open(xtask, arguments);
        terminal.until("[y/N] ").await;
        terminal
    }

    fn open(xtask: &Xtask, arguments: &str) -> Self {
        let (pty, pts) = open().expect("a terminal");
        pty.resize(Size::new(ROWS, COLUMNS)).expect("it has a size");
        let command = xtask.command(arguments);
        let command = command.as_std();
        // Linux throws away what is written in the moment of Ctrl-C, unless `noflsh` is set.
        let quietly = ["-c", "stty noflsh; exec \"$0\" \"$@\""];
        let mut ours = Command::new("sh").args(quietly).arg(command.get_program());
        ours = ours.args(command.get_args());
        ours = ours.current_dir(command.get_current_dir().expect("a folder"));
        ours = ours.env("NO_COLOR", "1").env("TERM", "xterm");
        for (name, value) in command.get_envs() {
            ours = ours.env(name, value.expect("it is set"));
        }
        let child = Ended(ours.spawn(pts).expect("it starts"));
        let pty = Arc::new(pty);
        let (sender, told) = unbounded_channel();
        let screen = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut bytes = [0; 1024];
            // A terminal whose last process has ended reads as an error.
            while let Ok(count @ 1..) = (&*screen).read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, pty, told, text: String::new() }
    }

    async fn until(&mut self, words: &str) {
        while !self.text.contains(words) {
            let bytes = timeout(WITHIN, self.told.recv()).await.ok().flatten();
            let bytes = bytes.unwrap_or_else(|| panic!("`{words}` never came: {}", self.text));
            self.text += &String::from_utf8_lossy(&bytes);
        }
    }

    /// Answers the question with yes or no, and waits for the end.
    pub async fn answer(mut self, yes: bool) -> Shown {
        let before = self.text.len();
        let key = if yes { "y\n" } else { "n\n" };
        (&*self.pty).write_all(key.as_bytes()).expect("somebody reads");
        while let Some(bytes) = timeout(WITHIN, self.told.recv()).await.expect("it ends in time") {
            self.text += &String::from_utf8_lossy(&bytes);
        }
        let ended = tokio::task::spawn_blocking(move || self.child.0.wait());
        let status = ended.await.expect("it does not panic").expect("it has ended");
        let (text, after) = (unframed(&self.text), unframed(&self.text[before..]));
        Shown { code: status.code(), text, after }
    }
}

impl Shown {
    /// The commands of ours that the end of a command tells to type.
    #[must_use]
    pub fn next(&self) -> Vec<String> {
        let parts = self.after.split('`').skip(1).step_by(2);
        parts.filter_map(|part| Some(part.strip_prefix("cargo xtask ")?.to_owned())).collect()
    }
}

/// Text as one line, without the frame that an error is drawn in.
#[must_use]
pub fn unframed(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !matches!(*word, "│" | "╰─▶" | "├─▶" | "×"));
    words.collect::<Vec<_>>().join(" ")
}
