//! What a drill came to: its verdict, its metric and its journal.

use std::time::{Duration, Instant};

use failover_core::DecisionRecord;
use failover_core::time::after;

use cloud::Metric;
use site::model::Role;
use site::names::SiteName;

use super::run::{Run, Settings};
use crate::journal::{Journal, Level, Milestone, between};
use crate::played::{Played, Script};

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
            self.timeline.doing(format!("the dashboard cannot show this drill: {error}"));
        }
    }

    pub(super) async fn journal(
        self,
        missed: Vec<String>,
        restored: Vec<String>,
        left_behind: Vec<String>,
    ) -> Journal {
        let records = self.decisions().await;
        let samples = self.users.seen();
        let counted = [self.timeline.started(), Instant::now()];
        let Settings { target, predictions, .. } = self.settings;
        let target_seconds = Some(target.as_secs_f64());
        let script = Script { target_seconds, predictions };
        let (timeline, returned) = (self.timeline, self.returned);
        let played = Played { timeline, records, samples, counted, returned };
        let journal = played.journal(self.level, self.site, script);
        let preconditions = self.preconditions;
        Journal { preconditions, restored, left_behind, missed, ..journal }
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
