//! What the drill's site and its parts are called, and where they are.

use std::net::Ipv4Addr;

use site::model::Role;
use site::names::Region;

/// The primary's load balancer. Each region has an address of its own, so that a connection shows which one it went to.
pub const PRIMARY_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
/// The standby's load balancer.
pub const STANDBY_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 2, 0, 1);
/// Zone and host name of the drill's site. Reserved for examples, so nobody is asked by accident.
pub(super) const ZONE: &str = "example.com";
pub(super) const HOSTNAME: &str = "shop.example.com";
pub(super) const NAME: &str = "shop";
pub(super) const PRIMARY: &str = "us-west-2";
pub(super) const STANDBY: &str = "us-east-2";
pub(super) const HEALTH_PATH: &str = "/health";

/// Name of a region's group, as the web template spells it.
#[must_use]
pub fn group_name(role: Role) -> String {
    let role = match role {
        Role::Primary => "primary",
        Role::Standby => "standby",
    };
    format!("{NAME}-{role}")
}

pub(super) fn region(name: &str) -> Region {
    Region::parse(name).expect("the drill's regions are regions")
}
