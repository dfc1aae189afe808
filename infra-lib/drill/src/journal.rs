//! Everything that a drill saw, as plain data: written as JSON, read back, and rendered by [`report`](super::report).
//!
//! Every level of drill fills the same journal. What a level cannot see it leaves empty; a rendering then says so.

mod file;
mod headline;
mod milestone;

use std::collections::BTreeMap;

use failover_core::Timestamp;
use failover_core::invariant::Verdict;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

pub use self::file::JournalError;
pub use self::headline::Compared;
pub use self::milestone::{Milestone, between, phases, reached};

/// Version of the JSON form; grows when a field changes its meaning.
pub const SCHEMA: u16 = 3;
/// Name of the journal's file in its folder.
pub const FILE_NAME: &str = "journal.json";

/// What a drill saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// [`SCHEMA`].
    pub schema: u16,
    /// How far the drill went.
    pub level: Level,
    /// Host name of the site.
    pub site: String,
    /// The region that serves on an ordinary day.
    pub primary_region: String,
    /// The region that is raised when it fails.
    pub standby_region: String,
    /// When the drill's clock started. Every `at_seconds` counts from here.
    pub started_at: Timestamp,
    /// How soon the standby has to serve. Units: seconds. Source: the site file. `None`: nobody set a target.
    pub target_seconds: Option<f64>,
    /// What was shorter in the drill than on AWS. A journal with any is no measurement of AWS.
    pub shortened: Vec<Shortened>,
    /// What had to be true before the drill, and whether it was.
    pub preconditions: Vec<Precondition>,
    /// How long each of [`failover_words::PHASES`] was expected to take.
    pub predictions: Vec<Prediction>,
    /// When each of [`failover_words::PHASES`] began and ended, as far as it was seen.
    pub phases: Vec<Phase>,
    /// What happened, in the order of time.
    pub marks: Vec<Mark>,
    /// What the clients got, second by second.
    pub requests: Vec<Bucket>,
    /// Instances of each region, whenever the numbers changed.
    pub capacity: Vec<Capacity>,
    /// What the controller decided; repeats are counted.
    pub decisions: Vec<DecisionLine>,
    /// The invariants over every decision record.
    pub invariants: Vec<Verdict>,
    /// From the primary's death to the first page from the standby. Units: seconds.
    pub recovery_seconds: Option<f64>,
    /// The same for a second death of the primary, while us-east-1 answers nothing. Units: seconds. `None`: the level has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dark_seconds: Option<f64>,
    /// From the primary's return to a closed record. Units: seconds.
    pub failback_seconds: Option<f64>,
    /// What the clients got in all.
    pub clients: ClientTally,
    /// What was put back as it had been before the drill.
    pub restored: Vec<String>,
    /// What still stands, or stands otherwise than before the drill. Empty in a drill that passed.
    pub left_behind: Vec<String>,
    /// What did not happen in time, or went wrong. Empty in a drill that passed.
    pub missed: Vec<String>,
}

/// How far a drill goes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// On one machine, against an emulator.
    Local,
    /// The standby is raised, asked by its own name, and put back.
    Shadow,
    /// A drill's own host name fails over.
    Dns,
    /// The site's real name fails over.
    Live,
}

impl Level {
    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Whose doing something is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "lowercase")]
pub enum Lane {
    /// The primary region.
    Primary,
    /// Route 53's health checkers.
    Checkers,
    /// The alarm.
    Alarm,
    /// The topic that carries the alarm to the controller.
    #[strum(serialize = "SNS")]
    Sns,
    /// The controller.
    Controller,
    /// The standby's group and load balancer.
    #[strum(serialize = "standby group")]
    Standby,
    /// The name servers.
    #[strum(serialize = "DNS")]
    Dns,
    /// The users.
    Clients,
}

impl Lane {
    /// Every one, from cause to effect.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in a report.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.into()
    }
}

/// A time that is shorter in a drill than on AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortened {
    /// Which.
    pub what: String,
    /// On AWS.
    pub aws: String,
    /// Here.
    pub drill: String,
}

