//! What AWS said, when, and what is unknown. Built by the shell, read by [`decide`](crate::decide).

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::known::{Known, Mode, Why};
use crate::record::{Record, Sizes};
use crate::time::{self, Timestamp};
pub use crate::verdict::Verdict;

/// State of the failover alarm. Source: CloudWatch `MetricAlarm.StateValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// The endpoint check is green.
    Ok,
    /// The endpoint check is red.
    Alarm,
    /// CloudWatch has no data to judge by: the detector is blind.
    Insufficient,
}

impl AlarmState {
    /// CloudWatch's own word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::Insufficient => "INSUFFICIENT_DATA",
        }
    }
}

/// Whether CloudWatch itself evaluates the alarm. Source: `MetricAlarm.EvaluationState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evaluation {
    /// Nothing is reported against the evaluation.
    Sound,
    /// `PARTIAL_DATA`, `EVALUATION_ERROR` or `EVALUATION_FAILURE`: the state is not to be trusted.
    Failing,
}

/// The alarm as read in this invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AlarmView {
    /// Present state.
    pub state: AlarmState,
    /// When the state last changed. Source: `StateTransitionedTimestamp`.
    pub transitioned_at: Timestamp,
    /// Whether the state can be trusted.
    pub evaluation: Evaluation,
    /// Its actions are enabled, and there is one for ALARM. Without, only the tick sees the alarm.
    pub actions: bool,
}

/// The newest datapoints of the metric that the alarm watches, condensed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Datapoints {
    /// Distance between two datapoints: the alarm's own period, 60 s for Route 53's metric.
    #[serde(rename = "period_seconds", with = "time::seconds")]
    pub period: Duration,
    /// Start of the newest datapoint's period.
    pub newest: Timestamp,
    /// Datapoints of 1, counted back from the newest without a gap and without a 0.
    pub healthy_run: u16,
    /// The newest two datapoints exist, are neighbours, and are both 0.
    pub newest_two_zero: bool,
}

impl Datapoints {
    /// Condenses a series of `(start of period, value)`, in any order.
    ///
    /// `Unknown(Empty)` if there is none: silence is not health.
    #[must_use]
    pub fn from_series(mut series: Vec<(Timestamp, f64)>, period: Duration) -> Known<Self> {
        series.sort_by_key(|&(at, _)| std::cmp::Reverse(at));
        let Some(&(newest, _)) = series.first() else {
            return Known::Unknown(Why::Empty);
        };
        let mut expected = newest;
        let mut healthy_run = 0_u16;
        for &(at, value) in &series {
            if at != expected || value < 1.0 {
                break;
            }
            healthy_run = healthy_run.saturating_add(1);
            expected = time::after(at, -i64::try_from(period.as_secs()).unwrap_or(i64::MAX));
        }
        let newest_two_zero = match series[..] {
            [(first, a), (second, b), ..] => {
                a < 1.0 && b < 1.0 && time::age(first, second) == period
            }
            _ => false,
        };
        Known::Known(Self { period, newest, healthy_run, newest_two_zero })
    }

    /// How long the metric has been 1 without a gap.
    #[must_use]
    pub fn healthy_for(&self) -> Duration {
        self.period.saturating_mul(u32::from(self.healthy_run))
    }
}

/// An Auto Scaling group as read in this invocation. Units: instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group {
    /// MinSize.
    pub min: u16,
    /// DesiredCapacity.
    pub desired: u16,
    /// MaxSize.
    pub max: u16,
    /// Instances in lifecycle state `InService`.
    pub in_service: u16,
    /// Targets that the load balancer calls healthy.
    pub healthy: Known<u16>,
    /// `Launch` or `AddToLoadBalancer` is suspended: a raise would not bring servers.
    pub suspended: bool,
    /// `AlarmNotification` or `ReplaceUnhealthy` is suspended: it does not follow its load, or keeps unhealthy servers.
    #[serde(default)]
    pub paused: bool,
    /// Average CPU of its instances, in percent. Asked only with active-active routing, where instances alone do not tell
    /// the load, because the floors hold them.
    pub cpu: Known<u16>,
}

impl Group {
    /// The three sizes of the group.
    #[must_use]
    pub const fn sizes(&self) -> Sizes {
        Sizes { min: self.min, desired: self.desired, max: self.max }
    }
}

