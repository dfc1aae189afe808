//! Process groups: who is in one, and how to end one.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

/// BOUND: how long a group may take to end after it was asked; then it is killed.
const END_WITHIN: Duration = Duration::from_secs(3);
/// BOUND: how long the kernel may take to end what was killed.
const KILL_WITHIN: Duration = Duration::from_secs(2);
/// BOUND: the same where a thread is held up meanwhile; killed processes are gone within milliseconds.
const DROP_WITHIN: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(20);

/// A process of a group: what it was started with, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) pid: i32,
    pub(super) command: String,
}

/// The living processes of a group. One that has ended but was not yet waited for does not count.
pub(super) fn members(group: i32) -> Vec<Member> {
    if Path::new("/proc/self/stat").exists() {
        members_by_proc(group)
    } else {
        members_by_ps(group)
    }
}

fn members_by_proc(group: i32) -> Vec<Member> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| Stat::read(*pid).is_some_and(|stat| stat.group == group && stat.state != "Z"))
        .map(|pid| Member { pid, command: command_of(pid) })
        .collect()
}

fn command_of(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ").trim_end().to_owned()
}

/// Systems without `/proc`, macOS among them.
fn members_by_ps(group: i32) -> Vec<Member> {
    let listed = Command::new("ps").args(["-A", "-ww", "-o", "pid=,pgid=,state=,args="]).output();
    let Ok(listed) = listed else {
        return Vec::new();
    };
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let pid = words.next()?.parse().ok()?;
            let of_group = words.next()?.parse::<i32>().ok()? == group;
            let alive = !words.next()?.starts_with('Z');
            let command = words.collect::<Vec<_>>().join(" ");
            (of_group && alive).then_some(Member { pid, command })
        })
        .collect()
}

/// The fields of `/proc/<pid>/stat` that matter here.
struct Stat {
    state: String,
    group: i32,
    started: String,
}

impl Stat {
    fn read(pid: i32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything, so the fields are counted from its end.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        Some(Self {
            state: (*fields.first()?).to_owned(),
            group: fields.get(2)?.parse().ok()?,
            started: (*fields.get(19)?).to_owned(),
        })
    }
}

/// What tells a process from a later one with the same number, where the system says it.
pub(super) fn started(pid: i32) -> Option<String> {
    Stat::read(pid).map(|stat| stat.started)
}

/// Whether there is a process with this number, one that was not yet waited for included.
pub(super) fn is_there(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH)
}

/// Sends a signal to a whole group; one that is gone already is no error.
fn signal_group(group: i32, signal: Signal) -> io::Result<()> {
    match killpg(Pid::from_raw(group), signal) {
        // macOS answers `EPERM` for a group that holds nothing but processes that have ended.
        Ok(()) | Err(Errno::ESRCH | Errno::EPERM) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Ends a group: asks, waits, kills. `true` if nothing is left of it.
pub(super) async fn end_group(group: i32) -> io::Result<bool> {
    for (signal, bound) in [(Signal::SIGTERM, END_WITHIN), (Signal::SIGKILL, KILL_WITHIN)] {
        signal_group(group, signal)?;
        let deadline = Instant::now() + bound;
        while Instant::now() < deadline {
            if members(group).is_empty() {
                return Ok(true);
            }
            sleep(POLL).await;
        }
    }
    Ok(members(group).is_empty())
}

/// Kills a group without asking, and waits for it without a runtime: for `Drop`.
pub(super) fn kill_group(group: i32) {
    let _ = signal_group(group, Signal::SIGKILL);
    let deadline = std::time::Instant::now() + DROP_WITHIN;
    while !members(group).is_empty() && std::time::Instant::now() < deadline {
        std::thread::sleep(POLL / 4);
    }
}
