//! How a site is: who serves, what the controller holds, both groups, and what was decided last.
//!
//! Reading never fails as a whole. What cannot be read is a line that says why: in an outage the dead region is just that.

mod answer;
mod course;
pub mod drift;
mod held;
mod named;
mod phase;
mod reader;
mod spent;

use failover_core::Timestamp;
use failover_core::decision::Latch;
use failover_core::finding::Finding;
use failover_core::observation::{AlarmState, Answer, Mode};
use failover_core::record::{Demand, Sizes};
use serde::Serialize;

pub use cloud::CheckStatus as Check;
use cloud::{Cloud, CloudError};
use provision::needs::Needs;
use site::model::{Site, StackId};
use site::names::Region;

pub use self::course::{Decided, gist};
pub use self::named::named;
pub use self::phase::Phase;
pub use self::reader::{READ_MAX, Reader};
pub use self::spent::{Spent, hourly};

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
    /// The name that the failover records answer; with CloudFront not the one that users type.
    pub failover_name: String,
    /// When it was read.
    pub at: Timestamp,
    /// Who serves.
    pub serving: Reading<Serving>,
    /// How far a failover is.
    pub phase: Phase,
    /// Whether the controller holds the standby up.
    pub raised: Reading<Raised>,
    /// Instances that a raise asks for now.
    pub target: Reading<u16>,
    /// The operator's order that stands.
    pub order: Option<Ordered>,
    /// What the operator allows.
    pub mode: Reading<Mode>,
    /// Hold-down that is left at least, while the primary is being proven. Units: seconds.
    pub hold_down_left_seconds: Option<u64>,
    /// The latch. Absent where the site has none.
    pub latch: Reading<Gate>,
    /// The failover alarm.
    pub alarm: Reading<Alarm>,
    /// The primary's health check.
    pub check: Reading<Check>,
    /// The primary's group.
    pub primary: Side,
    /// The standby's group.
    pub standby: Side,
    /// What people should know although nothing has failed yet.
    pub findings: Reading<Vec<Found>>,
    /// What the present failover has cost. Nothing if there is none.
    pub spent: Option<Reading<Spent>>,
    /// What the controller last decided, within an hour.
    pub decision: Reading<Decided>,
    /// The last decisions, oldest first, those of one kind in a row as one. The last of them is `decision`.
    pub course: Vec<Decided>,
    /// What a failover needs, as it is now. Nothing where nobody asked for it.
    pub needs: Option<Needs>,
    /// Every stack, in the order of the waves.
    pub stacks: Vec<StackReading>,
}

/// Who serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Serving {
    /// Whom DNS names.
    pub answer: Answer,
    /// Both regions are meant to serve.
    pub both: bool,
    /// When the controller saw it. Nothing: this machine's own resolver answered just now.
    pub seen_by_controller: Option<Timestamp>,
}

/// An operator's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ordered {
    /// What was ordered.
    pub what: Demand,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// The latch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// As the controller recorded it.
    pub recorded: Latch,
    /// Since when. Nothing if it was never closed.
    pub since: Option<Timestamp>,
    /// As its alarm shows it, which Route 53 follows.
    pub shown: Reading<Latch>,
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
    /// Whether the site file asks for it.
    pub wanted: bool,
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
    /// Nothing runs there, and nothing should.
    pub dormant: bool,
    /// What is less than the site file asks for, although no failover is open.
    pub lacks: Option<Lack>,
    /// The group.
    pub group: Reading<Group>,
}

/// What a group has less of than the site file asks for. Units: instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// It asks for fewer than always have to run.
    Floor {
        /// Those that always have to run.
        floor: u16,
    },
    /// It may not grow to what a failover, or the floor, needs.
    Maximum {
        /// What is needed.
        needed: u16,
    },
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
    /// Scaling processes that somebody suspended.
    pub suspended: Vec<String>,
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
        /// When the newest raise was decided: what an order is given for.
        newest: Timestamp,
        /// Instances asked for.
        target: u16,
        /// On which evidence.
        why: String,
        /// The sizes to go back to.
        undo: Sizes,
    },
    /// The registers that would tell cannot be read.
    Unreadable,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Which.
    pub finding: Finding,
    /// What is wrong and what to do.
    pub text: &'static str,
    /// It has not been true since then. People are told so when it has been gone for an hour.
    pub gone_since: Option<Timestamp>,
}

impl<T> Reading<T> {
    /// What a call answered.
    pub(crate) fn of(result: Result<Option<T>, CloudError>) -> Self {
        match result {
            Ok(Some(value)) => Self::Known(value),
            Ok(None) => Self::Absent,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }

    /// The value, if it was read.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Applies `f` to what was read.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known(value) => Reading::Known(f(value)),
            Self::Absent => Reading::Absent,
            Self::Unknown(why) => Reading::Unknown(why),
        }
    }
}

impl Status {
    /// Whether not one stack could be read, so that nothing is known of the site.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.stacks.iter().all(|stack| matches!(stack.status, Reading::Unknown(_)))
    }

    /// Whether nothing of the site is there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.stacks.iter().all(|stack| stack.status == Reading::Absent)
    }
}

/// Reads how a site is, each decision by the name of its rule. `now` bounds how far back the log is read.
///
/// # Errors
/// [`CloudError::Credentials`] alone: without them nothing at all can be told.
pub async fn read(cloud: &dyn Cloud, site: &Site, now: Timestamp) -> Result<Status, CloudError> {
    let reader = Reader::open(cloud, site).await?;
    Ok(reader.look(now).await)
}
