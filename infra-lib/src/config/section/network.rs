//! `[network]`: address ranges, zones, and the way out.

use super::super::reader::{Form, Section};
use super::super::value::{words, wrong};
use crate::names::{Cidr, NameError};

/// The networks of both regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Range of the primary's VPC.
    pub primary_cidr: Cidr,
    /// Range of the standby's VPC.
    pub standby_cidr: Cidr,
    /// Availability zones in use. Range: 2 or 3; 3 need a range of /21 or larger.
    pub zones: u16,
    /// Where the instances stand.
    pub instances: Placement,
    /// Gateways for instances that stand in private subnets.
    pub nat: Nat,
}

words! {
    /// Where the instances stand.
    Placement, "`private` or `public`",
    /// No address of their own, and no way out but S3 and a gateway.
    Private = "private",
    /// A public address each, and a route to the internet.
    Public = "public",
}

words! {
    /// The NAT gateways of a network.
    Nat, "`none`, `one` or `per-zone`",
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

pub(super) fn read(section: Section<'_>) -> Option<Network> {
    let default = |text| Cidr::parse(text).expect("the default is a valid range");
    let primary_cidr = section.or("primary_cidr", Form::Text, default("10.20.0.0/16"), Cidr::parse);
    let standby_cidr = section.or("standby_cidr", Form::Text, default("10.21.0.0/16"), Cidr::parse);
    let zones = section.or("zones", Form::Number, 2, zones);
    let instances = section.or("instances", Form::Text, Placement::Private, Placement::parse);
    let nat = section.or("nat", Form::Text, Nat::None, Nat::parse);
    section.finish();
    Some(Network {
        primary_cidr: primary_cidr?,
        standby_cidr: standby_cidr?,
        zones: zones?,
        instances: instances?,
        nat: nat?,
    })
}

fn zones(text: &str) -> Result<u16, NameError> {
    match text {
        "2" => Ok(2),
        "3" => Ok(3),
        _ => wrong("2 or 3 availability zones"),
    }
}
