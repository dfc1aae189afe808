//! What a picture of a site shows, and which way things go, without a place for anything.

mod edge;
mod node;
mod words;

use failover_core::policy::Floor;
use serde::Serialize;

use super::zone::{DiagramError, Zone, zones};
use site::config::Nat;
use site::model::{Site, StackId};
use site::names::ParameterName;

pub use self::edge::{Edge, EdgeKind};
pub use self::node::{Node, NodeId, Role};

/// Everything that a picture of a site shows.
#[derive(Clone, Debug, Serialize)]
pub struct Scene {
    /// The site's name.
    pub site: String,
    /// What users type.
    pub hostname: String,
    /// The zone that answers for it.
    pub hosted_zone_id: String,
    /// Who serves and who waits, in a sentence or two.
    pub summary: String,
    /// The region that serves normally.
    pub primary: RegionScene,
    /// The region that waits.
    pub standby: RegionScene,
    /// Where the detector lives.
    pub detector_region: String,
    /// The boxes. A site without a latch has no box of it.
    pub nodes: Vec<Node>,
    /// The lines between them.
    pub edges: Vec<Edge>,
    /// What happens when the primary fails, in its order.
    pub steps: Vec<Step>,
    /// How the users come back.
    pub return_trip: String,
}

/// One of the two regions that serve.
#[derive(Clone, Debug, Serialize)]
pub struct RegionScene {
    /// Its name at AWS.
    pub region: String,
    /// Range of its network.
    pub cidr: String,
    /// The zones that it uses.
    pub zones: Vec<Zone>,
    /// What the instances' subnets are: `private` without internet access of their own, or `public`.
    pub placement: &'static str,
    /// NAT gateways through which the instances reach the internet.
    pub nat: usize,
    /// Its instances.
    pub fleet: Fleet,
}

/// Instances of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fleet {
    /// Those that always run.
    pub running: u16,
    /// Those that wait stopped in the warm pool.
    pub stopped: u16,
    /// Those that a failover would launch, as far as can be told before the primary's peak is known.
    pub waiting: u16,
}

/// One step of a failover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its number, which the box that takes it wears too.
    pub number: u8,
    /// What happens.
    pub text: String,
}

impl Scene {
    /// What there is to show of a site.
    ///
    /// # Errors
    /// [`DiagramError`] if the zones cannot be told from the network's template.
    pub fn new(site: &Site) -> Result<Self, DiagramError> {
        let config = &site.config;
        let region = |name: &site::names::Region, cidr: &site::names::Cidr, id, fleet| {
            let zones = zones(site, id)?;
            let nat = match config.network.nat {
                Nat::None => 0,
                Nat::One => 1,
                Nat::PerZone => zones.len(),
            };
            let placement = config.network.instances.as_str();
            let (region, cidr) = (name.to_string(), cidr.to_string());
            Ok(RegionScene { region, cidr, zones, placement, nat, fleet })
        };
        let (primary_fleet, standby_fleet) = fleets(site);
        let network = &config.network;
        Ok(Self {
            site: config.name.to_string(),
            hostname: config.hostname.to_string(),
            hosted_zone_id: config.hosted_zone_id.to_string(),
            summary: words::summary(config),
            primary: region(
                site.primary_region(),
                &network.primary_cidr,
                StackId::NetworkPrimary,
                primary_fleet,
            )?,
            standby: region(
                site.standby_region(),
                &network.standby_cidr,
                StackId::NetworkStandby,
                standby_fleet,
            )?,
            detector_region: site.stack(StackId::Detector).region.to_string(),
            nodes: node::nodes(site),
            edges: edge::edges(config),
            steps: words::steps(config),
            return_trip: words::return_trip(config),
        })
    }

    /// A box of the picture, if this site has it.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The whole picture in words, for those who do not see it.
    #[must_use]
    pub fn description(&self) -> String {
        let Self { hostname, summary, return_trip, .. } = self;
        let primary = &self.primary.region;
        let steps = self.steps.iter().map(|step| format!("{}. {}", step.number, step.text));
        let steps = steps.collect::<Vec<_>>().join(" ");
        format!(
            "Two regions answer for {hostname}. {summary} When {primary} fails: {steps} {return_trip}"
        )
    }
}

/// The instances of the primary and of the standby.
fn fleets(site: &Site) -> (Fleet, Fleet) {
    let config = &site.config;
    let policy = &config.policy;
    let running = match policy.floor() {
        Floor::Fixed(instances) => instances,
        Floor::Match => policy.target(None),
    };
    let stopped = config.web.warm_pool;
    let waiting = policy.target(None).saturating_sub(running).saturating_sub(stopped);
    let primary = Fleet { running: config.web.primary_min, stopped: 0, waiting: 0 };
    (primary, Fleet { running, stopped, waiting })
}

/// The text that a stack is given for a parameter.
///
/// # Panics
/// Never for the sizes of the web stacks, which every site gives.
fn given(site: &Site, stack: StackId, parameter: &str) -> String {
    site.stack(stack).parameters[&ParameterName::new(parameter)].to_string()
}
