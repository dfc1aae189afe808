//! `live`: the primary's health check is inverted, and everything else happens by itself: alarm, controller, standby, DNS, latch,
//! and the whole way back.

use std::time::Instant;

use failover_core::decision::Latch;
use failover_core::observation::AlarmState;
use tokio::time::sleep;

use super::run::{IN_A_ROW, Missed, Run};
use crate::drill::journal::{Lane, Mood};
use crate::drill::local::answer::Role;
use crate::status::Status;

impl Run<'_> {
    pub(super) async fn live(&mut self) -> Result<(), Missed> {
        let before = self.restore.check.clone();
        let before = before.ok_or_else(|| Missed("no check was prepared".to_owned()))?;
        // By its own name: while its check is inverted nobody else would notice a real failure.
        let name = self.balancer(Role::Primary);
        self.ask(&name);
        self.log.doing(format!("inverting the primary's health check {}", before.id));
        let dead = self.log.act(Lane::Primary, Mood::Bad, "THE PRIMARY'S CHECK IS INVERTED");
        // The version that was read before the preconditions: whatever changed since makes AWS refuse.
        self.cloud
            .set_inverted(&self.settings.permit, &before.id, !before.inverted, before.version)
            .await?;
        self.log.doing("inverted");
        self.until_alarmed(dead).await?;
        self.until_carried(dead).await?;
        let first = self.until_moved(dead).await?;
        self.recovery = Some(first.saturating_duration_since(dead));
        self.log.mark(first, Lane::Clients, Mood::Busy, "A USER GETS A PAGE FROM THE STANDBY");
        if self.site.config.policy.latch() {
            let closed = |_: &Self, status: &Status| {
                status.latch.known().is_some_and(|gate| gate.recorded == Latch::Closed)
            };
            self.until("the latch is closed", closed, move |run, _| run.danger(dead)).await?;
        }
        sleep(self.serve()).await;
        Ok(())
    }

    async fn until_alarmed(&mut self, dead: Instant) -> Result<(), Missed> {
        let alarmed = |_: &Self, status: &Status| {
            status.alarm.known().is_some_and(|alarm| alarm.state == AlarmState::Alarm)
        };
        let at =
            self.until("the alarm reads ALARM", alarmed, move |run, _| run.danger(dead)).await?;
        self.alarmed = Some(self.log.seconds(at));
        Ok(())
    }

    /// Every client of the site's name that opens new connections gets its pages from the standby.
    async fn until_moved(&mut self, dead: Instant) -> Result<Instant, Missed> {
        let moved = move |run: &Self, _: &Status| run.users.moved(Role::Standby, 1, dead);
        let what = "new connections reach the standby";
        let at = self.until(what, moved, move |run, _| run.danger(dead)).await?;
        Ok(self.users.first(Role::Standby, dead).unwrap_or(at))
    }

    /// Why the check must be put back at once. A primary that really fails looks healthy while its check is inverted.
    fn danger(&self, since: Instant) -> Option<String> {
        let fails = self.other.as_ref().is_some_and(|prober| {
            let failed = |reason: &str| reason != "elsewhere";
            let count = IN_A_ROW;
            prober.agree(count, since, |one| one.outcome.as_ref().is_err_and(|why| failed(why)))
        });
        let real = fails.then(|| {
            "the primary itself no longer answers by its own name: this is a real failure"
                .to_owned()
        });
        real.or_else(|| self.users_lost(since))
    }
}
