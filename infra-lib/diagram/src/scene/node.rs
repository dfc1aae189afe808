//! The boxes: which there are, and what they say.

use failover_core::policy::Floor;
use failover_core::time::format_duration;
use serde::Serialize;

use super::given;
use super::words::both_serve;
use crate::text::shortened;
use site::config::{Config, Records, Waf};
use site::model::{Site, StackId};
use strum::IntoStaticStr;

/// Longest path, type or address that a box spells out. Longer ones lose their middle.
const LETTERS_MAX: usize = 40;

/// Who takes the steps of a failover, in their order.
const STEPS: [NodeId; 6] = [
    NodeId::PrimaryCheck,
    NodeId::Alarm,
    NodeId::Topic,
    NodeId::Controller,
    NodeId::StandbyGroup,
    NodeId::StandbyRecord,
];

/// A box of the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Which.
    pub id: NodeId,
    /// Whose it is.
    pub role: Role,
    /// The step of a failover that it takes, if any.
    pub step: Option<u8>,
    /// What it is.
    pub title: String,
    /// What is particular to it on this site.
    pub lines: Vec<String>,
}

/// The boxes that a picture can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum NodeId {
    /// Those for whom all of it is.
    Users,
    /// CloudFront, where users come first.
    Edge,
    /// The name that both records answer: the site's, or that of CloudFront's origin.
    Name,
    /// Its record that leads to the primary.
    PrimaryRecord,
    /// Its record that leads to the standby.
    StandbyRecord,
    /// The check calculated over the primary's and the latch's.
    Gate,
    /// The check of the primary's load balancer.
    PrimaryCheck,
    /// The check of the standby's load balancer.
    StandbyCheck,
    /// The check of the latch's alarm.
    LatchCheck,
    /// The failover alarm.
    Alarm,
    /// The topic that carries it.
    Topic,
    /// The Lambda.
    Controller,
    /// What wakes it.
    Tick,
    /// The alarm whose metric the controller feeds.
    Latch,
    /// The primary's load balancer.
    PrimaryBalancer,
    /// The primary's instances.
    PrimaryGroup,
    /// The standby's load balancer.
    StandbyBalancer,
    /// The standby's instances.
    StandbyGroup,
    /// Where an operator sees both regions.
    Dashboard,
}

/// Whose a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// Of no place here: the users, and what is near each of them.
    World,
    /// Of DNS, which is everywhere.
    Dns,
    /// Of the stack in us-east-1.
    Detector,
    /// Of the region that serves.
    Primary,
    /// Of the region that waits.
    Standby,
}

impl Role {
    /// The word for it, as Mermaid's frames and the style sheet know it.
    pub(crate) fn word(self) -> &'static str {
        self.into()
    }
}

impl NodeId {
    /// The word for it, as JSON and Mermaid know it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whose it is.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Users | Self::Edge => Role::World,
            Self::Name | Self::PrimaryRecord | Self::StandbyRecord => Role::Dns,
            Self::Gate
            | Self::PrimaryCheck
            | Self::StandbyCheck
            | Self::LatchCheck
            | Self::Alarm
            | Self::Topic => Role::Detector,
            Self::PrimaryBalancer | Self::PrimaryGroup => Role::Primary,
            Self::StandbyBalancer
            | Self::StandbyGroup
            | Self::Controller
            | Self::Tick
            | Self::Latch
            | Self::Dashboard => Role::Standby,
        }
    }

    /// The step of a failover that it takes, if any.
    fn step(self) -> Option<u8> {
        (1..).zip(STEPS).find(|(_, taker)| *taker == self).map(|(number, _)| number)
    }
}

fn node(id: NodeId, title: &str, lines: Vec<String>) -> Node {
    Node { id, role: id.role(), step: id.step(), title: title.to_owned(), lines }
}

/// Every box of a site.
pub(super) fn nodes(site: &Site) -> Vec<Node> {
    let config = &site.config;
    let name = &config.name;
    // With CloudFront the users' name is its own, and the records are those of its origin.
    let answers = config.edge.as_ref().map_or(&config.hostname, |edge| &edge.origin_hostname);
    let zone = vec![format!("Route 53 zone {}", config.hosted_zone_id)];
    let period = format_duration(config.health.alarm_period);
    let mut nodes = vec![
        node(NodeId::Users, "users", Vec::new()),
        node(NodeId::Name, answers.as_str(), zone),
        node(NodeId::PrimaryRecord, "primary record", vec![answered(config, true)]),
        node(NodeId::StandbyRecord, "standby record", vec![answered(config, false)]),
        checked(config, NodeId::PrimaryCheck),
        checked(config, NodeId::StandbyCheck),
        node(
            NodeId::Alarm,
            "failover alarm",
            vec![site.alarm_name(), format!("{period} of bad health")],
        ),
        node(NodeId::Topic, "topic", vec![format!("{name}-failover")]),
        controller(config),
        node(NodeId::Tick, "tick", ticks(config)),
    ];
    if config.policy.latch() {
        nodes.extend(latch(config));
    }
    if config.edge.is_some() {
        nodes.push(edge(config));
    }
    if config.operations.dashboard.is_on() {
        let lines = vec![format!("{name}, both regions side by side")];
        nodes.push(node(NodeId::Dashboard, "dashboard", lines));
    }
    for (id, role) in [(NodeId::PrimaryBalancer, "primary"), (NodeId::StandbyBalancer, "standby")] {
        let (listener, instances) = (config.web.listener_port, config.web.instance_port);
        let port = if config.tls.is_on() { "HTTPS" } else { "port" };
        let mut lines = vec![format!("{name}-{role}"), format!("{port} {listener} to {instances}")];
        if config.tls.is_on() && config.tls.redirect.is_on() {
            lines.push("port 80 sends users on".to_owned());
        }
        if config.waf == Waf::Regional {
            lines.push("web ACL".to_owned());
        }
        nodes.push(node(id, "load balancer", lines));
    }
    nodes.extend(groups(site));
    nodes
}

