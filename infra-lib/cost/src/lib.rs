//! What a site costs a month, line by line, and what it would cost otherwise.
//!
//! Nothing here is a second list of what is deployed: each line comes from a resource of the rendered templates, with the values
//! that its parameters have. [`Prices`] are a dated file; `operate::price_list` asks AWS for newer ones.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod bill;
mod catalogue;
mod controller;
mod draft;
mod error;
mod fleet;
mod item;
mod money;
mod prices;
mod scope;
mod strategy;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use site::config::Alternative;
use site::model::Site;
use site::names::{Region, SiteName};

use self::scope::Templates;

pub use self::bill::{Bill, Line, OnUse, StackBill, TypeCount};
pub use self::catalogue::{CODE_MEGABYTES, IMAGE_GB, INSTANCE_METRICS};
pub use self::controller::{LOG_METRICS, LOOK_MILLIS, RUN_LOG_BYTES, RUN_MILLIS};
pub use self::draft::When;
pub use self::error::{CostError, PricesError};
pub use self::fleet::{Crossover, FLEETS, FleetRow};
pub use self::item::Item;
pub use self::money::{Money, Price, Quantity};
pub use self::prices::{Amount, Origin, Prices};
pub use self::strategy::{Strategy, StrategyCost};

/// Hours of a month when nobody says otherwise: a year of 8,760 hours in twelve parts, as AWS's calculator has it.
pub const MONTH_HOURS: u16 = 730;

/// What is not in the price, as ends of the sentence "left out:".
pub const LEFT_OUT: [&str; 6] = [
    "traffic: load balancer capacity units (LCUs), data transfer, DNS queries, requests to CloudFront and web ACLs, \
     access logs",
    "instances above the minimum, so outages and drills too",
    "free tiers, among them AWS's for small sites: 50 health checks of AWS endpoints, 10 alarms, 10 custom metrics, 1 million \
     function runs",
    "tax, support plans, savings plans and other discounts",
    "the hosted zone, $0.50 a month, which the site does not own",
    "surplus CPU credits of t3 and t4g instances",
];

/// What a site costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The site.
    pub site: SiteName,
    /// Length of the month. Units: hours.
    pub month_hours: u16,
    /// The day of the built-in prices.
    pub prices_date: String,
    /// What the site file asks for.
    pub strategy: Strategy,
    /// The site as it is configured.
    pub bill: Bill,
    /// Every strategy for this site.
    pub strategies: Vec<StrategyCost>,
    /// The site with one setting of its failover otherwise.
    pub alternatives: Vec<AlternativeCost>,
    /// Every strategy for other sizes of the primary.
    pub fleets: Vec<FleetRow>,
    /// From which size on a strategy costs more than another.
    pub crossovers: Vec<Crossover>,
    /// What was assumed.
    pub assumed: Vec<String>,
    /// What is not in it.
    pub left_out: [&'static str; LEFT_OUT.len()],
    /// Prices in the bill that were compared with nothing.
    pub unseen: Vec<Listed>,
}

/// What a site costs with one setting changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlternativeCost {
    /// The setting, as the site file says it.
    pub setting: String,
    /// A month with it.
    pub monthly: Money,
    /// What it costs more than the site as it is configured; below nothing if it costs less.
    pub more: Money,
}

/// A price, named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listed {
    /// For what.
    pub price: Item,
    /// Where.
    pub region: Region,
}

