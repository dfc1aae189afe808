//! The zones of a region, read from the template that makes them: a third one in the template is a third one in the picture.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Serialize;
use serde_norway::Value;

use crate::check::template::{Template, function, items, reference, scalar};
use crate::model::{Site, Source, StackId};
use crate::names::ParameterName;

/// An availability zone with its two subnets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// Which of AWS's list, from 0. Which zone that is differs from account to account.
    pub index: usize,
    /// Range of the load balancer's subnet, if the zone has one.
    pub public_cidr: Option<String>,
    /// Range of the instances' subnet, if the zone has one.
    pub instance_cidr: Option<String>,
}

/// A site that cannot be drawn.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DiagramError {
    /// The network's template is not one.
    #[error("cannot read the template of `{stack}`: {why}")]
    #[diagnostic(help("`cargo xtask check` says more about the templates"))]
    Template {
        /// Whose.
        stack: StackId,
        /// What the parser said.
        why: String,
    },
    /// The network's template makes fewer zones than a load balancer needs, as far as can be told.
    #[error(
        "the subnets in the template of `{stack}` lie in {found} zones: a load balancer needs 2"
    )]
    #[diagnostic(help(
        "a subnet is recognised by `!Select [n, !GetAZs \"\"]` and `!Select [n, !Cidr [!Ref VpcCidr, count, bits]]`"
    ))]
    Zones {
        /// Whose.
        stack: StackId,
        /// How many there are.
        found: usize,
    },
}

impl Zone {
    /// The letter that the subnets' names end with.
    #[must_use]
    pub fn letter(&self) -> char {
        let offset = u8::try_from(self.index % 26).expect("a remainder of 26 is small");
        char::from(b'A' + offset)
    }
}

/// The zones that a network's stack uses, in their order.
pub(super) fn zones(site: &Site, id: StackId) -> Result<Vec<Zone>, DiagramError> {
    let stack = site.stack(id);
    let template = Template::parse(&stack.template.body)
        .map_err(|why| DiagramError::Template { stack: id, why })?;
    let mut zones: BTreeMap<usize, Zone> = BTreeMap::new();
    for (name, resource) in template.of_kind("AWS::EC2::Subnet") {
        let properties = &resource.properties;
        let zone = properties.get("AvailabilityZone").and_then(selected);
        let block = properties.get("CidrBlock").and_then(selected);
        let (Some((index, _)), Some((number, list))) = (zone, block) else {
            continue;
        };
        let cidr = split(list, |parameter| match stack.parameters.get(parameter)? {
            Source::Literal(text) => Some(text.clone()),
            Source::Output { .. } | Source::CodeKey => None,
        });
        let Some(cidr) = cidr.and_then(|(base, bits)| subnet(&base, bits, number)) else {
            continue;
        };
        let zone = zones.entry(index);
        let zone = zone.or_insert(Zone { index, public_cidr: None, instance_cidr: None });
        if name.starts_with("Public") {
            zone.public_cidr = Some(cidr);
        } else {
            zone.instance_cidr = Some(cidr);
        }
    }
    // The template has subnets for as many zones as a site may have.
    let zones: Vec<Zone> = zones.into_values().take(site.config.network.zones.into()).collect();
    if zones.len() < 2 {
        return Err(DiagramError::Zones { stack: id, found: zones.len() });
    }
    Ok(zones)
}

/// The number and the list of `!Select [number, list]`.
fn selected(value: &Value) -> Option<(usize, &Value)> {
    let (name, argument) = function(value)?;
    let parts = items(Some(argument));
    let [number, list] = parts.as_slice() else {
        return None;
    };
    (name == "Select").then_some(())?;
    Some((scalar(number)?.parse().ok()?, *list))
}

/// The range and the bits of each part of `!Cidr [!Ref range, count, bits]`.
fn split(value: &Value, given: impl Fn(&ParameterName) -> Option<String>) -> Option<(String, u32)> {
    let (name, argument) = function(value)?;
    let parts = items(Some(argument));
    let [range, _, bits] = parts.as_slice() else {
        return None;
    };
    (name == "Cidr").then_some(())?;
    let range = given(&ParameterName::new(reference(range)?))?;
    Some((range, scalar(bits)?.parse().ok()?))
}

/// One of the equal parts of a range.
fn subnet(range: &str, bits: u32, number: usize) -> Option<String> {
    let (address, _) = range.split_once('/')?;
    let first: Ipv4Addr = address.parse().ok()?;
    let size = 1_u32.checked_shl(bits)?;
    let offset = u32::try_from(number).ok()?.checked_mul(size)?;
    let first = Ipv4Addr::from_bits(first.to_bits().checked_add(offset)?);
    Some(format!("{first}/{}", 32_u32.checked_sub(bits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_split_as_cloudformation_does() {
        assert_eq!(subnet("10.20.0.0/16", 8, 2).as_deref(), Some("10.20.2.0/24"));
        assert_eq!(subnet("10.0.252.0/22", 8, 3).as_deref(), Some("10.0.255.0/24"));
        assert_eq!(subnet("255.255.0.0/16", 8, 256), None);
    }
}
