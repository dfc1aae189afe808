//! What a destruction would take, told before anybody says yes.

use cloud::guard::{self, Stranger};
use cloud::{Cloud, StackStatus};
use site::model::{Site, Stack};

use super::{DestroyError, Retained, owned};
use crate::plan;

/// What would go, what would stay, and what is not ours.
#[derive(Clone, Debug)]
pub struct Doomed<'a> {
    /// The stacks that are there, in the order of the waves.
    pub stacks: Vec<(&'a Stack, StackStatus)>,
    /// The bucket that is emptied: every version of what is in it goes.
    pub bucket: Option<String>,
    /// What outlives its stack.
    pub retained: Vec<Retained>,
    /// Stacks with a name of the site's that are somebody else's.
    pub strangers: Vec<Stranger>,
}

/// Reads it.
///
/// # Errors
/// [`DestroyError::Refused`] if a stack that the site file asks for is somebody else's.
pub async fn doomed<'a>(cloud: &dyn Cloud, site: &'a Site) -> Result<Doomed<'a>, DestroyError> {
    let plan::Unwanted { ours, strangers } = plan::unwanted(cloud, site).await?;
    let (mut stacks, mut retained) = (Vec::new(), Vec::new());
    for stack in site.stacks.iter().chain(ours) {
        let Some(view) = owned(cloud, site, stack).await? else { continue };
        let kept = guard::retained(stack);
        let held = if kept.is_empty() {
            Vec::new()
        } else {
            cloud.stack_resources(&stack.region, &view.id).await?
        };
        retained.extend(held.into_iter().filter_map(|one| {
            let (logical_id, resource_type) = (one.logical_id, one.resource_type);
            let physical_id = one.physical_id.filter(|_| kept.contains(&logical_id))?;
            let region = stack.region.clone();
            Some(Retained { logical_id, physical_id, resource_type, region })
        }));
        stacks.push((stack, view.status));
    }
    let bucket = guard::bucket(cloud, site).await?;
    Ok(Doomed { stacks, bucket, retained, strangers })
}
