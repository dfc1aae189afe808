//! The acts: the site serves, the primary dies, the primary returns; and what is written down of them.

use std::time::{Duration, Instant};

use failover_core::invariant;
use failover_core::observation::AlarmState;
use failover_core::{DecisionRecord, Signal};
use tokio::time::sleep;

use super::steps::{Beat, Missed};
use super::{DrillError, Scene, Script, Teller, destroy};
use crate::apply::Safety;
use crate::drill::clients::{Clients, Outcome, Sample, Tally, buckets};
use crate::drill::journal::{Capacity, ClientTally, Journal, Lane, Level, Mood, SCHEMA, Verdict};
use crate::drill::local::answer::{Health, Role};
use crate::drill::local::findings;
use crate::drill::local::pulse::{Pulse, SizeChange};
use crate::drill::local::stage::{SERVERS, Stage};
use crate::drill::timeline::{Event, Milestone, Timeline};
use crate::outputs::Outputs;

/// Requests of the users each second.
const CLIENT_RATE: u32 = 20;
/// How long the site serves before the primary dies, and how long the standby serves before the primary returns.
const SERVE: Duration = Duration::from_secs(5);

const PRIMARY_WELL: &str = "the first primary server is healthy";

/// The moments that the journal's numbers need.
#[derive(Default)]
struct Moments {
    died: Option<Instant>,
    served: Option<Instant>,
    returned: Option<Instant>,
    closed: Option<Instant>,
}

/// The site while it plays.
pub(super) struct Act {
    pub(super) stage: Stage,
    pub(super) pulse: Pulse,
    pub(super) clients: Clients,
    started: Instant,
    pub(super) timeline: Timeline,
    moments: Moments,
    teller: Teller,
}

impl Act {
    pub(super) fn new(stage: Stage, outputs: &Outputs, teller: Teller) -> Self {
        let timeline = Timeline::start();
        let pulse = Pulse::start(&stage, outputs, true);
        let clients = stage.world.send_clients(CLIENT_RATE);
        let (started, moments) = (Instant::now(), Moments::default());
        Self { stage, pulse, clients, started, timeline, moments, teller }
    }

    pub(super) async fn play(&mut self) -> Result<(), Missed> {
        self.serve().await?;
        self.fail_over().await?;
        self.fail_back().await
    }

