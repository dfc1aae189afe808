//! The sections of the site file: for each one its types, what it may say, and its defaults.

mod controller;
mod edge;
mod failover;
mod health;
mod network;
mod operations;
mod regions;
mod routing;
mod tls;
mod waf;
mod web;

use std::path::Path;

use failover_core::Policy;
use toml::Spanned;
use toml::de::DeTable;

use super::places::Places;
use super::reader::{Document, Form, ListForm};
use super::value::email;
use super::{Config, rules};
use crate::names::{AccountId, HostedZoneId, Hostname, SiteName};

pub use self::controller::{Architecture, Controller};
pub use self::edge::{Edge, PriceClass};
pub use self::health::{Health, ReplaceUnhealthy};
pub use self::network::{Nat, Network, Placement};
pub use self::operations::Operations;
pub use self::regions::Regions;
pub use self::routing::{Records, Shares};
pub use self::tls::{Certificate, Tls};
pub use self::waf::Waf;
pub(in crate::config) use self::web::{ARM64, X86_64, processor_of};
pub use self::web::{Images, RootDevice, Web};

/// How many addresses are told of a failover. The templates have a parameter for each.
const NOTICE_EMAILS_MAX: usize = 3;

/// What was read of each section; `None` where something in it is wrong.
pub(super) struct Parts {
    pub(super) hostname: Option<Hostname>,
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

/// Reads the whole file. `folder` is where it lies, for the files that it names.
pub(super) fn read(
    document: &Document,
    table: &Spanned<DeTable<'_>>,
    folder: &Path,
) -> Option<Config> {
    let root = document.root(table);
    let name = root.required("name", Form::Text, SiteName::parse);
    let hostname = root.required("hostname", Form::Text, Hostname::parse);
    let hosted_zone_id = root.required("hosted_zone_id", Form::Text, HostedZoneId::parse);
    let account = root.optional("account", Form::Text, AccountId::parse);
    let notice_emails = root.list("notice_email", ListForm::TextOrArray, NOTICE_EMAILS_MAX, email);
    let regions = regions::read(root.section("regions"));
    let network = network::read(root.section("network"));
    // What others follow from is read before them, but every section is named in the order of the example.
    let web = root.section("web");
    let tls = tls::read(root.section("tls"));
    let waf = waf::read(root.section("waf"));
    let edge = edge::read(root.section("edge"), hostname.as_ref());
    let health = health::read(root.section("health"));
    let controller = controller::read(root.section("controller"));
    let operations = operations::read(root.section("operations"));
    let policy = failover::read(document, root.section("failover"));
    let routing = routing::read(root.section("routing"));
    let web = web::read(web, &web::Around { policy: policy.as_ref(), tls: tls.as_ref(), folder });
    root.finish();
    // Both groups are scaled to it, and the controller weighs their load by it.
    let policy = policy.map(|policy| match &web {
        Some(web) => policy.with_cpu_target(web.cpu_target_percent).expect("both have one range"),
        None => policy,
    });
    let parts = Parts { hostname, regions, network, web, tls, waf, edge, health, policy, routing };
    rules::report(document, &Places::new(document, table), &parts);
    let Parts { hostname, regions, network, web, tls, waf, edge, health, policy, routing } = parts;
    Some(Config {
        name: name?,
        hostname: hostname?,
        hosted_zone_id: hosted_zone_id?,
        account: account?,
        notice_emails: notice_emails?,
        regions: regions?,
        network: network?,
        web: web?,
        tls: tls?,
        waf: waf?,
        edge: edge?,
        health: health?,
        controller: controller?,
        operations: operations?,
        policy: policy?,
        routing: routing?,
    })
}
