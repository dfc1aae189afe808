//! Steering: an operator asks, the controller decides, and its record says what came of it.
//!
//! The request goes through the controller's own function, so that the same rules, records and notices apply as for its own
//! decisions. [`direct`] is for the day when Lambda is gone: it writes the standby group itself.

mod ask;
pub mod direct;
mod error;
mod follow;
mod intent;
mod rehearse;
mod request;
mod sign_in;
mod step;

use site::model::Site;

pub use self::ask::{Answer, ask};
pub use self::error::SteerError;
pub use self::follow::{End, Goal, follow, merged};
pub use self::intent::intent;
pub use self::rehearse::{after_deploy, rehearse};
pub use self::request::{operator, payload, request};
pub use self::sign_in::SignIn;
pub use self::step::{Step, steps};

/// Name of the controller's function. Source: `controller.yaml`.
#[must_use]
pub fn function_name(site: &Site) -> String {
    format!("{}-controller", site.config.name)
}
