//! The site file: `pilotlight.toml` → [`Config`]. Every problem is found at once and shown at its place.

mod problem;
mod read;
mod section;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use failover_core::Policy;
use toml::de::DeTable;

use self::problem::Source;
use self::section::Document;
use crate::names::{Cidr, HostedZoneId, Hostname, Region, SiteName};

pub use self::problem::{ConfigError, MINIMAL, Problem};

/// Name of the site file when none is given.
pub const FILE_NAME: &str = "pilotlight.toml";

/// A checked site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Prefix of every name that the site owns. Source: `name`.
    pub name: SiteName,
    /// What users type. Source: `hostname`.
    pub hostname: Hostname,
    /// The zone that answers for it; never owned. Source: `hosted_zone_id`.
    pub hosted_zone_id: HostedZoneId,
    /// Who is told, or nobody. Source: `notice_email`.
    pub notice_email: Option<String>,
    /// Where. Source: `[regions]`.
    pub regions: Regions,
    /// Address ranges. Source: `[network]`.
    pub network: Network,
    /// The servers. Source: `[web]`.
    pub web: Web,
    /// How the primary is judged. Source: `[health]`.
    pub health: Health,
    /// The Lambda. Source: `[controller]`.
    pub controller: Controller,
    /// The numbers by which it decides. Source: `[failover]`.
    pub policy: Policy,
}

/// The pair of regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    /// Serves normally.
    pub primary: Region,
    /// Serves while the primary cannot. Never the same as `primary`.
    pub standby: Region,
}

/// The address ranges of the two networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Range of the primary's VPC.
    pub primary_cidr: Cidr,
    /// Range of the standby's VPC.
    pub standby_cidr: Cidr,
}

/// The servers of both regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// EC2 instance type.
    pub instance_type: String,
    /// SSM parameter that names the image.
    pub image: String,
    /// Port of the load balancers.
    pub listener_port: u16,
    /// Port of the instances. Range: 1024 and up.
    pub instance_port: u16,
    /// Fewest instances of the primary. Range: 1 and up.
    pub primary_min: u16,
    /// Most instances of the primary. Range: 2 and up, not below `primary_min`.
    pub primary_max: u16,
}

/// How the health checks and the alarm judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Path that answers 200 while a region can serve.
    pub path: String,
    /// Distance of two probes of one checker. Range: 10 s or 30 s.
    pub interval: Duration,
    /// Failed probes in a row before a checker calls it down. Range: 1 to 10.
    pub threshold: u16,
    /// Period of the failover alarm. Range: 10 s, 30 s or 1 min.
    pub alarm_period: Duration,
    /// An existing check of the primary to use instead of a new one.
    pub primary_check_id: Option<String>,
    /// An existing check of the standby to use instead of a new one.
    pub standby_check_id: Option<String>,
    /// An existing check for the primary's record, over `primary_check_id` and the latch, to use instead of a new one. Never
    /// without `primary_check_id`, and never with the latch off.
    pub gate_check_id: Option<String>,
}

/// How the Lambda is built and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Processor.
    pub architecture: Architecture,
    /// Reserved concurrency; `None` reserves nothing, for accounts whose quota is too small.
    pub reserved_concurrency: Option<u16>,
    /// How long the decision records are kept. Units: days.
    pub log_retention_days: u16,
    /// The DNS server to ask; `None` is the system's.
    pub resolver: Option<SocketAddr>,
    /// Whose answer proves that the function reaches the outside; `None` is the template's default.
    pub egress_url: Option<String>,
}

/// Processor of the Lambda.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    #[default]
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl Architecture {
    /// As the site file, Lambda and the template spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// The Rust target that runs on `provided.al2023`.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }
}

impl Config {
    /// Reads a site file from disk.
    ///
    /// # Errors
    /// [`ConfigError::Absent`] and [`ConfigError::Read`] if there is nothing to read, and what [`Config::from_toml`] returns.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| {
            let path = path.to_owned();
            if source.kind() == std::io::ErrorKind::NotFound {
                return ConfigError::Absent { path };
            }
            ConfigError::Read { path, source }
        })?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Reads a site file from text; `source_name` is what problems call it.
    ///
    /// ```
    /// use infra_lib::config::{Config, MINIMAL};
    ///
    /// let config = Config::from_toml(MINIMAL, "pilotlight.toml")?;
    /// assert_eq!(config.regions.standby.as_str(), "us-east-2");
    /// # Ok::<(), infra_lib::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every problem of the text.
    pub fn from_toml(text: &str, source_name: &str) -> Result<Self, ConfigError> {
        let source = Source::new(source_name, text);
        let table = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = format!("`{source_name}` is not TOML");
            let problem = Problem::new(&source, span, message, error.message().replace('\n', ", "));
            ConfigError::Invalid { problems: vec![problem] }
        })?;
        let document = Document::new(source);
        let config = read::config(&document, &table);
        let problems = document.into_problems();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => {
                assert!(!problems.is_empty(), "a value that is refused is reported");
                Err(ConfigError::Invalid { problems })
            }
        }
    }
}
