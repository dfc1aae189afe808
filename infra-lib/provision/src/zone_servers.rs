//! The name servers that the controller asks for Route 53's verdict: two of the site's zone.
//!
//! A zone keeps its servers for as long as it exists, so a site file need not name them. They are read at each deploy; where they
//! cannot be read, the controller keeps those that it has.

use cloud::{Cloud, CloudError, Wiring};
use site::model::{Site, Source, StackId, VERDICT_SERVERS};
use site::names::ParameterName;

/// How many are asked: one alone could be wrong, and more would have to agree.
const ASKED: usize = 2;

/// The site with the servers that its controller asks. An emulator's zone has none, so there those that were deployed are kept.
///
/// # Errors
/// [`CloudError`] if the controller's stack cannot be read.
pub async fn settled(
    cloud: &dyn Cloud,
    wiring: &dyn Wiring,
    mut site: Site,
) -> Result<Site, CloudError> {
    // A zone that is not there, or may not be read, is told by the records' own stack and by `doctor`.
    let zone = if cloud.is_local() {
        None
    } else {
        wiring.zone(&site.config.hosted_zone_id).await.ok().flatten()
    };
    let mut servers: Vec<String> = zone.map(|zone| zone.name_servers).unwrap_or_default();
    // In order, so that no deploy changes the choice.
    servers.sort();
    servers.truncate(ASKED);
    if servers.len() == ASKED {
        give(&mut site, &servers.join(","));
    } else {
        let stack = site.stack(StackId::Controller);
        let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        let deployed = view.and_then(|view| view.parameters.get(VERDICT_SERVERS).cloned());
        give(&mut site, &deployed.unwrap_or_default());
    }
    Ok(site)
}

/// Names the servers that the controller asks, with a comma between them.
pub fn give(site: &mut Site, servers: &str) {
    let controller = site.stacks.iter_mut().find(|stack| stack.id == StackId::Controller);
    let parameters = controller.map(|stack| &mut stack.parameters);
    if let Some(parameters) = parameters {
        parameters.insert(ParameterName::new(VERDICT_SERVERS), Source::literal(servers));
    }
}
