//! The tools that come from `PyPI`: a virtual environment for each, installed once from pinned hashes.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod interpreter;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use self::interpreter::{VERSION_MIN, quiet};

/// BOUND: an installation takes half a minute on a slow line; after this long the line is down.
const INSTALL_WITHIN: Duration = Duration::from_mins(10);
const LOCK_POLL: Duration = Duration::from_millis(100);
/// BOUND: of a failed command's output, this many lines are shown.
const LINES_SHOWN: usize = 30;
/// Written last: without it the environment is half made.
const MARKER: &str = ".complete";

/// What is to be installed, and where.
#[derive(Clone, Copy, Debug)]
pub struct VenvSettings<'a> {
    /// Names the directory; letters, digits and dashes.
    pub name: &'a str,
    /// What it is for, as the progress line says it: "the emulator".
    pub purpose: &'a str,
    /// The text of a requirements file in which every line has its hashes.
    pub requirements: &'a str,
    /// Cargo's target directory. The environment is made in `tools/` under it.
    pub target: &'a Path,
}

/// A virtual environment with everything installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venv {
    directory: PathBuf,
}

/// Why there is no environment.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VenvError {
    /// No Python that is new enough and complete was found.
    #[error("no usable Python {}.{} or newer: {found}", VERSION_MIN.0, VERSION_MIN.1)]
    #[diagnostic(
        code("python"),
        help(
            "install Python with its venv module, such as `apt-get install python3 python3-venv` \
             or `brew install python`"
        )
    )]
    Python {
        /// What was found instead, name by name.
        found: String,
    },
    /// The directory cannot be made or written.
    #[error("cannot write the Python environment: `{}`", path.display())]
    #[diagnostic(code("drill::write"))]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// `python -m venv` or `pip` failed.
    #[error("cannot install {purpose}: {reason}\n{output}")]
    #[diagnostic(
        code("drill::install"),
        help("the package index has to be reachable this once; then run the command again")
    )]
    Install {
        /// [`VenvSettings::purpose`].
        purpose: String,
        /// How it ended.
        reason: String,
        /// The last lines that it wrote.
        output: String,
    },
    /// Another process has been installing the same environment for longer than an installation takes.
    #[error("another process is still installing {purpose}: `{lock}`")]
    #[diagnostic(
        code("drill::locked"),
        help("end it, `fuser {lock}` names it; then run the command again")
    )]
    Locked {
        /// [`VenvSettings::purpose`].
        purpose: String,
        /// The lock file, as text for the message.
        lock: String,
    },
}

/// The emulator's environment under Cargo's target folder.
#[must_use]
pub const fn emulator_tools(target: &Path) -> VenvSettings<'_> {
    VenvSettings {
        name: "emulator",
        purpose: "the emulator",
        requirements: include_str!("../../../tools/emulator.txt"),
        target,
    }
}

impl Venv {
    /// The environment for `settings`: found if it is there, made otherwise. Whoever starts second waits for the first.
    ///
    /// `progress` is told once, in words, before something slow begins.
    ///
    /// # Errors
    /// [`VenvError`]: no usable Python, a directory that cannot be written, or an installation that failed.
    pub async fn prepare(
        settings: VenvSettings<'_>,
        progress: impl Fn(&str),
    ) -> Result<Self, VenvError> {
        let tools = settings.target.join("tools");
        let directory = tools.join(directory_name(settings));
        let venv = Self { directory };
        if venv.is_complete() {
            return Ok(venv);
        }
        fs::create_dir_all(&tools)
            .map_err(|source| VenvError::Write { path: tools.clone(), source })?;
        let lock = tools.join(format!("{}.lock", directory_name(settings)));
        // Held until the end of this function; the system gives it back even if this process is killed.
        let _held = acquire(&lock, settings.purpose).await?;
        if !venv.is_complete() {
            let python = interpreter::find().await.map_err(|found| VenvError::Python { found })?;
            progress(&format!("installing {}, once", settings.purpose));
            venv.install(settings, &python).await?;
        }
        Ok(venv)
    }

    /// Whether the environment is there, complete.
    #[must_use]
    pub fn is_there(settings: VenvSettings<'_>) -> bool {
        let directory = settings.target.join("tools").join(directory_name(settings));
        Self { directory }.is_complete()
    }

    /// The Python that an environment would be made with, or in words what was found instead.
    ///
    /// # Errors
    /// What was found, name by name, if nothing will do.
    pub async fn interpreter() -> Result<PathBuf, String> {
        interpreter::find().await
    }

