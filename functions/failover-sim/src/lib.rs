//! The world around the decision core: what it takes to say that the rules are safe.
//!
//! [`world`] is a site in one-minute steps: both regions, the detector, the latch, DNS, and the controller that ships.
//! [`model`] walks every history of it within stated bounds ([`scope`]), [`mutant`] breaks a rule and must be caught,
//! [`run`] plays long random histories. [`timeline`] is about seconds: how long a failover takes. Its tests replay famous
//! outages.

mod chance;
pub mod decide;
pub mod model;
pub mod mutant;
pub mod run;
pub mod scope;
pub mod story;
pub mod timeline;
pub mod world;
