//! One invocation, from the payload to the answer.

use failover_core::course::Course;
use failover_core::decision::{Effect, Outcome, SCHEMA, Step};
use failover_core::observation::{Group, Known, Observation, Why};
use failover_core::signal::AlarmArn;
use failover_core::time::{Timestamp, age};
use failover_core::{DecisionRecord, Policy, Reason, Signal, decide, invariant, wire};

use crate::acts::{Acts, raises};
use crate::emf::{self, Durations};
use crate::error::InvocationError;
use crate::log::{self, Level};
use crate::look::Looks;
use crate::observe::{Purpose, observe_patiently};
use crate::port::Ports;

/// The controller of one site.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Name of the site.
    pub site: String,
    /// Its numbers.
    pub policy: Policy,
    /// Its failover alarm.
    pub alarm: AlarmArn,
    /// How it looks between its ticks.
    pub looks: Looks,
    /// The world.
    pub ports: Ports,
}

impl Controller {
    /// Handles one invocation: parse, observe, decide, act, notify, log.
    ///
    /// The payload is a hint: whatever it holds, the present state is read and reconciled. A look that finds nothing to raise
    /// for has no record.
    ///
    /// # Errors
    /// [`InvocationError`], after everything that could be done was done and logged, so that Lambda
    /// tries again and a person is told. A rehearsal always gets its record.
    pub async fn handle(&self, payload: &[u8]) -> Result<Option<DecisionRecord>, InvocationError> {
        let signal = wire::parse(payload, &self.alarm);
        if matches!(signal, Signal::Look { .. }) {
            return self.look().await;
        }
        let is_tick = signal == Signal::Tick;
        let result = self.reconcile(signal).await;
        if is_tick {
            self.looks.send(&self.policy, &self.ports).await;
        }
        result.map(Some)
    }

    /// Any run but a look.
    async fn reconcile(&self, signal: Signal) -> Result<DecisionRecord, InvocationError> {
        let started = self.ports.clock.now();
        let purpose = Purpose { site: &self.site, policy: &self.policy, signal: &signal };
        let observation = observe_patiently(&self.ports, purpose, None).await;
        let record = self.decide(signal, observation);
        let (record, failure) = self.carry_out(record, started).await;
        self.end(failure.or_else(|| unreadable(&record)), record)
    }

    /// A look: it raises, or it ends without a line.
    async fn look(&self) -> Result<Option<DecisionRecord>, InvocationError> {
        let started = self.ports.clock.now();
        let Some((signal, glance)) = self.looks.glance(&self.policy, &self.ports).await else {
            return Ok(None);
        };
        let purpose = Purpose { site: &self.site, policy: &self.policy, signal: &signal };
        let observation = observe_patiently(&self.ports, purpose, Some(glance)).await;
        if expired(&observation) {
            return Err(InvocationError::Expired);
        }
        let record = self.decide(signal, observation);
        if !raises(&record.decision) {
            return Ok(None);
        }
        let (record, failure) = self.carry_out(record, started).await;
        self.end(failure, record).map(Some)
    }

    fn decide(&self, signal: Signal, observation: Observation) -> DecisionRecord {
        let now = self.ports.clock.now();
        let decision = decide(&self.policy, &signal, &observation, now);
        DecisionRecord {
            schema: SCHEMA,
            site: self.site.clone(),
            at: now,
            policy: self.policy.clone(),
            signal,
            observation,
            decision,
            outcome: Outcome::default(),
        }
    }

    /// Acts, and logs what was decided, done and measured.
    async fn carry_out(
        &self,
        mut record: DecisionRecord,
        started: Timestamp,
    ) -> (DecisionRecord, Option<InvocationError>) {
        let Acts { outcome, failure, .. } = self.act(&record).await;
        record.outcome = outcome;
        self.ports.log.line(&record.to_log_line());
        let whole = age(self.ports.clock.now(), started);
        let durations = Durations { reads: age(record.at, started), whole };
        self.ports.log.line(&emf::line(&record, durations));
        (record, failure)
    }

