//! Takes away the stacks that the site file no longer asks for.

use std::collections::BTreeMap;

use site::model::StackId;

use super::context::Context;
use super::request::{Outcome, Request};
use crate::destroy::Removing;
use crate::error::Result;
use crate::plan::unwanted;
use crate::progress::Progress;

/// Deletes them in the reverse order. What earlier waves could not do has failed by now, so that nothing is lost for a deploy
/// that never gets to the stack which takes over.
pub(super) async fn retire(context: &Context<'_>) -> Result<BTreeMap<StackId, Outcome>> {
    let Context { cloud, request: Request { consent, site, .. }, reporter, pace } = *context;
    let mut gone = BTreeMap::new();
    for stack in unwanted(cloud, site).await?.ours.into_iter().rev() {
        let (number, stacks) = (stack.id.wave(), vec![stack.id]);
        reporter.tell(Progress::Wave { number, stacks }).await;
        let removing = Removing { cloud, consent, site, reporter, pace };
        // What holds of the users' name is the handover's rule, which was asked before the first wave.
        removing.remove(stack, |_| None).await?;
        gone.insert(stack.id, Outcome::Deleted);
    }
    Ok(gone)
}
