//! How AWS is reached: trust, credentials, and our own bounds on time and tries.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_autoscaling::config::{Credentials, SharedAsyncSleep, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// Roots of Amazon Trust Services. The file says where they come from.
const AMAZON_ROOTS: &str = include_str!("../../roots/amazon-trust-services.pem");

const CONNECT_MAX: Duration = Duration::from_secs(1);
const ATTEMPT_MAX: Duration = Duration::from_secs(2);
/// BOUND: the first try and one more; whoever may wait longer tries again himself.
const ATTEMPTS_MAX: u32 = 2;
/// BOUND: both attempts and the pause between them.
const OPERATION_MAX: Duration = Duration::from_millis(4500);
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_millis(400);
/// A connection that idled longer is not used again: between two ticks Lambda freezes the process,
/// and the far end may be gone.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// The connection to AWS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Lambda puts the credentials into the environment; somebody else did not.
    #[error(
        "`{variable}` is missing; hint: outside Lambda, export it; `test` will do for an emulator"
    )]
    CredentialsMissing {
        /// The variable.
        variable: &'static str,
    },
    /// The file that `PILOTLIGHT_CA_BUNDLE` names cannot be read.
    #[error("`PILOTLIGHT_CA_BUNDLE` cannot be read: {}", path.display())]
    BundleUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("`PILOTLIGHT_CA_BUNDLE` holds no PEM certificate: {}", path.display())]
    BundleEmpty {
        /// The file.
        path: PathBuf,
    },
    /// The TLS library does not take the roots.
    #[error("roots of trust cannot be used: {0}")]
    Trust(String),
}

/// The roots to trust: Amazon's, and those of `bundle`.
///
/// They are added and never replace Amazon's: somebody who names the root of the site's certificate
/// for the probe must not lose AWS by it.
pub(super) fn tls_context(bundle: Option<&Path>) -> Result<TlsContext, AccessError> {
    let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    if let Some(path) = bundle {
        let path = path.to_owned();
        let pem = match std::fs::read_to_string(&path) {
            Ok(pem) => pem,
            Err(source) => return Err(AccessError::BundleUnreadable { path, source }),
        };
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(AccessError::BundleEmpty { path });
        }
        roots = roots.with_pem_certificate(pem);
    }
    let context = TlsContext::builder().with_trust_store(roots).build();
    context.map_err(|error| AccessError::Trust(error.to_string()))
}

/// What all clients share.
#[derive(Clone, Debug)]
pub struct Access {
    /// The HTTP client.
    pub http: SharedHttpClient,
    /// The function's role.
    pub credentials: Credentials,
    /// What timeouts sleep with. `None` is tokio's clock.
    pub sleep: Option<SharedAsyncSleep>,
}

impl Access {
    /// Takes the credentials that Lambda puts into the environment. Nothing else is looked for: the
    /// SDK's usual search would ask files and an instance's metadata service, and could hang where
    /// there is none.
    pub(super) fn from_environment(
        lookup: impl Fn(&str) -> Option<String>,
        tls: &TlsContext,
    ) -> Result<Self, AccessError> {
        let text = |variable| lookup(variable).filter(|text| !text.is_empty());
        let needed = |variable| text(variable).ok_or(AccessError::CredentialsMissing { variable });
        let credentials = Credentials::new(
            needed("AWS_ACCESS_KEY_ID")?,
            needed("AWS_SECRET_ACCESS_KEY")?,
            text("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let http = Builder::new()
            .pool_idle_timeout(IDLE_MAX)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .build_https();
        Ok(Self { http, credentials, sleep: None })
    }

    /// The configuration of one region's clients.
    pub(super) fn config(&self, region: &str, endpoint_url: Option<&str>) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_MAX)
            .operation_attempt_timeout(ATTEMPT_MAX)
            .operation_timeout(OPERATION_MAX)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS_MAX)
            .with_initial_backoff(PAUSE_FIRST)
            .with_max_backoff(PAUSE_MAX);
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .http_client(self.http.clone())
            .timeout_config(timeouts)
            .retry_config(retries);
        config.set_endpoint_url(endpoint_url.map(str::to_owned));
        config.set_sleep_impl(self.sleep.clone());
        config.build()
    }
}
