//! The strategies side by side: for this site, and for other sizes of its primary.

use serde::Serialize;

use site::model::{Site, StackId};

use super::bill::{self, Bill};
use super::error::CostError;
use super::money::Money;
use super::prices::Prices;
use super::scope::Templates;
use super::strategy::{Cap, Strategy, StrategyCost};

/// Sizes of the primary that are shown. Units: instances.
pub const FLEETS: [u16; 6] = [1, 2, 4, 8, 16, 32];
/// BOUND: the sizes at which a crossover is looked for; the largest that is shown.
const FLEET_MAX: u16 = FLEETS[FLEETS.len() - 1];

/// What each strategy costs for one size of the primary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetRow {
    /// Instances that always run in the primary.
    pub primary: u16,
    /// A month of each strategy, in the order of [`Report::strategies`](super::Report::strategies).
    pub monthly: Vec<Money>,
}

/// From which size of the primary on one thing costs more than another, or less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crossover {
    /// What is compared.
    pub one: String,
    /// With what.
    pub other: String,
    /// Instances of the primary from which on, up to the largest size shown, it stays so.
    pub from: u16,
    /// How much more it costs at that size; below nothing if it costs less.
    pub more: Money,
    /// The same at the largest size.
    pub more_at_most: Money,
}

/// Every strategy for every size of the primary, the first of which is 1.
pub(super) struct Sizes(Vec<Size>);

/// One size.
struct Size {
    primary: u16,
    monthly: [Money; 4],
    /// What the failover costs while nothing runs in the standby.
    dark: Money,
}

/// A site with what is needed to count it again and again.
#[derive(Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) site: &'a Site,
    pub(super) templates: &'a Templates,
    pub(super) prices: &'a Prices,
    pub(super) month_hours: u16,
}

impl Counted<'_> {
    /// The bill of this site with a strategy.
    pub(super) fn bill(&self, strategy: Strategy, primary: u16) -> Result<Bill, CostError> {
        self.bill_of(&strategy.applied(self.site, primary, Cap::Kept))
    }

    fn bill_of(&self, site: &Site) -> Result<Bill, CostError> {
        Bill::new(site, bill::count(site, self.templates, self.month_hours)?, self.prices)
    }

    /// A site of another size, whose most instances grow with it.
    fn grown(&self, strategy: Strategy, primary: u16) -> Result<Bill, CostError> {
        self.bill_of(&strategy.applied(self.site, primary, Cap::Grown))
    }

    pub(super) fn side_by_side(
        &self,
        strategies: [Strategy; 4],
        primary: u16,
    ) -> Result<Vec<StrategyCost>, CostError> {
        let configured = Strategy::of(&self.site.config.policy);
        let pilot_light = self.bill(Strategy::PilotLight, primary)?.monthly;
        let cost = |strategy: Strategy| {
            let site = strategy.applied(self.site, primary, Cap::Kept);
            let monthly = self.bill_of(&site)?.monthly;
            Ok(StrategyCost {
                strategy,
                configured: strategy == configured,
                primary: instances(&site, StackId::WebPrimary),
                standby: instances(&site, StackId::WebStandby),
                monthly,
                over_pilot_light: monthly - pilot_light,
            })
        };
        strategies.into_iter().map(cost).collect()
    }

    /// Counts every strategy for every size.
    pub(super) fn sizes(&self, strategies: [Strategy; 4]) -> Result<Sizes, CostError> {
        let size = |primary| {
            let mut size = Size { primary, monthly: [Money::default(); 4], dark: Money::default() };
            for (monthly, strategy) in size.monthly.iter_mut().zip(strategies) {
                let bill = self.grown(strategy, primary)?;
                *monthly = bill.monthly;
                if strategy == Strategy::PilotLight {
                    size.dark = bill.failover();
                }
            }
            Ok(size)
        };
        (1..=FLEET_MAX).map(size).collect::<Result<_, CostError>>().map(Sizes)
    }
}

impl Sizes {
    /// The sizes that are shown.
    pub(super) fn rows(&self) -> Vec<FleetRow> {
        let shown = self.0.iter().filter(|size| FLEETS.contains(&size.primary));
        let row = |size: &Size| FleetRow { primary: size.primary, monthly: size.monthly.to_vec() };
        shown.map(row).collect()
    }

    /// Each strategy against the one before it, and a hot standby's instances against the rest of its failover.
    pub(super) fn crossovers(&self, strategies: [Strategy; 4]) -> Vec<Crossover> {
        let [pilot_light, warm, hot, active] = strategies.map(|strategy| strategy.to_string());
        let running = |size: &Size| size.monthly[2] - size.monthly[0];
        vec![
            self.crossover(&warm, &pilot_light, |size| size.monthly[1] - size.monthly[0]),
            self.crossover(&hot, &warm, |size| size.monthly[2] - size.monthly[1]),
            self.crossover(&active, &hot, |size| size.monthly[3] - size.monthly[2]),
            self.crossover("the instances of a hot standby", "the rest of its failover", |size| {
                running(size) - size.dark
            }),
        ]
    }

    /// The smallest size from which on `more` keeps the sign that it has at the largest.
    fn crossover(&self, one: &str, other: &str, more: impl Fn(&Size) -> Money) -> Crossover {
        let sign = |size: &Size| more(size).cmp(&Money::default());
        let largest = self.0.last().expect("there is a size");
        let same = self.0.iter().rev().take_while(|size| sign(size) == sign(largest));
        let first = same.last().expect("the largest is the same as itself");
        Crossover {
            one: one.to_owned(),
            other: other.to_owned(),
            from: first.primary,
            more: more(first),
            more_at_most: more(largest),
        }
    }
}

/// The instances that a group always runs.
fn instances(site: &Site, stack: StackId) -> u16 {
    let minimum = |name: &str| name == "MinSize";
    let parameters = &site.stack(stack).parameters;
    let minimum = parameters.iter().find(|(name, _)| minimum(name.as_str()));
    minimum.and_then(|(_, source)| source.to_string().parse().ok()).unwrap_or_default()
}
