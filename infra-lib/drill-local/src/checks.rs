//! The health checks of the drill's site, which are made before its stacks.

use cloud::guard::{Local, Permit};
use cloud::{Cloud, CloudError, HealthCheckRequest, Protocol};
use site::model::Role;

use crate::names::{HEALTH_PATH, NAME, STANDBY, ZONE, group_name, region};

/// Ids of the health checks that the stage makes.
#[derive(Debug)]
pub(super) struct Checks {
    pub(super) primary: String,
    pub(super) standby: String,
    pub(super) latch: String,
    pub(super) gate: String,
}

/// The emulator keeps a check but does not probe; the drill's own checkers do.
impl Checks {
    pub(super) async fn create(cloud: &dyn Cloud, permit: &Permit) -> Result<Self, CloudError> {
        let endpoint = async |role| {
            let name = group_name(role);
            let request = HealthCheckRequest::Http {
                protocol: Protocol::Http,
                host: format!("{name}.{ZONE}"),
                port: 80,
                path: HEALTH_PATH.to_owned(),
                interval_seconds: 10,
                failure_threshold: 3,
            };
            cloud.create_health_check(permit, &request, &name).await
        };
        let primary = endpoint(Role::Primary).await?;
        let standby = endpoint(Role::Standby).await?;
        let name = format!("{NAME}-latch");
        let alarm = HealthCheckRequest::Alarm { region: region(STANDBY), name: name.clone() };
        let latch = cloud.create_health_check(permit, &alarm, &name).await?;
        let both = HealthCheckRequest::All(vec![primary.clone(), latch.clone()]);
        let gate = cloud.create_health_check(permit, &both, &format!("{NAME}-gate")).await?;
        Ok(Self { primary, standby, latch, gate })
    }

    /// The gate first: Route 53 keeps a check that another one is calculated over.
    pub(super) async fn delete(&self, cloud: &dyn Cloud, local: Local) -> Result<(), CloudError> {
        let consent = local.consent();
        for check in [&self.gate, &self.latch, &self.standby, &self.primary] {
            if let Some(check) = consent.check(cloud, check).await? {
                cloud.delete_health_check(check).await?;
            }
        }
        Ok(())
    }
}
