//! The system's clock, for whoever has to pass `now` on.

use std::time::{SystemTime, UNIX_EPOCH};

use failover_core::Timestamp;

/// Now. A clock before 1970 counts as 1970.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_duration(since.try_into().unwrap_or_default()).unwrap_or_default()
}
