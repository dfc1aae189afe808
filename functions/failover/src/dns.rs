//! Whom DNS names: the site's name and both load balancers are resolved, and the addresses
//! compared.
//!
//! This reads the data plane that the users read. It needs no permission and nothing in us-east-1.

mod udp;
mod verdict;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
pub use failover_core::dns::Addresses;
use failover_core::dns::{LOOKS_MAX, Look};
use failover_core::observation::{Answer, Known, Why};
use futures::future::join3;

use crate::port::Names;

pub use udp::DnsServer;
pub use verdict::ZoneServers;

/// BOUND: below the bound of all reads, and what `resolv.conf` allows by default, 5 s, is beyond
/// it.
const LOOKUP_MAX: Duration = Duration::from_secs(2);

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
        let mut look = self.look().await;
        for _ in 1..LOOKS_MAX {
            if !look.needs_another() {
                break;
            }
            look = look.united(self.look().await);
        }
        look.whose()
    }
}

impl SiteNames {
    async fn look(&self) -> Look {
        let (site, primary, standby) = join3(
            self.resolver.resolve(&self.hostname),
            self.resolver.resolve(&self.primary),
            self.resolver.resolve(&self.standby),
        )
        .await;
        Look { site, primary, standby }
    }
}
