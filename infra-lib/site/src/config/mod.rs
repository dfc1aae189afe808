//! The site file: `pilotlight.toml` → [`Config`]. Every problem is found at once and shown at its place.

mod alternative;
mod example;
mod key;
mod problem;
mod reader;
mod roots;
mod rules;
mod schema;
mod script;
mod section;
mod takes;
mod value;

use std::path::Path;

use failover_core::Policy;
use miette::NamedSource;
use toml::de::DeTable;

use self::problem::Source;
use self::reader::Document;
use crate::names::{AccountId, HostedZoneId, Hostname, NameError, Region, SiteName};

pub use self::alternative::{Alternative, with_settings};
pub use self::example::example;
pub(crate) use self::example::{Values, site_file};
pub use self::key::{Key, Kind, Need, keys};
pub use self::problem::{ConfigError, MINIMAL, Problem};
pub use self::schema::schema;
pub use self::section::{
    Architecture, Certificate, Controller, Edge, Health, Nat, Network, Operations, Organization,
    Placement, PriceClass, Records, Regions, ReplaceUnhealthy, RootDevice, Shares, Tls, Waf, Watch,
    Web,
};
pub use self::value::Switch;

/// Name of the site file when none is given.
pub const FILE_NAME: &str = "pilotlight.toml";

/// Whether a text is an address to send notices to.
pub(crate) fn email(text: &str) -> Result<(), NameError> {
    value::email(text).map(drop)
}

/// A checked site file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Prefix of every name that the site owns. Source: `name`.
    pub name: SiteName,
    /// What users type. Source: `hostname`.
    pub hostname: Hostname,
    /// The zone that answers for it; never owned. Source: `hosted_zone_id`.
    pub hosted_zone_id: HostedZoneId,
    /// The account that the site belongs to, if it names one: no other is worked with. Source: `account`.
    pub account: Option<AccountId>,
    /// Who is told: up to three, or nobody. Source: `notice_email`.
    pub notice_emails: Vec<String>,
    /// Topics that are told instead of the site's own, one a region at most. Source: `notice_topic`.
    pub notice_topics: Vec<String>,
    /// HTTPS endpoints that are told: up to two, or none. Source: `notice_webhooks`.
    pub notice_webhooks: Vec<String>,
    /// Where. Source: `[regions]`.
    pub regions: Regions,
    /// Address ranges, zones, internet access. Source: `[network]`.
    pub network: Network,
    /// The servers. Source: `[web]`.
    pub web: Web,
    /// How users reach the load balancers. Source: `[tls]`.
    pub tls: Tls,
    /// Where requests are filtered. Source: `[waf]`.
    pub waf: Waf,
    /// CloudFront, if the site has it. Source: `[edge]`.
    pub edge: Option<Edge>,
    /// How the primary is judged. Source: `[health]`.
    pub health: Health,
    /// The Lambda. Source: `[controller]`.
    pub controller: Controller,
    /// What people look at. Source: `[operations]`.
    pub operations: Operations,
    /// What the account's owner demands. Source: `[organization]`.
    pub organization: Organization,
    /// The numbers by which the controller decides. Source: `[failover]`.
    pub policy: Policy,
    /// How users are shared out while both regions serve. Source: `[routing]`.
    pub routing: Shares,
}

impl Config {
    /// Reads a site file from disk, and the boot script that it names.
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
        Self::parse(&text, &path.display().to_string(), folder_of(path))
    }

    /// Reads a site file from text; `source_name` is what problems call it, and files that it names are looked for beside that.
    ///
    /// ```
    /// use site::config::{Config, MINIMAL};
    ///
    /// let config = Config::from_toml(MINIMAL, "pilotlight.toml")?;
    /// assert_eq!(config.regions.standby.as_str(), "us-east-2");
    /// # Ok::<(), site::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every problem of the text.
    pub fn from_toml(text: &str, source_name: &str) -> Result<Self, ConfigError> {
        Self::parse(text, source_name, folder_of(Path::new(source_name)))
    }

    fn parse(text: &str, source_name: &str, folder: &Path) -> Result<Self, ConfigError> {
        let source = Source::new(NamedSource::new(source_name, text.to_owned()));
        let table = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = format!("`{source_name}` is not TOML");
            let problem = Problem::new(&source, span, message, error.message().replace('\n', ", "));
            ConfigError::Invalid { problems: vec![problem] }
        })?;
        let document = Document::new(source, &table);
        let config = section::read(&document, folder);
        let problems = document.into_problems();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => {
                assert!(!problems.is_empty(), "a value that is refused is reported");
                Err(ConfigError::Invalid { problems })
            }
        }
    }

    /// The name that the failover records answer: with CloudFront the origin's, else what users type. The controller, its probe
    /// and the records mean this one.
    #[must_use]
    pub fn failover_name(&self) -> &Hostname {
        self.edge.as_ref().map_or(&self.hostname, |edge| &edge.origin_hostname)
    }

    /// The topic of a region that is told instead of the site's own.
    #[must_use]
    pub fn notice_topic(&self, region: &Region) -> Option<&String> {
        self.notice_topics.iter().find(|arn| arn.split(':').nth(3) == Some(region.as_str()))
    }

    /// The URL of the load balancers by their failover name, without a path.
    #[must_use]
    pub fn failover_url(&self) -> String {
        let scheme = if self.tls.is_on() { "https" } else { "http" };
        format!("{scheme}://{}:{}", self.failover_name(), self.web.listener_port)
    }

    /// What users open.
    #[must_use]
    pub fn site_url(&self) -> String {
        match &self.edge {
            // CloudFront listens at the default ports whatever the origin does.
            Some(_) => format!("https://{}/", self.hostname),
            None => format!("{}/", self.failover_url()),
        }
    }
}

/// Where a file lies: the current folder if its path names none.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new(""))
}
