//! End-to-end tests against the emulator, and the tests of the rules of this repository.

mod contract;
mod deploy;
mod destroy;
mod drill;
mod drill_levels;
mod failover;
mod identity;
mod migration;
mod page;
mod permissions;
mod plan;
mod printed;
mod races;
mod resume;
mod runbook;
mod safety;
mod sites;
mod steering;
mod transcript;
mod typed;
