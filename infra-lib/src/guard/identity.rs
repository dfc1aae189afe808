//! Whose site this is, asked before any write and before any question that leads to one.
//!
//! A site is more than its name: the account, the owner and the role of each stack, the host name, the zone and the regions. What
//! is live is compared with the site file, and what differs is refused unless somebody names what it was.

use std::collections::BTreeMap;
use std::time::Duration;

use failover_core::observation::AlarmState;
use failover_core::record::Ownership;
use futures::future::join_all;
use tokio::time::timeout;

use super::live::{Live, UNTOUCHED, another_name, strangers};
use super::whose::first_change_set;
use super::{Mark, Permit, Refusal, Was, record};
use crate::cloud::{Cloud, CloudError, GroupView, Phase, StackView};
use crate::model::{Site, StackId};
use crate::names::Region;
use crate::status::group_name;

/// BOUND: in an outage nobody waits longer than that to hear whose site it is; a region that answers does so within a second.
const OUTAGE_READ_MAX: Duration = Duration::from_secs(4);
/// The tag that `web.yaml` puts on its group.
const GROUP_TAG: &str = "pilotlight:site";

/// Why there is no permit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum GuardError {
    /// Whose site this is could not be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// It is not the site of the site file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}

/// Permits writes to a site, if it is the one of the site file or `was` names every difference.
///
/// # Errors
/// [`GuardError`]: also if that cannot be read.
pub async fn admit(cloud: &dyn Cloud, site: &Site, was: &[Was]) -> Result<Permit, GuardError> {
    if let Some(ours) = &site.config.account {
        let account = cloud.account(site.standby_region()).await?;
        foreign(ours.as_str(), &account).map_or(Ok(()), Err)?;
    }
    let live = Live::read(cloud, site).await?;
    live.refusal(site, was).map_or(Ok(()), Err)?;
    for stack in &site.stacks {
        let view = live.views.get(&stack.id);
        if view.is_some_and(|view| view.status.phase() == Phase::Reviewing)
            && let Some(stranger) = first_change_set(cloud, stack).await?
        {
            return Err(strangers(&[stranger]).into());
        }
    }
    for (mark, at) in live.differences(site).into_iter().map(|one| (one.mark, one.live)) {
        if matches!(mark, Mark::Primary | Mark::Standby) {
            let standby = live.standby().unwrap_or_else(|| site.standby_region().clone());
            at_rest(cloud, site, &standby, &at).await?;
        }
    }
    Ok(Permit::of(site))
}

/// The same for what must work in an outage: what cannot be read in a moment is no reason to refuse.
///
/// # Errors
/// [`GuardError`] if it is another site for certain, or if nobody is signed in.
pub async fn admit_in_outage(cloud: &dyn Cloud, site: &Site) -> Result<Permit, GuardError> {
    let seen = Glance::read(cloud, site).await;
    if let Some(error) = seen.credentials {
        return Err(error.into());
    }
    if let (Some(ours), Some(account)) = (&site.config.account, &seen.account) {
        foreign(ours.as_str(), account).map_or(Ok(()), Err)?;
    }
    seen.live.refusal(site, &[]).map_or(Ok(()), Err)?;
    let owner = seen.group.as_ref().and_then(|group| group.tags.get(GROUP_TAG));
    if let Some(owner) = owner.filter(|owner| *owner != site.config.name.as_str()) {
        let group = group_name(site, "standby");
        let why = format!("the group `{group}` belongs to the site `{owner}`");
        return Err(another_name(why).into());
    }
    Ok(Permit::of(site))
}

/// Why what is live is not the site of the site file, a line each; empty if it is, or if nobody can tell.
///
/// # Errors
/// [`GuardError`] if the credentials are of another account, or if nobody is signed in.
pub async fn oddities(cloud: &dyn Cloud, site: &Site) -> Result<Vec<String>, GuardError> {
    let seen = Glance::read(cloud, site).await;
    if let Some(error) = seen.credentials {
        return Err(error.into());
    }
    if let (Some(ours), Some(account)) = (&site.config.account, &seen.account) {
        foreign(ours.as_str(), account).map_or(Ok(()), Err)?;
    }
    Ok(seen.live.oddities(site))
}

/// The same for views that are read already.
#[must_use]
pub fn oddities_of(site: &Site, views: BTreeMap<StackId, StackView>) -> Vec<String> {
    Live { views }.oddities(site)
}

