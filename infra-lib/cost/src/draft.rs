//! What a resource costs, before anybody asks for prices.

use cfn::{Node, Viewed};
use serde::Serialize;

use super::error::CostError;
use super::item::Item;
use super::money::Quantity;
use super::scope::Scope;

/// When a resource is used that is charged for by use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Something happens: an alarm, a failover, a launch. On an ordinary day there is none.
    Event,
    /// Users come.
    Traffic,
}

/// A line without its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) item: Item,
    pub(super) what: String,
    pub(super) quantity: Quantity,
}

/// What a resource is charged for: lines, and what each use costs.
pub(super) type Charge = (Vec<Draft>, Option<(Item, When)>);

/// A resource under examination.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) resource: &'a Viewed,
    /// Length of the month.
    pub(super) hours: u64,
}

impl Draft {
    pub(super) fn new(item: Item, what: impl Into<String>, quantity: Quantity) -> Self {
        Self { item, what: what.into(), quantity }
    }

    /// So many of what is priced in bundles.
    pub(super) fn requests(item: Item, what: impl Into<String>, count: u64) -> Self {
        let size = u64::from(item.unit_size());
        Self::new(item, what, Quantity::ratio(count, size))
    }
}

impl<'a> Place<'a> {
    pub(super) fn get(&self, path: &str) -> Option<&'a Node> {
        self.resource.property(path)
    }

    /// A property that must be there as one plain value. A list of one counts as its item.
    pub(super) fn text(&self, path: &str) -> Result<&'a str, CostError> {
        let only = self.get(path).and_then(|value| value.items().first().copied());
        only.and_then(Node::text).ok_or_else(|| self.unclear(path))
    }

    /// A property that may be absent, which means AWS's default.
    pub(super) fn text_or(&self, path: &str, default: &'a str) -> Result<&'a str, CostError> {
        if self.get(path).is_none() { Ok(default) } else { self.text(path) }
    }

    pub(super) fn number(&self, path: &str) -> Result<u64, CostError> {
        self.text(path)?.parse().map_err(|_| self.unclear(path))
    }

    pub(super) fn unclear(&self, property: &str) -> CostError {
        let (stack, resource) = (self.scope.stack.id, self.resource.name.clone());
        CostError::Unclear { stack, resource, property: property.to_owned() }
    }

    pub(super) fn unpriced(&self, what: impl Into<String>) -> CostError {
        let (stack, resource) = (self.scope.stack.id, self.resource.name.clone());
        CostError::Unpriced { stack, resource, what: what.into() }
    }
}
