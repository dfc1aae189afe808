//! What a drill may have left at AWS, looked for without its restore file: the file is on the machine that drilled, and whoever
//! is paged sits at another one.

use std::collections::BTreeMap;

use cloud::guard::Consent;
use cloud::{AliasRecord, CheckView, Cloud, CloudError, RecordChange};
use provision::outputs;
use site::model::{Site, StackId};

use super::turn_back_command;

/// What the name of a drill's own records begins with.
pub const DRILL_LABEL: &str = "drill";

/// The name of a drill's own records.
#[must_use]
pub fn drill_name(site: &Site) -> String {
    format!("{DRILL_LABEL}.{}", site.config.hostname)
}

/// What the tokens of a drill's health checks and the set identifiers of its records begin with.
#[must_use]
pub fn mark(site: &Site) -> String {
    format!("pilotlight-drill-{}-", site.config.name)
}

/// Something at AWS that no failover should find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// What it is, and what it does to a failover.
    pub what: String,
    /// How it is put right.
    pub remedy: Remedy,
}

/// How a stray is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// This health check is turned back: it is what a live drill inverts, and what the site's own records follow.
    TurnBack {
        /// Its id.
        id: String,
    },
    /// These records of a drill's own name are deleted.
    DeleteRecords(Vec<AliasRecord>),
    /// This health check of a drill is deleted.
    DeleteCheck {
        /// Its id.
        id: String,
    },
    /// No drill does this, so a person decides: the command that puts it back.
    Command(String),
}

impl Stray {
    /// What to type to put it right without asking this tool.
    #[must_use]
    pub fn command(&self) -> String {
        match &self.remedy {
            Remedy::TurnBack { id } => turn_back_command(id),
            Remedy::DeleteRecords(_) => "cargo xtask drill restore".to_owned(),
            Remedy::DeleteCheck { id } => {
                format!("aws route53 delete-health-check --health-check-id {id}")
            }
            Remedy::Command(command) => command.clone(),
        }
    }

    /// Whether `drill restore` puts it right once somebody agrees.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        !matches!(self.remedy, Remedy::Command(_))
    }
}

/// Looks at every health check of the site, and for records and checks of drills.
///
/// # Errors
/// [`CloudError`] of the first reading that failed: what could not be looked at is not known to be in order.
pub async fn strays(cloud: &dyn Cloud, site: &Site) -> Result<Vec<Stray>, CloudError> {
    let mut found = Vec::new();
    for (id, name) in site_checks(cloud, site).await? {
        let Some(check) = cloud.check(&id).await? else { continue };
        found.extend(judged(&check, name));
    }
    let name = drill_name(site);
    let mark = mark(site);
    let named = cloud.named(&site.config.hosted_zone_id, &name).await?;
    let records: Vec<_> =
        named.aliases.into_iter().filter(|one| one.set_identifier.starts_with(&mark)).collect();
    if !records.is_empty() {
        let what = format!("{} records of a drill are left at {name}", records.len());
        found.push(Stray { what, remedy: Remedy::DeleteRecords(records) });
    }
    for CheckView { id, token, .. } in cloud.checks_made_with(&mark).await? {
        let what = format!("a health check of a drill is left: {id}, made as {token}");
        found.push(Stray { what, remedy: Remedy::DeleteCheck { id } });
    }
    Ok(found)
}

/// What is wrong with a health check of the site: inverted, disabled, or both.
fn judged(check: &CheckView, name: CheckName) -> Vec<Stray> {
    let id = &check.id;
    let mut found = Vec::new();
    if check.inverted {
        found.push(match name {
            CheckName::Primary => Stray {
                what: format!(
                    "the primary's health check {id} is inverted: a healthy primary counts as down, and one that fails as healthy"
                ),
                remedy: Remedy::TurnBack { id: id.clone() },
            },
            CheckName::Standby | CheckName::Other => Stray {
                what: format!("the {} {id} is inverted, which no drill does", name.words()),
                remedy: Remedy::Command(turn_back_command(id)),
            },
        });
    }
    if check.disabled {
        let command =
            format!("aws route53 update-health-check --health-check-id {id} --no-disabled");
        found.push(Stray {
            what: format!(
                "the {} {id} is disabled, which no drill does: it counts as healthy whatever happens",
                name.words()
            ),
            remedy: Remedy::Command(command),
        });
    }
    found
}

