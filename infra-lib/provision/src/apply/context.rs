//! What every step of a deploy is given.

use cloud::Cloud;

use super::request::Request;
use crate::progress::{Pace, Reporter};

/// What every stack of a wave shares.
pub(super) struct Context<'a> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) request: &'a Request,
    pub(super) reporter: &'a Reporter,
    pub(super) pace: Pace,
}
