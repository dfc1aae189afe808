//! `dns`: a name of the drill's own fails over between the two load balancers and comes back. Its records and its checks have the
//! shape of the site's.

use std::time::Instant;

use tokio::time::sleep;

use cloud::{AliasRecord, HealthCheckRequest, Named, Protocol, RecordChange};
use site::model::{Role, StackId};

use super::run::{Missed, Run};
use crate::journal::{Condition, Lane, Milestone};
use crate::restore::Made;
use crate::timeline::Event;

impl Run<'_> {
    pub(super) async fn dns(&mut self) -> Result<(), Missed> {
        let made = self.restore.made.clone();
        let made = made.ok_or_else(|| Missed("no drill name was prepared".to_owned()))?;
        let [primary, _] = self.make(&made).await?;
        let begun = self.raise(None).await?;
        self.ask(&made.name);
        self.until_carried(begun).await?;
        self.until_served(Role::Primary, begun).await?;
        let what = format!("{} answers the primary", made.name);
        self.timeline.mark(Instant::now(), Event::new(Lane::Dns, Condition::Good, what));

        self.turn(&primary, true).await?;
        let dead = self.timeline.act(
            Event::new(
                Lane::Primary,
                Condition::Bad,
                "THE DRILL'S OWN CHECK OF THE PRIMARY IS INVERTED",
            )
            .at(Milestone::Begun),
        );
        let served = self.until_served(Role::Standby, dead).await?;
        if let Some(turned) = self.other.as_ref().and_then(|one| one.named(Role::Standby, dead)) {
            let what = "the zone's name server follows the drill's own check";
            let event = Event::new(Lane::Checkers, Condition::Bad, what).at(Milestone::Red);
            self.timeline.mark(turned, event);
        }
        let what = format!("{} is served by the standby", made.name);
        self.timeline
            .mark(served, Event::new(Lane::Clients, Condition::Busy, what).at(Milestone::Served));
        sleep(self.serve()).await;

        self.turn(&primary, false).await?;
        let back = self.timeline.act(Event::new(
            Lane::Primary,
            Condition::Good,
            "THE DRILL'S OWN CHECK IS PUT BACK",
        ));
        let served = self.until_served(Role::Primary, back).await?;
        let what = format!("{} is served by the primary again", made.name);
        self.timeline.mark(served, Event::new(Lane::Clients, Condition::Good, what));
        self.other = None;
        Ok(())
    }

    /// Both checks, then both records in one call.
    async fn make(&mut self, made: &Made) -> Result<[String; 2], Missed> {
        let [primary, standby] = made.tokens.as_slice() else {
            return Err(Missed("two checks were to be made".to_owned()));
        };
        let mut ids = Vec::new();
        for (role, token) in [(Role::Primary, primary), (Role::Standby, standby)] {
            self.timeline.doing(format!("creating the drill's health check {token}"));
            let check = self.check(role);
            let permit = self.settings.consent.permit();
            ids.push(self.cloud.create_health_check(permit, &check, token).await?);
        }
        let [primary, standby] = ids.try_into().expect("two were created");
        let records = [
            self.record(made, Role::Primary, &primary),
            self.record(made, Role::Standby, &standby),
        ];
        self.timeline.doing(format!("creating the records of {}", made.name));
        let at = self.settings.consent.records(self.cloud, &made.zone, &made.name).await?;
        if at.named != Named::default() {
            return Err(Missed(format!("somebody else has records at {} by now", made.name)));
        }
        self.cloud.change_aliases(at, RecordChange::Create, &records).await?;
        self.timeline.doing("the drill's checks and records are made");
        Ok([primary, standby])
    }

    /// A check like the site's own. One good answer of the standby is enough there, and so it is here.
    fn check(&self, role: Role) -> HealthCheckRequest {
        let config = &self.site.config;
        let interval = config.health.interval.as_secs();
        HealthCheckRequest::Http {
            protocol: if config.tls.is_on() { Protocol::Https } else { Protocol::Http },
            host: self.balancer(role),
            port: config.web.listener_port,
            path: config.health.path.clone(),
            interval_seconds: u16::try_from(interval).expect("10 or 30"),
            failure_threshold: match role {
                Role::Primary => config.health.threshold,
                Role::Standby => 1,
            },
        }
    }

    fn record(&self, made: &Made, role: Role, check: &str) -> AliasRecord {
        let (stack, failover) = match role {
            Role::Primary => (StackId::WebPrimary, "PRIMARY"),
            Role::Standby => (StackId::WebStandby, "SECONDARY"),
        };
        let zone = self.facts.outputs.get(stack, "LoadBalancerZoneId").unwrap_or_default();
        AliasRecord {
            name: made.name.clone(),
            set_identifier: format!("{}-{}", made.mark, failover.to_lowercase()),
            failover: failover.to_owned(),
            health_check_id: Some(check.to_owned()),
            target: self.balancer(role),
            target_zone: zone.to_owned(),
            evaluates_target: true,
        }
    }

    /// Turns a check of the drill's own round, under the lock of the version that was just read.
    async fn turn(&mut self, id: &str, inverted: bool) -> Result<(), Missed> {
        let found = self.settings.consent.check(self.cloud, id).await?;
        let check = found.ok_or_else(|| Missed(format!("the drill's check {id} is gone")))?;
        let word = if inverted { "inverting" } else { "putting back" };
        self.timeline.doing(format!("{word} the drill's own check {id}"));
        self.cloud.set_inverted(check, inverted).await?;
        self.timeline.doing("the drill's own check is set");
        Ok(())
    }
}
