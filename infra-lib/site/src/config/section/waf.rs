//! `[waf]`: AWS's managed rules against common attacks.

use super::super::key::section;
use super::super::takes::word;
use super::super::value::words;

section! {
    /// The web ACL of the site.
    #[derive(Copy)]
    struct WafKeys = "waf", |around| {
        /// AWS's managed rules (common attacks, known bad inputs, addresses of ill repute): `none`, `regional` (at both load
        /// balancers) or `edge` (at CloudFront).
        placement: Waf = word::<Waf>().or("none"),
    }
}

words! {
    /// Where requests are filtered.
    Waf,
    /// Nowhere.
    None = "none",
    /// At the load balancers of both regions.
    Regional = "regional",
    /// At CloudFront.
    Edge = "edge",
}
