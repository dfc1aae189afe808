//! The drill from the first stack to the last: deploy, serve, die, fail over, come back, hand over, destroy.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use failover_core::invariant;
use failover_core::observation::AlarmState;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::apply::{self, Code, DeployError, Deployed, Safety};
use crate::destroy::{self, DestroyError};
use crate::drill::clients::Clients;
use crate::drill::local::answer::{Health, Role};
use crate::drill::local::dns::AnswerChange;
use crate::drill::local::findings;
use crate::drill::local::pulse::{Decisions, Pulse};
use crate::drill::local::stage::{SERVERS, Stage, StageError, StageSettings, group_name};
use crate::drill::report::{ClientTally, Mark, Report, SCHEMA};
use crate::drill::timeline::Timeline;
use crate::guard;
use crate::model::StackId;
use crate::outputs::Outputs;
use crate::progress::Progress;

/// Requests of the users each second.
const CLIENT_RATE: u32 = 20;
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the site serves before the primary dies, and how long the standby serves before the primary returns.
const SERVE: Duration = Duration::from_secs(5);
/// BOUND: each step of the drill takes some seconds; what takes longer than this has failed. The longest is the proof:
/// the hold-down, the alarm's own period twice, and the lateness of a datapoint.
const STEP_WITHIN: Duration = Duration::from_mins(1);
const PROOF_WITHIN: Duration = Duration::from_mins(2);

/// What a running drill tells.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Something begins that takes a while.
    Doing(String),
    /// A deploy or a destruction got further.
    Stack(Progress),
    /// Something happened on the timeline.
    Happened(Mark),
}

/// Why a drill could not be played to its end. What the site did wrong is no error but part of the [`Report`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DrillError {
    /// The stage did not stand.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Stage(#[from] StageError),
    /// The site could not be deployed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Deploy(Box<DeployError>),
    /// The site could not be destroyed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Destroy(Box<DestroyError>),
}

/// Where a drill tells its scenes. Nobody has to listen.
#[derive(Clone, Debug)]
pub struct Teller(mpsc::UnboundedSender<Scene>);

impl Teller {
    /// A teller and its listener. Unbounded, for a drill tells a few hundred scenes in all.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Scene>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells that something begins.
    pub fn doing(&self, what: impl Into<String>) {
        self.tell(Scene::Doing(what.into()));
    }

    fn tell(&self, scene: Scene) {
        // A listener that went away does not stop the drill.
        self.0.send(scene).ok();
    }
}

/// Plays the whole drill.
///
/// # Errors
/// [`DrillError`] if the stage does not stand, or the site cannot be deployed or destroyed.
pub async fn play(
    settings: &StageSettings,
    code: Code,
    teller: &Teller,
) -> Result<Report, DrillError> {
    let (stage, outputs) = open(settings, code, teller).await?;
    let mut act = Act::new(stage, &outputs, teller.clone());
    let told = act.play().await;
    let report = act.end(told).await?;
    Ok(report)
}

/// Deploys the drill's site, lets it serve, and never ends by itself: for a developer's own experiments.
///
/// `ready` gets the stage and the controller's environment variables once users get pages.
///
/// # Errors
/// [`DrillError`] if the stage does not stand or the site cannot be deployed.
pub async fn keep(
    settings: &StageSettings,
    code: Code,
    teller: &Teller,
    ready: impl FnOnce(&Stage, BTreeMap<String, String>),
) -> Result<Infallible, DrillError> {
    let (stage, outputs) = open(settings, code, teller).await?;
    let function = outputs.get(StackId::Controller, "FunctionName").unwrap_or_default().to_owned();
    let variables = stage.cloud.function_variables(stage.region(Role::Standby), &function).await;
    let variables = variables.map_err(StageError::from)?;
    let mut act = Act::new(stage, &outputs, teller.clone());
    if let Err(step) = act.serve().await {
        teller.doing(step.to_string());
    }
    ready(&act.stage, variables);
    std::future::pending().await
}

async fn open(
    settings: &StageSettings,
    code: Code,
    teller: &Teller,
) -> Result<(Stage, Outputs), DrillError> {
    teller.doing("starting the emulator, DNS, load balancers and health checkers");
    let stage = Stage::open(settings).await?;
    teller.doing("deploying the site: 7 stacks in 3 regions");
    let outputs = deploy(&stage, code, teller).await?.outputs;
    stage.name_balancers(&outputs)?;
    Ok((stage, outputs))
}

