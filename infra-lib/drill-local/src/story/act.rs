//! The acts: the site serves, the primary dies, the primary returns; and what is written down of them.

use std::time::{Duration, Instant};

use failover_core::ReasonKind;
use failover_core::observation::AlarmState;
use tokio::time::sleep;

use cloud::guard::Safety;
use provision::outputs::Outputs;
use site::model::Role;

use drill::clients::Clients;
use drill::journal::{Capacity, Condition, Journal, Lane, Level, Milestone, between};
use drill::played::Played;
use drill::timeline::Timeline;

use super::steps::{Cue, Missed, cue};
use super::{DrillError, Script, Teller, destroy};
use crate::answer::Health;
use crate::findings;
use crate::pulse::{Pulse, SizeChange};
use crate::stage::{SERVERS, Stage};

/// Requests of the users each second.
const CLIENT_RATE: u32 = 20;
/// How long the site serves before the primary dies, and how long the standby serves before the primary returns.
const SERVE: Duration = Duration::from_secs(5);

/// A recovery with us-east-1 dark may take so many times as long as one with it.
const DARK_LONGER_MAX: f64 = 1.2;

const PRIMARY_WELL: Cue<'_> = cue("the first primary server is healthy");

/// The site while it plays.
pub(super) struct Act {
    pub(super) stage: Stage,
    pub(super) pulse: Pulse,
    pub(super) clients: Clients,
    started: Instant,
    pub(super) timeline: Timeline,
    returned: Option<Instant>,
    /// From when on users are no longer counted: the numbers are those of the first failover.
    counted_until: Option<Instant>,
    teller: Teller,
}

impl Act {
    pub(super) fn new(stage: Stage, outputs: &Outputs, teller: Teller) -> Self {
        let timeline = Timeline::start(teller.clone());
        let pulse = Pulse::start(&stage, outputs, true);
        let clients = stage.world.send_clients(CLIENT_RATE);
        let (started, returned, counted_until) = (Instant::now(), None, None);
        Self { stage, pulse, clients, started, timeline, returned, counted_until, teller }
    }

    pub(super) async fn play(&mut self) -> Result<(), Missed> {
        self.serve().await?;
        self.fail_over().await?;
        self.fail_back().await?;
        self.fail_over_dark().await
    }