/// Which of the site's checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckName {
    Primary,
    Standby,
    /// The latch's, and the one that is calculated over it and the primary's.
    Other,
}

impl CheckName {
    const fn words(self) -> &'static str {
        match self {
            Self::Primary => "primary's health check",
            Self::Standby => "standby's health check",
            Self::Other => "latch's health check",
        }
    }
}

/// The site's health checks by id: those that its detector made or was given, and those that its records carry.
async fn site_checks(
    cloud: &dyn Cloud,
    site: &Site,
) -> Result<BTreeMap<String, CheckName>, CloudError> {
    let config = &site.config;
    let mut checks = BTreeMap::new();
    let named = cloud.named(&config.hosted_zone_id, config.failover_name().as_str()).await?;
    let carried = named.aliases.into_iter().filter_map(|record| record.health_check_id);
    checks.extend(carried.map(|id| (id, CheckName::Other)));
    let detector = site.stack(StackId::Detector);
    let made = cloud.stack_resources(&detector.region, detector.name.as_str()).await?;
    let made = made.into_iter().filter(|one| one.resource_type == "AWS::Route53::HealthCheck");
    checks.extend(made.filter_map(|one| Some((one.physical_id?, CheckName::Other))));
    let outputs = outputs::read(cloud, site).await?;
    // Last, because these say which check it is.
    for (output, brought, name) in [
        ("GateHealthCheckId", None, CheckName::Other),
        ("StandbyCheckId", config.health.standby_check_id.as_deref(), CheckName::Standby),
        ("PrimaryCheckId", config.health.primary_check_id.as_deref(), CheckName::Primary),
    ] {
        let id = outputs.get(StackId::Detector, output).or(brought);
        checks.extend(id.map(|id| (id.to_owned(), name)));
    }
    Ok(checks)
}

/// Puts one stray right, on a reading made now. Answers what was done; nothing if it is gone, or a person has to do it.
///
/// # Errors
/// [`CloudError`] of the reading or the write.
pub async fn remedy(
    cloud: &dyn Cloud,
    consent: &Consent,
    site: &Site,
    stray: &Stray,
) -> Result<Option<String>, CloudError> {
    match &stray.remedy {
        Remedy::TurnBack { id } => {
            let now = consent.check(cloud, id).await?;
            let Some(now) = now.filter(|check| check.inverted) else { return Ok(None) };
            cloud.set_inverted(now, false).await?;
            Ok(Some(format!("the health check {id} is no longer inverted")))
        }
        Remedy::DeleteRecords(records) => {
            let (zone, name) = (&site.config.hosted_zone_id, drill_name(site));
            let now = consent.records(cloud, zone, &name).await?;
            let left = |record: &&AliasRecord| now.named.aliases.contains(record);
            let left: Vec<_> = records.iter().filter(left).cloned().collect();
            if left.is_empty() {
                return Ok(None);
            }
            cloud.change_aliases(now, RecordChange::Delete, &left).await?;
            Ok(Some(format!("the records of {name} are deleted")))
        }
        Remedy::DeleteCheck { id } => {
            let now = consent.check(cloud, id).await?;
            let Some(now) = now.filter(|check| check.token.starts_with(&mark(site))) else {
                return Ok(None);
            };
            cloud.delete_health_check(now).await?;
            Ok(Some(format!("the drill's health check {id} is deleted")))
        }
        Remedy::Command(_) => Ok(None),
    }
}
