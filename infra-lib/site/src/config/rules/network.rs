//! Regions, zones, internet access.

use super::super::reader::Document;
use super::super::section::{Nat, Network, Parts, Placement, Regions};

// A /21 holds the six /24 subnets of three zones; a /22 holds four.
const THREE_ZONES_PREFIX_MAX: u32 = 21;

/// Regions in which an account sees two zones, however many there are.
const TWO_ZONES: [&str; 1] = ["us-west-1"];

/// How the regions begin that us-east-1 does not reach: the detector is there, whose accounts, topics and health checks do not
/// reach China, nor those of governments.
const APART: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];

pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    let Parts { regions, network, .. } = parts;
    if let Some(regions) = regions {
        pair(file, regions);
    }
    if let (Some(regions), Some(network)) = (regions, network) {
        zones(file, regions, network);
    }
    if let Some(network) = network {
        room(file, network);
    }
}

fn pair(file: &Document<'_>, regions: &Regions) {
    let Regions { primary, standby } = regions;
    if primary == standby {
        let message = "the standby is the same region as the primary";
        let expected = format!("another region than `{primary}`");
        let hint = "a region that fails must not take its standby along";
        file.refuse(("regions", "standby"), message, &expected, hint);
    }
    for (key, region) in [("primary", primary), ("standby", standby)] {
        if APART.iter().any(|start| region.as_str().starts_with(start)) {
            let message = format!("{region} is in a part of AWS that us-east-1 does not reach");
            let expected = "a commercial region, such as `us-west-2`";
            let hint = "the failover alarm and the health checks are in us-east-1, and accounts of one part are none of the other";
            file.refuse(("regions", key), message, expected, hint);
        }
    }
}

fn zones(file: &Document<'_>, regions: &Regions, network: &Network) {
    let zones = network.zones;
    for (side, region) in [("primary", &regions.primary), ("standby", &regions.standby)] {
        if zones > 2 && TWO_ZONES.contains(&region.as_str()) {
            let message =
                format!("`zones` is {zones}, and the {side}, {region}, has 2 for an account");
            let hint = "set `zones = 2`, or choose another region";
            file.refuse(("network", "zones"), message, "2", hint);
        }
    }
}

fn room(file: &Document<'_>, network: &Network) {
    let Network { primary_cidr, standby_cidr, zones, instances, nat } = network;
    for (key, cidr) in [("primary_cidr", primary_cidr), ("standby_cidr", standby_cidr)] {
        if *zones == 3 && cidr.prefix() > THREE_ZONES_PREFIX_MAX {
            let message = format!("`{key}` has no room for {zones} zones: `{cidr}`");
            let hint = "three zones need six /24 subnets; or set `zones = 2`";
            file.refuse(("network", key), message, "a range of /21 or larger", hint);
        }
    }
    if *instances == Placement::Public && *nat != Nat::None {
        let message = format!("`nat = \"{nat}\"` is for private instances, and these are public");
        let hint = "leave `nat` out: public instances have a route of their own; or set `instances = \"private\"`";
        file.refuse(("network", "nat"), message, "`none`", hint);
    }
}