impl Report {
    /// Works out what a site costs.
    ///
    /// # Errors
    /// [`CostError`] if a template cannot be read, holds a resource that has no price line, or needs a price that is not there.
    pub fn new(site: &Site, prices: &Prices, month_hours: u16) -> Result<Self, CostError> {
        let templates = Templates::read(site)?;
        let counted = fleet::Counted { site, templates: &templates, prices, month_hours };
        let strategy = Strategy::of(&site.config.policy);
        let own = site.config.web.primary_min;
        let bill = counted.bill(strategy, own)?;
        let warm = Strategy::warm(&site.config.policy);
        let strategies = [Strategy::PilotLight, warm, Strategy::Hot, Strategy::ActiveActive];
        let sizes = counted.sizes(strategies)?;
        let unseen = unseen(&bill);
        Ok(Self {
            site: site.config.name.clone(),
            month_hours,
            prices_date: prices.date.clone(),
            strategy,
            strategies: counted.side_by_side(strategies, own)?,
            alternatives: alternatives(site, &bill, prices, month_hours)?,
            fleets: sizes.rows(),
            crossovers: sizes.crossovers(strategies),
            assumed: assumed(),
            left_out: LEFT_OUT,
            unseen,
            bill,
        })
    }
}

fn alternatives(
    site: &Site,
    configured: &Bill,
    prices: &Prices,
    month_hours: u16,
) -> Result<Vec<AlternativeCost>, CostError> {
    let cost = |Alternative { setting, config }| {
        let site = Site::new(config);
        let counted = bill::count(&site, &Templates::read(&site)?, month_hours)?;
        let monthly = Bill::new(&site, counted, prices)?.monthly;
        Ok(AlternativeCost { setting, monthly, more: monthly - configured.monthly })
    };
    site.config.alternatives().into_iter().map(cost).collect()
}

/// The prices in a bill that were compared with nothing.
fn unseen(bill: &Bill) -> Vec<Listed> {
    let line = |line: &Line| (line.origin, line.price.clone(), line.region.clone());
    let lines = bill.lines().map(line);
    let used = bill.on_use.iter().map(|used| {
        let own = bill.stacks.iter().find(|stack| stack.stack == used.stack);
        let region = &own.expect("what is used is of a stack of the bill").region;
        (used.origin, used.price.clone(), region.clone())
    });
    let unseen = lines.chain(used).filter(|(origin, ..)| *origin == Origin::Unseen);
    let unseen: BTreeSet<_> = unseen.map(|(_, price, region)| Listed { price, region }).collect();
    unseen.into_iter().collect()
}

/// Every price that the report of a site needs.
///
/// # Errors
/// [`CostError`] if a template cannot be read or holds a resource that has no price line.
pub fn needed(site: &Site) -> Result<BTreeSet<Listed>, CostError> {
    let warm = Strategy::warm(&site.config.policy);
    let strategies = [Strategy::PilotLight, warm, Strategy::Hot, Strategy::ActiveActive];
    let own = site.config.web.primary_min;
    let strategies = strategies.map(|one| one.applied(site, own, strategy::Cap::Kept));
    let alternatives = site.config.alternatives().into_iter().map(|one| Site::new(one.config));
    let mut needed = BTreeSet::new();
    for variant in strategies.into_iter().chain(alternatives) {
        for counted in bill::count(&variant, &Templates::read(&variant)?, MONTH_HOURS)? {
            let drafts = counted.drafts.into_iter().map(|draft| draft.item);
            let prices = drafts.chain(counted.on_use.map(|(item, _)| item));
            let region = &counted.region;
            needed.extend(prices.map(|price| Listed { price, region: region.clone() }));
        }
    }
    Ok(needed)
}

fn assumed() -> Vec<String> {
    vec![
        "each group runs its minimum all month; a floor of `match` follows the primary's minimum, or `peak_hint` if that is more"
            .to_owned(),
        format!(
            "a run of the controller takes {RUN_MILLIS} ms and logs {RUN_LOG_BYTES} bytes; a month is calm, so that one reason \
             for its decisions is in its metrics"
        ),
        format!("a look between two ticks takes {LOOK_MILLIS} ms, and Lambda asks for looks 15 times a minute"),
        format!(
            "an image's disk has {IMAGE_GB} GB, detailed monitoring {INSTANCE_METRICS} metrics, the bucket {CODE_MEGABYTES} MB"
        ),
        "the latch's two health checks cost what one of an AWS endpoint does".to_owned(),
        "of several instance types the first is the one that runs, and on demand".to_owned(),
    ]
}
