//! One client's way to a page.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::timeout;

use doctor::resolver;

use super::names::{Balancers, NameServer};
use super::{ProberSettings, Role};
use crate::locked;
use crate::tally::Failed;

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
    pub(super) async fn ask(&self) -> Result<Role, Failed> {
        let mut request = HttpRequest::get(self.url.as_str()).map_err(|_| Failed::Dns)?;
        request.headers_mut().insert("user-agent", "pilotlight-drill");
        let page = async {
            let answer = self.connector.call(request).await;
            let answer = answer.map_err(|error| self.reason(&error))?;
            let status = answer.status().as_u16();
            // Read to its end, or the connection could not be used again.
            let body = ByteStream::new(answer.into_body()).collect().await;
            body.map_err(|_| Failed::Lost)?;
            if (200..=399).contains(&status) { Ok(()) } else { Err(Failed::Status(status)) }
        };
        timeout(PAGE_MAX, page).await.map_err(|_| Failed::Timeout)??;
        let served = self.balancers.whose(&locked(&self.way.last));
        served.ok_or(Failed::Elsewhere)
    }

    fn reason(&self, error: &ConnectorError) -> Failed {
        if locked(&self.way.last).is_empty() {
            return Failed::Dns;
        }
        if error.is_timeout() {
            return Failed::Timeout;
        }
        match cause(error) {
            Some(io::ErrorKind::ConnectionRefused) => Failed::Refused,
            Some(io::ErrorKind::TimedOut) => Failed::Timeout,
            // TLS says so of whatever it does not accept.
            Some(io::ErrorKind::InvalidData) => Failed::Certificate,
            Some(_) | None => Failed::Lost,
        }
    }
}

/// The kind of the innermost error of the system or of TLS, which the clients wrap several times.
fn cause(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let inner = |error: &(dyn Error + 'static)| error.downcast_ref::<io::Error>().map(kind);
    std::iter::successors(Some(error), |&error| error.source()).find_map(inner)
}

fn kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.map_or_else(|| error.kind(), kind)
}
