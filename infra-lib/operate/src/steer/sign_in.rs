//! A sign-in that is lost while something is followed for an hour: told at once and again every few minutes, because everything
//! that cannot be read looks like silence of the site otherwise.

use std::time::Duration;

use failover_core::Timestamp;
use failover_core::time::age;
use tokio::time::timeout;

use cloud::{Cloud, CloudError};
use site::model::Site;

use crate::status::{Reading, Status};

/// How often a sign-in that stays lost is told.
const TELL_EVERY: Duration = Duration::from_mins(3);
/// BOUND: the SDK waits half a minute for a region that is dark; the next look is due before that.
const ASK_MAX: Duration = Duration::from_secs(8);

const BACK: &str = "the sign-in works again";

/// Whether the sign-in is lost, and when that was last told.
#[derive(Debug, Default)]
pub struct SignIn {
    told: Option<Timestamp>,
}

impl SignIn {
    /// After a look at the site: whether what could not be read is unread because nobody is signed in any more. Answers what is
    /// to be told now, if anything.
    pub async fn after(&mut self, cloud: &dyn Cloud, site: &Site, seen: &Status) -> Option<String> {
        // Two regions: one that is dark alone is no lost sign-in.
        let unread = matches!(seen.raised, Reading::Unknown(_));
        if !unread && !matches!(seen.alarm, Reading::Unknown(_)) {
            return self.back().map(ToOwned::to_owned);
        }
        match timeout(ASK_MAX, cloud.account(site.standby_region())).await {
            Ok(Err(error)) if error.is_credentials() => self.lost(&error, seen.at),
            Ok(Ok(_)) => self.back().map(ToOwned::to_owned),
            // Another error, or none in time: nothing is known about the sign-in.
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// AWS does not know the caller any more. Answers what is to be told now: the first time at once, then every few minutes.
    pub fn lost(&mut self, error: &CloudError, now: Timestamp) -> Option<String> {
        if self.told.is_some_and(|at| age(now, at) < TELL_EVERY) {
            return None;
        }
        self.told = Some(now);
        Some(format!(
            "SIGNED OUT: {error}. Nothing can be read until you sign in again with the same profile; this command keeps trying. \
             Credentials from environment variables cannot be renewed here: set new ones in another shell"
        ))
    }

    /// AWS knows the caller. Answers what is to be told if that is news.
    pub fn back(&mut self) -> Option<&'static str> {
        self.told.take().map(|_| BACK)
    }
}
