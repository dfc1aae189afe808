//! The programs that are compared, each in the environment that Lambda gives it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use failover_core::policy::SETTINGS;
use tokio::process::Command;

use crate::answers::{ALARM, PRIMARY, STANDBY};

/// Where everything lives.
const REGION: &str = "us-east-2";

/// How a program reaches AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// As in earnest.
    Https,
}

impl Scheme {
    /// For the names of samples.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "tls",
        }
    }
}

/// A program.
#[derive(Clone, Debug)]
pub struct Subject {
    /// For the names of samples.
    pub name: &'static str,
    /// What is started.
    pub program: PathBuf,
    /// With what.
    pub arguments: Vec<String>,
    /// Where.
    pub folder: PathBuf,
    /// Whether it asks AWS.
    pub asks: bool,
}

impl Subject {
    /// The function that ships.
    pub fn failover(program: &Path) -> Self {
        Self::plain("failover", program, true)
    }

    /// A function that does nothing.
    pub fn hello(program: &Path) -> Self {
        Self::plain("hello", program, false)
    }

    /// A handler in Python, a file, under Lambda's own runtime client.
    pub fn boto3(python: &Path, handler: &Path) -> Self {
        let folder = handler.parent().unwrap_or(Path::new(".")).to_owned();
        let module = handler.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let arguments = ["-m", "awslambdaric"].map(ToOwned::to_owned);
        let arguments = arguments.into_iter().chain([format!("{module}.handler")]).collect();
        Self { arguments, folder, ..Self::plain("boto3", python, true) }
    }

    fn plain(name: &'static str, program: &Path, asks: bool) -> Self {
        let folder = program.parent().unwrap_or(Path::new(".")).to_owned();
        Self { name, program: program.to_owned(), arguments: Vec::new(), folder, asks }
    }

    /// The program, ready to start in an environment of its own.
    pub fn command(&self, world: &World<'_>, runtime_api: SocketAddr) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder).kill_on_drop(true).env_clear();
        command.envs(environment(world)).env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string());
        command.stdin(std::process::Stdio::null());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    }
}

/// What the programs find around them.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// Where AWS is.
    pub aws: SocketAddr,
    /// How it is reached.
    pub scheme: Scheme,
    /// The authority of its certificate.
    pub authority: &'a Path,
    /// A server that answers nothing useful: primary and outside at once.
    pub elsewhere: SocketAddr,
}

fn environment(world: &World<'_>) -> BTreeMap<String, String> {
    let scheme = match world.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let authority = world.authority.display().to_string();
    let target_group = |region: &str| {
        format!(
            "arn:aws:elasticloadbalancing:{region}:000000000000:targetgroup/shop/0123456789abcdef"
        )
    };
    let own = [
        ("AWS_ENDPOINT_URL", format!("{scheme}://{}", world.aws)),
        // The same authority, by the name that each program knows.
        ("PILOTLIGHT_CA_BUNDLE", authority.clone()),
        ("AWS_CA_BUNDLE", authority),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "shop-controller".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "shop".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "1".to_owned()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("PILOTLIGHT_SITE", "shop".to_owned()),
        ("PILOTLIGHT_HOSTNAME", "localhost".to_owned()),
        (
            "PILOTLIGHT_ALARM_ARN",
            format!("arn:aws:cloudwatch:us-east-1:000000000000:alarm:{ALARM}"),
        ),
        ("PILOTLIGHT_PRIMARY_REGION", "us-west-2".to_owned()),
        ("PILOTLIGHT_PRIMARY_GROUP", PRIMARY.to_owned()),
        ("PILOTLIGHT_STANDBY_GROUP", STANDBY.to_owned()),
        ("PILOTLIGHT_PRIMARY_TARGET_GROUP_ARN", target_group("us-west-2")),
        ("PILOTLIGHT_STANDBY_TARGET_GROUP_ARN", target_group(REGION)),
        ("PILOTLIGHT_PRIMARY_ENDPOINT", "localhost".to_owned()),
        ("PILOTLIGHT_STANDBY_ENDPOINT", "localhost".to_owned()),
        ("PILOTLIGHT_PROBE_URL", format!("http://localhost:{}/health", world.elsewhere.port())),
        ("PILOTLIGHT_EGRESS_URL", format!("http://localhost:{}/", world.elsewhere.port())),
        ("PILOTLIGHT_NOTICE_TOPIC_ARN", format!("arn:aws:sns:{REGION}:000000000000:shop-notices")),
    ];
    let policy = SETTINGS.iter().map(|setting| (setting.variable(), setting.default.to_owned()));
    own.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(policy).collect()
}
