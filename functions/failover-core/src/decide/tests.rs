//! Data-driven cases of the rules, and properties that hold for any observation.

mod cases;
mod properties;
mod world;
