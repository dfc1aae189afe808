//! What a drill must put back, written before its first write, and the putting back: by the drill, or by whoever comes after it.
//!
//! The file says what was there before. What has to be done follows from how the site is, so that doing it twice equals doing it
//! once, and so that a drill that was killed between any two writes is undone like any other.

mod file;
mod finish;
mod insist;
mod invert;
mod stray;
mod undo;
pub mod watchdog;

use failover_core::Timestamp;
use failover_core::record::Sizes;
use serde::{Deserialize, Serialize};

use site::names::{HostedZoneId, Region};

use crate::journal::Level;

pub use self::file::{FOLDER, RestoreError, path, unfinished};
pub use self::finish::{Ended, Heard, finish, longest};
pub use self::insist::insist;
pub use self::invert::{Inverted, invert};
pub use self::stray::{DRILL_LABEL, Remedy, Stray, drill_name, mark, remedy, strays};
pub use self::undo::{Left, Undone, end, standing, undo};

/// Version of the file; grows when a field is added or changes its meaning. Version 1, which lacks [`CheckBefore::turned`], is
/// still read.
pub const SCHEMA: u16 = 2;

/// What a drill must put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// [`SCHEMA`].
    pub schema: u16,
    /// Name of the site.
    pub site: String,
    /// The account that it is in.
    pub account: String,
    /// How far the drill was to go.
    pub level: Level,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it.
    pub by: String,
    /// The check that is turned round, as it was.
    pub check: Option<CheckBefore>,
    /// The checks and records that are made.
    pub made: Option<Made>,
    /// The standby group as it was. The controller itself goes back to it, by the note of the raise.
    pub standby: GroupBefore,
    /// The primary group as it was. The controller may grow its minimum, and goes back by itself.
    pub primary: GroupBefore,
}

impl Restore {
    /// Whether the other file is of the same drill.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        (&self.site, self.started_at, &self.by) == (&other.site, other.started_at, &other.by)
    }

    /// The command that turns the health check back without this tool; nothing if the drill inverted none.
    #[must_use]
    pub fn by_hand(&self) -> Option<String> {
        let check = self.check.as_ref()?;
        Some(turn_back_command(&check.id))
    }
}

fn turn_back_command(id: &str) -> String {
    format!("aws route53 update-health-check --health-check-id {id} --no-inverted")
}

/// A health check as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckBefore {
    /// Its id.
    pub id: String,
    /// Whether it was inverted. A drill begins with no other than one that is not.
    pub inverted: bool,
    /// Its version.
    pub version: i64,
    /// The version that the drill's own write gave it. `None` until AWS has answered that write: it may have arrived or not.
    #[serde(default)]
    pub turned: Option<i64>,
}

/// What a drill makes, by the names that it gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Where the records go.
    pub zone: HostedZoneId,
    /// Their name. Nothing stood there before.
    pub name: String,
    /// What each record's set identifier begins with; no other drill's does.
    pub mark: String,
    /// The tokens that the checks are created with.
    pub tokens: Vec<String>,
}

/// A group as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupBefore {
    /// Where.
    pub region: Region,
    /// Its name.
    pub group: String,
    /// Its sizes.
    pub sizes: Sizes,
}