    /// The site is healthy and users get pages from the primary.
    pub(super) async fn serve(&mut self) -> Result<(), Missed> {
        self.begin(Condition::Busy, cue("the site is deployed; the primary boots"));
        let launched = self.set_desired(Role::Primary, SERVERS).await;
        launched.map_err(|error| Missed(format!("the primary could not be launched: {error}")))?;
        self.until_targets(Role::Primary, PRIMARY_WELL).await?;
        let since = Instant::now();
        self.until_page(Role::Primary, since, cue("users get pages from the primary")).await?;
        self.until_answer(Role::Primary, cue("DNS answers the primary")).await?;
        self.until_size(0, self.started, cue("the standby is dark")).await?;
        self.until_alarm(AlarmState::Ok, cue("the alarm is OK")).await?;
        let green = cue("3 of 16 checkers agree: healthy");
        self.until_verdict(Role::Primary, Health::Healthy, green).await?;
        // From here on users are counted: what came before was a site that was not up yet.
        self.started = Instant::now();
        let looked = cue("the controller looked and rests");
        self.decided(ReasonKind::Idle, Condition::Good, looked, self.started).await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_over(&mut self) -> Result<(), Missed> {
        self.stage.world.kill(Role::Primary).await;
        let death = cue("THE PRIMARY DIES: its load balancer and its servers are gone");
        let died = self.begin(Condition::Bad, death.at(Milestone::Begun));
        let red = cue("14 of 16 checkers agree: unhealthy").at(Milestone::Red);
        self.until_verdict(Role::Primary, Health::Unhealthy, red).await?;
        self.until_raise_decided(died, Some(Milestone::Decided)).await?;
        let raised = cue("the standby group is raised").at(Milestone::Raised);
        self.until_size(SERVERS, died, raised).await?;
        let launched = cue("the first standby instance boots").at(Milestone::Launched);
        self.until_in_service(died, launched).await?;
        let booted = cue("the first standby server answers").at(Milestone::Booted);
        self.until_booted(Role::Standby, booted).await?;
        let healthy = cue("the first standby server is healthy").at(Milestone::Healthy);
        self.until_targets(Role::Standby, healthy).await?;
        let moved = cue("DNS answers the standby").at(Milestone::DnsMoved);
        self.until_answer(Role::Standby, moved).await?;
        let page = cue("A USER GETS A PAGE FROM THE STANDBY").at(Milestone::Served);
        self.until_page(Role::Standby, died, page).await?;
        let alarm = cue("the alarm reads ALARM").at(Milestone::Alarm);
        self.until_alarm(AlarmState::Alarm, alarm).await?;
        let close = cue("the controller closes the latch");
        self.decided(ReasonKind::CloseLatch, Condition::Busy, close, died).await?;
        let closed = cue("the latch closed: DNS stays on the standby");
        self.until_latch(Health::Unhealthy, closed).await?;
        sleep(SERVE).await;
        Ok(())
    }

    async fn fail_back(&mut self) -> Result<(), Missed> {
        let revived = self.stage.world.revive(Role::Primary).await;
        revived.map_err(|error| Missed(error.to_string()))?;
        let returns = cue("THE PRIMARY RETURNS").at(Milestone::Returned);
        let back = self.begin(Condition::Busy, returns);
        self.returned = Some(back);
        self.until_targets(Role::Primary, PRIMARY_WELL).await?;
        let green = cue("3 of 16 checkers agree: healthy");
        self.until_verdict(Role::Primary, Health::Healthy, green).await?;
        self.until_alarm(AlarmState::Ok, cue("the alarm is OK; the hold-down runs")).await?;
        let prewarm = cue("the primary is proven up; its minimum is raised");
        self.decided(ReasonKind::Prewarm, Condition::Busy, prewarm, back).await?;
        let open = cue("the controller opens the latch");
        let opened = self.decided(ReasonKind::OpenLatch, Condition::Busy, open, back).await?;
        self.held(back, opened)?;
        let open = cue("the latch opened: the primary's check decides");
        self.until_latch(Health::Healthy, open).await?;
        self.until_answer(Role::Primary, cue("DNS answers the primary")).await?;
        self.until_page(Role::Primary, back, cue("a user gets a page from the primary")).await?;
        for (kind, what) in [
            (ReasonKind::Draining, "DNS is watched"),
            (ReasonKind::LowerMin, "the standby's minimum is lowered, nothing stops"),
            (ReasonKind::LowerDesired, "the standby's desired capacity is lowered"),
        ] {
            self.decided(kind, Condition::Busy, cue(what), back).await?;
        }
        self.until_size(0, opened, cue("the standby is dark")).await?;
        let finish = cue("THE RECORD IS CLOSED").at(Milestone::Closed);
        self.decided(ReasonKind::Finish, Condition::Good, finish, back).await?;
        Ok(())
    }

    /// The primary dies once more, and us-east-1 answers nothing from before that on.
    async fn fail_over_dark(&mut self) -> Result<(), Missed> {
        self.stage.darken();
        let dark = cue("US-EAST-1 GOES DARK: no metric, no alarm, no event");
        self.counted_until = Some(self.timeline.act(dark.event(Lane::Alarm, Condition::Bad)));
        sleep(SERVE).await;
        self.stage.world.kill(Role::Primary).await;
        let death = cue("THE PRIMARY DIES AGAIN").at(Milestone::BegunDark);
        let died = self.begin(Condition::Bad, death);
        self.until_raise_decided(died, None).await?;
        self.until_size(SERVERS, died, cue("the standby group is raised")).await?;
        let page = cue("A USER GETS A PAGE FROM THE STANDBY, WITHOUT US-EAST-1");
        self.until_page(Role::Standby, died, page.at(Milestone::ServedDark)).await?;
        let marks = self.timeline.marks();
        let first = between(marks, Milestone::Begun, Milestone::Served);
        let dark = between(marks, Milestone::BegunDark, Milestone::ServedDark);
        match (first, dark) {
            (Some(first), Some(dark)) if dark > first * DARK_LONGER_MAX => Err(Missed(format!(
                "with us-east-1 dark the standby served after {dark:.1} s, and with it after {first:.1} s"
            ))),
            _ => Ok(()),
        }
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
        let counted = [self.started, self.counted_until.unwrap_or_else(Instant::now)];
        let (sizes, samples) = (self.pulse.sizes().all(), self.clients.stop().await);
        drop(self.pulse);
        self.teller.doing("destroying the site");
        // A drill that missed a step may have left the standby raised; it is the drill's own site.
        destroy(&self.stage, Safety::Overruled, &self.teller).await?;
        let left_behind = self.stage.leftovers().await?;
        for size in &sizes {
            let SizeChange { at, role, asked, in_service, healthy } = *size;
            let at_seconds = self.timeline.seconds(at);
            let region = self.stage.region(role).to_string();
            self.timeline.capacity(Capacity { at_seconds, region, asked, in_service, healthy });
        }
        let site = self.stage.site.clone();
        self.stage.close().await?;
        let (timeline, returned) = (self.timeline, self.returned);
        let played = Played { timeline, records, samples, counted, returned };
        let journal = played.journal(Level::Local, &site, script);
        Ok(Journal { shortened: findings::shortened(), left_behind, missed, ..journal })
    }

    /// An act begins with something that the primary does.
    fn begin(&mut self, condition: Condition, cue: Cue<'_>) -> Instant {
        self.timeline.act(cue.event(Lane::Primary, condition))
    }
}
