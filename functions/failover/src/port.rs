//! What the handler sees of the world, in domain types only.
//!
//! Reads never fail: what could not be learned is `Unknown`, with the reason. Writes say what AWS
//! did not confirm.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use failover_core::decision::{Latch, Notice, PrimaryWrite, StandbyWrite};
use failover_core::observation::{
    AlarmView, Answer, CheckConfig, Datapoints, Group, Known, Probe, Subscriptions, Verdict,
};
use failover_core::record::{Record, Register};
use failover_core::time::Timestamp;
use futures::future::BoxFuture;

use crate::error::WriteError;
use crate::log::Log;

/// Everything that the handler reaches the world through.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Reads of AWS.
    pub reads: Arc<dyn Reads>,
    /// Whom DNS names.
    pub names: Arc<dyn Names>,
    /// What Route 53's name servers think of the primary.
    pub verdicts: Arc<dyn Verdicts>,
    /// Our own look at the primary.
    pub prober: Arc<dyn Prober>,
    /// Our own egress.
    pub outside: Arc<dyn Outside>,
    /// Writes to AWS.
    pub writes: Arc<dyn Writes>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The log.
    pub log: Arc<dyn Log>,
}

/// One of the two regions of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Where the users normally are.
    Primary,
    /// Where they go when the primary fails.
    Standby,
}

impl Role {
    /// The word for logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
        }
    }
}

/// The failover alarm and what it watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmReading {
    /// Its state.
    pub view: AlarmView,
    /// The metric that it watches, so that evidence and alarm cannot disagree. Unknown for an alarm
    /// on an expression.
    pub metric: Known<Metric>,
    /// The other health checks of the site, as its description names them. `NotAsked` if there is none.
    pub checks: Known<Vec<String>>,
}

/// The dimension that names the health check. Source: Route 53's metrics in CloudWatch.
pub const CHECK_DIMENSION: &str = "HealthCheckId";

/// One metric as CloudWatch names it. Source: the alarm's own definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// `AWS/Route53`.
    pub namespace: String,
    /// `HealthCheckStatus`.
    pub name: String,
    /// Name and value of each dimension.
    pub dimensions: Vec<(String, String)>,
    /// `Minimum`.
    pub statistic: String,
    /// Distance of two datapoints.
    pub period: Duration,
}

impl Metric {
    /// The value of one of its dimensions.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let dimension = self.dimensions.iter().find(|(one, _)| one == name);
        dimension.map(|(_, value)| value.as_str())
    }
}

/// Distance of two datapoints of a group's CPU. The basic monitoring of instances has no shorter
/// one, and an average over minutes is what target tracking scales by.
pub const CPU_PERIOD: Duration = Duration::from_mins(5);

/// Distance of two datapoints of a load balancer's requests.
pub const REQUESTS_PERIOD: Duration = Duration::from_mins(1);

/// A stretch of time: start included, end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First moment.
    pub start: Timestamp,
    /// First moment after it.
    pub end: Timestamp,
}

/// Reads of AWS.
#[async_trait]
pub trait Reads: fmt::Debug + Send + Sync {
    /// The failover alarm.
    async fn read_alarm(&self) -> Known<AlarmReading>;
    /// The datapoints of `metric` within `span`.
    async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints>;
    /// The standby group and the record in its tags. Its healthy count is not asked here, so that a
    /// raise need not wait for it.
    async fn read_standby(&self) -> Known<(Group, Record)>;
    /// The primary group, without its healthy count.
    async fn read_primary(&self) -> Known<Group>;
    /// Targets that the load balancer of `role` calls healthy.
    async fn read_healthy(&self, role: Role) -> Known<u16>;
    /// Newest average CPU within `span` of the group of `role`, in percent.
    async fn read_cpu(&self, role: Role, span: Span) -> Known<u16>;
    /// Requests a minute that each server of the standby got, in the busiest minute within `span`.
    async fn read_requests(&self, span: Span) -> Known<u32>;
    /// How the health check of this id is set.
    async fn read_check(&self, id: &str) -> Known<CheckConfig>;
    /// Who would hear a notice.
    async fn read_subscriptions(&self) -> Known<Subscriptions>;
}

/// Whom DNS names.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// Resolves the site's name and both load balancers, and compares.
    async fn read_answer(&self) -> Known<Answer>;
}

/// What Route 53's name servers think of the primary.
#[async_trait]
pub trait Verdicts: fmt::Debug + Send + Sync {
    /// Asks two servers of the zone at once. Known only if both say the same.
    async fn read_verdict(&self) -> Known<Verdict>;
}

/// Our own look at the primary.
#[async_trait]
pub trait Prober: fmt::Debug + Send + Sync {
    /// Asks the primary three times over HTTP.
    async fn probe(&self) -> Known<Probe>;
}

/// Our own egress, apart from both regions of the site and from us-east-1.
#[async_trait]
pub trait Outside: fmt::Debug + Send + Sync {
    /// Whether somebody out there answers.
    async fn reach(&self) -> bool;
}

/// Writes to AWS. Each is one call with absolute values, so that doing it twice equals doing it
/// once.
#[async_trait]
pub trait Writes: fmt::Debug + Send + Sync {
    /// Writes all registers in one call, as tags of the standby group that instances do not
    /// inherit.
    async fn write_tags(&self, registers: &[Register]) -> Result<(), WriteError>;
    /// Writes the sizes of the standby group. `live_max` is its MaxSize as it was read: one that
    /// does not change is not sent, because the role may send none above the site's own, and
    /// somebody may have set a larger one by hand.
    async fn write_standby(
        &self,
        write: StandbyWrite,
        live_max: Option<u16>,
    ) -> Result<(), WriteError>;
    /// Writes the sizes of the primary group.
    async fn write_primary(&self, write: PrimaryWrite) -> Result<(), WriteError>;
    /// Puts the value that the gate's alarm watches.
    async fn put_latch(&self, latch: Latch) -> Result<(), WriteError>;
    /// Has the function started again for a look after each of these delays.
    async fn send_looks(&self, delays: &[Duration]) -> Result<(), WriteError>;
    /// Tells people.
    async fn notify(&self, notice: &Notice) -> Result<(), WriteError>;
}

/// Time as the handler sees it.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // The core's time library is built without a clock, on purpose. A clock before 1970 or
        // beyond the calendar is none.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, nanoseconds) = (i64::try_from(since.as_secs()), since.subsec_nanos());
        seconds
            .ok()
            .and_then(|seconds| Timestamp::new(seconds, nanoseconds.cast_signed()).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
