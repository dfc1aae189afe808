//! The bill: every resource of every stack, with its lines.

use std::collections::BTreeMap;

use serde::Serialize;

use site::model::{Site, StackId};
use site::names::Region;

use super::catalogue::{Rule, rule};
use super::draft::{Draft, Place, When};
use super::error::CostError;
use super::item::Item;
use super::money::{Money, Price, Quantity};
use super::prices::{Origin, Prices};
use super::scope::{Scope, Templates};

/// What the resources of a site cost a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The sum.
    pub monthly: Money,
    /// What of it the primary region would cost without a failover: its network and its servers.
    pub primary_alone: Money,
    /// Stack by stack.
    pub stacks: Vec<StackBill>,
    /// Resources that are charged for by use, which no line counts.
    pub on_use: Vec<OnUse>,
    /// Types of the resources that never cost anything by themselves.
    pub free: Vec<TypeCount>,
}

/// What a stack costs a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackBill {
    /// Which.
    pub stack: StackId,
    /// Where.
    pub region: Region,
    /// The sum.
    pub monthly: Money,
    /// What it is made of.
    pub lines: Vec<Line>,
}

/// One thing that is charged for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Logical id of the resource that it comes from.
    pub resource: String,
    /// What is charged for, in words.
    pub what: String,
    /// The price by its name in the file of prices.
    pub price: Item,
    /// Where.
    pub region: Region,
    /// What one of it costs.
    pub unit_price: Price,
    /// One of what.
    pub unit: String,
    /// How many.
    pub quantity: Quantity,
    /// The product.
    pub monthly: Money,
    /// Where the price comes from.
    pub origin: Origin,
}

/// A resource that is charged for by use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnUse {
    /// Its stack.
    pub stack: StackId,
    /// Its logical id.
    pub resource: String,
    /// The price by its name in the file of prices.
    pub price: Item,
    /// What one unit costs.
    pub unit_price: Price,
    /// One of what.
    pub unit: String,
    /// When that is.
    pub when: When,
    /// Where the price comes from.
    pub origin: Origin,
}

/// How many resources of a type there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypeCount {
    /// The CloudFormation type.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many.
    pub resources: usize,
}

/// A resource with what it is charged for, before anybody asks for prices.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) stack: StackId,
    pub(super) region: Region,
    resource: String,
    kind: String,
    pub(super) drafts: Vec<Draft>,
    pub(super) on_use: Option<(Item, When)>,
}

/// Everything that a site is charged for.
pub(super) fn count(
    site: &Site,
    templates: &Templates,
    month_hours: u16,
) -> Result<Vec<Counted>, CostError> {
    let stacks = templates.evaluate(site);
    let mut counted = Vec::new();
    for scope in stacks.scopes() {
        counted.extend(count_stack(scope, month_hours)?);
    }
    Ok(counted)
}

fn count_stack(scope: Scope<'_>, month_hours: u16) -> Result<Vec<Counted>, CostError> {
    let stack = scope.stack.id;
    // Also for a resource that this site does not have: another site may.
    for (resource, kind) in &scope.view.absent {
        if rule(kind).is_none() {
            let (resource, what) = (resource.clone(), kind.clone());
            return Err(CostError::Unpriced { stack, resource, what });
        }
    }
    let mut counted = Vec::new();
    for resource in &scope.view.resources {
        let place = Place { scope, resource, hours: u64::from(month_hours) };
        let rule = rule(&resource.kind).ok_or_else(|| place.unpriced(&resource.kind))?;
        if let Some(condition) = &resource.undecided {
            return Err(place.unclear(&format!("Condition: {condition}")));
        }
        let (drafts, on_use) = match rule {
            Rule::Free => (Vec::new(), None),
            Rule::OnUse(item, when) => (Vec::new(), Some((item, when))),
            Rule::Hours(item, what) => {
                (vec![Draft::new(item, what, Quantity::whole(place.hours))], None)
            }
            Rule::Month(item, what) => (vec![Draft::new(item, what, Quantity::whole(1))], None),
            Rule::Lines(lines) => (lines(&place)?, None),
            Rule::Mixed(charge) => charge(&place)?,
        };
        counted.push(Counted {
            stack,
            region: scope.stack.region.clone(),
            resource: resource.name.clone(),
            kind: resource.kind.clone(),
            drafts,
            on_use,
        });
    }
    Ok(counted)
}

impl Bill {
    pub(super) fn new(
        site: &Site,
        counted: Vec<Counted>,
        prices: &Prices,
    ) -> Result<Self, CostError> {
        let mut stacks: Vec<StackBill> = site
            .stacks
            .iter()
            .map(|stack| StackBill {
                stack: stack.id,
                region: stack.region.clone(),
                monthly: Money::default(),
                lines: Vec::new(),
            })
            .collect();
        let mut on_use = Vec::new();
        let mut free: BTreeMap<String, usize> = BTreeMap::new();
        for Counted { stack, region, resource, kind, drafts, on_use: used } in counted {
            if drafts.is_empty() && used.is_none() {
                *free.entry(kind).or_default() += 1;
                continue;
            }
            let found = stacks.iter_mut().find(|other| other.stack == stack);
            let bill = found.expect("what is counted is of a stack of the site");
            for draft in drafts {
                bill.lines.push(Line::new(draft, &resource, &region, prices)?);
            }
            if let Some((item, when)) = used {
                let amount = prices.of(&item, &region)?;
                on_use.push(OnUse {
                    stack,
                    resource,
                    unit_price: amount.price,
                    unit: prices.unit(&item).to_owned(),
                    price: item,
                    when,
                    origin: amount.origin,
                });
            }
        }
        for stack in &mut stacks {
            stack.monthly = stack.lines.iter().map(|line| line.monthly).sum();
        }
        let alone = [StackId::NetworkPrimary, StackId::WebPrimary];
        let primary = stacks.iter().filter(|stack| alone.contains(&stack.stack));
        Ok(Self {
            monthly: stacks.iter().map(|stack| stack.monthly).sum(),
            primary_alone: primary.map(|stack| stack.monthly).sum(),
            stacks,
            on_use,
            free: free.into_iter().map(|(kind, resources)| TypeCount { kind, resources }).collect(),
        })
    }

    /// Every line, in the order of the stacks.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.stacks.iter().flat_map(|stack| &stack.lines)
    }

    /// What the failover adds to the primary region.
    #[must_use]
    pub fn failover(&self) -> Money {
        self.monthly - self.primary_alone
    }
}

impl Line {
    fn new(
        draft: Draft,
        resource: &str,
        region: &Region,
        prices: &Prices,
    ) -> Result<Self, CostError> {
        let Draft { item, what, quantity } = draft;
        let amount = prices.of(&item, region)?;
        Ok(Self {
            resource: resource.to_owned(),
            what,
            region: region.clone(),
            unit_price: amount.price,
            unit: prices.unit(&item).to_owned(),
            quantity,
            monthly: amount.price.times(quantity),
            origin: amount.origin,
            price: item,
        })
    }
}
