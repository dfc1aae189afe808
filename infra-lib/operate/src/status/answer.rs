//! Whom DNS names, by the addresses of three names.

use std::io;

use failover_core::Known;
use failover_core::Why;
use failover_core::dns::{Addresses, LOOKS_MAX, Look};
use failover_core::observation::Answer;

use cloud::Cloud;

/// Asks this machine's resolver for the site and both load balancers, and again while the answers share no address.
///
/// # Errors
/// Why the answer cannot be told: a name has no address, or the site has addresses of neither load balancer.
pub(super) async fn ask(
    cloud: &dyn Cloud,
    site: &str,
    primary: Option<&str>,
    standby: Option<&str>,
) -> io::Result<Answer> {
    let mut look = resolve(cloud, site, primary, standby).await?;
    for _ in 1..LOOKS_MAX {
        if !look.needs_another() {
            break;
        }
        look = look.united(resolve(cloud, site, primary, standby).await?);
    }
    match look.whose() {
        Known::Known(answer) => Ok(answer),
        Known::Unknown(Why::Foreign) => {
            Err(io::Error::other(format!("{site} has addresses of neither load balancer")))
        }
        Known::Unknown(_) => Err(io::Error::other(silent(&look))),
    }
}

async fn resolve(
    cloud: &dyn Cloud,
    site: &str,
    primary: Option<&str>,
    standby: Option<&str>,
) -> io::Result<Look> {
    let one = async |name: Option<&str>| match name {
        Some(name) => cloud.addresses(name).await.map_or(Known::Unknown(Why::Empty), Known::Known),
        None => Known::Unknown(Why::Empty),
    };
    let (site, primary, standby) =
        futures::join!(cloud.addresses(site), one(primary), one(standby));
    Ok(Look { site: Known::Known(site?), primary, standby })
}

/// Which name has no address.
fn silent(look: &Look) -> &'static str {
    let lost = |known: &Known<Addresses>| known.known().is_none_or(Addresses::is_empty);
    match (lost(&look.site), lost(&look.primary), lost(&look.standby)) {
        (true, ..) => "the site's name has no address",
        (_, true, true) => "neither load balancer's name has an address",
        (_, true, _) => "the primary load balancer's name has no address",
        (_, _, _) => "the standby load balancer's name has no address",
    }
}
