//! Whom DNS names, by the addresses of three names.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use failover_core::observation::Answer;

use crate::cloud::Cloud;

/// Asks this machine's resolver for the site and both load balancers.
///
/// # Errors
/// Why the answer cannot be told: the site's own name, or both of the others, have no address.
pub(super) async fn ask(
    cloud: &dyn Cloud,
    site: &str,
    primary: Option<&str>,
    standby: Option<&str>,
) -> io::Result<Answer> {
    let one = async |name: Option<&str>| match name {
        Some(name) => cloud.addresses(name).await.ok(),
        None => None,
    };
    let (site, primary, standby) =
        futures::join!(cloud.addresses(site), one(primary), one(standby));
    let silent = || io::Error::other("neither load balancer's name has an address");
    whose(&site?, primary.as_ref(), standby.as_ref()).ok_or_else(silent)
}

/// Whose addresses the site's are. One load balancer's are enough if they hold all of the site's, as a load balancer has more
/// addresses than one answer names only while it grows.
fn whose(
    site: &BTreeSet<IpAddr>,
    primary: Option<&BTreeSet<IpAddr>>,
    standby: Option<&BTreeSet<IpAddr>>,
) -> Option<Answer> {
    let within = |all: &BTreeSet<IpAddr>| !site.is_empty() && site.is_subset(all);
    match (primary.map(within), standby.map(within)) {
        (None, None) => None,
        (Some(true), Some(false) | None) => Some(Answer::Primary),
        (Some(false) | None, Some(true)) => Some(Answer::Standby),
        (Some(true), Some(true)) | (Some(false), Some(false) | None) | (None, Some(false)) => {
            Some(Answer::Mixed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(last: &[u8]) -> BTreeSet<IpAddr> {
        last.iter().map(|last| IpAddr::from([192, 0, 2, *last])).collect()
    }

    #[test]
    fn the_site_belongs_to_whoever_has_all_its_addresses() {
        let (west, east) = (set(&[1, 2]), set(&[3, 4]));
        let of = |site: &[u8]| whose(&set(site), Some(&west), Some(&east));
        assert_eq!(of(&[1]), Some(Answer::Primary));
        assert_eq!(of(&[3, 4]), Some(Answer::Standby));
        assert_eq!(of(&[1, 3]), Some(Answer::Mixed));
        assert_eq!(of(&[9]), Some(Answer::Mixed));
        assert_eq!(of(&[]), Some(Answer::Mixed), "no address is nobody's");
    }

    #[test]
    fn one_known_load_balancer_is_enough_to_name_it() {
        let east = set(&[3, 4]);
        assert_eq!(whose(&set(&[3]), None, Some(&east)), Some(Answer::Standby));
        assert_eq!(whose(&set(&[1]), None, Some(&east)), Some(Answer::Mixed));
        assert_eq!(whose(&set(&[1]), None, None), None);
    }
}