/// Deploys the stage's site, telling every step.
///
/// # Errors
/// [`DrillError::Deploy`] with the first root cause.
pub async fn deploy(stage: &Stage, code: Code, teller: &Teller) -> Result<Deployed, DrillError> {
    let request = apply::Request {
        site: stage.site.clone(),
        code,
        standing: guard::read(stage.cloud.as_ref(), &stage.site, &Outputs::default())
            .await
            .map_err(StageError::from)?,
        safety: Safety::Guarded,
        skip: Vec::new(),
        agreed: None,
    };
    let mut running = apply::start(Arc::clone(&stage.cloud), request);
    while let Some(progress) = running.next().await {
        teller.tell(Scene::Stack(progress));
    }
    running.finish().await.map_err(|error| DrillError::Deploy(Box::new(error)))
}

/// Destroys the stage's site, telling every step.
///
/// # Errors
/// [`DrillError::Destroy`] with what stayed.
pub async fn destroy(stage: &Stage, safety: Safety, teller: &Teller) -> Result<(), DrillError> {
    let mut running = destroy::start(Arc::clone(&stage.cloud), stage.site.clone(), safety);
    while let Some(progress) = running.next().await {
        teller.tell(Scene::Stack(progress));
    }
    let destroyed = running.finish().await;
    destroyed.map(|_| ()).map_err(|error| DrillError::Destroy(Box::new(error)))
}

/// A step that did not happen in time.
struct Missed(String);

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The numbers that the report's headline needs.
#[derive(Default)]
struct Headline {
    recovery_seconds: Option<f64>,
    failback_seconds: Option<f64>,
    returned: Option<Instant>,
}

/// The site while it plays.
struct Act {
    stage: Stage,
    pulse: Pulse,
    clients: Clients,
    started: Instant,
    timeline: Timeline,
    headline: Headline,
    teller: Teller,
}

impl Act {
    fn new(stage: Stage, outputs: &Outputs, teller: Teller) -> Self {
        let pulse = Pulse::start(&stage, outputs, true);
        let clients = stage.world.send_clients(CLIENT_RATE);
        let timeline = Timeline::start();
        let headline = Headline::default();
        Self { stage, pulse, clients, started: Instant::now(), timeline, headline, teller }
    }

    async fn play(&mut self) -> Result<(), Missed> {
        self.serve().await?;
        self.fail_over().await?;
        self.fail_back().await
    }