    /// The site is healthy and users get pages from the primary.
    pub(super) async fn serve(&mut self) -> Result<(), Missed> {
        self.begin(Mood::Busy, "the site is deployed; the primary boots");
        let launched = self.set_desired(Role::Primary, SERVERS).await;
        launched.map_err(|error| Missed(format!("the primary could not be launched: {error}")))?;
        self.until_targets(Role::Primary, PRIMARY_WELL).await?;
        let since = Instant::now();
        self.until_page(Role::Primary, since, "users get pages from the primary").await?;
        self.until_alarm(AlarmState::Ok, "the alarm is OK").await?;
        // From here on users are counted: what came before was a site that was not up yet.
        self.started = Instant::now();
        let looked = Beat::controller("Idle", Mood::Good, "the controller looked and rests");
        self.decided(looked, self.started).await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_over(&mut self) -> Result<(), Missed> {
        self.stage.world.kill(Role::Primary).await;
        let died =
            self.begin(Mood::Bad, "THE PRIMARY DIES: its load balancer and its servers are gone");
        self.moments.died = Some(died);
        self.timeline.died(died);
        let red = "14 of 16 checkers agree: unhealthy";
        let red = self.until_verdict(Role::Primary, Health::Unhealthy, red).await?;
        self.timeline.reach(Milestone::Red, red);
        let alarm = self.until_alarm(AlarmState::Alarm, "the alarm reads ALARM").await?;
        self.timeline.reach(Milestone::Alarm, alarm);
        let raise = Beat::controller("Raise", Mood::Busy, "the controller decides: raise");
        self.decided(raise, died).await?;
        let raised = self.until_size(SERVERS, Mood::Busy, "the standby group is raised").await?;
        self.timeline.reach(Milestone::Raised, raised);
        let launched = self.until_in_service(died, "the first standby instance boots").await?;
        self.timeline.reach(Milestone::Launched, launched);
        let booted = self.until_booted(Role::Standby, "the first standby server answers").await?;
        self.timeline.reach(Milestone::Booted, booted);
        let healthy =
            self.until_targets(Role::Standby, "the first standby server is healthy").await?;
        self.timeline.reach(Milestone::Healthy, healthy);
        let moved = self.until_answer(Role::Standby, "DNS answers the standby").await?;
        self.timeline.reach(Milestone::DnsMoved, moved);
        let first =
            self.until_page(Role::Standby, died, "A USER GETS A PAGE FROM THE STANDBY").await?;
        self.timeline.reach(Milestone::Served, first);
        self.moments.served = Some(first);
        let close = Beat::controller("CloseLatch", Mood::Busy, "the controller closes the latch");
        self.decided(close, died).await?;
        self.until_latch(Health::Unhealthy, "the latch closed: DNS stays on the standby").await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_back(&mut self) -> Result<(), Missed> {
        let revived = self.stage.world.revive(Role::Primary).await;
        revived.map_err(|error| Missed(error.to_string()))?;
        let back = self.begin(Mood::Busy, "THE PRIMARY RETURNS");
        self.moments.returned = Some(back);
        self.until_targets(Role::Primary, PRIMARY_WELL).await?;
        let green = "3 of 16 checkers agree: healthy";
        self.until_verdict(Role::Primary, Health::Healthy, green).await?;
        self.until_alarm(AlarmState::Ok, "the alarm is OK; the hold-down runs").await?;
        let busy = |reason, what| Beat::controller(reason, Mood::Busy, what);
        let prewarm = busy("Prewarm", "the primary is proven up; its minimum is raised");
        self.decided(prewarm, back).await?;
        let open = busy("OpenLatch", "the controller opens the latch");
        let opened = self.decided(open, back).await?;
        self.held(back, opened)?;
        self.until_latch(Health::Healthy, "the latch opened: the primary's check decides").await?;
        self.until_answer(Role::Primary, "DNS answers the primary").await?;
        self.until_page(Role::Primary, back, "a user gets a page from the primary").await?;
        self.decided(busy("Draining", "DNS is watched"), back).await?;
        let lower = busy("LowerMin", "the standby's minimum is lowered, nothing stops");
        self.decided(lower, back).await?;
        let lower = busy("LowerDesired", "the standby's desired capacity is lowered");
        self.decided(lower, back).await?;
        self.until_size(0, Mood::Rest, "the standby is dark").await?;
        let finish = Beat::controller("Finish", Mood::Good, "THE RECORD IS CLOSED");
        self.moments.closed = Some(self.decided(finish, back).await?);
        Ok(())
    }

    /// Takes everything down and writes the journal, whatever came before.
    pub(super) async fn end(
        mut self,
        told: Result<(), Missed>,
        script: Script,
    ) -> Result<Journal, DrillError> {
        let mut missed = Vec::new();
        if let Err(step) = told {
            missed.push(step.to_string());
            missed.push(format!("emulator log:\n{}", self.stage.emulator_log(15)));
        }
        let records = self.pulse.decisions().all();
        let clients = self.tally();
        let (sizes, samples) = (self.pulse.sizes().all(), self.clients.stop().await);
        note_hints(&mut self.timeline, &records, &samples, self.moments.died);
        drop(self.pulse);
        self.teller.doing("destroying the site");
        // A drill that missed a step may have left the standby raised; it is the drill's own site.
        destroy(&self.stage, Safety::Overruled, &self.teller).await?;
        let left_behind = self.stage.leftovers().await?;
        let primary = self.stage.region(Role::Primary).to_string();
        let standby = self.stage.region(Role::Standby).to_string();
        let site = self.stage.site.config.hostname.to_string();
        self.stage.close().await?;
        let Moments { died, served, returned, closed } = self.moments;
        let lasted = |from: Option<Instant>, to: Option<Instant>| {
            Some(to?.saturating_duration_since(from?).as_secs_f64())
        };
        let started_at = self.timeline.started_at();
        let start = self.timeline.moment(started_at);
        Ok(Journal {
            schema: SCHEMA,
            level: Level::Local,
            site,
            started_at,
            target_seconds: script.target_seconds,
            shortened: findings::shortened(),
            preconditions: Vec::new(),
            predictions: script.predictions,
            phases: self.timeline.phases(),
            requests: buckets(&samples, start, &primary),
            capacity: capacity(&sizes, &self.timeline, [&primary, &standby]),
            decisions: findings::decision_lines(&records, started_at, script.retell),
            invariants: invariant::verify(&records).into_iter().map(Verdict::from).collect(),
            recovery_seconds: lasted(died, served),
            failback_seconds: lasted(returned, closed),
            clients,
            restored: Vec::new(),
            left_behind,
            missed,
            marks: self.timeline.into_marks(),
            primary_region: primary,
            standby_region: standby,
        })
    }

    fn tally(&self) -> ClientTally {
        let Tally { sent, ok, lost, gap_longest, .. } = self.clients.tally(self.started);
        let returned = self.moments.returned;
        let lost_in_failback = returned.map_or(0, |back| self.clients.tally(back).lost);
        let served = |role| ok.get(self.stage.region(role).as_str()).copied().unwrap_or_default();
        ClientTally {
            sent,
            from_primary: served(Role::Primary),
            from_standby: served(Role::Standby),
            lost,
            lost_in_failback,
            gap_longest_seconds: gap_longest.as_secs_f64(),
        }
    }

    /// An act begins with something that the primary does.
    fn begin(&mut self, mood: Mood, what: &str) -> Instant {
        let now = Instant::now();
        let mark = self.timeline.act(now, Event { lane: Lane::Primary, mood, what }).clone();
        self.teller.tell(Scene::Happened(mark));
        now
    }

    pub(super) fn mark(&mut self, at: Instant, event: Event<'_>) {
        let mark = self.timeline.mark(at, event).clone();
        self.teller.tell(Scene::Happened(mark));
    }
}

/// Notes what nobody waited for: the alarm's message, and the first request that was lost.
fn note_hints(
    timeline: &mut Timeline,
    records: &[DecisionRecord],
    samples: &[Sample],
    died: Option<Instant>,
) {
    for record in records {
        let Signal::Alarm(claim) = &record.signal else { continue };
        let (mood, state) = match claim.state {
            AlarmState::Alarm => (Mood::Bad, "ALARM"),
            AlarmState::Ok => (Mood::Good, "OK"),
            AlarmState::Insufficient => (Mood::Busy, "INSUFFICIENT_DATA"),
        };
        let what = format!("SNS brought the controller the alarm's {state}");
        let at = timeline.moment(record.at);
        timeline.mark(at, Event { lane: Lane::Sns, mood, what: &what });
    }
    let lost = |sample: &&Sample| {
        matches!(sample.outcome, Outcome::Failed(_)) && died.is_some_and(|died| sample.at >= died)
    };
    if let Some(at) = samples.iter().filter(lost).map(|sample| sample.at).min() {
        let what = "the first request is lost";
        timeline.mark(at, Event { lane: Lane::Clients, mood: Mood::Bad, what });
    }
}

fn capacity(
    sizes: &[SizeChange],
    timeline: &Timeline,
    [primary, standby]: [&String; 2],
) -> Vec<Capacity> {
    let entry = |size: &SizeChange| {
        let SizeChange { at, role, asked, in_service, healthy } = *size;
        let region = match role {
            Role::Primary => primary.clone(),
            Role::Standby => standby.clone(),
        };
        Capacity { at_seconds: timeline.seconds(at), region, asked, in_service, healthy }
    };
    sizes.iter().map(entry).collect()
}
