//! `[operations]`: what people look at.

use super::super::key::section;
use super::super::takes::word;
use super::super::value::Switch;

section! {
    /// What people look at.
    #[derive(Copy)]
    struct Operations = "operations", |around| {
        /// A dashboard of both regions side by side, in the standby region. $3 a month.
        dashboard: Switch = word::<Switch>().or("off"),
    }
}
