//! Raises the standby as the controller would: the note first, then the sizes. From then on it is the controller's, which puts it
//! back by its own rules, whatever becomes of the drill.

use failover_core::decision::StandbyWrite;
use failover_core::record::{Ownership, Register};

use cloud::guard::{self, Consent, Fresh, Refusal};
use cloud::{Capacity, Group, GroupView};
use machine::clock;
use operate::steer::direct;
use site::model::Site;

use super::LevelError;
use crate::restore::GroupBefore;

/// What a raise writes: nothing where the standby already runs its target.
#[derive(Debug)]
pub(super) struct Raise {
    group: Fresh<Group>,
    note: Register,
    write: StandbyWrite,
}

/// Works the raise out on the group as it is now.
///
/// # Errors
/// [`Refusal`] if the group is no longer as it was when the drill was prepared: somebody else is changing it.
pub(super) async fn raise(
    cloud: &dyn Capacity,
    consent: &Consent,
    site: &Site,
    before: &GroupBefore,
) -> Result<Option<Raise>, LevelError> {
    let (group, plan) = direct::raise_now(cloud, consent, site, clock::now()).await?;
    unchanged(&group.view, before)?;
    Ok(match (plan.note, plan.writes.first()) {
        (Some(note), Some(&write)) => Some(Raise { group, note, write }),
        (None, _) | (_, None) => None,
    })
}

fn unchanged(group: &GroupView, before: &GroupBefore) -> Result<(), Refusal> {
    if group.sizes == before.sizes && guard::record(group).ownership() == Ownership::Idle {
        return Ok(());
    }
    Err(Refusal {
        why: "the standby group changed a moment ago: somebody else is changing it".to_owned(),
        hint: "see why with `cargo xtask status`, then run the drill again".to_owned(),
    })
}

impl Raise {
    /// Writes the note, and only if that went through the group: without the note nobody would put it back.
    pub(super) async fn carry_out(self, cloud: &dyn Capacity) -> Result<(), LevelError> {
        let Self { group, note, write } = self;
        cloud.write_registers(&group, &[note]).await?;
        cloud.write_standby(group, write).await?;
        Ok(())
    }
}
