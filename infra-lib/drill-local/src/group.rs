//! The emulator's process group: started, waited for, and ended as a whole.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use python::last_lines;

use drill::http::{self, Bounds};

use crate::emulator::{self, EmulatorError, EmulatorSettings};
use crate::note::Note;
use crate::process;

const READY_POLL: Duration = Duration::from_millis(100);
const READY_BOUNDS: Bounds =
    Bounds { connect: Duration::from_secs(1), answer: Duration::from_secs(2) };
/// BOUND: of the log, this many lines are shown in an error.
const LINES_SHOWN: usize = 30;

/// The emulator's processes with what belongs to them: the directory, and the note for the next drill.
#[derive(Debug)]
pub(super) struct Group {
    number: i32,
    /// Holds the pipe by which the group notices that this process is gone.
    child: Child,
    directory: TempDir,
    note: PathBuf,
}

impl Group {
    /// Starts `program` in a group and a directory of its own.
    pub(super) fn spawn(
        settings: &EmulatorSettings,
        root: &Path,
        arguments: &[String],
        address: SocketAddr,
    ) -> Result<Self, EmulatorError> {
        let unwritable = |source| EmulatorError::Directory { path: root.to_owned(), source };
        let directory =
            tempfile::Builder::new().prefix("emulator-").tempdir_in(root).map_err(unwritable)?;
        for part in ["state", "s3", "tmp"] {
            fs::create_dir(directory.path().join(part)).map_err(unwritable)?;
        }
        let log = File::create(directory.path().join("emulator.log")).map_err(unwritable)?;
        let mut command = Command::new(&settings.python);
        command
            .args(arguments)
            .arg(directory.path())
            .current_dir(directory.path())
            .env_clear()
            .envs(emulator::environment(settings, directory.path(), address))
            .stdin(Stdio::piped())
            .stderr(log.try_clone().map_err(unwritable)?)
            .stdout(log)
            .process_group(0);
        let spawned = |source| EmulatorError::Spawn { program: settings.python.clone(), source };
        let child = command.spawn().map_err(spawned)?;
        let number = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .expect("a child that was not yet waited for has a number, and the system's are small");
        let note = Note::new(number, directory.path().to_owned());
        let group = Self { number, child, note: note.path(root), directory };
        note.write(root).map_err(unwritable)?;
        Ok(group)
    }

    /// Waits until the emulator answers that it is ready.
    pub(super) async fn ready(
        &mut self,
        address: SocketAddr,
        within: Duration,
    ) -> Result<(), EmulatorError> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.child.try_wait() {
                let log = self.log(LINES_SHOWN);
                return Err(EmulatorError::Ended { status, log });
            }
            if is_ready(address).await {
                return Ok(());
            }
            sleep(READY_POLL).await;
        }
        Err(EmulatorError::NotReady { waited: within, log: self.log(LINES_SHOWN) })
    }

    /// The last lines that its processes wrote.
    pub(super) fn log(&self, lines: usize) -> String {
        let bytes = fs::read(self.directory.path().join("emulator.log")).unwrap_or_default();
        last_lines(&String::from_utf8_lossy(&bytes), lines)
    }

    /// Ends every process of the group.
    pub(super) async fn stop(&mut self) -> Result<(), EmulatorError> {
        let number = self.number;
        let ended = process::end_group(number).await;
        // Its leader is our child: unless it is waited for, its number stays taken.
        let _ = self.child.try_wait();
        match ended {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(EmulatorError::Stop { group: number }),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // No time to ask: what it knows is thrown away with it.
        process::kill_group(self.number);
        let _ = self.child.try_wait();
        let _ = fs::remove_file(&self.note);
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let request = http::get(&address.to_string(), "/_ministack/ready")
        .expect("an address and a constant path make a request");
    http::exchange(address, request, READY_BOUNDS)
        .await
        .is_ok_and(|answer| answer.status().is_success())
}
