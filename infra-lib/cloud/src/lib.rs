//! The way to AWS, as traits over our own types, and the SDK behind them in `aws`.
//!
//! Every write takes a proof, which only [`guard`] makes: that it is this site, that somebody said yes, that it was read since.

#![warn(missing_docs, clippy::missing_errors_doc)]

pub mod aws;
pub mod capacity;
pub mod change_name;
pub mod credentials;
pub mod dns;
pub mod error;
pub mod guard;
pub mod launches;
pub mod premises;
pub mod pricing;
pub mod secret;
pub mod stacks;
pub mod storage;
pub mod telemetry;
pub mod views;
pub mod wiring;

use async_trait::async_trait;

use site::names::Region;

pub use self::aws::Aws;
pub use self::capacity::{
    Capacity, Group, GroupView, InstanceView, LaunchView, TargetChange, TargetHealth,
};
pub use self::credentials::Expiry;
pub use self::dns::{
    AliasRecord, CheckStatus, CheckView, Dns, HealthCheckRequest, Named, Protocol, RecordChange,
    RecordView, Records,
};
pub use self::error::{CloudError, Result};
pub use self::launches::{KeyView, Launches, PublicAccess, SubnetView, TemplateView};
pub use self::premises::{
    Caller, CertificateView, Concurrency, Counted, ImageView, Issuer, Premises, Quota,
    RegionStatus, TypeView, Used,
};
pub use self::pricing::{PriceList, ProductQuery};
pub use self::stacks::{
    ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetView, Phase, PropertyChange, ROLLED,
    ResourceAction, ResourceChange, StackEvent, StackNow, StackResource, StackStatus, StackView,
    Stacks,
};
pub use self::storage::{Bucket, Put, Storage};
pub use self::telemetry::{AlarmStatus, Invocation, LogLine, Metric, Telemetry};
pub use self::wiring::{
    AlarmWiring, BalancerView, EventSource, FunctionView, Invoker, Kept, RuleView, Subscription,
    Wiring, ZoneView,
};

/// Everything that provisioning and the drills ask of AWS.
#[async_trait]
pub trait Cloud: Stacks + Storage + Capacity + Telemetry + Dns + Wiring {
    /// Id of the account that the credentials belong to.
    async fn account(&self, region: &Region) -> Result<String>;

    /// ARN of whoever signs the calls.
    async fn caller(&self, region: &Region) -> Result<String>;

    /// When the credentials that sign the calls end.
    async fn credentials_expiry(&self) -> Result<Expiry>;

    /// Whether the far end is an emulator on this machine, which answers at once.
    fn is_local(&self) -> bool;
}

/// Where AWS is and who we are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudSettings {
    /// Endpoint for every service; `None` leaves it to the SDK, which also reads `AWS_ENDPOINT_URL`.
    pub endpoint: Option<String>,
    /// Who signs the calls.
    pub credentials: Credentials,
}

/// Who signs the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// The SDK's chain: environment, profile, single sign-on, instance role.
    #[default]
    Chain,
    /// The key `test` that emulators accept. AWS knows no such key, so it can do no harm there.
    Test,
}

impl CloudSettings {
    /// Settings for an emulator: its endpoint and the test key.
    #[must_use]
    pub fn emulator(endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), credentials: Credentials::Test }
    }
}
