//! `[network]`: address ranges, zones, and internet access.

use super::super::key::section;
use super::super::takes::{number, text, word};
use super::super::value::words;
use crate::names::Cidr;

section! {
    /// The networks of both regions.
    struct Network = "network", |around| {
        /// Range of the primary's VPC, /16 to /22. The two ranges may only overlap if the regions are never peered.
        primary_cidr: Cidr = text(Cidr::parse).or("10.20.0.0/16"),
        /// Range of the standby's VPC, /16 to /22.
        standby_cidr: Cidr = text(Cidr::parse).or("10.21.0.0/16"),
        /// Availability zones, 2 or 3. Three need ranges of /21 or larger. The first deploy takes zones that offer the instance
        /// types; later ones keep them.
        zones: u16 = number(2..=3, "2 or 3 availability zones").or("2"),
        /// `private`: the instances reach S3 (packages of Amazon Linux) and nothing else, unless there is a NAT gateway.
        /// `public`: each has an address and reaches the internet; only the load balancer reaches it.
        instances: Placement = word::<Placement>().or("private"),
        /// NAT gateways for private instances: `none`, `one` (goes with its zone) or `per-zone`. Each costs about $33 a month and
        /// region.
        nat: Nat = word::<Nat>().or("none"),
    }
}

words! {
    /// Where the instances stand.
    Placement,
    /// No public address, and no internet access but S3 and a NAT gateway.
    Private = "private",
    /// A public address each, and a route to the internet.
    Public = "public",
}

words! {
    /// The NAT gateways of a network.
    Nat,
    /// None: the instances reach S3 and nothing else.
    None = "none",
    /// One, which goes with its zone.
    One = "one",
    /// One in each zone.
    PerZone = "per-zone",
}

impl Network {
    /// Whether the instances reach more than S3.
    #[must_use]
    pub const fn has_way_out(&self) -> bool {
        matches!(self.instances, Placement::Public) || !matches!(self.nat, Nat::None)
    }
}
