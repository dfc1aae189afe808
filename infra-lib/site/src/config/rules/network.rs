//! Regions, zones, internet access.

use super::super::places::Places;
use super::super::problem::Problem;
use super::super::section::{Nat, Parts, Placement};
use super::Rule;
use crate::names::{Cidr, Region};

// A /21 holds the six /24 subnets of three zones; a /22 holds four.
const THREE_ZONES_PREFIX_MAX: u32 = 21;

/// Regions in which an account sees two zones, however many there are.
const TWO_ZONES: [&str; 1] = ["us-west-1"];

pub(super) const RULES: &[Rule] = &[
    regions_differ,
    primary_is_reached,
    standby_is_reached,
    primary_has_zones,
    standby_has_zones,
    primary_has_room,
    standby_has_room,
    nat_is_for_private_instances,
];

fn regions_differ(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let regions = parts.regions.as_ref()?;
    let message = "the standby is the same region as the primary";
    let expected = format!("another region than `{}`", regions.primary);
    let problem = || places.problem(("regions", "standby"), message, &expected);
    (regions.primary == regions.standby)
        .then(|| problem().hint("a region that fails must not take its standby along"))
}

fn primary_is_reached(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    is_reached(places, "primary", &parts.regions.as_ref()?.primary)
}

fn standby_is_reached(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    is_reached(places, "standby", &parts.regions.as_ref()?.standby)
}

/// The detector is in us-east-1, whose accounts, topics and health checks do not reach China, nor those of governments.
fn is_reached(places: &Places<'_>, key: &str, region: &Region) -> Option<Problem> {
    let apart = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
    apart.iter().any(|start| region.as_str().starts_with(start)).then(|| {
        let message = format!("{region} is in a part of AWS that us-east-1 does not reach");
        places
            .problem(("regions", key), message, "a commercial region, such as `us-west-2`")
            .hint("the failover alarm and the health checks are in us-east-1, and accounts of one part are none of the other")
    })
}

fn primary_has_zones(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    has_zones(places, parts, "primary", &parts.regions.as_ref()?.primary)
}

fn standby_has_zones(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    has_zones(places, parts, "standby", &parts.regions.as_ref()?.standby)
}

fn has_zones(places: &Places<'_>, parts: &Parts, side: &str, region: &Region) -> Option<Problem> {
    let zones = parts.network.as_ref()?.zones;
    let message = format!("`zones` is {zones}, and the {side}, {region}, has 2 for an account");
    let problem = || places.problem(("network", "zones"), message, "2");
    (zones > 2 && TWO_ZONES.contains(&region.as_str()))
        .then(|| problem().hint("set `zones = 2`, or choose another region"))
}

fn primary_has_room(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    has_room(places, parts, "primary_cidr", &parts.network.as_ref()?.primary_cidr)
}

fn standby_has_room(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    has_room(places, parts, "standby_cidr", &parts.network.as_ref()?.standby_cidr)
}

fn has_room(places: &Places<'_>, parts: &Parts, key: &str, cidr: &Cidr) -> Option<Problem> {
    let zones = parts.network.as_ref()?.zones;
    let message = format!("`{key}` has no room for {zones} zones: `{cidr}`");
    let problem = || places.problem(("network", key), message, "a range of /21 or larger");
    (zones == 3 && cidr.prefix() > THREE_ZONES_PREFIX_MAX)
        .then(|| problem().hint("three zones need six /24 subnets; or set `zones = 2`"))
}

fn nat_is_for_private_instances(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let network = parts.network.as_ref()?;
    let message =
        format!("`nat = \"{}\"` is for private instances, and these are public", network.nat);
    let problem = || places.problem(("network", "nat"), message, "`none`");
    (network.instances == Placement::Public && network.nat != Nat::None).then(|| {
        problem().hint("leave `nat` out: public instances have a route of their own; or set `instances = \"private\"`")
    })
}
