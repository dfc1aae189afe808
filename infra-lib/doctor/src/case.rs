//! What several checks need: who asks, the stacks, the zone.

use std::collections::BTreeMap;

use failover_core::Timestamp;
use futures::future::join_all;
use futures::join;

use cloud::{Caller, CloudError, Phase, StackView, ZoneView};
use provision::needs::{Seen, Stacks};
use site::model::{Site, StackId};
use site::names::Region;

use super::Reach;
use super::deployed::Deployed;
use super::machine::Machine;
use super::verdict::{Stop, Verdict};

/// Where a check looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It has no place, or only one.
    Here,
    /// The primary's region.
    Primary,
    /// The standby's.
    Standby,
    /// The detector's.
    Detector,
}

/// What several checks need.
pub(super) struct Case<'a> {
    pub(super) reach: Reach<'a>,
    pub(super) site: &'a Site,
    machine: Option<&'a Machine>,
    pub(super) now: Timestamp,
    pub(super) caller: Result<Caller, CloudError>,
    pub(super) zone: Result<Option<ZoneView>, CloudError>,
    /// What a failover needs, as it is; read once signed in.
    pub(super) seen: Option<Seen>,
    views: BTreeMap<StackId, Result<Option<StackView>, CloudError>>,
    /// The servers of both sides.
    primary: Result<Option<Deployed>, CloudError>,
    standby: Result<Option<Deployed>, CloudError>,
}

impl<'a> Case<'a> {
    /// Reads all that the checks need.
    pub(super) async fn open(
        reach: Reach<'a>,
        site: &'a Site,
        machine: &'a Machine,
        now: Timestamp,
    ) -> Self {
        let mut case = Self::begin(reach, site, Some(machine), now).await;
        if case.barred().is_some() {
            return case;
        }
        let ids: Vec<_> = site.stacks.iter().map(|stack| stack.id).collect();
        let (zone, ()) = join!(reach.wiring.zone(&site.config.hosted_zone_id), case.look(&ids));
        case.zone = zone;
        let (primary, standby) =
            join!(Deployed::read(&case, Place::Primary), Deployed::read(&case, Place::Standby));
        (case.primary, case.standby) = (primary, standby);
        let mut stacks = Stacks::default();
        for (id, view) in &case.views {
            stacks.note(*id, view.as_ref().map(Option::as_ref).map_err(Clone::clone));
        }
        case.seen = Some(Seen::read(reach.wiring, site, stacks).await);
        case
    }

    /// Reads what the standby's servers need, in its region alone: it works while others are dark.
    pub(super) async fn of_standby(reach: Reach<'a>, site: &'a Site, now: Timestamp) -> Self {
        let mut case = Self::begin(reach, site, None, now).await;
        if case.barred().is_none() {
            case.look(&[StackId::NetworkStandby, StackId::WebStandby]).await;
            case.standby = Deployed::read(&case, Place::Standby).await;
        }
        case
    }

    /// Who asks comes first, because nothing else is asked by the wrong person.
    async fn begin(
        reach: Reach<'a>,
        site: &'a Site,
        machine: Option<&'a Machine>,
        now: Timestamp,
    ) -> Self {
        let caller = reach.premises.identity(site.standby_region()).await;
        let (zone, views, seen) = (Ok(None), BTreeMap::new(), None);
        let (primary, standby) = (Ok(None), Ok(None));
        Self { reach, site, machine, now, caller, zone, seen, views, primary, standby }
    }

    /// Reads stacks.
    async fn look(&mut self, ids: &[StackId]) {
        let stacks = self.site.stacks.iter().filter(|stack| ids.contains(&stack.id));
        let cloud = self.reach.cloud;
        let looks = stacks.map(async |stack| {
            (stack.id, cloud.describe_stack(&stack.region, stack.name.as_str()).await)
        });
        self.views = join_all(looks).await.into_iter().collect();
    }

    /// The servers of a side, as they were deployed.
    pub(super) fn deployed(&self, place: Place) -> Result<&Deployed, Stop> {
        let found = if place == Place::Primary { &self.primary } else { &self.standby };
        let stack = side(place, StackId::WebPrimary, StackId::WebStandby);
        let absent = || Stop::Nothing(format!("`{stack}` is not deployed"));
        found.as_ref().map_err(Clone::clone)?.as_ref().ok_or_else(absent)
    }

    /// This machine.
    pub(super) fn machine(&self) -> Result<&'a Machine, Stop> {
        self.machine.ok_or_else(|| Stop::Nothing("this machine is not looked at".to_owned()))
    }

    /// Why AWS is not asked at all, if so.
    pub(super) fn barred(&self) -> Option<&'static str> {
        match &self.caller {
            Err(error) if error.is_credentials() => Some("nobody is signed in"),
            Ok(caller) if self.is_foreign(caller) => Some("the credentials are of another account"),
            Ok(_) | Err(_) => None,
        }
    }

    pub(super) fn is_foreign(&self, caller: &Caller) -> bool {
        let expected = self.site.config.account.as_ref();
        expected.is_some_and(|expected| expected.as_str() != caller.account)
    }

    pub(super) fn is_local(&self) -> bool {
        self.reach.cloud.is_local()
    }

    pub(super) fn region(&self, place: Place) -> Region {
        match place {
            Place::Primary => self.site.primary_region().clone(),
            Place::Here | Place::Standby => self.site.standby_region().clone(),
            Place::Detector => Region::detector(),
        }
    }

    /// How a finding calls the place.
    pub(super) fn name_of(&self, place: Place) -> Option<String> {
        (place != Place::Here).then(|| self.region(place).to_string())
    }

    pub(super) fn zone(&self) -> Result<&ZoneView, Stop> {
        match &self.zone {
            Ok(Some(zone)) => Ok(zone),
            Ok(None) => Err(Stop::Nothing("there is no such zone".to_owned())),
            Err(error) => Err(Stop::Cloud(error.clone())),
        }
    }

    /// A stack, if it was ever made and not merely planned.
    pub(super) fn stack(&self, id: StackId) -> Result<Option<&StackView>, CloudError> {
        let is_made =
            |view: &&StackView| !matches!(view.status.phase(), Phase::Gone | Phase::Reviewing);
        Ok(self.view(id)?.filter(is_made))
    }

    /// A stack in whatever state.
    pub(super) fn view(&self, id: StackId) -> Result<Option<&StackView>, CloudError> {
        match self.views.get(&id) {
            Some(Ok(view)) => Ok(view.as_ref()),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        }
    }

    /// An output of a stack that stands; nothing to look at without it.
    pub(super) fn output(&self, id: StackId, name: &str) -> Result<&str, Stop> {
        let absent = || Stop::Nothing(format!("`{id}` is not deployed"));
        let view = self.stack(id)?.ok_or_else(absent)?;
        let lacks = || Stop::Nothing(format!("`{id}` has no output `{name}`: deploy it again"));
        view.outputs.get(name).map(String::as_str).ok_or_else(lacks)
    }

    /// What an emulator cannot be blamed for: it has neither AWS's images nor its instance types.
    pub(super) fn on_aws(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Warning(trouble) | Verdict::Error(trouble) if self.is_local() => {
                Verdict::skipped(format!("cannot be asked here: {}", trouble.what))
            }
            Verdict::Ok(_) | Verdict::Skipped(_) | Verdict::Warning(_) | Verdict::Error(_) => {
                verdict
            }
        }
    }
}

/// The stack of a side.
pub(super) const fn side(place: Place, primary: StackId, standby: StackId) -> StackId {
    if matches!(place, Place::Primary) { primary } else { standby }
}
