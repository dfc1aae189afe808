//! Route 53: zones, records, health checks. Provisioning owns none of these by itself; the drill does.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

use super::CloudError;
use crate::names::{HostedZoneId, Region};

/// Route 53, which has no region.
#[async_trait]
pub trait Dns: Send + Sync {
    /// Creates a public zone; `token` makes a repeated call answer the same zone.
    async fn create_zone(&self, name: &str, token: &str) -> Result<HostedZoneId, CloudError>;

    /// Deletes a zone that has no records but its own.
    async fn delete_zone(&self, zone: &HostedZoneId) -> Result<(), CloudError>;

    /// The records of a zone.
    async fn records(&self, zone: &HostedZoneId) -> Result<Vec<RecordView>, CloudError>;

    /// Creates a health check and answers its id; `token` makes a repeated call answer the same check.
    async fn create_health_check(
        &self,
        check: &HealthCheckRequest,
        token: &str,
    ) -> Result<String, CloudError>;

    /// Deletes a health check.
    async fn delete_health_check(&self, id: &str) -> Result<(), CloudError>;

    /// What Route 53's checkers found at their last try. `None` if there is no such check.
    async fn check_status(&self, id: &str) -> Result<Option<CheckStatus>, CloudError>;

    /// The addresses of a name, as this machine's resolver answers. An emulator's names are on no public server.
    async fn addresses(&self, name: &str) -> io::Result<BTreeSet<IpAddr>>;
}

/// A record set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordView {
    /// Its name, with a final dot.
    pub name: String,
    /// Its type, such as `A`.
    pub kind: String,
    /// `PRIMARY` or `SECONDARY` of a failover record.
    pub failover: Option<String>,
    /// The check that it carries.
    pub health_check_id: Option<String>,
    /// The name that it is an alias of.
    pub alias: Option<String>,
    /// Whether the alias also counts as unhealthy while its target is.
    pub evaluates_target: bool,
}

/// What the checkers of a health check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStatus {
    /// Checkers that reported.
    pub checkers: usize,
    /// Of them, those that got the answer they wanted.
    pub succeeded: usize,
    /// What one of the others says.
    pub failure: Option<String>,
}

/// A health check to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthCheckRequest {
    /// Asks an endpoint over HTTP.
    Http {
        /// Whom to ask.
        host: String,
        /// At which port.
        port: u16,
        /// For which path.
        path: String,
        /// Distance of two requests of one checker. Units: seconds. Range: 10 or 30.
        interval_seconds: u16,
        /// Answers in a row that change a checker's mind.
        failure_threshold: u16,
    },
    /// Follows the metric of an alarm; without data it keeps its last verdict.
    Alarm {
        /// The alarm's region.
        region: Region,
        /// The alarm's name.
        name: String,
    },
    /// Healthy while all of these are.
    All(Vec<String>),
}
