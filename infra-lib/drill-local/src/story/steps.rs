//! The steps of a drill: each waits for one thing, within a bound, and marks it.

use std::fmt;
use std::time::{Duration, Instant};

use failover_core::observation::AlarmState;
use failover_core::{DecisionRecord, ReasonKind};
use tokio::sync::watch;
use tokio::time::sleep;

use site::model::{Role, StackId};

use drill::journal::{Condition, Lane, Milestone};
use drill::played::asked;
use drill::timeline::Event;

use super::act::Act;
use crate::answer::Health;
use crate::changes::{Change, Changes};
use crate::error::DrillError;
use crate::fleet::FleetHealth;
use crate::pulse::SizeChange;
use crate::stage::group_name;

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// BOUND: each step of the drill takes some seconds; what takes longer than this has failed. The longest is the proof:
/// the hold-down, the alarm's own period twice, and the lateness of a datapoint.
const STEP_WITHIN: Duration = Duration::from_mins(1);
const PROOF_WITHIN: Duration = Duration::from_mins(2);

/// A step that did not happen in time.
pub(super) struct Missed(pub(super) String);

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is waited for: its words, and the milestone that it is.
#[derive(Clone, Copy)]
pub(super) struct Cue<'a> {
    what: &'a str,
    milestone: Option<Milestone>,
}

/// Something that is waited for in these words.
pub(super) const fn cue(what: &str) -> Cue<'_> {
    Cue { what, milestone: None }
}

impl Cue<'_> {
    /// The same as a milestone.
    pub(super) const fn at(self, milestone: Milestone) -> Self {
        Self { milestone: Some(milestone), ..self }
    }

    pub(super) fn event(self, lane: Lane, condition: Condition) -> Event {
        Event::new(lane, condition, self.what).at(self.milestone)
    }

    fn missed(self, bound: Duration) -> Missed {
        Missed(format!("{}: not within {} s", self.what, bound.as_secs()))
    }
}

/// Whose the users are: the region's that serves on an ordinary day, or the other's.
const fn condition(role: Role) -> Condition {
    match role {
        Role::Primary => Condition::Good,
        Role::Standby => Condition::Busy,
    }
}

impl Act {
    pub(super) async fn set_desired(&self, role: Role, desired: u16) -> Result<(), DrillError> {
        let region = self.stage.region(role);
        Ok(self
            .stage
            .cloud
            .set_desired(self.stage.local, region, &group_name(role), desired)
            .await?)
    }

    pub(super) async fn until_verdict(
        &mut self,
        role: Role,
        health: Health,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let at = until_changed(self.stage.world.check(role).verdict(), health, cue).await?;
        let condition = match health {
            Health::Healthy => Condition::Good,
            Health::Unhealthy => Condition::Bad,
        };
        self.timeline.mark(at, cue.event(Lane::Checkers, condition));
        Ok(at)
    }

    pub(super) async fn until_latch(&mut self, health: Health, cue: Cue<'_>) -> Result<(), Missed> {
        let Some(latch) = self.stage.world.latch() else {
            return Err(Missed(format!("{}: this site has no latch", cue.what)));
        };
        let at = until_changed(latch.verdict(), health, cue).await?;
        self.timeline.mark(at, cue.event(Lane::Dns, Condition::Same));
        Ok(())
    }

    pub(super) async fn until_answer(
        &mut self,
        role: Role,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let at = until_changed(self.stage.world.zone().answer(), role, cue).await?;
        self.timeline.mark(at, cue.event(Lane::Dns, condition(role)));
        Ok(at)
    }

    /// The standby's group has an instance, whose server is not there yet.
    pub(super) async fn until_in_service(
        &mut self,
        since: Instant,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        self.until_sizes(since, |size| size.in_service > 0, Condition::Busy, cue).await
    }

    /// The standby's group is asked for so many instances.
    pub(super) async fn until_size(
        &mut self,
        desired: u16,
        since: Instant,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let condition = if desired == 0 { Condition::Rest } else { Condition::Busy };
        self.until_sizes(since, |size| size.asked == desired, condition, cue).await
    }

    async fn until_sizes(
        &mut self,
        since: Instant,
        wanted: impl Fn(&SizeChange) -> bool,
        condition: Condition,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let sizes = self.pulse.sizes();
        let seen = async || sizes.first(Role::Standby, since, &wanted);
        let at = until(STEP_WITHIN, seen).await.ok_or_else(|| cue.missed(STEP_WITHIN))?;
        self.timeline.mark(at, cue.event(Lane::Standby, condition));
        Ok(at)
    }

    /// The region's load balancer knows a server, healthy or not.
    pub(super) async fn until_booted(
        &mut self,
        role: Role,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        self.until_fleet(role, |now| now.targets > 0, Condition::Busy, cue).await
    }

