//! Our own look at the primary: three tries over HTTP, on addresses of the primary's load balancer.
//!
//! The URL's host goes into the `Host` header and the TLS handshake, but what is connected to is
//! the load balancer's own name: after a failover the site's name leads to the standby, and a probe
//! that follows it would find the primary well.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::error::display::DisplayErrorContext;
use failover_core::observation::{Known, Probe, Why};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::dns::Resolve;
use crate::log::{self, Level, Log};
use crate::port::Prober;
use crate::settings::ProbeUrl;

/// Tries of one probe; they must be all alike.
const TRIES: usize = 3;
/// The next try starts when one ends, or after this. Three that hang one after another would never
/// end in time.
const STAGGER: Duration = Duration::from_millis(100);
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// BOUND: the last try starts at most 200 ms after the first, and ends within the 2.5 s of all
/// reads.
const TRY_MAX: Duration = Duration::from_secs(2);

/// A probe over HTTP. Redirects are answers, and are not followed.
#[derive(Debug)]
pub struct HttpProber {
    url: ProbeUrl,
    connector: Connector,
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
        url: ProbeUrl,
        endpoint: String,
        resolver: Arc<dyn Resolve>,
        tls: TlsContext,
        log: Arc<dyn Log>,
    ) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_MAX)
            .read_timeout(TRY_MAX)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            // Each try opens its own connection, as the users' browsers do: one kept alive proves
            // less.
            .pool_max_idle_per_host(0)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build_with_resolver(Detour { endpoint: endpoint.into(), resolver });
        Self { url, connector, log }
    }

    async fn once(&self) -> Try {
        let Ok(mut request) = HttpRequest::get(self.url.as_str()) else {
            return Try::Untrusted;
        };
        request.headers_mut().insert("user-agent", "pilotlight-probe");
        match tokio::time::timeout(TRY_MAX, self.connector.call(request)).await {
            Ok(Ok(answer)) if matches!(answer.status().as_u16(), 200..=399) => Try::Success,
            Ok(Ok(_)) | Err(_) => Try::Failure,
            Ok(Err(error)) => {
                let words = DisplayErrorContext(&error).to_string();
                if words.contains("certificate") { Try::Untrusted } else { Try::Failure }
            }
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
            let fields = [
                ("url", self.url.as_str()),
                ("error", "certificate is not signed by a root that the function trusts"),
                ("hint", "name a PEM file in PILOTLIGHT_CA_BUNDLE, or probe over http"),
            ];
            self.log.line(&log::problem(Level::Warn, "probe cannot judge the primary", &fields));
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

/// Resolves every name to the addresses of one.
#[derive(Clone, Debug)]
struct Detour {
    endpoint: Arc<str>,
    resolver: Arc<dyn Resolve>,
}

impl ResolveDns for Detour {
    fn resolve_dns<'a>(&'a self, _host: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            match self.resolver.resolve(&self.endpoint).await {
                Known::Known(addresses) => Ok(addresses.into_iter().collect()),
                Known::Unknown(why) => Err(ResolveDnsError::new(why.word())),
            }
        })
    }
}
