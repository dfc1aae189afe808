//! What a drill came to: its verdict, its metric and its journal.

use std::time::{Duration, Instant};

use failover_core::time::after;
use failover_core::{DecisionRecord, ReasonKind, invariant};

use super::run::Run;
use crate::cloud::Metric;
use crate::drill::decisions;
use crate::drill::journal::{
    Journal, Lane, Level, Milestone, Mood, SCHEMA, between, phases, reached,
};
use crate::drill::prober::{Seen, buckets, tally};
use crate::drill::timeline::Event;
use crate::model::Role;
use crate::names::SiteName;

/// The metric that the dashboard shows: how long the last live drill took.
#[must_use]
pub fn metric(site: &SiteName) -> Metric {
    Metric {
        namespace: "Pilotlight".to_owned(),
        name: "DrillRtoSeconds".to_owned(),
        dimensions: vec![("Site".to_owned(), site.to_string())],
    }
}

impl Run<'_> {
    /// What the users saw beside what the level itself waited for.
    pub(super) fn judge(&self, missed: &mut Vec<String>) {
        let moved = self.users.seen().iter().any(|one| one.outcome == Ok(Role::Standby));
        if moved && matches!(self.level, Level::Shadow | Level::Dns) {
            missed.push("a user of the site's own name was sent to the standby".to_owned());
        }
        let target = self.settings.target;
        match self.recovery() {
            Some(took) if took > target => missed.push(format!(
                "the standby served after {:.1} s, and the target is {:.0} s",
                took.as_secs_f64(),
                target.as_secs_f64()
            )),
            None if missed.is_empty() => missed.push("the standby never served".to_owned()),
            Some(_) | None => {}
        }
    }

    /// From the beginning of the recovery to the first page from the standby.
    fn recovery(&self) -> Option<Duration> {
        between(self.timeline.marks(), Milestone::Begun, Milestone::Served)
            .map(Duration::from_secs_f64)
    }

    /// A live drill alone measures the whole recovery. A metric that cannot be put spoils no drill.
    pub(super) async fn publish(&self) {
        let Some(took) = self.recovery().filter(|_| self.level == Level::Live) else { return };
        let metric = metric(&self.site.config.name);
        let region = self.site.standby_region();
        if let Err(error) = self
            .cloud
            .put_metric(self.settings.consent.permit(), region, &metric, took.as_secs_f64())
            .await
        {
            self.timeline.doing(format!("the dashboard does not learn of this drill: {error}"));
        }
    }

    pub(super) async fn journal(
        mut self,
        missed: Vec<String>,
        restored: Vec<String>,
        left_behind: Vec<String>,
    ) -> Journal {
        let records = self.decisions().await;
        let (started, started_at) = (self.timeline.started(), self.timeline.started_at());
        let seen = self.users.seen();
        if self.level == Level::Live {
            self.recall(&records, &seen);
        }
        let (marks, capacity) = self.timeline.into_parts();
        Journal {
            schema: SCHEMA,
            level: self.level,
            site: self.site.config.hostname.to_string(),
            primary_region: self.site.primary_region().to_string(),
            standby_region: self.site.standby_region().to_string(),
            started_at,
            target_seconds: Some(self.settings.target.as_secs_f64()),
            shortened: Vec::new(),
            preconditions: self.preconditions,
            predictions: self.settings.predictions,
            phases: phases(&marks),
            requests: buckets(&seen, started),
            capacity,
            decisions: decisions::lines(&records, started_at, self.settings.retell),
            invariants: invariant::verify(&records).into_iter().map(Into::into).collect(),
            recovery_seconds: between(&marks, Milestone::Begun, Milestone::Served),
            failback_seconds: between(&marks, Milestone::Returned, Milestone::Closed),
            clients: tally(&seen, started, Instant::now(), self.returned),
            marks,
            restored,
            left_behind,
            missed,
        }
    }

    /// What nobody waited for: when the controller decided to raise, what SNS brought it, and the first request that was lost.
    fn recall(&mut self, records: &[DecisionRecord], seen: &[Seen]) {
        let raises = |record: &&DecisionRecord| {
            record.at >= self.timeline.started_at()
                && record.decision.reason.kind() == ReasonKind::Raise
        };
        if let Some(at) = records.iter().find(raises).map(|record| self.timeline.moment(record.at))
        {
            let raise = Event::new(Lane::Controller, Mood::Busy, "the controller decides: raise");
            self.timeline.recall(at, raise.at(Milestone::Raised));
        }
        let begun = reached(self.timeline.marks(), Milestone::Begun).unwrap_or_default();
        let begun = self.timeline.started() + Duration::from_secs_f64(begun);
        let lost = seen.iter().filter(|one| one.is_lost()).map(|one| one.at);
        let lost = lost.filter(|&at| at >= begun).min();
        decisions::recall(&mut self.timeline, records, lost);
    }

    /// The decisions since the drill began. Nothing if the log cannot be read: the journal then has none.
    async fn decisions(&self) -> Vec<DecisionRecord> {
        let group = format!("/aws/lambda/{}-controller", self.site.config.name);
        let since = after(self.timeline.started_at(), -1);
        let lines = self.cloud.log_lines(self.site.standby_region(), &group, since).await;
        let lines = lines.unwrap_or_else(|error| {
            self.timeline.doing(format!("the controller's log cannot be read: {error}"));
            Vec::new()
        });
        let records = lines.iter().filter_map(|line| DecisionRecord::from_log_line(&line.text));
        records.filter(|record| record.at >= since).collect()
    }
}
