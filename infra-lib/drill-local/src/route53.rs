//! What the emulator's Route 53 was told and does not do: checks are turned round, and a drill's own name is answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use cloud::{AliasRecord, Cloud, CloudError};
use site::model::{Role, Site};

use drill::levels::drill_name;

use crate::answer::{Health, RecordHealth, failover_answer};
use crate::stage::Stage;
use crate::world::World;

/// Route 53 takes up to a minute; here it is a matter of a drill's own seconds.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A follower. Dropped, it stops.
#[derive(Debug)]
pub struct Route53 {
    _task: JoinSet<()>,
}

impl Route53 {
    /// Carries what the emulator was told to the stage's checkers and name servers.
    #[must_use]
    pub fn follow(stage: &Stage) -> Self {
        let (cloud, world) = (Arc::clone(&stage.cloud), Arc::clone(&stage.world));
        let site = stage.site.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut rounds = drill::rounds(LOOK_EVERY);
            loop {
                rounds.tick().await;
                // What cannot be read stays as it was.
                carry(cloud.as_ref(), &world, &site).await.ok();
            }
        });
        Self { _task: task }
    }
}

async fn carry(cloud: &dyn Cloud, world: &World, site: &Site) -> Result<(), CloudError> {
    if let Some(id) = &site.config.health.primary_check_id
        && let Some(check) = cloud.check(id).await?
    {
        world.check(Role::Primary).turn(check.inverted);
    }
    let name = drill_name(site);
    let named = cloud.named(&site.config.hosted_zone_id, &name).await?;
    let record = |failover: &str| named.aliases.iter().find(|alias| alias.failover == failover);
    let (Some(primary), Some(standby)) = (record("PRIMARY"), record("SECONDARY")) else {
        world.zone().forget_name(&name);
        return Ok(());
    };
    let primary = health(cloud, world, primary, Role::Primary).await?;
    let standby = health(cloud, world, standby, Role::Standby).await?;
    world.zone().set_balancer_name(failover_answer(primary, standby), &name).ok();
    Ok(())
}

/// The health of a drill's own record: its check, inverted or not, and its target.
async fn health(
    cloud: &dyn Cloud,
    world: &World,
    record: &AliasRecord,
    role: Role,
) -> Result<Health, CloudError> {
    let id = record.health_check_id.as_deref().unwrap_or_default();
    let inverted = cloud.check(id).await?.is_some_and(|check| check.inverted);
    // The site's own check is not inverted while a drill's is: both ask the same endpoint.
    let found = world.check(role).verdict().now() == Health::Healthy;
    let targets = Health::from(world.fleet(role).healthy_count() > 0);
    Ok(RecordHealth { check: Health::from(found != inverted), targets }.health())
}
