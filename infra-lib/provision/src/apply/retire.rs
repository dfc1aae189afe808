//! Takes away the stacks that the site file no longer asks for.

use std::collections::BTreeMap;

use cloud::Cloud;
use site::model::StackId;

use super::error::DeployError;
use super::request::{Outcome, Request};
use crate::destroy::Removing;
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
        let removing =
            Removing { cloud, consent: &request.consent, site: &request.site, reporter, pace };
        // What holds of the users' name is the handover's rule, which was asked before the first wave.
        removing.remove(stack, |_| None).await?;
        gone.insert(stack.id, Outcome::Deleted);
    }
    Ok(gone)
}
