//! Tests of provisioning, offline: an account in memory stands for AWS.

mod apply;
mod destroy;
mod fresh;
mod identity;
mod plan;
