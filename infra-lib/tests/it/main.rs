//! Tests of provisioning, offline: an account in memory stands for AWS.

mod apply;
mod catalogue;
mod config;
mod decided;
mod destroy;
mod doctor;
mod drift;
mod drill_left;
mod drill_levels;
mod fresh;
mod golden;
mod identity;
mod init;
mod journal;
mod needs;
mod pairwise;
mod plan;
mod price_list;
mod render;
mod sample;
mod server;
mod status;
mod steer;
mod templates;
mod wire;
mod writes;
