//! `[regions]`: where.

use super::super::reader::{Form, Section};
use crate::names::Region;

/// The pair of regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    /// Serves normally.
    pub primary: Region,
    /// Serves while the primary cannot. Never the same as `primary`.
    pub standby: Region,
}

pub(super) fn read(section: Section<'_>) -> Option<Regions> {
    let primary = section.required("primary", Form::Text, Region::parse);
    let standby = section.required("standby", Form::Text, Region::parse);
    section.finish();
    Some(Regions { primary: primary?, standby: standby? })
}
