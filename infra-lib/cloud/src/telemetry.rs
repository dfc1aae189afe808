//! Alarms, metrics, logs, and asking a function.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use failover_core::Timestamp;
use failover_core::observation::AlarmState;

use site::names::Region;

use super::Result;
use crate::guard::proof::Permit;

/// What the site says of itself.
#[async_trait]
pub trait Telemetry: Send + Sync {
    /// A metric alarm by name. `None` if there is none.
    async fn alarm(&self, region: &Region, name: &str) -> Result<Option<AlarmStatus>>;

    /// Puts one value of a metric, now.
    async fn put_metric(
        &self,
        permit: &Permit,
        region: &Region,
        metric: &Metric,
        value: f64,
    ) -> Result<()>;

    /// The newest value of a metric at or after a time: the maximum of its newest period. `None` if there is none.
    async fn newest_value(
        &self,
        region: &Region,
        metric: &Metric,
        period: Duration,
        since: Timestamp,
    ) -> Result<Option<f64>>;

    /// Log lines of a group since a time, oldest first, at most a thousand. Nothing for a group that is not there.
    async fn log_lines(
        &self,
        region: &Region,
        group: &str,
        since: Timestamp,
    ) -> Result<Vec<LogLine>>;

    /// A function's environment variables; none for a function that is not there.
    async fn function_variables(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<BTreeMap<String, String>>;

    /// Invokes a function and waits for its answer.
    async fn invoke(
        &self,
        permit: &Permit,
        region: &Region,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Invocation>;
}

/// An alarm's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmStatus {
    /// Present state.
    pub state: AlarmState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// CloudWatch's reason.
    pub reason: Option<String>,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Namespace, such as `AWS/Route53`.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Dimensions, name and value.
    pub dimensions: Vec<(String, String)>,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its answer.
    pub payload: Vec<u8>,
    /// The kind of error, if it ended in one.
    pub error: Option<String>,
}
