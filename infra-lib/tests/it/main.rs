//! Tests of provisioning, offline: an account in memory stands for AWS.

mod apply;
mod catalogue;
mod check;
mod config;
mod cost;
mod decided;
mod destroy;
mod diagram;
mod doctor;
mod drift;
mod drill_left;
mod drill_levels;
mod fresh;
mod golden;
mod init;
mod journal;
mod pairwise;
mod plan;
mod render;
mod sample;
mod server;
mod status;
mod steer;
mod templates;
mod wire;
mod writes;
