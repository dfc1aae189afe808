//! Cases of the rules, room by room, and properties that hold for any observation.

mod active;
mod approval;
mod bad_input;
mod clients;
mod conditions;
mod down;
mod drain;
mod early;
mod episode;
mod failback;
mod fates;
mod floor;
mod invariants;
mod latch;
mod notice;
mod properties;
mod readiness;
mod request;
mod shares;
mod shown;
mod strategies;
mod telling;
mod verdict;
mod world;
