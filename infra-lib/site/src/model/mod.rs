//! The site: which stacks there are, where, in which order, and what each is given.

mod asked;
mod body;
mod code;
mod parameters;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

pub use self::asked::{Mark, Skip, Was};
pub use self::body::without_comments;
pub use self::code::Code;
use crate::config::{Config, MINIMAL};
use crate::names::{OutputName, ParameterName, Region, StackName};

/// Which of the two regions, and with it which of the two failover records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// The region that serves on an ordinary day; Route 53's `PRIMARY`.
    Primary,
    /// The region that is raised when the primary fails; Route 53's `SECONDARY`.
    Standby,
}

impl Role {
    /// Both, in the order of the records.
    pub const ALL: [Self; 2] = [Self::Primary, Self::Standby];
}

/// A whole site, ready to be rendered, checked and deployed.
#[derive(Clone, Debug)]
pub struct Site {
    /// The site file it was made from.
    pub config: Config,
    /// The stacks in the order of their waves.
    pub stacks: Vec<Stack>,
    /// The stacks that another site file would have given the site. They may stand from an earlier deploy, and are then taken
    /// away. They are given nothing but the site's name.
    pub off: Vec<Stack>,
}

/// One stack of a site.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Which of the nine.
    pub id: StackId,
    /// Its name at CloudFormation. Two stacks may share one if their regions differ.
    pub name: StackName,
    /// Where it lives.
    pub region: Region,
    /// What it is made of.
    pub template: Template,
    /// What it is given. A parameter that is not here keeps the template's default.
    pub parameters: BTreeMap<ParameterName, Source>,
    /// Its tags, all of them. `None`: those that it has are left alone.
    pub tags: Option<BTreeMap<String, String>>,
    /// ARN of the role by which CloudFormation changes it, instead of whoever asks.
    pub deploy_role: Option<String>,
}

/// The stacks of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[derive(EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum StackId {
    /// Bucket for the Lambda's zip.
    Artifacts,
    /// VPC of the primary.
    NetworkPrimary,
    /// VPC of the standby.
    NetworkStandby,
    /// Servers of the primary.
    WebPrimary,
    /// Servers of the standby.
    WebStandby,
    /// The Lambda and its tick.
    Controller,
    /// Health checks, alarm, topic and records.
    Detector,
    /// CloudFront in front of both regions, if the site has it.
    Edge,
    /// A dashboard of both regions, if the site has it.
    Dashboard,
}

/// A CloudFormation template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// File name without the extension.
    pub name: &'static str,
    /// The text, YAML.
    pub body: Cow<'static, str>,
}

/// The parameters of a network that name its zones. A site file leaves them empty: a deploy chooses them once.
pub const ZONES: [&str; 3] = ["ZoneA", "ZoneB", "ZoneC"];

/// The parameter of the controller that names two servers of the zone. A site file leaves it empty: a deploy reads them.
pub const VERDICT_SERVERS: &str = "VerdictServers";

/// Where the value of a parameter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The site file.
    Literal(String),
    /// An output of another stack, known once that one stands.
    Output {
        /// The other stack.
        stack: StackId,
        /// Its output.
        name: OutputName,
    },
    /// The bucket key of the packaged Lambda.
    CodeKey,
}

impl StackId {
    /// Every stack, in the order of the waves.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word for messages and files: `web-standby`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The wave it belongs to; stacks of one wave do not need each other.
    #[must_use]
    pub const fn wave(self) -> u8 {
        match self {
            Self::Artifacts => 0,
            Self::NetworkPrimary | Self::NetworkStandby => 1,
            Self::WebPrimary | Self::WebStandby => 2,
            Self::Controller => 3,
            Self::Detector => 4,
            Self::Edge | Self::Dashboard => 5,
        }
    }

    /// Whether a change of it may cut users off while the site is failed over: a new size is applied to a raised group, a
    /// replaced health check starts healthy, or serving instances lose their routes.
    #[must_use]
    pub const fn guarded(self) -> bool {
        match self {
            Self::NetworkPrimary
            | Self::NetworkStandby
            | Self::WebPrimary
            | Self::WebStandby
            | Self::Detector => true,
            Self::Artifacts | Self::Controller | Self::Edge | Self::Dashboard => false,
        }
    }

    /// Whether a new resource in it leaves the serving ones alone: in a network it does; a new record or listener answers users.
    #[must_use]
    pub const fn grows_safely(self) -> bool {
        matches!(self, Self::NetworkPrimary | Self::NetworkStandby)
    }

    /// Whether a site that is configured like this has it.
    fn wanted(self, config: &Config) -> bool {
        match self {
            Self::Edge => config.edge.is_some(),
            Self::Dashboard => config.operations.dashboard.is_on(),
            Self::Artifacts
            | Self::NetworkPrimary
            | Self::NetworkStandby
            | Self::WebPrimary
            | Self::WebStandby
            | Self::Controller
            | Self::Detector => true,
        }
    }

