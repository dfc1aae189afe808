//! Rule 4 with active-active routing: no latch, no undo, no failback. Each region must be able to carry everything, so both
//! floors follow the load upwards; downwards they are set by hand or by a deploy.

use crate::decision::{Decision, PrimaryWrite, Reason, StandbyWrite};
use crate::policy::Routing;

use super::down::raised_sizes;
use super::situation::{Situation, Skipped};

pub(super) fn follow(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    if situation.policy.routing() == Routing::Failover {
        return Err("one region serves at a time");
    }
    let target = situation.target();
    let standby = situation.short().then(|| StandbyWrite::Raise(raised_sizes(situation)));
    let primary = situation.observation.primary.known().and_then(|live| {
        let floor = target.min(live.max);
        let desired = Some(live.desired.max(floor));
        (live.min < floor).then_some(PrimaryWrite { min: floor, desired })
    });
    if standby.is_none() && primary.is_none() {
        return Err("both floors carry the load");
    }
    Ok(Decision { standby, primary, ..Decision::hold(Reason::Follow { target }) })
}
