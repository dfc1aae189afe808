//! The zones of each network: chosen once, by where the servers' types are offered, and then as deployed.
//!
//! By position in the region's list, as a template alone would take them, a zone without the type can be among them, and a
//! default subnet that somebody makes or deletes later moves the others: the next update would replace subnets under servers.

use std::collections::BTreeMap;

use cloud::{Cloud, CloudError, Premises};
use site::model::{Site, Source, Stack, StackId, ZONES};
use site::names::{ParameterName, Region};

/// The zones of a site cannot be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ZonesError {
    /// A call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// Too few zones offer the type.
    #[error("{found} of the {wanted} zones that the site needs in {region} offer {kind}")]
    #[diagnostic(
        code("zones::few"),
        help(
            "choose another `instance_type` in [web], or another region; `aws ec2 describe-instance-type-offerings --region \
             {region} --location-type availability-zone --filters Name=instance-type,Values={kind}` lists its zones"
        )
    )]
    Few {
        /// Where.
        region: Region,
        /// The first choice of a server's type.
        kind: String,
        /// How many offer it.
        found: usize,
        /// How many the site asks for.
        wanted: usize,
    },
}

/// The site with the zones that its networks have, or get if they are new. An emulator's are left to the template.
///
/// # Errors
/// [`ZonesError`] if AWS cannot be asked, or too few zones offer the first type.
pub async fn settled(
    cloud: &dyn Cloud,
    premises: &dyn Premises,
    mut site: Site,
) -> Result<Site, ZonesError> {
    if cloud.is_local() {
        return Ok(site);
    }
    let (kind, others) =
        (site.config.web.instance_type.clone(), site.config.web.more_instance_types.clone());
    let wanted = usize::from(site.config.network.zones);
    for stack in site.stacks.iter_mut().filter(|stack| is_network(stack.id)) {
        let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        let live = view.filter(|view| view.status.phase().may_serve());
        let mut zones = live.as_ref().map(|view| deployed(&view.parameters)).unwrap_or_default();
        // A network of an earlier version keeps the zones that it took by position.
        let is_chosen = live.is_some() && (zones.is_empty() || zones.len() >= wanted);
        if !is_chosen {
            let offered = offered(premises, &stack.region, &kind, &others).await?;
            let more = offered.iter().filter(|zone| !zones.contains(zone)).cloned();
            let more: Vec<String> = more.take(wanted - zones.len()).collect();
            zones.extend(more);
        }
        if !is_chosen && zones.len() < wanted {
            let (region, found) = (stack.region.clone(), zones.len());
            return Err(ZonesError::Few { region, kind, found, wanted });
        }
        give(stack, zones);
    }
    Ok(site)
}

/// The zones that a network was given, in their order. None if it took them by position.
#[must_use]
pub fn deployed(parameters: &BTreeMap<String, String>) -> Vec<String> {
    let given = ZONES.into_iter().filter_map(|name| parameters.get(name));
    given.filter(|zone| !zone.is_empty()).cloned().collect()
}

/// The zones that offer the first type, those first that offer most of the others too.
async fn offered(
    premises: &dyn Premises,
    region: &Region,
    kind: &str,
    others: &[String],
) -> Result<Vec<String>, CloudError> {
    let mut zones = premises.zones_with(region, kind).await?;
    // Local Zones have longer names, and no load balancer for the site.
    let usual = |zone: &str| zone.strip_prefix(region.as_str()).is_some_and(|rest| rest.len() == 1);
    zones.retain(|zone| usual(zone));
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for other in others {
        for zone in premises.zones_with(region, other).await? {
            *counted.entry(zone).or_default() += 1;
        }
    }
    let others = |zone: &String| counted.get(zone).copied().unwrap_or_default();
    zones.sort_by(|a, b| others(b).cmp(&others(a)).then_with(|| a.cmp(b)));
    Ok(zones)
}

fn give(stack: &mut Stack, zones: Vec<String>) {
    for (name, zone) in ZONES.into_iter().zip(zones) {
        stack.parameters.insert(ParameterName::new(name), Source::Literal(zone));
    }
}

const fn is_network(id: StackId) -> bool {
    matches!(id, StackId::NetworkPrimary | StackId::NetworkStandby)
}
