//! The sections of the site file: for each one its types, what it may say, and its defaults.

mod controller;
mod edge;
mod failover;
mod health;
mod network;
mod operations;
mod organization;
mod regions;
mod root;
mod routing;
mod tls;
mod waf;
mod web;

use std::path::Path;

use failover_core::Policy;
use failover_core::policy::Routing;

use self::edge::EdgeKeys;
use self::root::Root;
use self::waf::WafKeys;
use super::key::{Key, Keys, of_policy};
use super::reader::Document;
use super::{Config, rules};
use crate::names::Hostname;

pub use self::controller::{Architecture, Controller};
pub use self::edge::{Edge, PriceClass};
pub use self::health::{Health, ReplaceUnhealthy, Watch};
pub use self::network::{Nat, Network, Placement};
pub use self::operations::Operations;
pub use self::organization::Organization;
pub use self::regions::Regions;
pub use self::routing::{Records, Shares};
pub use self::tls::{Certificate, Tls};
pub use self::waf::Waf;
pub(in crate::config) use self::web::{ARM64, X86_64, processor_of};
pub use self::web::{RootDevice, Web};

/// Every key, in the order of the example.
pub(super) fn keys() -> Vec<Key> {
    let sections = [
        Root::keys(),
        Regions::keys(),
        Network::keys(),
        Web::keys(),
        Tls::keys(),
        WafKeys::keys(),
        EdgeKeys::keys(),
        Health::keys(),
        Controller::keys(),
        Operations::keys(),
        Organization::keys(),
        of_policy(),
        Shares::keys(),
    ];
    sections.concat()
}

/// What keys follow from beside their own section.
pub(super) struct Around<'a> {
    /// Where the file lies, for the files that it names.
    pub(super) folder: &'a Path,
    pub(super) policy: Option<&'a Policy>,
    pub(super) tls: Option<&'a Tls>,
}

/// What was read of each section; `None` where something in it is wrong.
pub(super) struct Parts {
    pub(super) hostname: Option<Hostname>,
    pub(super) notice_topics: Option<Vec<String>>,
    pub(super) regions: Option<Regions>,
    pub(super) network: Option<Network>,
    pub(super) web: Option<Web>,
    pub(super) tls: Option<Tls>,
    pub(super) waf: Option<Waf>,
    #[expect(clippy::option_option, reason = "wrong and absent are different answers")]
    pub(super) edge: Option<Option<Edge>>,
    pub(super) health: Option<Health>,
    pub(super) policy: Option<Policy>,
    pub(super) routing: Option<Shares>,
}

impl Parts {
    pub(super) fn both_serve(&self) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.routing() == Routing::ActiveActive)
    }
}

/// Reads the whole file. `folder` is where it lies, for the files that it names.
pub(super) fn read(document: &Document<'_>, folder: &Path) -> Option<Config> {
    let alone = &Around { folder, policy: None, tls: None };
    let root = document.root();
    let own = Root::take(&root, alone);
    // The rest can be judged by it also if something beside it is wrong.
    let hostname = document.text("", "hostname").and_then(|text| Hostname::parse(text).ok());
    let regions = Regions::read(root.section("regions"), alone);
    let network = Network::read(root.section("network"), alone);
    let tls = Tls::read(root.section("tls"), alone);
    let waf = WafKeys::read(root.section("waf"), alone).map(|keys| keys.placement);
    let edge = EdgeKeys::read(root.section("edge"), alone);
    let edge = edge.and_then(|keys| keys.edge(hostname.as_ref()));
    let health = Health::read(root.section("health"), alone);
    let controller = Controller::read(root.section("controller"), alone);
    let operations = Operations::read(root.section("operations"), alone);
    let organization = Organization::read(root.section("organization"), alone);
    let policy = failover::read(document, root.section("failover"));
    let routing = Shares::read(root.section("routing"), alone);
    let around = Around { folder, policy: policy.as_ref(), tls: tls.as_ref() };
    let web = Web::read(root.section("web"), &around);
    let mut tables: Vec<_> = keys().into_iter().map(|key| key.section).collect();
    tables.dedup();
    root.finish(&Root::keys(), &tables[1..]);
    // Both groups are scaled to it, and the controller weighs their load by it.
    let policy = policy.map(|policy| match &web {
        Some(web) => policy.with_cpu_target(web.cpu_target_percent).expect("both have one range"),
        None => policy,
    });
    let notice_topics = own.as_ref().map(|own| own.notice_topic.clone());
    let parts = Parts {
        hostname,
        notice_topics,
        regions,
        network,
        web,
        tls,
        waf,
        edge,
        health,
        policy,
        routing,
    };
    rules::report(document, &parts);
    let Parts { regions, network, web, tls, waf, edge, health, policy, routing, .. } = parts;
    let own = own?;
    Some(Config {
        name: own.name,
        hostname: own.hostname,
        hosted_zone_id: own.hosted_zone_id,
        account: own.account,
        notice_emails: own.notice_email,
        notice_topics: own.notice_topic,
        notice_webhooks: own.notice_webhooks,
        regions: regions?,
        network: network?,
        web: web?,
        tls: tls?,
        waf: waf?,
        edge: edge?,
        health: health?,
        controller: controller?,
        operations: operations?,
        organization: organization?,
        policy: policy?,
        routing: routing?,
    })
}
