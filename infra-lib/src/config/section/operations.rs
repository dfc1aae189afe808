//! `[operations]`: what people look at.

use super::super::reader::{Form, Section};
use super::super::value::Switch;

/// What people look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operations {
    /// A dashboard of both regions, in the standby's.
    pub dashboard: Switch,
}

pub(super) fn read(section: Section<'_>) -> Option<Operations> {
    let dashboard = section.or("dashboard", Form::Text, Switch::Off, Switch::parse);
    section.finish();
    Some(Operations { dashboard: dashboard? })
}
