//! Drills of a deployed site: what each demands, what the shipped rules foretell, what it does, and how it ends.
//!
//! | level | changes by itself | the controller changes |
//! |---|---|---|
//! | `shadow` | the record of a raise and the standby's sizes | puts the standby back |
//! | `dns` | the same; two health checks and two records of its own | the same |
//! | `live` | the flag `Inverted` of the primary's health check | raises, holds, and puts back everything |
//!
//! **Invariant**: what is to be undone is on the disk before the first write, and every undo looks before it writes.

mod dns;
mod ending;
mod facts;
mod foretell;
mod known;
mod live;
mod raise;
mod ready;
mod run;
mod shadow;
mod watch;
mod written;

use std::time::Duration;

use site::model::Site;

pub use self::facts::Facts;
pub use self::foretell::{Foretold, foretell};
pub use self::known::{Unknown, capacity};
pub use self::ready::{ready, refusal};
pub use self::run::{Run, Settings, plan};
pub use self::written::metric;
pub use crate::error::LevelError;
pub use crate::journal::Level;
pub use crate::restore::{DRILL_LABEL, drill_name};

/// How long the standby serves before the failback begins.
const SERVE: Duration = Duration::from_mins(1);
const SERVE_LOCAL: Duration = Duration::from_secs(3);
/// BOUND: servers boot in two to four minutes, checks and DNS take three more; thrice that is trouble.
const RECOVERY_WITHIN: Duration = Duration::from_mins(20);

/// How soon the standby has to serve if nobody says otherwise: 240 s from dark, 180 s from a warm pool, 100 s from a floor.
#[must_use]
pub fn default_target(site: &Site) -> Duration {
    use failover_core::policy::Floor;
    let floor = site.config.policy.floor();
    Duration::from_secs(match (floor, site.config.web.warm_pool > 0) {
        (Floor::Match | Floor::Fixed(1..), _) => 100,
        (Floor::Fixed(0), true) => 180,
        (Floor::Fixed(0), false) => 240,
    })
}
