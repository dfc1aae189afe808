//! `[regions]`: where.

use super::super::key::section;
use super::super::takes::text;
use crate::names::Region;

section! {
    /// The pair of regions.
    struct Regions = "regions", |around| {
        /// The region that serves normally.
        primary: Region = text(Region::parse).required("us-west-2"),
        /// The region that serves while the primary cannot: another one than `primary`.
        standby: Region = text(Region::parse).required("us-east-2"),
    }
}
