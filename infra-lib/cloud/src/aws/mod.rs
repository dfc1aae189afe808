//! AWS itself, or an emulator of it. The only place that knows the SDK.

mod call;
mod capacity;
mod changes;
mod credentials;
mod dns;
mod launches;
mod mfa;
mod pages;
mod plain;
mod premises;
mod pricing;
mod stacks;
mod storage;
mod telemetry;
mod wiring;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use tokio::sync::OnceCell;

use self::call::Call;
use self::plain::Plain;
pub use self::stacks::stack_statuses;
use site::names::Region;

use super::{Caller, Cloud, CloudSettings, Credentials, Expiry, Result};

// BOUND: a region that does not take a connection in 2 s is not going to; an answer takes 10 s at most even when
// CloudFormation is slow; three tries cover one lost packet and one throttled call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPTS_MAX: u32 = 3;
// BOUND: a zip of 3 MB over a line of 0.5 Mbit/s.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(1);
// BOUND: the function's own timeout of 30 s and a cold start.
const INVOKE_TIMEOUT: Duration = Duration::from_secs(35);
// BOUND: an order in an outage waits for STS no longer than this: two tries, since STS answers in a fraction of a second.
const IDENTITY_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const IDENTITY_TIMEOUT: Duration = Duration::from_secs(6);

/// AWS, reached through the SDK. Cheap to share; clients are made once for each region.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    local: bool,
    regions: Mutex<BTreeMap<Region, Clients>>,
    plain: OnceLock<Plain>,
}

/// The clients of one region.
#[derive(Clone, Debug)]
struct Clients {
    autoscaling: aws_sdk_autoscaling::Client,
    cloudformation: aws_sdk_cloudformation::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    elb: aws_sdk_elasticloadbalancingv2::Client,
    lambda: aws_sdk_lambda::Client,
    route53: aws_sdk_route53::Client,
    s3: aws_sdk_s3::Client,
    sts: aws_sdk_sts::Client,
    /// What STS said, or did not say. It is asked once: whoever signs the calls stays the same, and an STS that did not answer
    /// keeps nobody waiting twice.
    identity: Arc<OnceCell<Result<Caller>>>,
}

impl Aws {
    /// Prepares the way to AWS. No call is made yet, so credentials are not checked. `home` is where they are asked for, of STS
    /// and the sign-in's own service: the standby's region, which must work on the day that another does not.
    pub async fn connect(settings: &CloudSettings, home: &Region) -> Self {
        let region = aws_config::Region::new(home.to_string());
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX);
        let tls = Provider::Rustls(CryptoMode::Ring);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(tls).build_https())
            .region(region)
            .timeout_config(timeouts(ATTEMPT_TIMEOUT))
            .retry_config(retries);
        if let Some(endpoint) = &settings.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if settings.credentials == Credentials::Test {
            let key =
                aws_credential_types::Credentials::new("test", "test", None, None, "emulator");
            loader = loader.credentials_provider(key);
        }
        let config = mfa::told(loader.load().await).await;
        let local = config.endpoint_url().is_some_and(is_loopback);
        Self { config, local, regions: Mutex::default(), plain: OnceLock::new() }
    }

    fn clients(&self, region: &Region) -> Clients {
        let mut regions = self.regions.lock().expect("no thread panics while it holds the lock");
        let clients = regions.entry(region.clone());
        clients.or_insert_with(|| Clients::new(&self.config, region, self.local)).clone()
    }

    /// Who signs the calls, by the STS of a region.
    async fn signer(&self, region: &Region) -> Result<Caller> {
        let Clients { sts, identity, .. } = self.clients(region);
        let ask = async || {
            let call = Call::new("GetCallerIdentity", region);
            let answer = call.answer(sts.get_caller_identity().send().await)?;
            let account = answer.account.ok_or_else(|| call.lacks("the account"))?;
            // An emulator may not know who asks.
            Ok(Caller { account, arn: answer.arn.unwrap_or_default() })
        };
        identity.get_or_init(ask).await.clone()
    }
}

impl Clients {
    fn new(config: &SdkConfig, region: &Region, local: bool) -> Self {
        let region = aws_config::Region::new(region.to_string());
        let config = config.to_builder().region(region).build();
        let uploads = aws_sdk_s3::config::Builder::from(&config)
            .timeout_config(timeouts(UPLOAD_TIMEOUT))
            // An emulator has one name for all buckets.
            .force_path_style(local)
            .build();
        let invocations = aws_sdk_lambda::config::Builder::from(&config)
            .timeout_config(timeouts(INVOKE_TIMEOUT))
            .build();
        let identities = aws_sdk_sts::config::Builder::from(&config)
            .timeout_config(
                timeouts(IDENTITY_ATTEMPT_TIMEOUT)
                    .to_builder()
                    .operation_timeout(IDENTITY_TIMEOUT)
                    .build(),
            )
            .build();
        Self {
            autoscaling: aws_sdk_autoscaling::Client::new(&config),
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            lambda: aws_sdk_lambda::Client::from_conf(invocations),
            route53: aws_sdk_route53::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(uploads),
            sts: aws_sdk_sts::Client::from_conf(identities),
            identity: Arc::default(),
        }
    }
}

#[async_trait]
impl Cloud for Aws {
    async fn account(&self, region: &Region) -> Result<String> {
        self.signer(region).await.map(|caller| caller.account)
    }

    async fn caller(&self, region: &Region) -> Result<String> {
        self.signer(region).await.map(|caller| caller.arn)
    }

    async fn credentials_expiry(&self) -> Result<Expiry> {
        credentials::expiry(&self.config).await
    }

    fn is_local(&self) -> bool {
        self.local
    }
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt * ATTEMPTS_MAX + CONNECT_TIMEOUT * ATTEMPTS_MAX)
        .build()
}

fn is_loopback(endpoint: &str) -> bool {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: no call waits for ever. Method: what each client was given, region by region.
    #[tokio::test]
    async fn every_client_has_bounds_of_ours() {
        let settings = CloudSettings::emulator("http://127.0.0.1:1");
        let aws = Aws::connect(&settings, &Region::detector()).await;
        let clients = aws.clients(&Region::detector());
        macro_rules! bounds {
            ($($client:ident)*) => { [$((stringify!($client), clients.$client.config().timeout_config())),*] };
        }
        let all = bounds!(autoscaling cloudformation cloudwatch elb lambda route53 s3 sts);
        for (client, bounds) in all {
            let bounds = bounds.expect(client);
            let set = [
                bounds.connect_timeout(),
                bounds.read_timeout(),
                bounds.operation_attempt_timeout(),
                bounds.operation_timeout(),
            ];
            assert!(set.iter().all(Option::is_some), "{client}: {bounds:?}");
        }
        let asked =
            clients.sts.config().timeout_config().and_then(TimeoutConfig::operation_timeout);
        assert_eq!(asked, Some(IDENTITY_TIMEOUT), "an order waits for STS no longer");
    }

    #[test]
    fn an_emulator_is_known_by_its_address() {
        for local in ["http://127.0.0.1:4566", "http://localhost:1/", "http://[::1]:9000"] {
            assert!(is_loopback(local), "{local}");
        }
        for remote in
            ["https://sts.amazonaws.com", "http://127.0.0.1.example.com", "http://10.0.0.1:80"]
        {
            assert!(!is_loopback(remote), "{remote}");
        }
    }
}
