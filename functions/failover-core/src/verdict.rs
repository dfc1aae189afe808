//! The name under which DNS answers Route 53's verdict on the primary's health check, and its two words.
//!
//! A failover pair of TXT records: the first has the primary's own health check, the second has none. So the zone's name
//! servers answer what the check says now, one to two minutes before its metric and its alarm do.

use crate::observation::Verdict;

/// First label of the name, before the site's `hostname`.
pub const VERDICT_LABEL: &str = "pilotlight-verdict";
/// The text of the primary's record.
pub const HEALTHY: &str = "healthy";
/// The text of the secondary's record.
pub const UNHEALTHY: &str = "unhealthy";

/// The name to ask for.
///
/// ```
/// assert_eq!(failover_core::verdict::name("www.example.com"), "pilotlight-verdict.www.example.com");
/// ```
#[must_use]
pub fn name(hostname: &str) -> String {
    format!("{VERDICT_LABEL}.{hostname}")
}

/// The verdict of a text. `None`: it is neither of the two words, letter by letter.
///
/// ```
/// use failover_core::observation::Verdict;
///
/// assert_eq!(failover_core::verdict::parse("unhealthy"), Some(Verdict::Unhealthy));
/// assert_eq!(failover_core::verdict::parse("Healthy"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Verdict> {
    match text {
        HEALTHY => Some(Verdict::Healthy),
        UNHEALTHY => Some(Verdict::Unhealthy),
        _ => None,
    }
}
