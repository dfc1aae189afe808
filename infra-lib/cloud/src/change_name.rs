//! The names of this tool's change sets, by which it knows its own again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

const PREFIX: &str = "pilotlight-";

/// When a change set of this tool was made, by its name. Units: milliseconds since 1970. `None` for anybody else's.
#[must_use]
pub fn made_at(name: &str) -> Option<u128> {
    name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()
}

/// A name that no other change set of the stack has, and that tells when it was made. It is also the token by which
/// CloudFormation knows a call again, so two runs that begin in the same millisecond must not share it.
#[must_use]
pub fn new() -> String {
    let chance = RandomState::new().build_hasher().finish();
    format!("{PREFIX}{}-{chance:016x}", now_milliseconds())
}

/// Units: milliseconds since 1970.
#[must_use]
pub fn now_milliseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_in_the_same_millisecond_do_not_share_a_name() {
        let names: std::collections::BTreeSet<_> = (0..1000).map(|_| new()).collect();
        assert_eq!(names.len(), 1000);
        assert!(
            names.iter().all(|name| made_at(name).is_some_and(|made| made <= now_milliseconds()))
        );
    }

    #[test]
    fn an_earlier_version_named_them_by_the_time_alone() {
        assert_eq!(made_at("pilotlight-1000"), Some(1000));
        assert_eq!(made_at("pilotlight-drill"), None);
        assert_eq!(made_at("of-somebody-else"), None);
    }
}
