//! The watchdog: a process of its own that puts back what a drill changed when the drill's process is gone, however it went:
//! SIGKILL, out of memory, a closed terminal, a bug.
//!
//! The drill starts it before its first write and holds one end of a pipe, which the kernel closes with the drill. The watchdog
//! is in a session of its own, so that what ends the drill's terminal or its process group does not end it too. It knows the
//! drill by the restore file: without the file there is nothing to put back.
//!
//! What it cannot see is a machine that is lost with both processes; docs/drills.md says what happens then.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};

use cloud::Cloud;
use cloud::guard::{GuardError, Permit};

use super::undo::{IN_FLIGHT, undo};
use super::{Restore, RestoreError};

/// What the watchdog says once nothing can end it with the drill.
pub const READY: &str = "ready";
/// BOUND: it starts within a fraction of a second; a machine that is busy takes some.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// BOUND: four steps of 20 minutes and the minute of serving; a drill that still runs after this is stopped or hangs, and its
/// check must not stay inverted for longer.
const LONGEST: Duration = Duration::from_hours(2);
/// BOUND: how long it tries to put back. Who comes back to a machine that could not reach AWS for a day finds the restore file.
const TRIES_FOR: Duration = Duration::from_hours(24);
/// Interval between two tries.
const TRY_EVERY: Duration = Duration::from_secs(5);
/// How often it is told that AWS does not let it.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// How the watchdog is started: the restore file's path is its last argument.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub program: PathBuf,
    /// What comes before the path.
    pub arguments: Vec<OsString>,
}

/// A running watchdog. Dropped, it puts back whatever the restore file still names.
#[derive(Debug)]
pub struct Watchdog {
    _pipe: ChildStdin,
    /// Its process.
    pub process: u32,
}

/// Where the watchdog writes what it does: beside the restore file.
#[must_use]
pub fn log(file: &Path) -> PathBuf {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{}.log", name.replace("restore", "watchdog")))
}

impl Watchdog {
    /// Starts the watchdog of a restore file that is on the disk, and waits until it watches.
    ///
    /// # Errors
    /// [`RestoreError::Watchdog`] if it does not start: nothing may be changed then.
    pub async fn start(program: &Program, file: &Path) -> Result<Self, RestoreError> {
        let started = Self::started(program, file).await;
        started.map_err(|source| RestoreError::Watchdog { source })
    }

    async fn started(program: &Program, file: &Path) -> io::Result<Self> {
        let mut child = Command::new(&program.program)
            .args(&program.arguments)
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Not the drill's own: whoever reads that to its end would wait for the watchdog, too.
            .stderr(File::create(log(file))?)
            .spawn()?;
        let pipe = child.stdin.take().expect("it is piped");
        let mut says = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let first = timeout(READY_WITHIN, says.next_line()).await.map_err(io::Error::from)??;
        if first.as_deref() == Some(READY) {
            let process = child.id().unwrap_or_default();
            return Ok(Self { _pipe: pipe, process });
        }
        let said = std::fs::read_to_string(log(file)).unwrap_or_default();
        Err(io::Error::other(format!("it does not watch: {}", said.trim())))
    }
}

/// Leaves the session of whoever started this process.
///
/// # Errors
/// The system's, for a process that leads a group already.
pub fn detach() -> io::Result<()> {
    nix::unistd::setsid()?;
    Ok(())
}

/// Watches until the drill has `ended`, then puts back what the restore file names. `ready` is called once it watches,
/// `connect` before each try, because a new sign-in is seen by new clients alone.
///
/// # Errors
/// [`RestoreError`] if there is no file to watch over, [`GuardError`] if what it names could not be put back in a day.
pub async fn watch(
    file: &Path,
    ended: impl Future<Output = ()>,
    ready: impl FnOnce(),
    connect: impl AsyncFn() -> Result<(Arc<dyn Cloud>, Permit), GuardError>,
    tell: impl Fn(String),
) -> Result<(), WatchError> {
    let Some(mine) = Restore::read(file)? else { return Ok(()) };
    ready();
    let lives = timeout(LONGEST, ended).await.is_err();
    let begun = Instant::now();
    let mut told: Option<Instant> = None;
    let mut rounds = 0;
    // Once at once, and once more for what a killed drill had sent and AWS had not taken yet.
    while rounds < 2 {
        let left = match Restore::read(file) {
            Ok(None) => return Ok(()),
            Ok(Some(left)) if !left.is_of(&mine) => return Ok(()),
            Ok(Some(left)) => left,
            Err(_) => mine.clone(),
        };
        if rounds == 0 && told.is_none() {
            tell(if lives {
                format!("the drill of {} has run for 2 h: putting back what it changed", mine.by)
            } else {
                format!("the drill of {} has ended: putting back what it left", mine.by)
            });
        }
        let undone = async {
            let (cloud, permit) = connect().await?;
            let done = undo(cloud.as_ref(), &permit, &left).await?;
            Ok((done, cloud.is_local()))
        };
        match undone.await {
            Ok((done, is_local)) => {
                done.into_iter().for_each(&tell);
                rounds += 1;
                sleep(if is_local { IN_FLIGHT / 10 } else { IN_FLIGHT }).await;
            }
            Err(error @ GuardError::Refused(_)) => return Err(error.into()),
            Err(error) if begun.elapsed() > TRIES_FOR => return Err(error.into()),
            Err(error) => {
                if told.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                    told = Some(Instant::now());
                    tell(format!("not put back yet: {error}"));
                }
                sleep(TRY_EVERY).await;
            }
        }
    }
    tell("nothing more to put back; `cargo xtask drill restore` follows the rest and deletes the restore file".to_owned());
    Ok(())
}

/// Why the watchdog ended with something left.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum WatchError {
    /// The restore file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Restore(#[from] RestoreError),
    /// What it names.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Undo(#[from] GuardError),
}
