//! The Price List Query API.

use async_trait::async_trait;
use aws_sdk_pricing::types::{Filter, FilterType};
use serde_json::Value;

use site::names::Region;

use super::super::{PriceList, ProductQuery, Result};
use super::Aws;
use super::call::Call;
use super::pages::Pages;

/// The only form of the answers that AWS has.
const FORMAT: &str = "aws_v1";
/// BOUND: a usage type of a region is one product, or a few with the same price.
const PRODUCTS_MAX: i32 = 20;
const PRODUCT_PAGES_MAX: usize = 10;

#[async_trait]
impl PriceList for Aws {
    async fn products(&self, query: &ProductQuery) -> Result<Vec<Value>> {
        // The price list has an endpoint in us-east-1 and two more, and each knows every region's prices.
        let region = Region::detector();
        let call = Call::new("GetProducts", &region);
        let client = aws_sdk_pricing::Client::new(&self.config);
        let mut request = client.get_products().service_code(query.service);
        for (field, value) in &query.filters {
            let filter = Filter::builder().r#type(FilterType::TermMatch).field(*field).value(value);
            request = request.filters(filter.build().map_err(|error| call.unbuilt(&error))?);
        }
        let request = request.format_version(FORMAT).max_results(PRODUCTS_MAX);
        let mut products = Vec::new();
        let mut pages = Pages::new(&call, PRODUCT_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let answer = call.answer(request.clone().set_next_token(page.from).send().await)?;
            products.extend(answer.price_list.unwrap_or_default());
            pages.turn(answer.next_token);
        }
        let products = products.iter().map(|product| serde_json::from_str(product));
        products.collect::<Result<_, _>>().map_err(|_| call.lacks("a product in JSON"))
    }
}