/// When the controller runs without being told.
fn ticks(config: &Config) -> Vec<String> {
    let tick = format!("every {}", format_duration(config.policy.tick()));
    let looks =
        config.health.watch.0.map(|watch| format!("looks every {}", format_duration(watch)));
    [tick].into_iter().chain(looks).collect()
}

fn edge(config: &Config) -> Node {
    let mut lines = vec![format!("answers for {}", config.hostname)];
    if config.waf == Waf::Edge {
        lines.push("web ACL".to_owned());
    }
    node(NodeId::Edge, "CloudFront", lines)
}

/// When a record is answered.
fn answered(config: &Config, primary: bool) -> String {
    let shares = &config.routing;
    let weight = if primary { shares.primary_weight } else { shares.standby_weight };
    match (both_serve(config), shares.records) {
        (true, Records::Latency) => "to users nearer to it".to_owned(),
        (true, Records::Weighted) => format!(
            "to {weight} of {}",
            u32::from(shares.primary_weight) + u32::from(shares.standby_weight)
        ),
        (false, _) if primary => "answered while healthy".to_owned(),
        (false, _) => "answered when only it is healthy".to_owned(),
    }
}

/// A health check of a load balancer: its own settings, or only an id if somebody brought it.
fn checked(config: &Config, id: NodeId) -> Node {
    let health = &config.health;
    let (title, brought, threshold) = if id == NodeId::PrimaryCheck {
        ("primary check", &health.primary_check_id, health.threshold)
    } else {
        // One good answer is enough for the standby: each further one keeps users on a dead primary.
        let threshold = if both_serve(config) { health.threshold } else { 1 };
        ("standby check", &health.standby_check_id, threshold)
    };
    if id == NodeId::StandbyCheck && !health.standby_check.is_on() {
        return node(id, title, vec!["none: only the load balancer's own word".to_owned()]);
    }
    if let Some(brought) = brought {
        return node(id, title, vec!["your own".to_owned(), brought.clone()]);
    }
    let path = shortened(&health.path, LETTERS_MAX);
    let protocol = if config.tls.is_on() { "HTTPS" } else { "HTTP" };
    let interval = format_duration(health.interval);
    let counts =
        if threshold == 1 { "1 is enough".to_owned() } else { format!("{threshold} in a row") };
    let lines = vec![
        format!("{protocol} :{}{path}", config.web.listener_port),
        format!("every {interval}, {counts}"),
    ];
    node(id, title, lines)
}

fn latch(config: &Config) -> [Node; 3] {
    let (gate, inside) = match &config.health.gate_check_id {
        Some(brought) => (vec!["your own".to_owned(), brought.clone()], "inside your gate"),
        None => (vec!["both must be healthy".to_owned()], "unhealthy while closed"),
    };
    [
        node(NodeId::Gate, "gate", gate),
        node(NodeId::LatchCheck, "latch check", vec![inside.to_owned()]),
        node(
            NodeId::Latch,
            "latch alarm",
            vec![format!("{}-latch", config.name), "fed every tick".to_owned()],
        ),
    ]
}

fn controller(config: &Config) -> Node {
    let name = &config.name;
    let mut lines = vec![
        format!("{name}-controller, {} Lambda", config.controller.architecture.as_str()),
        if both_serve(config) {
            "keeps both floors up with the load".to_owned()
        } else {
            format!("lowers after {} of proof", format_duration(config.policy.hold_down()))
        },
    ];
    if let Some(address) = config.notice_emails.first() {
        lines.push(format!("tells {}", shortened(address, LETTERS_MAX)));
    }
    node(NodeId::Controller, "controller", lines)
}

fn groups(site: &Site) -> [Node; 2] {
    let config = &site.config;
    let name = &config.name;
    let mut kind = shortened(&config.web.instance_type, LETTERS_MAX);
    if !config.web.more_instance_types.is_empty() {
        kind.push_str(" and others");
    }
    let max = given(site, StackId::WebPrimary, "MaxSize");
    let min = given(site, StackId::WebPrimary, "MinSize");
    let primary = vec![format!("{name}-primary, {kind}"), format!("min {min}, max {max}")];
    let max = given(site, StackId::WebStandby, "MaxSize");
    let floor = match config.policy.floor() {
        Floor::Fixed(floor) => format!("floor {floor}, max {max}"),
        Floor::Match => format!("floor match, max {max}"),
    };
    let mut standby = vec![format!("{name}-standby, {kind}"), floor];
    if config.web.warm_pool > 0 {
        standby.push(format!("{} stopped in the pool", config.web.warm_pool));
    }
    [node(NodeId::PrimaryGroup, "group", primary), node(NodeId::StandbyGroup, "group", standby)]
}
