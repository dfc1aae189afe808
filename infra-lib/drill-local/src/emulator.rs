//! AWS on this machine: one emulator, started on a free port and ended with everything that it started.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use site::names::Region;

use crate::group::Group;
use crate::note;

/// BOUND: measured 0.3 to 0.5 s; a machine that needs a hundred times that would not get through a drill either.
pub const READY_WITHIN: Duration = Duration::from_secs(30);
/// BOUND: a free port can be taken by another process before the emulator has it.
const PORT_TRIES: usize = 3;
/// See the file: it ends the group when this process is gone.
const LAUNCH: &str = include_str!("launch.py");

/// How the emulator is started.
#[derive(Clone, Debug)]
pub struct EmulatorSettings {
    /// The Python of the environment that holds it: [`python::Venv::python`].
    pub python: PathBuf,
    /// Where its working directory and the note of its process group are made: `pilotlight` under Cargo's target directory.
    pub root: PathBuf,
    /// The region it takes for calls that name none.
    pub region: Region,
    /// What the functions get as `AWS_ENDPOINT_URL`; `None` is the emulator itself.
    pub function_endpoint: Option<String>,
    /// Further variables of its environment, which its functions inherit.
    pub environment: BTreeMap<String, String>,
    /// How long it may take to get ready: [`READY_WITHIN`], except in tests.
    pub ready_within: Duration,
}

/// A running emulator. Dropped, it is killed with its whole process group and its directory is removed.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    group: Group,
}

/// Why there is no emulator.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum EmulatorError {
    /// What an earlier drill left behind cannot be cleaned up, or the directory cannot be written.
    #[error("cannot prepare the emulator's directory: `{}`", path.display())]
    #[diagnostic(code("drill::directory"))]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// No port is free on 127.0.0.1.
    #[error("no free port on 127.0.0.1")]
    #[diagnostic(code("drill::port"), help("end what holds them: `ss -ltnp` lists it"))]
    Port(#[source] io::Error),
    /// The program cannot be started.
    #[error("cannot start the emulator: `{}`", program.display())]
    #[diagnostic(code("drill::spawn"))]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// It ended before it was ready.
    #[error("the emulator ended before it was ready: {status}\n{log}")]
    #[diagnostic(
        code("drill::ended"),
        help(
            "its last lines say why; `tools` in the target directory may be deleted; it is created again"
        )
    )]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },
    /// It did not get ready in time. It has been ended.
    #[error("the emulator was not ready after {} s\n{log}", waited.as_secs_f32())]
    #[diagnostic(
        code("drill::not_ready"),
        help("its last lines say how far it came; on a busy machine, run the command again")
    )]
    NotReady {
        /// How long it was waited for.
        waited: Duration,
        /// The last lines of its log.
        log: String,
    },
    /// Processes of its group are still there after they were killed.
    #[error("the emulator's process group does not end: {group}")]
    #[diagnostic(code("drill::stop"), help("`kill -9 -- -{group}`"))]
    Stop {
        /// The number of the group.
        group: i32,
    },
}

impl Emulator {
    /// Cleans up after drills that were killed, starts the emulator on a free port and waits until it is ready.
    ///
    /// # Errors
    /// [`EmulatorError`]: no directory, no port, no program, or an emulator that ended or did not get ready in time,
    /// with the last lines of its log.
    pub async fn start(settings: &EmulatorSettings) -> Result<Self, EmulatorError> {
        let arguments = ["-u".to_owned(), "-c".to_owned(), LAUNCH.to_owned()];
        Self::launch(settings, &arguments).await
    }

