//! Who is asked for addresses, and whose addresses they are.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use failover_core::Known;
use failover_core::dns::Look;
use failover_core::observation::Answer;
use tokio::net::lookup_host;
use tokio::time::{sleep, timeout};

use doctor::{PublicNames, Resolver, resolver};
use site::model::{Role, Site};

use crate::locked;

const PORT: u16 = 53;
/// Resolvers that many users have. They belong to two companies, and are asked for nothing but the names of the site.
const PUBLIC: [(&str, Ipv4Addr); 2] =
    [("1.1.1.1", Ipv4Addr::new(1, 1, 1, 1)), ("8.8.8.8", Ipv4Addr::new(8, 8, 8, 8))];
/// A load balancer changes its addresses when it grows; new ones are known within this.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The first answer comes within a second; until then nobody's address is known.
const LOOK_SOON: Duration = Duration::from_millis(200);
/// BOUND: a resolver that must ask the whole way from the root takes a second.
const LOOKUP_MAX: Duration = Duration::from_secs(3);

/// Somebody who answers DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    /// What a report calls it.
    pub label: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether it asks others. The zone's own does not.
    pub recursive: bool,
}

/// The site's own resolver if its file names one; else this machine's, two public ones, and one of the zone's own name servers.
pub async fn name_servers(site: &Site) -> Vec<NameServer> {
    let server = |label: &str, address, recursive| NameServer {
        label: label.to_owned(),
        address,
        recursive,
    };
    if let Some(address) = site.config.controller.resolver {
        return vec![server("the site's resolver", address, true)];
    }
    let own = Resolver::of_this_machine();
    let mut servers = Vec::new();
    servers.extend(authority(&own, site.config.failover_name().as_str()).await);
    servers.extend(own.address.map(|address| server("this machine's resolver", address, true)));
    servers.extend(PUBLIC.map(|(label, at)| server(label, (at, PORT).into(), true)));
    servers
}

/// Two name servers of the site's zone, as the controller asks them for the verdict; the site's own resolver if its file names
/// one.
pub async fn authorities(site: &Site) -> Vec<SocketAddr> {
    if let Some(address) = site.config.controller.resolver {
        return vec![address];
    }
    let own = Resolver::of_this_machine();
    let mut hosts = hosts(&own, site.config.failover_name().as_str()).await;
    hosts.sort();
    let mut addresses = Vec::new();
    for host in hosts.iter().take(2) {
        addresses.extend(address(host).await);
    }
    addresses
}

/// A name server of the zone that a name is in.
async fn authority(resolver: &Resolver, name: &str) -> Option<NameServer> {
    let host = hosts(resolver, name).await.into_iter().next()?;
    let address = address(&host).await?;
    Some(NameServer { label: "the zone's name server".to_owned(), address, recursive: false })
}

/// The name servers of the zone that a name is in: of the nearest name upwards that has any.
async fn hosts(resolver: &Resolver, name: &str) -> Vec<String> {
    // BOUND: a name has 127 labels at most.
    let mut zone = name;
    loop {
        let servers = resolver.name_servers(zone).await.unwrap_or_default();
        match zone.split_once('.') {
            _ if !servers.is_empty() => return servers,
            Some((_, above)) if above.contains('.') => zone = above,
            _ => return Vec::new(),
        }
    }
}

async fn address(host: &str) -> Option<SocketAddr> {
    let found = timeout(LOOKUP_MAX, lookup_host((host, PORT))).await;
    found.ok()?.ok()?.find(SocketAddr::is_ipv4)
}

/// The addresses that the load balancers have had, by region. What is learnt is kept: an answer names some of them only.
#[derive(Debug, Default)]
pub(super) struct Balancers(Mutex<BTreeMap<IpAddr, Role>>);

impl Balancers {
    /// Learns for ever.
    pub(super) async fn follow(&self, names: BTreeMap<Role, String>, servers: Vec<NameServer>) {
        loop {
            let mut known = BTreeSet::new();
            for (role, name) in &names {
                for server in servers.iter().filter(|server| server.recursive) {
                    let Ok(found) = resolver::addresses(server.address, name, true).await else {
                        continue;
                    };
                    let mut addresses = locked(&self.0);
                    addresses.extend(found.into_iter().map(|address| (address, *role)));
                    known.insert(*role);
                    break;
                }
            }
            sleep(if known.len() == names.len() { LOOK_AGAIN } else { LOOK_SOON }).await;
        }
    }

    /// Whose these addresses are. `None` if they are of both, or of neither.
    pub(super) fn whose(&self, addresses: &[IpAddr]) -> Option<Role> {
        let known = locked(&self.0);
        let of = |role| {
            let its = known.iter().filter(|(_, owner)| **owner == role);
            Known::Known(its.map(|(address, _)| *address).collect())
        };
        let site = Known::Known(addresses.iter().copied().collect());
        let look = Look { site, primary: of(Role::Primary), standby: of(Role::Standby) };
        match look.whose() {
            Known::Known(Answer::Primary) => Some(Role::Primary),
            Known::Known(Answer::Standby) => Some(Role::Standby),
            Known::Known(Answer::Mixed) | Known::Unknown(_) => None,
        }
    }
}
