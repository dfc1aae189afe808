//! How the parts of a deployed site hang together at AWS. Nothing here changes anything.

use async_trait::async_trait;
use strum::IntoStaticStr;

use site::names::{HostedZoneId, Region};

use super::{CheckView, RecordView, Result};

/// How things hang together.
#[async_trait]
pub trait Wiring: Send + Sync {
    /// Whether an emulator answers. It keeps no children of a calculated check and no reserved concurrency.
    fn is_emulator(&self) -> bool {
        false
    }

    /// A hosted zone. `None` if the account has none of this id.
    async fn zone(&self, id: &HostedZoneId) -> Result<Option<ZoneView>>;

    /// The records of one name, whatever their type.
    async fn records_of(&self, zone: &HostedZoneId, name: &str) -> Result<Vec<RecordView>>;

    /// What an alarm watches and whom it tells. `None` if there is none.
    async fn alarm_wiring(&self, region: &Region, name: &str) -> Result<Option<AlarmWiring>>;

    /// Who gets what a topic is told. `None` if there is no such topic.
    async fn subscriptions(
        &self,
        region: &Region,
        topic_arn: &str,
    ) -> Result<Option<Vec<Subscription>>>;

    /// Who may invoke a function. `None` if there is no such function.
    async fn invokers(&self, region: &Region, function: &str) -> Result<Option<Vec<Invoker>>>;

    /// The queues that start a function. Empty if there is no such function.
    async fn event_sources(&self, region: &Region, function: &str) -> Result<Vec<EventSource>>;

    /// A health check. `None` if there is none.
    async fn health_check(&self, id: &str) -> Result<Option<CheckView>>;

    /// An `EventBridge` rule. `None` if there is none.
    async fn rule(&self, region: &Region, name: &str) -> Result<Option<RuleView>>;

    /// Whether something of a kind has this name. Rules and alarms have readings of their own.
    async fn exists(&self, region: &Region, kind: Kept, name: &str) -> Result<bool>;

    /// A function. `None` if there is none.
    async fn function(&self, region: &Region, name: &str) -> Result<Option<FunctionView>>;

    /// A load balancer. `None` if there is none.
    async fn balancer(&self, region: &Region, name: &str) -> Result<Option<BalancerView>>;

    /// How long a load balancer lets a client keep its connection. Units: seconds. `None` if there is no such balancer.
    async fn keep_alive(&self, region: &Region, name: &str) -> Result<Option<u32>>;
}

/// What is known by a name that is given once in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Kept {
    /// A log group of CloudWatch Logs.
    #[strum(serialize = "log group")]
    LogGroup,
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
    /// A dashboard of CloudWatch.
    Dashboard,
    /// An alarm of CloudWatch.
    Alarm,
    /// An `EventBridge` rule.
    Rule,
}

impl Kept {
    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneView {
    /// Its name, without the final dot.
    pub name: String,
    /// Whether only some networks see it.
    pub private: bool,
    /// The servers that answer for it.
    pub name_servers: Vec<String>,
}

impl ZoneView {
    /// Whether a name lies in the zone.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        name == self.name
            || name.strip_suffix(self.name.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// What an alarm watches and whom it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmWiring {
    /// Whether it tells anybody at all.
    pub enabled: bool,
    /// Whom it tells of ALARM.
    pub on_alarm: Vec<String>,
    /// Whom it tells of OK.
    pub on_ok: Vec<String>,
    /// Whom it tells of missing data.
    pub on_insufficient: Vec<String>,
    /// The metric's dimensions, name and value.
    pub dimensions: Vec<(String, String)>,
}

impl AlarmWiring {
    /// The health check that it watches.
    #[must_use]
    pub fn watched(&self) -> Option<&str> {
        let found = self.dimensions.iter().find(|(name, _)| name == "HealthCheckId");
        found.map(|(_, id)| id.as_str())
    }
}

/// A rule that runs something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleView {
    /// Whether it runs anything.
    pub enabled: bool,
    /// ARNs of what it runs.
    pub targets: Vec<String>,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionView {
    /// `Active`, or what keeps it from running.
    pub state: String,
    /// SHA-256 of its zip, hexadecimal.
    pub code_sha256: Option<String>,
    /// How many runs at once are reserved for it. 0: it cannot run.
    pub reserved: Option<u32>,
}

/// A load balancer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalancerView {
    /// Whether it forwards.
    pub active: bool,
}

/// Somebody who gets what a topic is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// How, such as `lambda` or `email`.
    pub protocol: String,
    /// Where.
    pub endpoint: String,
    /// Whether nobody has confirmed it yet.
    pub pending: bool,
}

/// Somebody who may invoke a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoker {
    /// The service, such as `sns.amazonaws.com`.
    pub service: String,
    /// The one thing of the service that may, if it is bound to one.
    pub source_arn: Option<String>,
}

/// A queue that starts a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSource {
    /// ARN of the queue.
    pub arn: String,
    /// Whether Lambda takes messages from it, or is about to.
    pub enabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_contains_its_own_name_and_what_ends_with_it() {
        let name = "example.com".to_owned();
        let zone = ZoneView { name, private: false, name_servers: Vec::new() };
        assert!(zone.contains("example.com") && zone.contains("a.shop.example.com"));
        assert!(!zone.contains("badexample.com") && !zone.contains("example.org"));
    }
}
