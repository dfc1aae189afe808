//! `shadow`: the standby is raised, asked by its load balancer's own name, and left to the controller to put back.

use std::time::Instant;

use operate::status::{Raised, Status};
use site::model::Role;

use super::raise::raise;
use super::run::{IN_A_ROW, Missed, Run};
use crate::journal::{Condition, Lane, Milestone};
use crate::timeline::Event;

impl Run<'_> {
    pub(super) async fn shadow(&mut self) -> Result<(), Missed> {
        let name = self.balancer(Role::Standby);
        self.ask(&name);
        let begun = self.raise(Some(Milestone::Begun)).await?;
        self.until_carried(begun).await?;
        let served = self.until_served(Role::Standby, begun).await?;
        self.timeline.mark(
            served,
            Event::new(Lane::Standby, Condition::Busy, "the standby serves by its own name")
                .at(Milestone::Served),
        );
        Ok(())
    }

    /// The note and the sizes, unless the standby stands there already.
    pub(super) async fn raise(&mut self, milestone: Option<Milestone>) -> Result<Instant, Missed> {
        let raise =
            raise(self.cloud, &self.settings.consent, self.site, &self.restore.standby).await?;
        let begun = self
            .timeline
            .act(Event::new(Lane::Standby, Condition::Busy, "THE STANDBY IS RAISED").at(milestone));
        match raise {
            Some(raise) => {
                self.timeline.doing("writing the record of the raise and the standby's sizes");
                raise.carry_out(self.cloud).await?;
                self.raised = true;
                self.timeline.doing("raised");
            }
            None => self.timeline.doing("the standby already runs its target"),
        }
        Ok(begun)
    }

    /// Every server that was asked for is healthy.
    pub(super) async fn until_carried(&mut self, begun: Instant) -> Result<Instant, Missed> {
        let target = usize::from(self.target);
        let carries = move |_: &Self, status: &Status| {
            let healthy = status.standby.group.known().and_then(|group| group.healthy.known());
            healthy.is_some_and(|&healthy| healthy >= target)
        };
        let what = format!("{target} servers of the standby are healthy");
        let at = self.until(&what, carries, |run, _| run.users_lost(begun)).await?;
        self.timeline.mark(at, Event::new(Lane::Standby, Condition::Busy, what));
        Ok(at)
    }

    /// Every new connection to the other name gets its pages from this region; answers when the first one did.
    pub(super) async fn until_served(
        &mut self,
        role: Role,
        begun: Instant,
    ) -> Result<Instant, Missed> {
        let serves = move |run: &Self, _: &Status| {
            run.other.as_ref().is_some_and(|prober| prober.moved(role, IN_A_ROW, begun))
        };
        let stop = move |run: &Self, status: &Status| {
            let gone = role == Role::Standby && run.is_put_back(status);
            let gone = gone.then(|| "the controller has lowered the standby already".to_owned());
            gone.or_else(|| run.users_lost(begun))
        };
        let what = format!("new connections reach the {role}");
        let at = self.until(&what, serves, stop).await?;
        let first = self.other.as_ref().and_then(|prober| prober.first(role, begun));
        Ok(first.unwrap_or(at))
    }

    /// Whether what the drill raised is back at its normal sizes: nobody will be served from there any more.
    fn is_put_back(&self, status: &Status) -> bool {
        self.raised && status.raised.known() == Some(&Raised::Idle)
    }
}
