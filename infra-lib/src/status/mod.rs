//! How a site is: its stacks, its alarm, both groups, and what the controller last decided.
//!
//! Reading never fails as a whole. What cannot be read is a line that says why: in an outage the dead region is just that.

mod text;

use failover_core::observation::AlarmState;
use failover_core::record::{Ownership, Sizes};
use failover_core::{DecisionRecord, Timestamp};
use futures::future::join_all;
use serde::Serialize;

use crate::cloud::{Cloud, CloudError, GroupView};
use crate::guard;
use crate::model::{Site, Stack, StackId};
use crate::names::Region;
use crate::outputs::Outputs;

// BOUND: the tick decides each minute; an hour of silence is told as such.
const LOOK_BACK_SECONDS: i64 = 3600;

/// A reading, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// What was read.
    Known(T),
    /// It is not there.
    Absent,
    /// Why it could not be read.
    Unknown(String),
}

/// How a site is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its name.
    pub site: String,
    /// What users type.
    pub hostname: String,
    /// Every stack, in the order of the waves.
    pub stacks: Vec<StackReading>,
    /// The failover alarm.
    pub alarm: Reading<Alarm>,
    /// The primary's group.
    pub primary: Side,
    /// The standby's group.
    pub standby: Side,
    /// Whether the controller holds the standby up.
    pub raised: Reading<Raised>,
    /// What the controller last decided, within an hour.
    pub decision: Reading<LastDecision>,
}

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackReading {
    /// Which.
    pub stack: StackId,
    /// Where.
    pub region: Region,
    /// CloudFormation's status.
    pub status: Reading<String>,
}

/// The failover alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// Present state.
    pub state: AlarmState,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// One region's servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Where.
    pub region: Region,
    /// The group.
    pub group: Reading<Group>,
}

/// A group of servers. Units: instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Minimum, desired, maximum.
    pub sizes: Sizes,
    /// In service, by Auto Scaling.
    pub in_service: usize,
    /// Healthy, by the load balancer.
    pub healthy: Reading<usize>,
}

/// Whether the controller holds the standby up, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Raised {
    /// It does not.
    Idle,
    /// It does.
    Ours {
        /// When it began.
        since: Timestamp,
        /// Instances asked for.
        target: u16,
        /// On which evidence.
        why: String,
    },
    /// The registers that would tell cannot be read.
    Unreadable,
}

/// A decision, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastDecision {
    /// When.
    pub at: Timestamp,
    /// The rule that fired.
    pub reason: String,
    /// Steps that failed.
    pub failed: Vec<String>,
}

impl<T> Reading<T> {
    fn of(result: Result<Option<T>, CloudError>) -> Self {
        match result {
            Ok(Some(value)) => Self::Known(value),
            Ok(None) => Self::Absent,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }
}

/// Reads how a site is. `now` bounds how far back the log is read.
///
/// # Errors
/// [`CloudError::Credentials`] alone: without them nothing at all can be told.
pub async fn read(cloud: &dyn Cloud, site: &Site, now: Timestamp) -> Result<Status, CloudError> {
    let (stacks, outputs) = stacks(cloud, site).await?;
    let found = Found { cloud, site, stacks: &stacks, outputs: &outputs };
    let (alarm, primary, standby, decision) = futures::join!(
        found.alarm(),
        found.side(site.primary_region(), StackId::WebPrimary),
        found.side(site.standby_region(), StackId::WebStandby),
        found.decision(now),
    );
    let (primary, _) = primary;
    let (standby, raised) = standby;
    let (site, hostname) = (site.config.name.to_string(), site.config.hostname.to_string());
    Ok(Status { site, hostname, stacks, alarm, primary, standby, raised, decision })
}

async fn stacks(
    cloud: &dyn Cloud,
    site: &Site,
) -> Result<(Vec<StackReading>, Outputs), CloudError> {
    let look = async |stack: &Stack| cloud.describe_stack(&stack.region, stack.name.as_str()).await;
    let views = join_all(site.stacks.iter().map(look)).await;
    let mut outputs = Outputs::default();
    let mut readings = Vec::new();
    for (stack, view) in site.stacks.iter().zip(views) {
        if let Err(error) = &view
            && error.is_credentials()
        {
            return Err(error.clone());
        }
        if let Ok(Some(view)) = &view {
            outputs.insert(stack.id, view.outputs.clone());
        }
        let status = Reading::of(view.map(|view| view.map(|view| view.status.to_string())));
        readings.push(StackReading { stack: stack.id, region: stack.region.clone(), status });
    }
    Ok((readings, outputs))
}

/// What the stacks told, for whatever is read next.
struct Found<'a> {
    cloud: &'a dyn Cloud,
    site: &'a Site,
    stacks: &'a [StackReading],
    outputs: &'a Outputs,
}

