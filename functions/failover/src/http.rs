//! One GET over HTTP: a connection of its own, one try, a bound, and redirects are answers.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::error::display::DisplayErrorContext;
use failover_core::observation::Known;

use crate::dns::Resolve;
use crate::log::{self, Level, Log};
use crate::settings::HttpUrl;

const CONNECT_MAX: Duration = Duration::from_secs(1);
/// BOUND: one that starts within the first 500 ms of all reads ends within their 2.5 s.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(2);

/// What one GET ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// An answer of this status.
    Status(u16),
    /// Somebody is there whom we cannot judge: the certificate is none that we trust.
    Untrusted,
    /// No answer in time.
    Silence,
}

/// Asks one URL.
#[derive(Debug)]
pub(crate) struct Asker {
    url: HttpUrl,
    name: &'static str,
    connector: Connector,
}

impl Asker {
    /// Asks `url` under `name`, at the addresses of `endpoint` if there is one and else of the
    /// URL's own host.
    pub(crate) fn new(
        url: HttpUrl,
        name: &'static str,
        endpoint: Option<String>,
        resolver: Arc<dyn Resolve>,
        tls: TlsContext,
    ) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_MAX)
            .read_timeout(ANSWER_MAX)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            // Each try opens its own connection, as the users' browsers do: one kept alive proves
            // less.
            .pool_max_idle_per_host(0)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls)
            .build_with_resolver(Addressing { endpoint: endpoint.map(Into::into), resolver });
        Self { url, name, connector }
    }

    /// Logs that nobody can judge the other side, and what to do, or to do instead.
    pub(crate) fn distrusts(&self, log: &dyn Log, problem: &str, instead: &str) {
        let hint = format!(
            "set `ca_bundle` in [tls] to a PEM file with its root, and deploy; or {instead}"
        );
        let fields = [
            ("url", self.url.as_str()),
            ("error", "certificate is not signed by a root that the function trusts"),
            ("hint", &hint),
        ];
        log.line(&log::problem(Level::Warn, problem, &fields));
    }

    pub(crate) async fn ask(&self) -> Heard {
        let Ok(mut request) = HttpRequest::get(self.url.as_str()) else {
            // An URL that cannot be asked tells nothing about the other side.
            return Heard::Untrusted;
        };
        request.headers_mut().insert("user-agent", self.name);
        match tokio::time::timeout(ANSWER_MAX, self.connector.call(request)).await {
            Ok(Ok(answer)) => Heard::Status(answer.status().as_u16()),
            Ok(Err(error)) => {
                let words = DisplayErrorContext(&error).to_string();
                if words.contains("certificate") { Heard::Untrusted } else { Heard::Silence }
            }
            Err(_) => Heard::Silence,
        }
    }
}

/// Where names lead to.
#[derive(Clone, Debug)]
struct Addressing {
    endpoint: Option<Arc<str>>,
    resolver: Arc<dyn Resolve>,
}

impl ResolveDns for Addressing {
    fn resolve_dns<'a>(&'a self, host: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            match self.resolver.resolve(self.endpoint.as_deref().unwrap_or(host)).await {
                Known::Known(addresses) => Ok(addresses.into_iter().collect()),
                Known::Unknown(why) => Err(ResolveDnsError::new(why.word())),
            }
        })
    }
}
