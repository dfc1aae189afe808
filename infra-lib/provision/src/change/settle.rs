//! Waits until CloudFormation is done with a stack, and tells what happens meanwhile.

use std::time::Duration;

use cloud::{Cloud, CloudError, Phase, StackEvent, StackView};
use site::model::StackId;
use site::names::Region;

use crate::progress::{Pace, Progress, Reporter};

// BOUND: the slowest change replaces the servers of a group, a tenth at a time; AWS gives up on one that is not healthy after an
// hour, and the rollback replaces as many again.
pub(crate) const SETTLE_BOUND: Duration = Duration::from_hours(2);

// BOUND: CloudFormation begins an operation within seconds of the call.
const START_BOUND: Duration = Duration::from_mins(1);

/// Whether the operation to wait for is known to have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// It was seen at work.
    Seen,
    /// It was only just asked for: until the stack tells that it begins, its state is the one from before.
    Asked,
}

/// A stack that came to rest.
pub(crate) struct Settled {
    /// As it is now; `None` if it is gone.
    pub(crate) view: Option<StackView>,
    /// What happened since `mark`, oldest first.
    pub(crate) events: Vec<StackEvent>,
}

/// Where to listen.
pub(crate) struct Listener<'a> {
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) reporter: &'a Reporter,
    pub(crate) pace: Pace,
    pub(crate) stack: StackId,
    pub(crate) region: &'a Region,
}

impl Listener<'_> {
    /// Id of the newest event of a stack, to listen from there on.
    pub(crate) async fn mark(&self, stack: &str) -> Result<Option<String>, CloudError> {
        let events = self.cloud.stack_events(self.region, stack, None).await?;
        Ok(events.into_iter().next_back().map(|event| event.id))
    }
}

/// Waits until the stack `id` rests. `Ok(None)` if that takes longer than [`SETTLE_BOUND`].
pub(crate) async fn settle(
    listener: &Listener<'_>,
    id: &str,
    mut mark: Option<String>,
    start: Start,
) -> Result<Option<Settled>, CloudError> {
    let Listener { cloud, reporter, pace, stack, region } = listener;
    let mut events = Vec::new();
    let mut begun = start == Start::Seen;
    let mut wait = pace.wait(SETTLE_BOUND);
    let mut rounds = 0..pace.rounds(START_BOUND);
    while wait.goes_on() {
        // The state before the events: whatever led to it has been told by then.
        let view = cloud.describe_stack(region, id).await;
        let Some(view) = wait.unless_throttled(view).await? else { continue };
        let fresh = cloud.stack_events(region, id, mark.as_deref()).await;
        let Some(fresh) = wait.unless_throttled(fresh).await? else { continue };
        for event in fresh {
            mark = Some(event.id.clone());
            begun |= event.is_stack();
            events.push(event.clone());
            reporter.tell(Progress::Resource { stack: *stack, event }).await;
        }
        let phase = view.as_ref().map_or(Phase::Gone, |view| view.status.phase());
        // A change set that is being executed leaves REVIEW_IN_PROGRESS a moment later.
        let moves = matches!(phase, Phase::Moving | Phase::Reviewing);
        let mut is_old = || wait.waited() < START_BOUND && rounds.next().is_some();
        if !moves && (begun || phase == Phase::Gone || !is_old()) {
            return Ok(Some(Settled { view, events }));
        }
        wait.pause().await;
    }
    Ok(None)
}
