//! Tests of provisioning, offline: an account in memory stands for AWS.

mod apply;
mod check;
mod config;
mod cost;
mod destroy;
mod diagram;
mod render;
mod sample;
mod status;
mod wire;
