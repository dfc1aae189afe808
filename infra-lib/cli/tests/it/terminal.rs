//! The command on a real terminal: questions, colours, narrow screens, the interrupt key.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::fs::File;
use std::io::{Read, Write};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use expect_test::expect;
use failover_core::record::{Cause, Raised, Register, Sizes};
use failover_core::time::after;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use super::command::{Folder, SITE};
use super::endpoint::{Endpoint, now};

/// BOUND: every command here is done in a second on an idle machine.
const WITHIN: Duration = Duration::from_mins(1);
const ROWS: u16 = 24;
/// The interrupt key, as a keyboard sends it.
const CTRL_C: &str = "\x03";

/// A command on a terminal of its own.
struct Terminal {
    child: Child,
    pty: Arc<Pty>,
    told: Receiver<Vec<u8>>,
    /// All that was shown so far.
    text: String,
}

impl Terminal {
    fn open(command: &std::process::Command, columns: u16) -> Self {
        Self::writing(command, columns, None)
    }

    /// With its standard output in a file, if there is one.
    fn writing(command: &std::process::Command, columns: u16, out: Option<File>) -> Self {
        let (pty, pts) = open().expect("a terminal");
        pty.resize(Size::new(ROWS, columns)).expect("it has a size");
        // Linux throws away what is written in the moment of Ctrl-C, unless `noflsh` is set.
        let quietly = ["-c", "stty noflsh; exec \"$0\" \"$@\""];
        let mut ours = Command::new("sh").args(quietly).arg(command.get_program());
        ours = ours.args(command.get_args());
        ours = ours.current_dir(command.get_current_dir().expect("a folder"));
        ours = ours.env_remove("NO_COLOR").env("TERM", "xterm");
        for (name, value) in command.get_envs() {
            ours = match value {
                Some(value) => ours.env(name, value),
                None => ours.env_remove(name),
            };
        }
        if let Some(out) = out {
            ours = ours.stdout(out);
        }
        let child = ours.spawn(pts).expect("it starts");
        let pty = Arc::new(pty);
        let (sender, told) = channel();
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

    /// Waits until these words are shown.
    fn until(&mut self, words: &str) {
        while !self.text.contains(words) {
            let bytes = self.told.recv_timeout(WITHIN);
            let bytes = bytes.unwrap_or_else(|_| panic!("`{words}` never came: {}", self.text));
            self.text += &String::from_utf8_lossy(&bytes);
        }
    }

    fn write(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).expect("somebody reads");
    }

