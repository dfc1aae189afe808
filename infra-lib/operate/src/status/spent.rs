//! What the present failover has cost so far.

use failover_core::Timestamp;
use failover_core::record::Raised;
use failover_core::time::age;
use serde::Serialize;

use cost::{CostError, Item, Money, Price, Prices, Quantity};
use site::model::Site;

use super::Reading;

/// What the present failover has cost so far: the instances above the floor, as if they had run since its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// Instances above the floor now.
    pub instances: u16,
    /// Since when.
    pub since: Timestamp,
    /// For how long. Units: seconds.
    pub lasting_seconds: u64,
    /// One instance for an hour, on demand. Units: US dollars.
    pub hourly: Price,
    /// All of it so far. Units: US dollars.
    pub amount: Money,
}

/// The price of one instance of the site in the standby region for an hour, on demand.
///
/// # Errors
/// [`CostError::Missing`] if the built-in prices do not have it.
pub fn hourly(site: &Site) -> Result<Price, CostError> {
    let item = Item::Instance(site.config.web.instance_type.clone());
    Prices::built_in().of(&item, site.standby_region()).map(|amount| amount.price)
}

pub(super) fn spent(site: &Site, raised: &Raised, desired: u16, now: Timestamp) -> Reading<Spent> {
    let hourly = match hourly(site) {
        Ok(hourly) => hourly,
        Err(error) => return Reading::Unknown(error.to_string()),
    };
    let lasting_seconds = age(now, raised.first).as_secs();
    let instances = desired.saturating_sub(raised.undo.desired);
    let hours = Quantity::ratio(lasting_seconds * u64::from(instances), 3600);
    let amount = hourly.times(hours);
    Reading::Known(Spent { instances, since: raised.first, lasting_seconds, hourly, amount })
}