    /// As [`Emulator::start`], with other arguments in front of the directory, so that tests can stand in for it.
    async fn launch(
        settings: &EmulatorSettings,
        arguments: &[String],
    ) -> Result<Self, EmulatorError> {
        let directory = |source| EmulatorError::Directory { path: settings.root.clone(), source };
        fs::create_dir_all(&settings.root).map_err(directory)?;
        let root = settings.root.canonicalize().map_err(directory)?;
        note::sweep(&root).await.map_err(directory)?;
        let mut tries = 1;
        loop {
            let address = free_address().map_err(EmulatorError::Port)?;
            let mut group = Group::spawn(settings, &root, arguments, address)?;
            match group.ready(address, settings.ready_within).await {
                Ok(()) => return Ok(Self { address, group }),
                Err(EmulatorError::Ended { log, .. })
                    if tries < PORT_TRIES && log.contains("already in use") =>
                {
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, for `AWS_ENDPOINT_URL` of a client.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log(&self, lines: usize) -> String {
        self.group.log(lines)
    }

    /// Ends it and everything that it started: asks, waits, kills.
    ///
    /// # Errors
    /// [`EmulatorError::Stop`] if processes are left even so.
    pub async fn stop(mut self) -> Result<(), EmulatorError> {
        self.group.stop().await
    }
}

/// The emulator's whole environment. Nothing else is inherited, so that no profile, proxy or setting of the person who
/// runs the drill changes what happens.
pub(super) fn environment(
    settings: &EmulatorSettings,
    directory: &Path,
    address: SocketAddr,
) -> BTreeMap<String, String> {
    let path = |part: &str| directory.join(part).to_string_lossy().into_owned();
    let endpoint =
        settings.function_endpoint.clone().unwrap_or_else(|| format!("http://{address}"));
    let inherited = ["PATH", "LANG"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)));
    [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("BIND_HOST", address.ip().to_string()),
        ("GATEWAY_PORT", address.port().to_string()),
        ("MINISTACK_REGION", settings.region.to_string()),
        ("LAMBDA_EXECUTOR", "local".to_owned()),
        ("STATE_DIR", path("state")),
        ("S3_DATA_DIR", path("s3")),
        // It unpacks function code there, by port.
        ("TMPDIR", path("tmp")),
        // Not the person's own: a `~/.aws/config` there would reach the functions.
        ("HOME", path("tmp")),
        // Its MQTT broker would listen on every address of the machine.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .chain(inherited)
    .chain(settings.environment.clone())
    .collect()
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::process;

    fn settings(root: &Path) -> EmulatorSettings {
        EmulatorSettings {
            python: PathBuf::from("sh"),
            root: root.to_owned(),
            region: Region::parse("us-east-2").expect("a region"),
            function_endpoint: None,
            environment: BTreeMap::new(),
            ready_within: Duration::from_millis(300),
        }
    }

    async fn launch(script: &str) -> (EmulatorError, TempDir) {
        let root = tempfile::tempdir().expect("a scratch directory");
        let arguments = ["-c".to_owned(), script.to_owned()];
        let error = Emulator::launch(&settings(root.path()), &arguments)
            .await
            .expect_err("this is no emulator");
        (error, root)
    }

    fn is_empty(root: &TempDir) -> bool {
        fs::read_dir(root).expect("a scratch directory").next().is_none()
    }

    /// Goal: an emulator that hangs is ended, and says what it last said. Method: a program that writes and sleeps.
    #[tokio::test]
    async fn one_that_never_gets_ready_is_ended_and_its_log_shown() {
        let (error, root) = launch("echo still importing; echo $$; sleep 60; true").await;
        let EmulatorError::NotReady { log, .. } = error else {
            panic!("{error:?}");
        };
        let (said, number) = log.split_once('\n').expect("two lines");
        assert_eq!(said, "still importing");
        let group: i32 = number.parse().expect("the shell's own number");
        assert_eq!(process::members(group), []);
        assert!(is_empty(&root), "nothing is left behind");
    }

    /// Goal: one that ends at once is told from one that hangs. Method: a program that writes and fails.
    #[tokio::test]
    async fn one_that_ends_at_once_shows_its_log() {
        let (error, root) = launch("echo no module named ministack >&2; exit 1").await;
        let message = error.to_string();
        assert!(matches!(error, EmulatorError::Ended { .. }), "{error:?}");
        assert!(message.ends_with("no module named ministack"), "{message}");
        assert!(is_empty(&root), "nothing is left behind");
    }

    /// Goal: a program that is not there is named. Method: a path that does not exist.
    #[tokio::test]
    async fn a_missing_program_is_named() {
        let root = tempfile::tempdir().expect("a scratch directory");
        let mut settings = settings(root.path());
        settings.python = PathBuf::from("no/such/python");
        let error = Emulator::start(&settings).await.expect_err("no program");
        assert!(error.to_string().contains("no/such/python"), "{error}");
        assert!(is_empty(&root), "nothing is left behind");
    }

    /// Goal: the function's calls can be led elsewhere. Method: the environment with an endpoint given.
    #[test]
    fn the_function_gets_the_endpoint_that_it_is_given() {
        let mut settings = settings(Path::new("root"));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 4566));
        let direct = environment(&settings, Path::new("x"), address);
        assert_eq!(direct["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566");
        assert_eq!(direct["BIND_HOST"], "127.0.0.1");
        settings.function_endpoint = Some("http://127.0.0.1:9".to_owned());
        let led = environment(&settings, Path::new("x"), address);
        assert_eq!(led["AWS_ENDPOINT_URL"], "http://127.0.0.1:9");
    }
}