    /// Waits for the end: the exit code and all that was shown.
    fn end(mut self) -> (Option<i32>, String) {
        while let Ok(bytes) = self.told.recv_timeout(WITHIN) {
            self.text += &String::from_utf8_lossy(&bytes);
        }
        let status = self.child.wait().expect("it ends");
        (status.code(), self.text.replace("\r\n", "\n"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that fails leaves nothing behind.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a person answers, at the question.
fn answered(endpoint: &Endpoint, keys: &str) -> (Option<i32>, String) {
    let folder = Folder::with(SITE);
    let mut terminal = Terminal::open(&endpoint.command(&folder, "mode frozen"), 100);
    terminal.until("Set this mode? [y/N] ");
    terminal.write(keys);
    let (code, text) = terminal.end();
    let at = text.find("Set this mode?").expect("it was asked");
    (code, text[at..].to_owned())
}

#[test]
fn only_yes_is_yes() {
    let endpoint = Endpoint::new();
    for keys in ["n\n", "\n", "yep\n", "\x04"] {
        let (code, text) = answered(&endpoint, keys);
        assert_eq!(code, Some(8), "{keys:?}: {text}");
        assert!(text.contains("nothing was changed"), "{keys:?}: {text}");
    }
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
    for keys in ["y\n", "yes\n", " Y \n"] {
        let (code, text) = answered(&endpoint, keys);
        assert_eq!(code, Some(0), "{keys:?}: {text}");
        assert!(text.ends_with("the mode is frozen\n"), "{keys:?}: {text}");
    }
}

/// Goal: a raise by somebody else while the question waits stands. Method: the group grows before the answer.
#[test]
fn a_group_that_grew_while_a_direct_failover_asked_is_not_lowered() {
    let endpoint = Endpoint::new();
    let folder = Folder::with(SITE);
    let mut terminal = Terminal::open(&endpoint.command(&folder, "failover --direct"), 100);
    terminal.until("Raise the standby without the controller? [y/N] ");
    let grown = Sizes { min: 6, desired: 6, max: 8 };
    endpoint.state().standby().sizes = grown;
    terminal.write("y\n");
    let (code, text) = terminal.end();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the group changed in the meantime: min 6, desired 6, max 8"), "{text}");
    assert_eq!(endpoint.state().standby().sizes, grown);
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
}

/// Goal: a lowering stops at what somebody raised while the question waited. Method: the group grows and its note is newer.
#[test]
fn a_failover_that_began_while_a_direct_failback_asked_keeps_its_servers() {
    let endpoint = Endpoint::new();
    let (folder, at) = (Folder::with(SITE), after(now(), -7200));
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let note = Raised { first: at, at, target: 2, why: Cause::Alarm, undo };
    endpoint.state().note(&Register::Raised(note));
    endpoint.state().standby().sizes = Sizes { min: 2, desired: 3, max: 8 };
    let verb = "failback --direct --accept-unproven";
    let mut terminal = Terminal::open(&endpoint.command(&folder, verb), 100);
    terminal.until("Lower the standby without the controller's proof? [y/N] ");
    endpoint.state().note(&Register::Closed(now().into()));
    terminal.write("y\n");
    let (code, text) = terminal.end();
    assert_eq!(code, Some(6), "{text}");
    assert!(text.contains("the latch holds the users on the standby"), "{text}");
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
}

#[test]
fn the_interrupt_key_at_the_question_changes_nothing() {
    let endpoint = Endpoint::new();
    let (code, text) = answered(&endpoint, CTRL_C);
    assert_eq!(code, Some(130), "{text}");
    expect![[r#"
        Set this mode? [y/N] ^C
        interrupted; nothing was changed; run the same command again
    "#]]
    .assert_eq(&text);
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
}

/// Goal: a script tells No and an interrupt from done, by the exit code and by the document. Method: each verb that asks, on a
/// terminal, with standard output in a file.
#[test]
fn a_declined_or_interrupted_question_is_told_to_programs() {
    for verb in ["failover", "failover --direct", "approve", "mode frozen", "destroy"] {
        for (keys, exit, ending) in [("n\n", 8, "declined"), (CTRL_C, 130, "interrupted")] {
            let endpoint = Endpoint::new();
            let folder = Folder::with(SITE);
            let command = endpoint.command(&folder, &format!("{verb} --format json"));
            let file = tempfile::NamedTempFile::new().expect("a file");
            let mut terminal =
                Terminal::writing(&command, 100, Some(file.reopen().expect("it is there")));
            terminal.until("[y/N] ");
            terminal.write(keys);
            let (code, text) = terminal.end();
            let told = std::fs::read_to_string(file.path()).expect("it is written");
            assert_eq!(code, Some(exit), "{verb}: {text}");
            let document: serde_json::Value =
                serde_json::from_str(&told).unwrap_or_else(|_| panic!("{verb}: `{told}`"));
            assert_eq!(document["ending"], ending, "{verb}: {told}");
            assert!(text.contains("nothing was changed"), "{verb}: {text}");
            assert_eq!(endpoint.state().writes, Vec::<String>::new(), "{verb}");
        }
    }
}

#[test]
fn colours_are_for_terminals_and_no_color_takes_them_away() {
    let endpoint = Endpoint::new();
    let folder = Folder::with(SITE);
    let (code, text) = Terminal::open(&endpoint.command(&folder, "status"), 100).end();
    assert!(code == Some(0) && text.contains("\x1b["), "{text}");
    let mut command = endpoint.command(&folder, "status");
    let (code, text) = Terminal::open(command.env("NO_COLOR", "1"), 100).end();
    assert!(code == Some(0) && !text.contains('\x1b'), "{text}");
    // A terminal that can do nothing gets no more than a pipe.
    let mut command = endpoint.command(&folder, "failover --yes");
    let (code, text) = Terminal::open(command.env("TERM", "dumb"), 100).end();
    assert!(code == Some(0) && !text.contains('\x1b'), "{text}");
}

/// Lines of text that a terminal of 40 columns would break, without those that hold one word that is wider. A command to type is
/// not broken either: it is to be copied.
fn too_wide(text: &str) -> Vec<&str> {
    let wide = text.lines().filter(|line| line.chars().count() > 40);
    let wide = wide.filter(|line| !line.contains("cargo xtask ") && !line.contains("aws "));
    wide.filter(|line| line.split_whitespace().all(|word| word.len() <= 20)).collect()
}

#[test]
fn forty_columns_are_enough() {
    let folder = Folder::with(SITE);
    for verb in [
        "status",
        "mode frozen --yes",
        "failover --yes",
        "failover --direct --yes",
        "simulate --count 10",
        "cost",
        "check --rules",
        "check --replacements",
    ] {
        let endpoint = Endpoint::new();
        let mut command = endpoint.command(&folder, verb);
        let (code, text) = Terminal::open(command.env("NO_COLOR", "1"), 40).end();
        assert_eq!(code, Some(0), "{verb}: {text}");
        assert_eq!(too_wide(&text), Vec::<&str>::new(), "{verb}");
    }
}
