//! Our own look at the primary: three tries over HTTP, on addresses of the primary's load balancer.
//!
//! The URL's host goes into the `Host` header and the TLS handshake, but what is connected to is
//! the load balancer's own name: after a failover the site's name leads to the standby, and a probe
//! that follows it would find the primary well.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_http_client::tls::TlsContext;
use failover_core::observation::{Known, Probe, Why};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::dns::Resolve;
use crate::http::{Asker, Heard};
use crate::log::Log;
use crate::port::Prober;
use crate::settings::HttpUrl;

/// Tries of one probe; they must be all alike.
const TRIES: usize = 3;
/// BOUND: the next try starts when one ends, or after this, so the last one at most 200 ms after
/// the first. Three that hang one after another would never end within the bound of all reads.
const STAGGER: Duration = Duration::from_millis(100);

/// A probe over HTTP.
#[derive(Debug)]
pub struct HttpProber {
    primary: Asker,
    log: Arc<dyn Log>,
}

/// What one try ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// An answer of 2xx or 3xx: what Route 53's checkers call healthy.
    Success,
    /// Another answer, or none.
    Failure,
    /// The server is there, but we cannot judge it: its certificate is none that we trust.
    Untrusted,
}

impl HttpProber {
    /// A probe of `url` at the addresses of `endpoint`.
    #[must_use]
    pub fn new(
        url: HttpUrl,
        endpoint: String,
        resolver: Arc<dyn Resolve>,
        tls: TlsContext,
        log: Arc<dyn Log>,
    ) -> Self {
        let primary = Asker::new(url, "pilotlight-probe", Some(endpoint), resolver, tls);
        Self { primary, log }
    }

    async fn once(&self) -> Try {
        match self.primary.ask().await {
            Heard::Status(200..=399) => Try::Success,
            Heard::Status(_) | Heard::Silence => Try::Failure,
            Heard::Untrusted => Try::Untrusted,
        }
    }
}

#[async_trait]
impl Prober for HttpProber {
    async fn probe(&self) -> Known<Probe> {
        let mut running = FuturesUnordered::new();
        let mut tries = Vec::new();
        for _ in 0..TRIES {
            running.push(self.once());
            if let Ok(Some(ended)) = tokio::time::timeout(STAGGER, running.next()).await {
                tries.push(ended);
            }
        }
        tries.extend(running.collect::<Vec<_>>().await);
        if tries.contains(&Try::Untrusted) {
            let problem = "probe cannot judge the primary";
            self.primary.distrusts(&*self.log, problem, "probe over http");
        }
        verdict(&tries)
    }
}

/// All alike or unknown.
#[must_use]
pub fn verdict(tries: &[Try]) -> Known<Probe> {
    let all = |wanted: Try| tries.iter().all(|&one| one == wanted);
    if all(Try::Success) {
        Known::Known(Probe::Up)
    } else if all(Try::Failure) {
        Known::Known(Probe::Down)
    } else {
        Known::Unknown(Why::Unparseable)
    }
}
