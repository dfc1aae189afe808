//! Whose site this is, asked before any write and before any question that leads to one.
//!
//! A site is more than its name: the account, the owner and the role of each stack, the host name, the zone and the regions. What
//! is live is compared with the site file, and what differs is refused unless somebody names what it was.

use std::collections::BTreeMap;
use std::time::Duration;

use failover_core::observation::AlarmState;
use failover_core::record::Ownership;

use site::model::{Mark, Site, StackId, Was};
use site::names::Region;

use super::live::{Live, UNTOUCHED, another_name, strangers};
use super::proof::Permit;
use super::standing::{Refusal, record};
use super::whose::first_change_set;
use crate::views::{Views, in_time};
use crate::{Cloud, CloudError, GroupView, Phase, StackView};

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
    let views = Views::read(cloud, site, None).await;
    // The first error in the order of the stacks, not of the answers: the same outage reads the same each time.
    views.errors().next().map_or(Ok(()), |error| Err(error.clone()))?;
    let live = Live { views: views.known() };
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
    // Nothing is asked of the detector's region: it may be what is down, and each silent stack there costs the whole wait.
    let elsewhere = |region: &Region| *region != Region::detector();
    let views = Views::read_where(cloud, site, Some(OUTAGE_READ_MAX), elsewhere);
    let seen = Glance::with(cloud, site, OUTAGE_READ_MAX, views).await;
    let permit = seen.admit()?;
    // The detector tells whose name it is; the controller was given the same.
    let views = seen.views.known();
    let watched = views.get(&StackId::Controller).and_then(|view| view.parameters.get("Hostname"));
    let config = &site.config;
    let origin = config.hostname.below("origin");
    let ours = [Some(config.failover_name()), Some(&config.hostname), origin.as_ref()];
    match watched {
        Some(live) if ours.iter().flatten().all(|ours| ours.as_str() != live) => {
            Err(another_name(format!("the live controller watches `{live}`")).into())
        }
        Some(_) | None => Ok(permit),
    }
}

/// Why what is live is not the site of the site file, a line each; empty if it is, or if nobody can tell.
///
/// # Errors
/// [`GuardError`] if the credentials are of another account, or if nobody is signed in.
pub async fn oddities(cloud: &dyn Cloud, site: &Site) -> Result<Vec<String>, GuardError> {
    Glance::read(cloud, site, OUTAGE_READ_MAX).await.oddities()
}

/// The same for views that are read already.
#[must_use]
pub fn oddities_of(site: &Site, views: BTreeMap<StackId, StackView>) -> Vec<String> {
    Live { views }.oddities(site)
}

/// The region that the live detector calls the standby's, if it is another than the site file's.
pub(super) fn moving_from(site: &Site, detector: Option<&StackView>) -> Option<Region> {
    let views = detector.map(|view| (StackId::Detector, view.clone())).into_iter().collect();
    let (live, detector) = (Live { views }, site.stack(StackId::Detector));
    let standby = if live.stranger(site, detector).is_some() { None } else { live.standby() };
    standby.filter(|standby| standby != site.standby_region())
}

/// What could be read of a site in a moment, for the guard and for whoever shows the site after it.
#[derive(Debug)]
pub struct Glance<'a> {
    site: &'a Site,
    account: Result<Option<String>, CloudError>,
    group: Result<Option<GroupView>, CloudError>,
    views: Views,
}

impl<'a> Glance<'a> {
    /// Reads account, standby group and stacks at once, and waits for none of them any longer than this.
    pub async fn read(cloud: &dyn Cloud, site: &'a Site, within: Duration) -> Self {
        Self::with(cloud, site, within, Views::read(cloud, site, Some(within))).await
    }

    async fn with(
        cloud: &dyn Cloud,
        site: &'a Site,
        within: Duration,
        views: impl Future<Output = Views>,
    ) -> Self {
        let (name, region) = (site.group_name("standby"), site.standby_region());
        let account = async {
            match &site.config.account {
                Some(_) => cloud.account(region).await.map(Some),
                None => Ok(None),
            }
        };
        let group = cloud.group(region, &name);
        let (account, group, views) = futures::join!(
            in_time(within, "GetCallerIdentity", region, account),
            in_time(within, "DescribeAutoScalingGroups", region, group),
            views,
        );
        Self { site, account, group, views }
    }

    /// Permits writes, unless it is another site for certain.
    ///
    /// # Errors
    /// [`GuardError`] if it is, or if nobody is signed in.
    pub fn admit(&self) -> Result<Permit, GuardError> {
        let (site, live) = (self.site, self.live()?);
        live.refusal(site, &[]).map_or(Ok(()), Err)?;
        let group = self.group.as_ref().ok().and_then(Option::as_ref);
        let owner = group.and_then(|group| group.tags.get(GROUP_TAG));
        if let Some(owner) = owner.filter(|owner| *owner != site.config.name.as_str()) {
            let why =
                format!("the group `{}` belongs to the site `{owner}`", site.group_name("standby"));
            return Err(another_name(why).into());
        }
        Ok(Permit::of(site))
    }

    /// Why what is live is not the site of the site file, a line each; empty if it is, or if nobody can tell.
    ///
    /// # Errors
    /// [`GuardError`] if the credentials are of another account, or if nobody is signed in.
    pub fn oddities(&self) -> Result<Vec<String>, GuardError> {
        Ok(self.live()?.oddities(self.site))
    }

    /// The stacks, so that nobody reads them again.
    #[must_use]
    pub fn into_views(self) -> Views {
        self.views
    }

    /// What is live, if it is in our account.
    fn live(&self) -> Result<Live, GuardError> {
        if let Some(error) = self.signed_out() {
            return Err(error.clone().into());
        }
        if let (Some(ours), Ok(Some(account))) = (&self.site.config.account, &self.account) {
            foreign(ours.as_str(), account).map_or(Ok(()), Err)?;
        }
        Ok(Live { views: self.views.known() })
    }

    /// Nothing was answered, and something only because nobody is signed in.
    fn signed_out(&self) -> Option<&CloudError> {
        let asked = self.site.config.account.is_some();
        let answered = self.group.is_ok()
            || asked && self.account.is_ok()
            || self.views.each().any(|(_, view)| view.is_ok());
        let others = self.group.as_ref().err().into_iter().chain(self.account.as_ref().err());
        let mut errors = self.views.errors().chain(others);
        errors.find(|error| error.is_credentials()).filter(|_| !answered)
    }
}

/// A region is left only while nobody needs what stands in it.
async fn at_rest(
    cloud: &dyn Cloud,
    site: &Site,
    standby: &Region,
    left: &str,
) -> Result<(), GuardError> {
    let name = site.group_name("standby");
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
