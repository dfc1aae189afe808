//! One change of a stack, from the change set to a stack that rests: what `plan`, `apply` and `destroy` share.

mod set;
mod settle;

pub(crate) use self::set::{CHANGE_SET_BOUND, Worked, is_abandoned, sweep, work_out};
pub(crate) use self::settle::{Listener, SETTLE_BOUND, Settled, Start, settle};
