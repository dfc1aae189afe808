//! What has to be known before a drill beside how the site is: whether a raise finds capacity, and whether the credentials last.

use std::time::Duration;

use failover_core::Timestamp;
use failover_core::time::after;

use cloud::Expiry;
use doctor::{Diagnosis, Verdict};
use site::model::Site;

use super::Level;
use crate::journal::Precondition;
use crate::restore;

/// What `doctor` examines for a raise, in the standby's region.
const CAPACITY: [&str; 6] =
    ["vcpus", "image", "instance-type", "launch-template", "volume-key", "subnets"];

/// What is done about a capacity that nobody could look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It counts as missing.
    Refused,
    /// The operator accepts it. What is known to be missing is refused all the same.
    Accepted,
}

/// What stands against a raise in the standby's region, by what `doctor` found: what is wrong, and what is not known to be right.
/// Empty if a raise finds capacity as far as AWS tells.
#[must_use]
pub fn capacity(
    diagnosis: &Diagnosis,
    site: &Site,
    is_local: bool,
    unknown: Unknown,
) -> Vec<String> {
    let standby = site.standby_region().to_string();
    let ours = diagnosis.findings.iter().filter(|finding| {
        CAPACITY.contains(&finding.check) && finding.place.as_ref() == Some(&standby)
    });
    let against = ours.filter(|finding| match finding.verdict {
        Verdict::Ok(_) => false,
        Verdict::Error(_) => true,
        Verdict::Warning(_) => unknown == Unknown::Refused,
        // An emulator has neither AWS's images nor its quotas.
        Verdict::Skipped(_) => unknown == Unknown::Refused && !is_local,
    });
    let against: Vec<_> =
        against.map(|finding| format!("{}: {}", finding.check, finding.verdict.told())).collect();
    let seen = |check: &str| {
        diagnosis
            .findings
            .iter()
            .any(|finding| finding.check == check && finding.place.as_ref() == Some(&standby))
    };
    let missing = CAPACITY.iter().filter(|check| !seen(check));
    against.into_iter().chain(missing.map(|check| format!("{check}: not examined"))).collect()
}

/// Whether the credentials last until the drill is over. A live drill is refused without it; what another leaves behind hurts
/// nobody, so it is told there.
pub(super) fn credentials(
    level: Level,
    site: &Site,
    expiry: Expiry,
    now: Timestamp,
) -> Precondition {
    let needed = restore::longest(site);
    let (lasts, seen) = judged(expiry, now, needed);
    Precondition {
        what: "the credentials last until the drill is over".to_owned(),
        met: lasts || level != Level::Live,
        seen,
    }
}

fn judged(expiry: Expiry, now: Timestamp, needed: Duration) -> (bool, String) {
    let minutes = needed.as_secs().div_ceil(60);
    let advice = "use a profile that the SDK renews (`AWS_PROFILE`), or newer credentials";
    match expiry {
        Expiry::Never => (true, String::new()),
        Expiry::Renewed => (
            true,
            format!(
                "they are renewed while your sign-in lasts; it must last for {minutes} minutes"
            ),
        ),
        Expiry::At(at) => {
            let seconds = i64::try_from(needed.as_secs()).unwrap_or(i64::MAX);
            let lasts = at >= after(now, seconds);
            let words = format!("they end at {at}, and the drill may take {minutes} minutes");
            if lasts { (true, String::new()) } else { (false, format!("{words}: {advice}")) }
        }
        Expiry::Unknown => (
            false,
            format!(
                "they are temporary, and nobody says when they end: {advice}, or set AWS_CREDENTIAL_EXPIRATION to their end; \
                 the drill may take {minutes} minutes"
            ),
        ),
    }
}
