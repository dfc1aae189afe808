//! `live`: the primary's health check is inverted, and everything else happens by itself: alarm, controller, standby, DNS, latch,
//! and the whole failback.

use std::time::Instant;

use failover_core::decision::Latch;
use failover_core::observation::AlarmState;
use tokio::time::sleep;

use cloud::guard::Refusal;
use operate::status::Status;
use site::model::Role;

use super::run::{Missed, Run};
use crate::journal::{Condition, Lane, Milestone};
use crate::restore::{Inverted, invert};
use crate::timeline::Event;

impl Run<'_> {
    pub(super) async fn live(&mut self) -> Result<(), Missed> {
        let before = self.restore.check.clone();
        let before = before.ok_or_else(|| Missed("no check was prepared".to_owned()))?;
        // By its own name: while its check is inverted nobody else would notice a real failure.
        let name = self.balancer(Role::Primary);
        self.ask(&name);
        self.timeline.doing(format!("inverting the primary's health check {}", before.id));
        let dead = self.timeline.act(
            Event::new(Lane::Primary, Condition::Bad, "THE PRIMARY'S CHECK IS INVERTED")
                .at(Milestone::Begun),
        );
        let noted = match invert(
            self.cloud,
            &self.settings.consent,
            &mut self.restore,
            &self.settings.path,
        )
        .await?
        {
            Inverted::Done(noted) => noted,
            Inverted::Overtaken(_) => return Err(self.overtaken(&before.id)),
        };
        if let Err(error) = noted {
            self.timeline.doing(format!("{error}; it still says what to put back"));
        }
        self.timeline.doing("inverted");
        self.until_alarmed(dead).await?;
        self.until_carried(dead).await?;
        let first = self.until_moved(dead).await?;
        self.timeline.mark(
            first,
            Event::new(Lane::Clients, Condition::Busy, "A USER GETS A PAGE FROM THE STANDBY")
                .at(Milestone::Served),
        );
        if self.site.config.policy.latch() {
            let closed = |_: &Self, status: &Status| {
                status.latch.known().is_some_and(|gate| gate.recorded == Latch::Closed)
            };
            self.until("the latch is closed", closed, move |run, _| run.danger(dead)).await?;
        }
        sleep(self.serve()).await;
        Ok(())
    }

    /// The check is as somebody else set it, so it is left alone.
    fn overtaken(&mut self, id: &str) -> Missed {
        let why = format!(
            "somebody else changed the health check {id} since the drill looked at it, perhaps another drill, which then owns it"
        );
        let hint = "nothing was changed; check the site with `cargo xtask status`, then run the drill again";
        self.overtaken = Some(Refusal { why: why.clone(), hint: hint.to_owned() });
        Missed(why)
    }

    async fn until_alarmed(&mut self, dead: Instant) -> Result<(), Missed> {
        let alarmed = |_: &Self, status: &Status| {
            status.alarm.known().is_some_and(|alarm| alarm.state == AlarmState::Alarm)
        };
        self.until("the alarm reads ALARM", alarmed, move |run, _| run.danger(dead)).await?;
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
        let fails = self.other.as_ref().is_some_and(|prober| prober.lost(since));
        let real = fails.then(|| {
            "the primary itself no longer answers by its own name: this is a real failure"
                .to_owned()
        });
        real.or_else(|| self.users_lost(since))
    }
}
