//! Takes away the stacks that the site file no longer asks for.

use std::collections::BTreeMap;

use super::{DeployError, Outcome, Request};
use crate::cloud::Cloud;
use crate::destroy;
use crate::model::StackId;
use crate::plan::{Unwanted, unwanted};
use crate::progress::{Pace, Progress, Reporter};

/// Deletes them in the reverse order. What earlier waves could not do has failed by now, so that nothing is lost for a deploy
/// that never gets to the stack which takes over.
pub(super) async fn retire(
    cloud: &dyn Cloud,
    request: &Request,
    reporter: &Reporter,
    pace: Pace,
) -> Result<BTreeMap<StackId, Outcome>, DeployError> {
    let mut gone = BTreeMap::new();
    let Unwanted { ours, .. } = unwanted(cloud, &request.site).await?;
    for stack in ours.into_iter().rev() {
        let (number, stacks) = (stack.id.wave(), vec![stack.id]);
        reporter.tell(Progress::Wave { number, stacks }).await;
        destroy::remove(cloud, &request.permit, &request.site, stack, reporter, pace).await?;
        gone.insert(stack.id, Outcome::Deleted);
    }
    Ok(gone)
}
