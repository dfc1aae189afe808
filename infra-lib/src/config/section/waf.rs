//! `[waf]`: AWS's managed rules against common attacks.

use super::super::reader::{Form, Section};
use super::super::value::words;

words! {
    /// Where requests are filtered.
    Waf, "`none`, `regional` or `edge`",
    /// Nowhere.
    None = "none",
    /// At the load balancers of both regions.
    Regional = "regional",
    /// At CloudFront.
    Edge = "edge",
}

pub(super) fn read(section: Section<'_>) -> Option<Waf> {
    let placement = section.or("placement", Form::Text, Waf::None, Waf::parse);
    section.finish();
    placement
}