/// Whom DNS names now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Addresses of the primary load balancer, and none of the standby's.
    Primary,
    /// Addresses of the standby load balancer, and none of the primary's.
    Standby,
    /// Addresses of both.
    Mixed,
}

/// The controller's own look at the primary: three tries over HTTP, all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// Three answers of 2xx or 3xx.
    Up,
    /// Three failures.
    Down,
}

/// How the endpoint's health check is set. Source: Route 53 `GetHealthCheck`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CheckConfig {
    /// Always healthy for DNS, whatever the endpoint says.
    pub disabled: bool,
    /// Healthy and unhealthy are swapped.
    pub inverted: bool,
}

/// Who would hear a notice. Source: SNS `GetTopicAttributes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subscriptions {
    /// Confirmed receivers.
    pub confirmed: u32,
    /// Receivers that have not confirmed their e-mail.
    pub pending: u32,
    /// Receivers that the site asks for.
    #[serde(default)]
    pub asked: u32,
}

/// What only matters before a failover. Read once an hour, because it changes by hand only; `NotAsked` at other times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Readiness {
    /// The endpoint's health check.
    pub check: Known<CheckConfig>,
    /// The other health checks that DNS moves by: the gate's, the latch's and the standby's.
    #[serde(default = "unasked")]
    pub others: Known<CheckConfig>,
    /// The receivers of notices.
    pub subscriptions: Known<Subscriptions>,
}

impl Readiness {
    /// Nothing was read.
    pub const NOT_ASKED: Self =
        Self { check: unasked(), others: unasked(), subscriptions: Known::Unknown(Why::NotAsked) };
}

/// Everything one invocation knows about the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Observation {
    /// The failover alarm.
    pub alarm: Known<AlarmView>,
    /// The datapoints of the metric that the alarm watches.
    pub datapoints: Known<Datapoints>,
    /// The standby group.
    pub standby: Known<Group>,
    /// What the controller remembers, read from the standby group's tags.
    pub record: Known<Record>,
    /// The primary group: best effort, never required.
    pub primary: Known<Group>,
    /// Route 53's verdict, as two of the zone's name servers answer it alike. [`Why::NotAsked`]: the site names no servers.
    #[serde(default = "unasked")]
    pub verdict: Known<Verdict>,
    /// Whom DNS names.
    pub answer: Known<Answer>,
    /// The controller's own probe of the primary.
    pub probe: Known<Probe>,
    /// The controller proved, in this invocation, that it can reach the outside.
    pub egress: bool,
    /// Whether a failover would find everything in order.
    pub readiness: Readiness,
    /// Requests a minute that each server of the standby got lately, in the busiest minute. Asked only while the standby is
    /// raised by us.
    #[serde(default = "unasked")]
    pub requests: Known<u32>,
}

/// What a log of an earlier version holds: nobody asked.
const fn unasked<T>() -> Known<T> {
    Known::Unknown(Why::NotAsked)
}

/// Requests a minute at the whole standby that are nobody's: Route 53's sixteen checkers ask six times a minute each, and the
/// rest is for scanners and a drill.
const STRAY_REQUESTS: u32 = 240;
/// The same for each server: one in two seconds. Clients that never ask DNS again are a small share of a large site's.
const STRAY_REQUESTS_EACH: u32 = 30;

impl Observation {
    /// The standby gets no more requests than health checks and stray clients send. `Err`: they are too many, or unknown.
    ///
    /// # Errors
    /// What was read of them.
    pub fn standby_is_quiet(&self) -> Result<(), Known<u32>> {
        let (Known::Known(each), Known::Known(standby)) = (self.requests, self.standby) else {
            return Err(self.requests);
        };
        let all = each.saturating_mul(u32::from(standby.in_service));
        let quiet = all <= STRAY_REQUESTS || each <= STRAY_REQUESTS_EACH;
        if quiet { Ok(()) } else { Err(self.requests) }
    }

    /// The operator's mode: a tag of the record, absent = armed, unreadable = unknown.
    #[must_use]
    pub fn mode(&self) -> Known<Mode> {
        match &self.record {
            Known::Unknown(why) => Known::Unknown(*why),
            Known::Known(record) => record.mode(),
        }
    }
}

#[cfg(test)]
mod tests;