/// Something that has to be true before a drill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// What.
    pub what: String,
    /// Whether it was true.
    pub met: bool,
    /// What was seen, in words; empty if there is nothing to say.
    pub seen: String,
}

/// How long a phase was expected to take. Units: seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// One of [`failover_words::PHASES`], or [`Prediction::WHOLE`].
    pub phase: String,
    /// Half of all failovers take no longer.
    pub p50: f64,
    /// Nineteen of twenty.
    pub p95: f64,
    /// Where the numbers come from.
    pub source: String,
}

impl Prediction {
    /// The name of the whole recovery among the predictions.
    pub const WHOLE: &'static str = "first page from the standby";
}

/// A part of the recovery as it was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// One of [`failover_words::PHASES`].
    pub name: String,
    /// Whose doing it is.
    pub lane: Lane,
    /// When it began. Units: seconds since the drill's clock started.
    pub from_seconds: f64,
    /// When it ended. Units: the same.
    pub to_seconds: f64,
}

impl Phase {
    /// How long it took. Units: seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (self.to_seconds - self.from_seconds).max(0.0)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Time since the drill's clock started. Units: seconds.
    pub at_seconds: f64,
    /// Time since the last mark that starts an act. Units: seconds.
    pub act_seconds: f64,
    /// Whether an act starts here: the primary dies, it returns.
    pub starts_act: bool,
    /// Whose doing it is.
    pub lane: Lane,
    /// Whether it is good or bad news for whoever's lane it is.
    #[serde(rename = "mood")]
    pub condition: Condition,
    /// What happened.
    pub what: String,
    /// Which moment of the drill it is, if it is one that is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
}

/// What a mark means for its lane from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It does not change the lane's state.
    #[default]
    Same,
    /// The lane is well from here on.
    Good,
    /// The lane is in trouble from here on.
    Bad,
    /// The lane is on its way, or works in the other region's place.
    Busy,
    /// The lane rests: nothing is asked of it.
    Rest,
}

/// What a kind of client got within one second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// The second in which the requests were sent, counted from the start of the drill's clock.
    pub second: u32,
    /// Which client: `ordinary`, `uncached`, `keep_alive`, or whatever a level sends.
    pub client: String,
    /// Pages from the primary region.
    pub primary: u32,
    /// Pages from the standby region.
    pub standby: u32,
    /// Requests without a page, by their reason: `dns`, `refused`, `lost`, `timeout`, `status 503`.
    pub failed: BTreeMap<String, u32>,
}

impl Bucket {
    /// Requests without a page.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.failed.values().sum()
    }

    /// Requests that have an outcome.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.primary + self.standby + self.lost()
    }
}

/// Instances of a region at a time. They hold until the region's next entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Since when. Units: seconds since the drill's clock started.
    pub at_seconds: f64,
    /// The region.
    pub region: String,
    /// Instances that the group was asked for.
    pub asked: u16,
    /// Instances that the group calls in service.
    pub in_service: u16,
    /// Instances that the load balancer calls healthy.
    pub healthy: u16,
}

/// Decisions of the same kind in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionLine {
    /// When the first was made.
    pub at: Timestamp,
    /// The same. Units: seconds since the drill's clock started; below 0 if it was before.
    pub at_seconds: f64,
    /// Name of the reason.
    pub reason: String,
    /// The reason in words, with its numbers.
    pub why: String,
    /// How many in a row.
    pub times: u32,
    /// What was written, if anything.
    pub wrote: Option<String>,
}

/// What the clients got in all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientTally {
    /// Requests sent.
    pub sent: u64,
    /// Pages served by the primary region.
    pub from_primary: u64,
    /// Pages served by the standby region.
    pub from_standby: u64,
    /// Requests without a page.
    pub lost: u64,
    /// Of these, lost after the primary came back.
    pub lost_in_failback: u64,
    /// Longest time without any page. Units: seconds.
    pub gap_longest_seconds: f64,
}