    /// The site is healthy and users get pages from the primary.
    async fn serve(&mut self) -> Result<(), Missed> {
        self.phase("the site is deployed; the primary boots");
        let launched = self.set_desired(Role::Primary, SERVERS).await;
        launched.map_err(|error| Missed(format!("the primary could not be launched: {error}")))?;
        self.until_answered(Role::Primary, "users get pages from the primary").await?;
        self.until_alarm(AlarmState::Ok, "the alarm is OK").await?;
        // From here on users are counted: what came before was a site that was not up yet.
        self.started = Instant::now();
        let rested = self.decided("Idle", self.started, "the controller looked and rests");
        rested.await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_over(&mut self) -> Result<(), Missed> {
        self.stage.world.kill(Role::Primary).await;
        let died = self.phase("THE PRIMARY DIES: its load balancer and its servers are gone");
        self.until_verdict(Role::Primary, Health::Unhealthy, "14 of 16 checkers agree: unhealthy")
            .await?;
        self.until_alarm(AlarmState::Alarm, "the alarm reads ALARM").await?;
        self.decided("Raise", died, "the controller decides: raise").await?;
        self.until_size(SERVERS, "the standby group is raised").await?;
        self.until_targets("the first standby server is healthy").await?;
        self.until_answer(Role::Standby, "DNS answers the standby").await?;
        let first =
            self.until_page(Role::Standby, died, "A USER GETS A PAGE FROM THE STANDBY").await?;
        self.headline.recovery_seconds = Some(first.saturating_duration_since(died).as_secs_f64());
        self.decided("CloseLatch", died, "the controller closes the latch").await?;
        self.until_latch(Health::Unhealthy, "the latch closed: DNS stays on the standby").await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_back(&mut self) -> Result<(), Missed> {
        let revived = self.stage.world.revive(Role::Primary).await;
        revived.map_err(|error| Missed(error.to_string()))?;
        let back = self.phase("THE PRIMARY RETURNS");
        self.headline.returned = Some(back);
        self.until_verdict(Role::Primary, Health::Healthy, "3 of 16 checkers agree: healthy")
            .await?;
        self.until_alarm(AlarmState::Ok, "the alarm is OK; the hold-down runs").await?;
        self.decided("Prewarm", back, "the primary is proven up; its minimum is raised").await?;
        let opened = self.decided("OpenLatch", back, "the controller opens the latch").await?;
        self.held(back, opened)?;
        self.until_latch(Health::Healthy, "the latch opened: the primary's check decides").await?;
        self.until_answer(Role::Primary, "DNS answers the primary").await?;
        self.until_page(Role::Primary, back, "a user gets a page from the primary").await?;
        self.decided("Draining", back, "DNS is watched").await?;
        self.decided("LowerMin", back, "the standby's minimum is lowered, nothing stops").await?;
        self.decided("LowerDesired", back, "the standby's desired capacity is lowered").await?;
        self.until_size(0, "the standby is dark").await?;
        let closed = self.decided("Finish", back, "THE RECORD IS CLOSED").await?;
        self.headline.failback_seconds = Some(closed.saturating_duration_since(back).as_secs_f64());
        Ok(())
    }

    /// Takes everything down and writes the report, whatever came before.
    async fn end(self, told: Result<(), Missed>) -> Result<Report, DrillError> {
        let mut missed = Vec::new();
        if let Err(step) = told {
            missed.push(step.to_string());
            missed.push(format!("emulator log:\n{}", self.stage.emulator_log(15)));
        }
        let tally = self.clients.tally(self.started);
        let lost_late = self.headline.returned.map_or(0, |back| self.clients.tally(back).lost);
        let records = self.pulse.decisions().all();
        self.clients.stop().await;
        drop(self.pulse);
        self.teller.doing("destroying the site");
        // A drill that missed a step may have left the standby raised; it is the drill's own site.
        destroy(&self.stage, Safety::Overruled, &self.teller).await?;
        let left_behind = self.stage.leftovers().await?;
        let served = |role| {
            let region = self.stage.region(role).as_str();
            tally.ok.get(region).copied().unwrap_or_default()
        };
        let clients = ClientTally {
            sent: tally.sent,
            from_primary: served(Role::Primary),
            from_standby: served(Role::Standby),
            lost: tally.lost,
            lost_in_failback: lost_late,
            gap_longest_seconds: tally.gap_longest.as_secs_f64(),
        };
        let site = self.stage.site.config.hostname.to_string();
        self.stage.close().await?;
        Ok(Report {
            schema: SCHEMA,
            site,
            shortened: findings::shortened(),
            timeline: self.timeline.into_marks(),
            recovery_seconds: self.headline.recovery_seconds,
            failback_seconds: self.headline.failback_seconds,
            clients,
            decisions: findings::decision_lines(&records),
            invariants: invariant::verify(&records),
            left_behind,
            missed,
        })
    }
}

/// The steps of a drill: each waits for one thing, within a bound, and marks it.
impl Act {
    fn decisions(&self) -> Decisions {
        self.pulse.decisions()
    }

    fn phase(&mut self, what: &str) -> Instant {
        let now = Instant::now();
        let mark = self.timeline.phase(now, what).clone();
        self.teller.tell(Scene::Happened(mark));
        now
    }

    fn mark(&mut self, at: Instant, what: &str) {
        let mark = self.timeline.mark(at, what).clone();
        self.teller.tell(Scene::Happened(mark));
    }

    async fn set_desired(&self, role: Role, desired: u16) -> Result<(), StageError> {
        let region = self.stage.region(role);
        Ok(self.stage.cloud.set_desired(region, &group_name(role), desired).await?)
    }

    async fn until_verdict(
        &mut self,
        role: Role,
        health: Health,
        what: &str,
    ) -> Result<(), Missed> {
        let verdict = self.stage.world.check(role).watch();
        until_told(verdict, |now| *now == health, what).await?;
        let changed = self.stage.world.check(role).changes();
        self.mark_last(changed.iter().map(|change| change.at), what);
        Ok(())
    }

    async fn until_latch(&mut self, health: Health, what: &str) -> Result<(), Missed> {
        let Some(latch) = self.stage.world.latch() else {
            return Err(Missed(format!("{what}: this world has no latch")));
        };
        until_told(latch.watch(), |now| *now == health, what).await?;
        let changed = latch.changes();
        self.mark_last(changed.iter().map(|change| change.at), what);
        Ok(())
    }

    async fn until_answer(&mut self, role: Role, what: &str) -> Result<(), Missed> {
        let answer = self.stage.world.zone().watch();
        until_told(answer, |now| *now == role, what).await?;
        let changed = self.stage.world.zone().changes();
        self.mark_last(changed.iter().map(|change| change.at), what);
        Ok(())
    }

    async fn until_targets(&mut self, what: &str) -> Result<(), Missed> {
        let fleet = self.stage.world.fleet(Role::Standby).watch();
        until_told(fleet, |now| now.healthy > 0, what).await?;
        self.mark(Instant::now(), what);
        Ok(())
    }

    /// Marks the last of some changes, which may be a moment ago; now, if there was none.
    fn mark_last(&mut self, changes: impl Iterator<Item = Instant>, what: &str) {
        self.mark(changes.last().unwrap_or_else(Instant::now), what);
    }

    /// Whether DNS never answered the primary in between, although it was healthy.
    fn held(&self, from: Instant, to: Instant) -> Result<(), Missed> {
        let changes = self.stage.world.zone().changes();
        let early = |change: &AnswerChange| {
            change.answer == Role::Primary && (from..to).contains(&change.at)
        };
        if changes.iter().any(early) {
            return Err(Missed("DNS answered the primary while the latch was closed".to_owned()));
        }
        Ok(())
    }

    async fn until_answered(&mut self, role: Role, what: &str) -> Result<Instant, Missed> {
        let since = Instant::now();
        self.until_page(role, since, what).await
    }

    async fn until_page(
        &mut self,
        role: Role,
        since: Instant,
        what: &str,
    ) -> Result<Instant, Missed> {
        let region = self.stage.region(role).to_string();
        let page = until(STEP_WITHIN, async || self.clients.first_ok(&region, since)).await;
        let page = page.ok_or_else(|| missed(what, STEP_WITHIN))?;
        self.mark(page, what);
        Ok(page)
    }

    async fn until_alarm(&mut self, state: AlarmState, what: &str) -> Result<(), Missed> {
        let detector = &self.stage.site.stack(StackId::Detector).region;
        let name = self.stage.site.alarm_name();
        let read = async || {
            let asked = Instant::now();
            let alarm = self.stage.cloud.alarm(detector, &name).await.ok()??;
            (alarm.state == state).then_some(asked)
        };
        let asked = until(STEP_WITHIN, read).await.ok_or_else(|| missed(what, STEP_WITHIN))?;
        self.mark(asked, what);
        Ok(())
    }

    async fn until_size(&mut self, desired: u16, what: &str) -> Result<(), Missed> {
        let (region, name) = (self.stage.region(Role::Standby), group_name(Role::Standby));
        let read = async || {
            let asked = Instant::now();
            let group = self.stage.cloud.group(region, &name).await.ok()??;
            (group.sizes.desired == desired).then_some(asked)
        };
        let asked = until(STEP_WITHIN, read).await.ok_or_else(|| missed(what, STEP_WITHIN))?;
        self.mark(asked, what);
        Ok(())
    }

    async fn decided(
        &mut self,
        reason: &str,
        since: Instant,
        what: &str,
    ) -> Result<Instant, Missed> {
        let (decisions, since) = (self.decisions(), self.timeline.time_of_day(since));
        let record = until(PROOF_WITHIN, async || decisions.first(reason, since)).await;
        let Some(record) = record else {
            let last = decisions.last().map(|record| format!("{:?}", record.decision.reason));
            let last = last.unwrap_or_else(|| "none".to_owned());
            let bound = PROOF_WITHIN.as_secs();
            return Err(Missed(format!("{what}: not within {bound} s; last decision: {last}")));
        };
        let at = self.timeline.moment(record.at);
        self.mark(at, what);
        Ok(at)
    }
}

async fn until_told<T>(
    mut told: watch::Receiver<T>,
    wanted: impl FnMut(&T) -> bool,
    what: &str,
) -> Result<(), Missed> {
    let seen = tokio::time::timeout(STEP_WITHIN, told.wait_for(wanted)).await;
    if seen.is_ok_and(|seen| seen.is_ok()) { Ok(()) } else { Err(missed(what, STEP_WITHIN)) }
}

fn missed(what: &str, bound: Duration) -> Missed {
    Missed(format!("{what}: not within {} s", bound.as_secs()))
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