/// The region that the live detector calls the standby's, if it is another than the site file's.
pub(super) async fn moving_from(
    cloud: &dyn Cloud,
    site: &Site,
) -> Result<Option<Region>, CloudError> {
    let detector = site.stack(StackId::Detector);
    let view = cloud.describe_stack(&detector.region, detector.name.as_str()).await?;
    let live = Live { views: view.map(|view| (StackId::Detector, view)).into_iter().collect() };
    let standby = if live.stranger(site, detector).is_some() { None } else { live.standby() };
    Ok(standby.filter(|standby| standby != site.standby_region()))
}

/// What could be read in a moment.
struct Glance {
    account: Option<String>,
    live: Live,
    group: Option<GroupView>,
    /// Every reading ended so: nobody is signed in.
    credentials: Option<CloudError>,
}

impl Glance {
    async fn read(cloud: &dyn Cloud, site: &Site) -> Self {
        let stacks: Vec<_> = site.stacks.iter().chain(&site.off).collect();
        let name = group_name(site, "standby");
        let standby = site.standby_region();
        let looks = stacks.iter().map(|stack| {
            timeout(OUTAGE_READ_MAX, cloud.describe_stack(&stack.region, stack.name.as_str()))
        });
        let account = async {
            match &site.config.account {
                Some(_) => cloud.account(standby).await.map(Some),
                None => Ok(None),
            }
        };
        let (account, group, looks) = futures::join!(
            timeout(OUTAGE_READ_MAX, account),
            timeout(OUTAGE_READ_MAX, cloud.group(standby, &name)),
            join_all(looks),
        );
        let mut refused = Vec::new();
        let mut answered = false;
        let mut known = |error: Option<CloudError>| match error {
            Some(error) if error.is_credentials() => refused.push(error),
            Some(_) => {}
            None => answered = true,
        };
        let mut views = BTreeMap::new();
        for (stack, look) in stacks.iter().zip(looks) {
            match look {
                Ok(Ok(view)) => {
                    known(None);
                    views.extend(view.map(|view| (stack.id, view)));
                }
                Ok(Err(error)) => known(Some(error)),
                Err(_) => {}
            }
        }
        let group = match group {
            Ok(Ok(group)) => group,
            Ok(Err(error)) => {
                known(Some(error));
                None
            }
            Err(_) => None,
        };
        let account = match account {
            Ok(Ok(account)) => account,
            Ok(Err(error)) => {
                known(Some(error));
                None
            }
            Err(_) => None,
        };
        let credentials = if answered { None } else { refused.pop() };
        Self { account, live: Live { views }, group, credentials }
    }
}

/// A region is left only while nobody needs what stands in it.
async fn at_rest(
    cloud: &dyn Cloud,
    site: &Site,
    standby: &Region,
    left: &str,
) -> Result<(), GuardError> {
    let name = group_name(site, "standby");
    let detector = &site.stack(StackId::Detector).region;
    let alarm_name = site.alarm_name();
    let (group, alarm) =
        futures::try_join!(cloud.group(standby, &name), cloud.alarm(detector, &alarm_name))?;
    let ownership = group.as_ref().map(|group| record(group).ownership());
    let alarm = alarm.map(|alarm| alarm.state);
    let why = match (ownership, alarm) {
        (Some(Ownership::Ours(raised)), _) => {
            format!("the controller holds the standby in {standby} up since {}", raised.first)
        }
        (Some(Ownership::Unreadable), _) => {
            format!("the record on the standby group in {standby} cannot be read")
        }
        (_, Some(AlarmState::Ok)) => return Ok(()),
        (_, Some(AlarmState::Alarm)) => "the failover alarm reads ALARM".to_owned(),
        (_, Some(AlarmState::Insufficient)) => {
            "the failover alarm reads INSUFFICIENT_DATA".to_owned()
        }
        (_, None) => format!("there is no failover alarm `{alarm_name}`"),
    };
    let why = format!("the site would leave {left} while {why}");
    let hint = format!(
        "wait until `cargo xtask status` with the site file that it was deployed with shows the standby idle and the alarm OK; \
         {UNTOUCHED}"
    );
    Err(Refusal { why, hint }.into())
}

fn foreign(ours: &str, account: &str) -> Option<Refusal> {
    let why = format!("the credentials are of account {account}, and the site file says {ours}");
    let hint =
        "choose the profile with `AWS_PROFILE`; `aws sts get-caller-identity` shows who you are"
            .to_owned();
    (account != ours).then_some(Refusal { why, hint })
}