impl Found<'_> {
    /// An output, or what its absence means: a stack that cannot be read is not a stack that is not there.
    fn output<T>(&self, id: StackId, name: &str) -> Result<&str, Reading<T>> {
        self.outputs.get(id, name).ok_or_else(|| {
            let stack = self.stacks.iter().find(|stack| stack.stack == id);
            match stack.map(|stack| &stack.status) {
                Some(Reading::Unknown(why)) => Reading::Unknown(why.clone()),
                Some(Reading::Known(_) | Reading::Absent) | None => Reading::Absent,
            }
        })
    }

    async fn alarm(&self) -> Reading<Alarm> {
        // The name is fixed, so the alarm is found even while its stack cannot be read.
        let name = self.site.alarm_name();
        let found = self.cloud.alarm(&self.site.stack(StackId::Detector).region, &name).await;
        Reading::of(
            found.map(|alarm| alarm.map(|alarm| Alarm { state: alarm.state, since: alarm.since })),
        )
    }

    async fn side(&self, region: &Region, web: StackId) -> (Side, Reading<Raised>) {
        let name = match self.output(web, "GroupName") {
            Ok(name) => name,
            Err(group) => {
                let raised = match &group {
                    Reading::Unknown(why) => Reading::Unknown(why.clone()),
                    Reading::Known(_) | Reading::Absent => Reading::Absent,
                };
                return (Side { region: region.clone(), group }, raised);
            }
        };
        let (group, healthy) =
            futures::join!(self.cloud.group(region, name), self.healthy(region, web));
        let raised = Reading::of(group.clone().map(|group| group.map(|group| raised(&group))));
        let group = Reading::of(group.map(|group| {
            group.map(|group| Group { sizes: group.sizes, in_service: group.in_service(), healthy })
        }));
        (Side { region: region.clone(), group }, raised)
    }

    async fn healthy(&self, region: &Region, web: StackId) -> Reading<usize> {
        match self.output(web, "TargetGroupArn") {
            Ok(arn) => {
                let health = self.cloud.target_health(region, arn).await;
                Reading::of(health.map(|health| Some(health.healthy())))
            }
            Err(reading) => reading,
        }
    }

    async fn decision(&self, now: Timestamp) -> Reading<LastDecision> {
        let group = match self.output(StackId::Controller, "LogGroupName") {
            Ok(group) => group,
            Err(reading) => return reading,
        };
        let since = failover_core::time::after(now, -LOOK_BACK_SECONDS);
        let lines = self.cloud.log_lines(self.site.standby_region(), group, since).await;
        Reading::of(lines.map(|lines| {
            let records = lines.iter().filter_map(|line| DecisionRecord::from_log_line(&line.text));
            let newest = records.max_by_key(|record| record.at)?;
            let failed = newest.outcome.failed.iter();
            let failed = failed.map(|(step, error)| format!("{step:?}: {error}"));
            Some(LastDecision {
                at: newest.at,
                reason: newest.decision.reason.name().to_owned(),
                failed: failed.collect(),
            })
        }))
    }
}

fn raised(group: &GroupView) -> Raised {
    match guard::record(group).ownership() {
        Ownership::Idle => Raised::Idle,
        Ownership::Unreadable => Raised::Unreadable,
        Ownership::Ours(raised) => {
            let (since, target) = (raised.first, raised.target);
            Raised::Ours { since, target, why: raised.why.word().to_owned() }
        }
    }
}
