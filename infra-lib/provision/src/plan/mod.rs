//! What a deploy would do, worked out by asking CloudFormation, without doing it.
//!
//! A stack that differs from the site file gets a change set, which tells what happens to each resource, and is thrown away
//! again. What depends on the outputs of a stack that changes first is *pending*: it is shown as such and never guessed. A
//! stack that is not there yet is read from its template.

mod agreed;
mod defaults;
mod entry;
mod file;
mod look;
mod text;
mod trial;

use futures::future::try_join_all;

pub use self::agreed::Agreed;
pub use self::defaults::{LeftOut, left_out};
pub(crate) use self::entry::touches;
pub use self::entry::{Action, Change, Entry, Plan, Seen};
pub use self::file::{PLAN_SCHEMA, PlanFile, PlanFileError};
pub(crate) use self::look::UNWANTED_BEFORE;
pub use self::look::{Unwanted, same_parameter, same_template, unwanted};
use cloud::Cloud;
use cloud::guard::Permit;
use site::graph;
use site::model::Site;

use self::trial::Trial;
use crate::error::DeployError;
use crate::needs;
use crate::outputs::{Given, Outputs};
use crate::progress::Pace;

/// Works the plan out. Stacks are left as they are; of the change sets that are made for it nothing stays.
///
/// # Errors
/// [`DeployError`] of the first thing that cannot be read, of a change that CloudFormation refuses, or of a resource to skip in a
/// stack that is not in a failed rollback.
pub async fn plan(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
    given: &Given,
    pace: Pace,
) -> Result<Plan, DeployError> {
    assert!(permit.is_for(site), "a permit is for one site");
    let account = cloud.account(site.standby_region()).await?;
    let looks = try_join_all(site.stacks.iter().map(|stack| look::look(cloud, stack))).await?;
    let mut outputs = Outputs::default();
    for look in &looks {
        if let Some(view) = &look.view {
            outputs.insert(look.stack.id, view.outputs.clone());
        }
    }
    let mut stacks = Vec::new();
    let mut unsettled = Vec::new();
    for wave in graph::waves(site) {
        let trial = Trial { cloud, permit, pace, given, outputs: &outputs, unsettled: &unsettled };
        let looks = looks.iter().filter(|look| wave.iter().any(|one| one.id == look.stack.id));
        let entries = try_join_all(looks.map(|look| trial.entry(look))).await?;
        unsettled.extend(entries.iter().filter(|one| one.unsettles()).map(|one| one.stack));
        stacks.extend(entries);
    }
    let Unwanted { ours, strangers } = look::unwanted(cloud, site).await?;
    let unwanted = ours.into_iter().rev();
    let unwanted = try_join_all(unwanted.map(|stack| look::leaving(cloud, stack))).await?;
    let turn = stacks.partition_point(|entry| entry.wave < UNWANTED_BEFORE.wave());
    stacks.splice(turn..turn, unwanted);
    let needs = Some(needs::read(cloud, site).await).filter(|needs| !needs.is_fine());
    let left_alone = strangers.iter().map(ToString::to_string).collect();
    let plan = Plan { account, stacks, needs, left_alone };
    let idle = plan.idle_skip(&given.skip).or_else(|| plan.idle_rollback(&given.rollback));
    idle.map_or(Ok(plan), Err)
}
