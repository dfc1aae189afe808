//! What a drill came to: its verdict, its metric and its journal.

use std::time::{Duration, Instant};

use failover_core::time::after;
use failover_core::{DecisionRecord, invariant};

use super::run::Run;
use crate::cloud::Metric;
use crate::drill::journal::{DecisionLine, Journal, Lane, Level, Phase, SCHEMA};
use crate::drill::local::answer::Role;
use crate::drill::prober::{buckets, tally};
use crate::names::SiteName;
use crate::status::Retell;

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
        match self.recovery {
            Some(took) if took > target => missed.push(format!(
                "the standby served after {:.1} s, and the target is {:.0} s",
                took.as_secs_f64(),
                target.as_secs_f64()
            )),
            None if missed.is_empty() => missed.push("the standby never served".to_owned()),
            Some(_) | None => {}
        }
    }

    /// A live drill alone measures the whole recovery. A metric that cannot be put spoils no drill.
    pub(super) async fn publish(&self) {
        let Some(took) = self.recovery.filter(|_| self.level == Level::Live) else { return };
        let metric = metric(&self.site.config.name);
        let region = self.site.standby_region();
        if let Err(error) = self
            .cloud
            .put_metric(self.settings.consent.permit(), region, &metric, took.as_secs_f64())
            .await
        {
            self.log.doing(format!("the dashboard does not learn of this drill: {error}"));
        }
    }

    pub(super) async fn journal(
        mut self,
        missed: Vec<String>,
        restored: Vec<String>,
        left_behind: Vec<String>,
    ) -> Journal {
        let records = self.decisions().await;
        let (started, seen) = (self.log.started, self.users.seen());
        let phases = self.phases(&records);
        self.log.marks.sort_by(|a, b| a.at_seconds.total_cmp(&b.at_seconds));
        Journal {
            schema: SCHEMA,
            level: self.level,
            site: self.site.config.hostname.to_string(),
            primary_region: self.site.primary_region().to_string(),
            standby_region: self.site.standby_region().to_string(),
            started_at: self.log.started_at,
            target_seconds: Some(self.settings.target.as_secs_f64()),
            shortened: Vec::new(),
            preconditions: self.preconditions,
            predictions: self.settings.predictions,
            phases,
            requests: buckets(&seen, started),
            capacity: self.log.capacity,
            decisions: lines(&records, self.log.started_at, self.settings.retell),
            invariants: invariant::verify(&records).into_iter().map(Into::into).collect(),
            recovery_seconds: self.recovery.as_ref().map(Duration::as_secs_f64),
            failback_seconds: self.failback.as_ref().map(Duration::as_secs_f64),
            clients: tally(&seen, started, Instant::now(), self.returned),
            marks: self.log.marks,
            restored,
            left_behind,
            missed,
        }
    }

    /// The decisions since the drill began. Nothing if the log cannot be read: the journal then has none.
    async fn decisions(&self) -> Vec<DecisionRecord> {
        let group = format!("/aws/lambda/{}-controller", self.site.config.name);
        let since = after(self.log.started_at, -1);
        let lines = self.cloud.log_lines(self.site.standby_region(), &group, since).await;
        let lines = lines.unwrap_or_else(|error| {
            self.log.doing(format!("the controller's log cannot be read: {error}"));
            Vec::new()
        });
        let records = lines.iter().filter_map(|line| DecisionRecord::from_log_line(&line.text));
        records.filter(|record| record.at >= since).collect()
    }

    /// The parts of a live recovery that can be seen from outside.
    fn phases(&self, records: &[DecisionRecord]) -> Vec<Phase> {
        let (Level::Live, Some(alarmed)) = (self.level, self.alarmed) else { return Vec::new() };
        let raised = records.iter().find(|record| {
            record.at >= self.log.started_at && record.decision.reason.name() == "Raise"
        });
        let marked = |what: &str| {
            let mark = self.log.marks.iter().find(|mark| mark.what.starts_with(what));
            mark.map(|mark| mark.at_seconds)
        };
        let ends = [
            (
                "controller",
                Lane::Controller,
                raised.map(|record| self.log.seconds_of_day(record.at)),
            ),
            ("DNS moves", Lane::Dns, marked("DNS names the standby")),
            ("clients follow", Lane::Clients, marked("A USER GETS A PAGE")),
        ];
        let from = [Some(alarmed), marked("standby: healthy"), marked("DNS names the standby")];
        let parts = ends.into_iter().zip(from);
        parts
            .filter_map(|((name, lane, to), from)| {
                let (from, to) = (from?, to?);
                Some(Phase {
                    name: name.to_owned(),
                    lane,
                    from_seconds: from.min(to),
                    to_seconds: to,
                })
            })
            .collect()
    }
}

/// Decisions of the same kind in a row as one line.
fn lines(
    records: &[DecisionRecord],
    started_at: failover_core::Timestamp,
    retell: Retell,
) -> Vec<DecisionLine> {
    let mut lines = Vec::<DecisionLine>::new();
    for record in records {
        let decision = &record.decision;
        let reason = decision.reason.name();
        match lines.last_mut() {
            Some(last) if last.reason == reason => last.times += 1,
            _ => lines.push(DecisionLine {
                at: record.at,
                at_seconds: record.at.duration_since(started_at).as_secs_f64(),
                reason: reason.to_owned(),
                why: retell(record),
                times: 1,
                wrote: decision.standby.map(|write| format!("{write:?}")),
            }),
        }
    }
    lines
}
