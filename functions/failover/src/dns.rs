//! Whom DNS names: the site's name and both load balancers are resolved, and the addresses
//! compared.
//!
//! This reads the data plane that the users read. It needs no permission and nothing in us-east-1.

mod udp;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use failover_core::observation::{Answer, Known, Why};
use futures::future::join3;

use crate::port::Names;

pub use udp::DnsServer;

/// BOUND: below the bound of all reads, and what `resolv.conf` allows by default, 5 s, is beyond
/// it.
const LOOKUP_MAX: Duration = Duration::from_secs(2);

/// The addresses of one name.
pub type Addresses = BTreeSet<IpAddr>;

/// A way to resolve names.
#[async_trait]
pub trait Resolve: fmt::Debug + Send + Sync {
    /// The addresses of `name`. A name without any is `Unknown(Empty)`.
    async fn resolve(&self, name: &str) -> Known<Addresses>;
}

/// The resolver of the machine, as every client uses it.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> Known<Addresses> {
        // The port is only there because the call wants one.
        let lookup = tokio::net::lookup_host((name, 443));
        match tokio::time::timeout(LOOKUP_MAX, lookup).await {
            Err(_) => Known::Unknown(Why::Timeout),
            // The system does not say whether there is no such name or no resolver.
            Ok(Err(_)) => Known::Unknown(Why::Empty),
            Ok(Ok(found)) => some(found.map(|address| address.ip()).collect()),
        }
    }
}

fn some(addresses: Addresses) -> Known<Addresses> {
    if addresses.is_empty() { Known::Unknown(Why::Empty) } else { Known::Known(addresses) }
}

/// The three names of one site.
#[derive(Clone, Debug)]
pub struct SiteNames {
    /// How to resolve.
    pub resolver: Arc<dyn Resolve>,
    /// The name that the users type.
    pub hostname: String,
    /// The primary's load balancer.
    pub primary: String,
    /// The standby's load balancer.
    pub standby: String,
}

#[async_trait]
impl Names for SiteNames {
    async fn read_answer(&self) -> Known<Answer> {
        let (site, primary, standby) = join3(
            self.resolver.resolve(&self.hostname),
            self.resolver.resolve(&self.primary),
            self.resolver.resolve(&self.standby),
        )
        .await;
        compare(&site, &primary, &standby)
    }
}

/// Whom `site` belongs to.
///
/// One load balancer's addresses are enough if they hold all of the site's; to say `Mixed` both
/// must be known.
#[must_use]
pub fn compare(
    site: &Known<Addresses>,
    primary: &Known<Addresses>,
    standby: &Known<Addresses>,
) -> Known<Answer> {
    let site = match site {
        Known::Known(site) if !site.is_empty() => site,
        Known::Known(_) => return Known::Unknown(Why::Empty),
        Known::Unknown(why) => return Known::Unknown(*why),
    };
    let within = |known: &Known<Addresses>| known.known().map(|all| site.is_subset(all));
    match (within(primary), within(standby)) {
        (Some(true), Some(false) | None) => Known::Known(Answer::Primary),
        (Some(false) | None, Some(true)) => Known::Known(Answer::Standby),
        (Some(true), Some(true)) | (Some(false), Some(false)) => Known::Known(Answer::Mixed),
        (None, Some(false) | None) => primary.clone().map(|_| Answer::Mixed),
        (Some(false), None) => standby.clone().map(|_| Answer::Mixed),
    }
}
