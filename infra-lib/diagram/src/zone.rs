//! The zones of a region, read from the template that makes them: a third one in the template is a third one in the picture.

use std::collections::BTreeMap;

use cfn::{Node, Template, Value, View, function, items, scalar};
use serde::Serialize;

use site::model::{Site, StackId};

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
    let view = View::new(&template, &stack.facts(&template));
    let mut zones: BTreeMap<usize, Zone> = BTreeMap::new();
    for subnet in view.of_kind("AWS::EC2::Subnet") {
        let index = subnet.property("AvailabilityZone").and_then(selected);
        let (Some(index), Some(cidr)) = (index, subnet.text("CidrBlock")) else { continue };
        let zone = zones.entry(index);
        let zone = zone.or_insert(Zone { index, public_cidr: None, instance_cidr: None });
        let own = if subnet.name.starts_with("Public") {
            &mut zone.public_cidr
        } else {
            &mut zone.instance_cidr
        };
        *own = Some(cidr.to_owned());
    }
    if zones.len() < 2 {
        return Err(DiagramError::Zones { stack: id, found: zones.len() });
    }
    Ok(zones.into_values().collect())
}

/// The number in `!Select [number, list]`, whose list only AWS knows.
fn selected(node: &Node) -> Option<usize> {
    let Value::Unknown { rest, .. } = &node.value else { return None };
    let (_, argument) = function(rest).filter(|(name, _)| name == "Select")?;
    scalar(items(Some(argument)).first()?)?.parse().ok()
}
