//! One client's way to a page.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::timeout;

use super::names::{Balancers, NameServer};
use super::{ELSEWHERE, ProberSettings, Role};
use crate::doctor::resolver;
use crate::drill::locked;

/// BOUND: what a patient user waits: for a connection, and for the whole page, DNS included.
const CONNECT_MAX: Duration = Duration::from_secs(3);
const PAGE_MAX: Duration = Duration::from_secs(8);

/// What a client keeps from one request to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    Nothing,
    Connection,
}

/// One client.
#[derive(Debug)]
pub(super) struct Door {
    url: String,
    connector: Connector,
    way: Arc<Way>,
    balancers: Arc<Balancers>,
}

/// How its name is resolved, and what came of it when a connection was last opened.
#[derive(Debug)]
struct Way {
    server: NameServer,
    name: String,
    last: Mutex<Vec<IpAddr>>,
}

#[derive(Clone, Debug)]
struct Resolving(Arc<Way>);

impl ResolveDns for Resolving {
    fn resolve_dns<'a>(&'a self, _host: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let Way { server, name, last } = &*self.0;
            let found = resolver::addresses(server.address, name, server.recursive).await;
            let found: Vec<_> = found.map(|found| found.into_iter().collect()).unwrap_or_default();
            locked(last).clone_from(&found);
            if found.is_empty() {
                return Err(ResolveDnsError::new("the name has no address"));
            }
            Ok(found)
        })
    }
}

impl Door {
    pub(super) fn new(
        settings: &ProberSettings,
        server: NameServer,
        keeping: Keeping,
        balancers: Arc<Balancers>,
    ) -> Self {
        let bounds = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_MAX)
            .read_timeout(PAGE_MAX)
            .build();
        let way = Way { server, name: settings.name.clone(), last: Mutex::default() };
        let way = Arc::new(way);
        let connector = Connector::builder()
            .connector_settings(bounds)
            .pool_max_idle_per_host(match keeping {
                Keeping::Nothing => 0,
                Keeping::Connection => 1,
            })
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_with_resolver(Resolving(Arc::clone(&way)));
        Self { url: settings.url.clone(), connector, way, balancers }
    }

    /// Whoever served, or why nobody did.
    pub(super) async fn ask(&self) -> Result<Role, String> {
        let request = HttpRequest::get(self.url.as_str());
        let mut request = request.map_err(|_| "not a URL".to_owned())?;
        request.headers_mut().insert("user-agent", "pilotlight-drill");
        let page = async {
            let answer = self.connector.call(request).await.map_err(|error| {
                let error = aws_smithy_types::error::display::DisplayErrorContext(&error);
                self.reason(&error.to_string())
            })?;
            let status = answer.status().as_u16();
            // Read to its end, or the connection could not be used again.
            let body = ByteStream::new(answer.into_body()).collect().await;
            body.map_err(|_| "lost".to_owned())?;
            if (200..=399).contains(&status) { Ok(()) } else { Err(format!("status {status}")) }
        };
        timeout(PAGE_MAX, page).await.map_err(|_| "timeout".to_owned())??;
        let served = self.balancers.whose(&locked(&self.way.last));
        served.ok_or_else(|| ELSEWHERE.to_owned())
    }

    fn reason(&self, words: &str) -> String {
        let lost = if locked(&self.way.last).is_empty() {
            "dns"
        } else if words.contains("certificate") {
            "certificate"
        } else if words.contains("timed out") || words.contains("timeout") {
            "timeout"
        } else if words.contains("refused") {
            "refused"
        } else {
            "lost"
        };
        lost.to_owned()
    }
}
