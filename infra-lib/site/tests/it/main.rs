//! Tests of the site file, its templates and what they become, offline.

mod catalogue;
mod config;
mod golden;
mod init;
mod pairwise;
mod render;
mod sample;
mod templates;
