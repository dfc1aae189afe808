//! Everything that a drill wants to know before it begins.

use failover_core::{DecisionRecord, Timestamp};

use cloud::guard::Permit;
use cloud::{CheckView, Cloud, Expiry, Named};
use machine::clock;
use operate::status::{Reader, Status};
use operate::steer::{self, SteerError};
use provision::outputs::{self, Outputs};
use site::model::{Site, StackId};

use super::{Level, LevelError, drill_name};
use crate::restore::GroupBefore;

/// What is known of the site before a drill.
#[derive(Clone, Debug)]
pub struct Facts {
    /// How the site is.
    pub status: Status,
    /// What the stacks answered.
    pub outputs: Outputs,
    /// The primary's health check.
    pub primary_check: Option<CheckView>,
    /// The standby's, where it has one.
    pub standby_check: Option<CheckView>,
    /// What stands at the drill's own name.
    pub named: Named,
    /// What the controller would decide now, and all that it saw.
    pub rehearsal: DecisionRecord,
    /// The account.
    pub account: String,
    /// The standby group.
    pub standby: GroupBefore,
    /// The primary group.
    pub primary: GroupBefore,
    /// When the credentials end.
    pub credentials: Expiry,
    /// What stands against a raise finding capacity, by what `doctor` found; empty if nothing.
    pub capacity: Vec<String>,
}

impl Facts {
    /// Reads it all. Nothing is changed; the controller is asked for a rehearsal.
    ///
    /// # Errors
    /// [`LevelError`] of the first reading that failed: a drill does not begin on what it does not know.
    pub async fn read(
        cloud: &dyn Cloud,
        permit: &Permit,
        site: &Site,
        level: Level,
        capacity: Vec<String>,
    ) -> Result<Self, LevelError> {
        let outputs = outputs::read(cloud, site).await?;
        let reader = Reader::open(cloud, site).await?;
        let status = reader.look(clock::now()).await;
        let check = async |output| match outputs.get(StackId::Detector, output) {
            Some(id) => cloud.check(id).await,
            None => Ok(None),
        };
        let primary_check = check("PrimaryCheckId").await?;
        let standby_check = check("StandbyCheckId").await?;
        let named = match level {
            Level::Dns => cloud.named(&site.config.hosted_zone_id, &drill_name(site)).await?,
            Level::Local | Level::Shadow | Level::Live => Named::default(),
        };
        let group = async |region, role| {
            let group = site.group_name(role);
            let found = cloud.group(region, &group).await?;
            let sizes = found.map(|found| found.sizes).ok_or_else(|| SteerError::NoGroup {
                group: group.clone(),
                region: region.to_string(),
            })?;
            Ok::<_, LevelError>(GroupBefore { region: region.clone(), group, sizes })
        };
        Ok(Self {
            account: cloud.account(site.standby_region()).await?,
            credentials: cloud.credentials_expiry().await?,
            standby: group(site.standby_region(), "standby").await?,
            primary: group(site.primary_region(), "primary").await?,
            rehearsal: steer::rehearse(cloud, permit, site).await?,
            status,
            outputs,
            primary_check,
            standby_check,
            named,
            capacity,
        })
    }

    /// When it was read, by the controller's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.rehearsal.at
    }
}