    /// The region's load balancer has a healthy server.
    pub(super) async fn until_targets(
        &mut self,
        role: Role,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        self.until_fleet(role, |now| now.healthy > 0, Condition::Good, cue).await
    }

    async fn until_fleet(
        &mut self,
        role: Role,
        wanted: fn(&FleetHealth) -> bool,
        condition: Condition,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        until_told(self.stage.world.fleet(role).watch(), wanted, cue).await?;
        let at = Instant::now();
        let lane = match role {
            Role::Primary => Lane::Primary,
            Role::Standby => Lane::Standby,
        };
        self.timeline.mark(at, cue.event(lane, condition));
        Ok(at)
    }

    /// Whether DNS never answered the primary in between, although it was healthy.
    pub(super) fn held(&self, from: Instant, to: Instant) -> Result<(), Missed> {
        let changes = self.stage.world.zone().answer().all();
        let early =
            |change: &Change<Role>| change.to == Role::Primary && (from..to).contains(&change.at);
        if changes.iter().any(early) {
            return Err(Missed("DNS answered the primary while the latch was closed".to_owned()));
        }
        Ok(())
    }

    pub(super) async fn until_page(
        &mut self,
        role: Role,
        since: Instant,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let page = until(STEP_WITHIN, async || self.clients.first(role, since)).await;
        let page = page.ok_or_else(|| cue.missed(STEP_WITHIN))?;
        self.timeline.mark(page, cue.event(Lane::Clients, condition(role)));
        Ok(page)
    }

    pub(super) async fn until_alarm(
        &mut self,
        state: AlarmState,
        cue: Cue<'_>,
    ) -> Result<Instant, Missed> {
        let detector = &self.stage.site.stack(StackId::Detector).region;
        let name = self.stage.site.alarm_name();
        let read = async || {
            let asked = Instant::now();
            let alarm = self.stage.cloud.alarm(detector, &name).await.ok()??;
            (alarm.state == state).then_some(asked)
        };
        let asked = until(STEP_WITHIN, read).await.ok_or_else(|| cue.missed(STEP_WITHIN))?;
        let condition = if state == AlarmState::Alarm { Condition::Bad } else { Condition::Good };
        self.timeline.mark(asked, cue.event(Lane::Alarm, condition));
        Ok(asked)
    }

    /// The controller decides to raise the standby, on a look, a tick or the alarm's event, whichever came first.
    pub(super) async fn until_raise_decided(
        &mut self,
        since: Instant,
        milestone: Option<Milestone>,
    ) -> Result<Instant, Missed> {
        let what = "the controller decides: raise";
        let record = self.decision(ReasonKind::Raise, cue(what), since).await?;
        let at = self.timeline.moment(record.at);
        let what = format!("{what}; {}", asked(&record.signal));
        let decided = Event::new(Lane::Controller, Condition::Busy, what);
        self.timeline.mark(at, decided.at(milestone));
        Ok(at)
    }

    /// The controller decides for this reason.
    pub(super) async fn decided(
        &mut self,
        kind: ReasonKind,
        condition: Condition,
        cue: Cue<'_>,
        since: Instant,
    ) -> Result<Instant, Missed> {
        let record = self.decision(kind, cue, since).await?;
        let at = self.timeline.moment(record.at);
        self.timeline.mark(at, cue.event(Lane::Controller, condition));
        Ok(at)
    }

    async fn decision(
        &self,
        kind: ReasonKind,
        cue: Cue<'_>,
        since: Instant,
    ) -> Result<DecisionRecord, Missed> {
        let (decisions, since) = (self.pulse.decisions(), self.timeline.time_of_day(since));
        let record = until(PROOF_WITHIN, async || decisions.first(kind, since)).await;
        record.ok_or_else(|| {
            let last = decisions.last();
            let last = last.as_ref().map_or("none", |record| record.decision.reason.name());
            let Missed(what) = cue.missed(PROOF_WITHIN);
            Missed(format!("{what}; last decision: {last}"))
        })
    }
}

/// When it became what is waited for, which may be a moment ago; now, if it was so from the beginning.
async fn until_changed<T: Copy + PartialEq>(
    changes: &Changes<T>,
    to: T,
    cue: Cue<'_>,
) -> Result<Instant, Missed> {
    until_told(changes.watch(), |now| *now == to, cue).await?;
    Ok(changes.all().last().map_or_else(Instant::now, |change| change.at))
}

async fn until_told<T>(
    mut told: watch::Receiver<T>,
    wanted: impl FnMut(&T) -> bool,
    cue: Cue<'_>,
) -> Result<(), Missed> {
    let seen = tokio::time::timeout(STEP_WITHIN, told.wait_for(wanted)).await;
    if seen.is_ok_and(|seen| seen.is_ok()) { Ok(()) } else { Err(cue.missed(STEP_WITHIN)) }
}

/// Looks until there is something, or the bound is over.
pub async fn until<T>(bound: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(bound, looking).await.ok()
}