    /// A program of the environment, such as `cfn-lint`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join("bin").join(name)
    }

    /// The environment's own Python.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// Complete, and its Python still there: the system's may have been upgraded under it.
    fn is_complete(&self) -> bool {
        self.directory.join(MARKER).exists() && self.python().exists()
    }

    async fn install(&self, settings: VenvSettings<'_>, python: &Path) -> Result<(), VenvError> {
        let write = |path: PathBuf| move |source| VenvError::Write { path, source };
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory).map_err(write(self.directory.clone()))?;
        }
        let mut venv = Command::new(python);
        venv.args(["-m", "venv"]).arg(&self.directory);
        run(venv, settings.purpose).await?;
        let requirements = self.directory.join("requirements.txt");
        fs::write(&requirements, settings.requirements).map_err(write(requirements.clone()))?;
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--require-hashes", "--no-input"])
            .args(["--disable-pip-version-check", "--progress-bar", "off", "-r"])
            .arg(&requirements);
        run(pip, settings.purpose).await?;
        let marker = self.directory.join(MARKER);
        fs::write(&marker, "").map_err(write(marker.clone()))
    }
}

fn directory_name(settings: VenvSettings<'_>) -> String {
    // Its programs name the folder that they were installed in: after a move they would not start.
    let folder = settings.target.as_os_str().as_encoded_bytes();
    let digest = Sha256::new().chain_update(settings.requirements).chain_update(folder).finalize();
    let start = digest.iter().take(6).fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
    format!("{}-{start:012x}", settings.name)
}

async fn acquire(path: &Path, purpose: &str) -> Result<File, VenvError> {
    let write = |source| VenvError::Write { path: path.to_owned(), source };
    let file = File::create(path).map_err(write)?;
    let deadline = Instant::now() + INSTALL_WITHIN;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(write(source)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(VenvError::Locked {
                    purpose: purpose.to_owned(),
                    lock: path.display().to_string(),
                });
            }
            Err(TryLockError::WouldBlock) => sleep(LOCK_POLL).await,
        }
    }
}

async fn run(mut command: Command, purpose: &str) -> Result<(), VenvError> {
    let failed = |reason: String, output: String| VenvError::Install {
        purpose: purpose.to_owned(),
        reason,
        output,
    };
    let output = timeout(INSTALL_WITHIN, quiet(&mut command).output())
        .await
        .map_err(|_| failed(format!("not done in {} s", INSTALL_WITHIN.as_secs()), String::new()))?
        .map_err(|error| failed(error.to_string(), String::new()))?;
    if output.status.success() {
        return Ok(());
    }
    let written = [output.stdout, output.stderr].concat();
    Err(failed(
        output.status.to_string(),
        last_lines(&String::from_utf8_lossy(&written), LINES_SHOWN),
    ))
}

/// The last lines of a log, for an error message.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(target: &Path) -> VenvSettings<'_> {
        VenvSettings {
            name: "emulator",
            purpose: "the emulator",
            requirements: "ministack==1.5.33 --hash=sha256:00",
            target,
        }
    }

    /// Goal: other requirements, or a folder that was moved, are another environment. Method: the directory's names.
    #[test]
    fn the_directory_follows_the_requirements() {
        let here = settings(Path::new("target"));
        let other = VenvSettings { requirements: "ministack==1.5.34 --hash=sha256:00", ..here };
        assert_eq!(directory_name(here), directory_name(here));
        assert_ne!(directory_name(here), directory_name(other));
        let moved = VenvSettings { target: Path::new("/another/checkout/target"), ..here };
        assert_ne!(directory_name(here), directory_name(moved));
        assert!(directory_name(here).starts_with("emulator-"));
    }

    /// Goal: what is complete is not installed again. Method: a marker and a Python laid by hand; progress must stay silent.
    #[tokio::test]
    async fn a_complete_environment_is_taken_as_it_is() {
        let target = tempfile::tempdir().expect("a scratch directory");
        let settings = settings(target.path());
        let directory = target.path().join("tools").join(directory_name(settings));
        fs::create_dir_all(directory.join("bin")).expect("a scratch directory");
        for file in [MARKER, "bin/python"] {
            fs::write(directory.join(file), "").expect("a scratch file");
        }
        let venv = Venv::prepare(settings, |text| panic!("nothing to install: {text}")).await;
        assert_eq!(venv.expect("complete").program("ministack"), directory.join("bin/ministack"));
    }

    /// Goal: two starters do not install at once. Method: the second asks for the lock that the first holds.
    #[tokio::test]
    async fn the_second_starter_waits_for_the_first() {
        let target = tempfile::tempdir().expect("a scratch directory");
        let path = target.path().join("x.lock");
        let first = acquire(&path, "x").await.expect("free");
        assert!(timeout(LOCK_POLL * 2, acquire(&path, "x")).await.is_err());
        drop(first);
        acquire(&path, "x").await.expect("free again");
    }

    /// Goal: a failed step shows why. Method: a program that writes and fails.
    #[tokio::test]
    async fn a_failed_step_shows_its_last_lines() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 100; echo no matching hash >&2; exit 3"]);
        let message = run(command, "the emulator").await.expect_err("fails").to_string();
        assert!(message.contains("the emulator: exit status: 3"), "{message}");
        assert!(message.ends_with("no matching hash"), "{message}");
        assert!(!message.contains("\n1\n"), "{message}");
    }
}