    /// The answer of an invocation that has logged everything else.
    fn end(
        &self,
        failure: Option<InvocationError>,
        record: DecisionRecord,
    ) -> Result<DecisionRecord, InvocationError> {
        match failure {
            Some(failure) if record.signal != Signal::Rehearsal => {
                let fields = [("kind", failure.kind()), ("error", &failure.to_string())];
                self.ports.log.line(&log::problem(Level::Error, "invocation failed", &fields));
                Err(failure)
            }
            Some(_) | None => Ok(record),
        }
    }

    /// Walks the decision's course to its end, act by act.
    async fn act<'a>(&'a self, record: &'a DecisionRecord) -> Acts<'a> {
        let decision = &record.decision;
        let mut acts = Acts::new(&self.ports, record);
        let lowers = decision.standby.is_some_and(|write| write.lowers());
        // INVARIANT S1-S15: where a lowering is carried out. An error and not a panic, which would
        // take the log line and the latch with it.
        let broken =
            if lowers && decision.effect == Effect::Act { broken_invariants(record) } else { None };
        let forbidden = broken.is_some();
        if let Some(words) = broken {
            acts.forbid(words);
        }
        let mut course = Course::new(decision);
        // BOUND: a course has one act for each step.
        while let Some((step, act)) = course.next_act() {
            // Whatever a forbidden lowering stands on, the latch is fed what is recorded, and people are told what they
            // should know.
            let always = matches!(step, Step::Latch | Step::Notify | Step::Told);
            let allowed = !forbidden || always;
            let confirmed = allowed && acts.carry_out(&course, step, &act).await;
            course.took(confirmed);
        }
        acts
    }
}

/// The invariants that a lowering would break, in words.
fn broken_invariants(record: &DecisionRecord) -> Option<String> {
    let verdicts = invariant::verify(std::slice::from_ref(record));
    let broken: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.holds())
        .map(|verdict| format!("{}: {}", verdict.id, verdict.violations.join(", ")))
        .collect();
    (!broken.is_empty()).then(|| broken.join("; "))
}

/// The readings without which, or with whose refusal, an invocation must not look successful.
fn unreadable(record: &DecisionRecord) -> Option<InvocationError> {
    if expired(&record.observation) {
        return Some(InvocationError::Expired);
    }
    if record.decision.retry()
        && let Reason::StandbyUnreadable { why } = record.decision.reason
    {
        return Some(InvocationError::StandbyUnreadable { why });
    }
    let observation = &record.observation;
    let (standby, primary) = (observation.standby.known(), observation.primary.known());
    let healthy = |group: Option<&Group>| why(&group?.healthy);
    let cpu = |group: Option<&Group>| why(&group?.cpu);
    let denied = [
        ("the alarm", why(&observation.alarm)),
        ("the alarm's metric", why(&observation.datapoints)),
        ("the primary group", why(&observation.primary)),
        ("the standby's target health", healthy(standby)),
        ("the primary's target health", healthy(primary)),
        ("the standby's requests", why(&observation.requests)),
        ("the standby's CPU", cpu(standby)),
        ("the primary's CPU", cpu(primary)),
        ("the health check", why(&observation.readiness.check)),
        ("the other health checks", why(&observation.readiness.others)),
        ("the notice topic", why(&observation.readiness.subscriptions)),
    ];
    let denied = denied.into_iter().find(|(_, why)| *why == Some(Why::Denied));
    denied.map(|(what, _)| InvocationError::Denied { what: what.to_owned() })
}

/// Any reading was refused because this process's session token has expired.
fn expired(observation: &Observation) -> bool {
    let reads = [
        why(&observation.alarm),
        why(&observation.datapoints),
        why(&observation.standby),
        why(&observation.primary),
    ];
    reads.contains(&Some(Why::Expired))
}

const fn why<T>(known: &Known<T>) -> Option<Why> {
    match known {
        Known::Known(_) => None,
        Known::Unknown(why) => Some(*why),
    }
}
