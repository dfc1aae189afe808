//! Route 53: zones, records, health checks. Provisioning owns none of these by itself; the drill does.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use serde::Serialize;

use site::names::{HostedZoneId, Region};

use super::Result;
use crate::guard::proof::{Fresh, Local, Permit};

/// Route 53, which has no region.
#[async_trait]
pub trait Dns: Send + Sync {
    /// Creates a public zone; `token` makes a repeated call answer the same zone. For emulators: at AWS a zone is its owner's.
    async fn create_zone(&self, local: Local, name: &str, token: &str) -> Result<HostedZoneId>;

    /// Deletes a zone that has no records but its own. For emulators.
    async fn delete_zone(&self, local: Local, zone: &HostedZoneId) -> Result<()>;

    /// The records of a zone.
    async fn records(&self, zone: &HostedZoneId) -> Result<Vec<RecordView>>;

    /// Creates a health check and answers its id; `token` makes a repeated call answer the same check. Nothing follows a new
    /// check until a record carries it.
    async fn create_health_check(
        &self,
        permit: &Permit,
        check: &HealthCheckRequest,
        token: &str,
    ) -> Result<String>;

    /// Deletes a health check.
    async fn delete_health_check(&self, check: Fresh<CheckView>) -> Result<()>;

    /// What Route 53's checkers found at their last try. `None` if there is no such check.
    async fn check_status(&self, id: &str) -> Result<Option<CheckStatus>>;

    /// A health check as it is set. `None` if there is none.
    async fn check(&self, id: &str) -> Result<Option<CheckView>>;

    /// The health check that was created with this token, if it still stands.
    async fn check_made_with(&self, token: &str) -> Result<Option<CheckView>>;

    /// The health checks whose tokens begin so.
    async fn checks_made_with(&self, beginning: &str) -> Result<Vec<CheckView>>;

    /// Sets whether a check's verdict is turned round, if it still has the version that was read: the lock against somebody
    /// else's change. AWS refuses another version with `HealthCheckVersionMismatch`. Sent once: a second try would meet the
    /// version that the first one made.
    async fn set_inverted(&self, check: Fresh<CheckView>, inverted: bool) -> Result<CheckView>;

    /// What stands at exactly this name.
    async fn named(&self, zone: &HostedZoneId, name: &str) -> Result<Named>;

    /// Creates or deletes alias records at the name that was read, all of them or none.
    async fn change_aliases(
        &self,
        at: Fresh<Records>,
        change: RecordChange,
        records: &[AliasRecord],
    ) -> Result<()>;

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

impl RecordView {
    /// The name that it is an alias of, as AWS calls a load balancer or a distribution.
    #[must_use]
    pub fn leads_to(&self) -> Option<String> {
        let alias = self.alias.as_deref()?.trim_end_matches('.').to_lowercase();
        // Route 53's console puts this label in front of a load balancer's name.
        Some(alias.strip_prefix("dualstack.").unwrap_or(&alias).to_owned())
    }
}

/// A health check as it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckView {
    /// Its id.
    pub id: String,
    /// The token that it was created with.
    pub token: String,
    /// Grows with each change of its settings.
    pub version: i64,
    /// Such as `HTTP` or `CALCULATED`.
    pub kind: String,
    /// Whether healthy means unhealthy.
    pub inverted: bool,
    /// Whether it no longer checks, and counts as healthy.
    pub disabled: bool,
    /// The checks that it is calculated over.
    pub children: Vec<String>,
}

/// What stands at a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Failover alias records.
    pub aliases: Vec<AliasRecord>,
    /// Types of all others.
    pub others: Vec<String>,
}

/// What stands at a name.
#[derive(Debug)]
pub struct Records {
    /// The zone.
    pub zone: HostedZoneId,
    /// What is there.
    pub named: Named,
}

/// One half of a failover pair of alias records, of type `A`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasRecord {
    /// Its name, without a final dot.
    pub name: String,
    /// What tells it from the others of its name.
    pub set_identifier: String,
    /// `PRIMARY` or `SECONDARY`.
    pub failover: String,
    /// The check that it carries.
    pub health_check_id: Option<String>,
    /// The load balancer's name.
    pub target: String,
    /// The zone that the load balancer's name is in.
    pub target_zone: String,
    /// Whether it also counts as unhealthy while its target is.
    pub evaluates_target: bool,
}

/// What is done to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// They are made; one that is there already is refused.
    Create,
    /// They are deleted, if they are exactly these.
    Delete,
}

/// What the checkers of a health check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
        /// Whether in the clear.
        protocol: Protocol,
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

/// What a health check speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// In the clear.
    Http,
    /// Over TLS. Route 53 does not validate the certificate.
    Https,
}
