//! AWS's price list.

use async_trait::async_trait;
use serde_json::Value;

use super::Result;

/// What is asked of the price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductQuery {
    /// Code of the service, such as `AmazonEC2`.
    pub service: &'static str,
    /// Attributes and the values that they must have.
    pub filters: Vec<(&'static str, String)>,
}

/// The Price List Query API. Not a part of [`Cloud`](super::Cloud): prices are nobody's account, and no deploy needs them.
#[async_trait]
pub trait PriceList: Send + Sync {
    /// The first products that match, each with its prices, as AWS writes them.
    async fn products(&self, query: &ProductQuery) -> Result<Vec<Value>>;
}