    const fn template(self) -> Template {
        let (name, body) = match self {
            Self::Artifacts => ("artifacts", include_str!("../../../../templates/artifacts.yaml")),
            Self::NetworkPrimary | Self::NetworkStandby => {
                ("network", include_str!("../../../../templates/network.yaml"))
            }
            Self::WebPrimary | Self::WebStandby => {
                ("web", include_str!("../../../../templates/web.yaml"))
            }
            Self::Controller => {
                ("controller", include_str!("../../../../templates/controller.yaml"))
            }
            Self::Detector => ("detector", include_str!("../../../../templates/detector.yaml")),
            Self::Edge => ("edge", include_str!("../../../../templates/edge.yaml")),
            Self::Dashboard => ("dashboard", include_str!("../../../../templates/dashboard.yaml")),
        };
        Template { name, body: Cow::Borrowed(body) }
    }
}

impl fmt::Display for StackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Stack {
    /// What is known of the parameters before a deploy: what the site gives, and else the template's defaults.
    #[must_use]
    pub fn facts(&self, template: &cfn::Template) -> cfn::Facts {
        let given = |name: &str| match self.parameters.get(&ParameterName::new(name))? {
            Source::Literal(text) => Some(cfn::Known::Text(text.clone())),
            Source::Output { .. } | Source::CodeKey => Some(cfn::Known::Filled),
        };
        cfn::Facts::of(template, self.region.as_str(), given)
    }
}

impl Source {
    /// A fixed value.
    #[must_use]
    pub fn literal(value: impl fmt::Display) -> Self {
        Self::Literal(format!("{value}"))
    }

    /// Another stack's output.
    #[must_use]
    pub fn output(stack: StackId, name: &str) -> Self {
        Self::Output { stack, name: OutputName::new(name) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.write_str(value),
            Self::Output { stack, name } => write!(f, "<{stack}.{name}>"),
            Self::CodeKey => f.write_str("<code key>"),
        }
    }
}

impl Site {
    /// Lays a site out.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let stacks = StackId::ALL.iter().map(|&id| Stack {
            id,
            name: StackName::new(format!("{}-{}", config.name, id.template().name)),
            region: region(id, &config),
            template: id.template(),
            parameters: parameters::parameters(id, &config),
            tags: config.organization.tags.clone(),
            deploy_role: config.organization.deploy_role.clone(),
        });
        let (stacks, off) = stacks.into_iter().partition(|stack| stack.id.wanted(&config));
        Self { config, stacks, off }
    }

    /// The smallest site, with more tables in its file: what tests begin with.
    ///
    /// # Panics
    /// If the tables are no part of a site file.
    #[must_use]
    pub fn minimal(more: &str) -> Self {
        let text = format!("{MINIMAL}\n{more}");
        Self::new(Config::from_toml(&text, "pilotlight.toml").expect("a valid site file"))
    }

    /// One of the stacks. For one that the site has not, where it would be.
    #[must_use]
    pub fn stack(&self, id: StackId) -> &Stack {
        let found = self.stacks.iter().chain(&self.off).find(|stack| stack.id == id);
        found.expect("a stack is either on or off")
    }

    /// Whether the site has it.
    #[must_use]
    pub fn has(&self, id: StackId) -> bool {
        self.stacks.iter().any(|stack| stack.id == id)
    }

    /// Name of the failover alarm, in the detector's region.
    #[must_use]
    pub fn alarm_name(&self) -> String {
        alarm_name(&self.config)
    }

    /// Name of a region's group: `primary` or `standby`. Source: `web.yaml`.
    #[must_use]
    pub fn group_name(&self, role: &str) -> String {
        format!("{}-{role}", self.config.name)
    }

    /// The region that serves normally.
    #[must_use]
    pub fn primary_region(&self) -> &Region {
        &self.config.regions.primary
    }

    /// The region that waits.
    #[must_use]
    pub fn standby_region(&self) -> &Region {
        &self.config.regions.standby
    }
}

fn region(id: StackId, config: &Config) -> Region {
    match id {
        StackId::NetworkPrimary | StackId::WebPrimary => config.regions.primary.clone(),
        StackId::Artifacts
        | StackId::NetworkStandby
        | StackId::WebStandby
        | StackId::Controller
        | StackId::Dashboard => config.regions.standby.clone(),
        // CloudFront takes its certificate and its firewall from there alone.
        StackId::Detector | StackId::Edge => Region::detector(),
    }
}

fn alarm_name(config: &Config) -> String {
    format!("{}-primary-down", config.name)
}
