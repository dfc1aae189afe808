//! One invocation, from the payload to the answer. The only file that knows the order of things.

use std::time::Duration;

use failover_core::decision::{Effect, Outcome, SCHEMA, StandbyWrite, Step};
use failover_core::observation::{Known, Observation, Why};
use failover_core::signal::AlarmArn;
use failover_core::time::age;
use failover_core::{Decision, DecisionRecord, Policy, Reason, Signal, decide, invariant, wire};
use futures::future::join;

use crate::acts::{Acts, alarm_words, answer_words};
use crate::emf::{self, Durations};
use crate::error::{InvocationError, WriteError};
use crate::log::{self, Level};
use crate::observe::observe;
use crate::port::Ports;
use crate::wait::{once, patiently, within};

// BOUND: all of these and the reads together stay below 20 s in every order of steps, and the
// function's own timeout is 30 s.
/// The intent tag before a raise: best effort, because a raise is worth more than its note.
const INTENT_MAX: Duration = Duration::from_millis(700);
/// Registers at any other place.
const TAGS_MAX: Duration = Duration::from_secs(3);
/// The alarm and DNS, read again before a lowering: what it stands on is at most this old.
const RECHECK_MAX: Duration = Duration::from_secs(1);
/// The write that raises, with all its tries.
const RAISE_MAX: Duration = Duration::from_secs(10);
/// Any other write to a group: one try, because a later one would stand on readings that have aged.
const GROUP_MAX: Duration = Duration::from_millis(2500);
/// The notice.
const NOTIFY_MAX: Duration = Duration::from_secs(2);

/// The controller of one site.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Name of the site.
    pub site: String,
    /// Its numbers.
    pub policy: Policy,
    /// Its failover alarm.
    pub alarm: AlarmArn,
    /// The world.
    pub ports: Ports,
}

impl Controller {
    /// Handles one invocation: parse, observe, decide, act, notify, log.
    ///
    /// The payload is a hint: whatever it holds, the present state is read and reconciled.
    ///
    /// # Errors
    /// [`InvocationError`], after everything that could be done was done and logged, so that Lambda
    /// tries again and a person is told. A rehearsal always gets its record.
    pub async fn handle(&self, payload: &[u8]) -> Result<DecisionRecord, InvocationError> {
        let clock = &self.ports.clock;
        let started = clock.now();
        let signal = wire::parse(payload, &self.alarm);
        let observation = observe(&self.ports, self.policy.hold_down()).await;
        let now = clock.now();
        let decision = decide(&self.policy, &signal, &observation, now);
        let mut record = DecisionRecord {
            schema: SCHEMA,
            site: self.site.clone(),
            at: now,
            policy: self.policy.clone(),
            signal,
            observation,
            decision,
            outcome: Outcome::default(),
        };
        let failure = match record.decision.effect {
            Effect::Report => None,
            Effect::Act => self.act(&mut record).await,
        };
        self.ports.log.line(&record.to_log_line());
        let durations = Durations { reads: age(now, started), whole: age(clock.now(), started) };
        self.ports.log.line(&emf::line(&record, durations));
        let failure = failure.or_else(|| unreadable(&record));
        match failure {
            Some(failure) if record.signal != Signal::Rehearsal => {
                let fields = [("kind", failure.kind()), ("error", &failure.to_string())];
                self.ports.log.line(&log::problem(Level::Error, "invocation failed", &fields));
                Err(failure)
            }
            Some(_) | None => Ok(record),
        }
    }

    /// Carries out the decision: registers before, the group, registers after, the notice. The
    /// first error ends it, except that nothing keeps a raise from being tried, noted and told.
    async fn act(&self, record: &mut DecisionRecord) -> Option<InvocationError> {
        let decision = record.decision.clone();
        let clock = &*self.ports.clock;
        let mut acts = Acts::default();
        let lowers = decision.standby.is_some_and(|write| write.lowers());
        let raises = decision.standby.is_some() && !lowers;
        // INVARIANT S1-S15: where a lowering is carried out. An error and not a panic, which would
        // take the log line with it.
        if lowers && let Some(broken) = broken_invariants(record) {
            acts.fail(Step::Standby, &WriteError::Refused(broken.clone()));
            record.outcome = acts.outcome;
            return Some(InvocationError::InvariantBroken(broken));
        }
        let noted = decision.before.is_empty() || {
            let bound = if raises { INTENT_MAX } else { TAGS_MAX };
            let write = || self.ports.writes.write_tags(&decision.before);
            acts.take(Step::Before, patiently(clock, bound, write).await)
        };
        let carried_out = (noted || raises)
            && (!lowers || self.recheck(&record.observation, &mut acts).await)
            && self.write_groups(&decision, &mut acts).await;
        if carried_out {
            let after = self.write_after(&decision, noted, &mut acts).await;
            if after || decision.standby.is_some() {
                self.notify(&decision, &mut acts).await;
            }
        }
        record.outcome = acts.outcome;
        acts.failure
    }

    /// Reads alarm and DNS again. Any difference from what was decided on ends the lowering; the
    /// next tick decides afresh.
    async fn recheck(&self, seen: &Observation, acts: &mut Acts) -> bool {
        let again = join(self.ports.reads.read_alarm(), self.ports.names.read_answer());
        let (alarm, answer) = within(&*self.ports.clock, RECHECK_MAX, again)
            .await
            .unwrap_or((Known::Unknown(Why::Timeout), Known::Unknown(Why::Timeout)));
        let alarm = alarm.map(|alarm| alarm.view);
        if alarm != seen.alarm {
            let [was, is] = [seen.alarm, alarm].map(alarm_words);
            acts.differs(&format!("the alarm read {was} and now reads {is}"));
            return false;
        }
        if answer != seen.answer {
            let [was, is] = [seen.answer, answer].map(answer_words);
            acts.differs(&format!("DNS named {was} and now names {is}"));
            return false;
        }
        acts.outcome.done.push(Step::Recheck);
        true
    }

    /// The writes to the two groups.
    async fn write_groups(&self, decision: &Decision, acts: &mut Acts) -> bool {
        let Ports { writes, clock, .. } = &self.ports;
        if let Some(write) = decision.standby {
            let result = match write {
                StandbyWrite::Raise(_) => {
                    patiently(&**clock, RAISE_MAX, || writes.write_standby(write)).await
                }
                StandbyWrite::LowerMin { .. } | StandbyWrite::LowerDesired { .. } => {
                    once(&**clock, GROUP_MAX, writes.write_standby(write)).await
                }
            };
            match (write, result) {
                (StandbyWrite::LowerDesired { .. }, Err(WriteError::Refused(words))) => {
                    acts.raised_meanwhile(&words);
                    return false;
                }
                (StandbyWrite::Raise(_), Err(cause)) => {
                    acts.fail(Step::Standby, &cause);
                    acts.failure = Some(InvocationError::RaiseFailed { cause });
                    return false;
                }
                (_, result) => {
                    if !acts.take(Step::Standby, result) {
                        return false;
                    }
                }
            }
        }
        match decision.primary {
            Some(write) => {
                let result = once(&**clock, GROUP_MAX, writes.write_primary(write)).await;
                acts.take(Step::Primary, result)
            }
            None => true,
        }
    }

    /// The registers after the group; before them, in the same call, those that could not be
    /// written before a raise.
    async fn write_after(&self, decision: &Decision, noted: bool, acts: &mut Acts) -> bool {
        let late = if noted { &[][..] } else { &decision.before };
        let registers = [late, &decision.after].concat();
        if registers.is_empty() {
            return true;
        }
        let write = || self.ports.writes.write_tags(&registers);
        let result = patiently(&*self.ports.clock, TAGS_MAX, write).await;
        if !noted && let Err(cause) = &result {
            acts.failure = Some(InvocationError::RaiseUnnoted { cause: cause.clone() });
        }
        let step = if late.is_empty() { Step::After } else { Step::Before };
        let written = acts.take(step, result);
        if written && step == Step::Before && !decision.after.is_empty() {
            acts.outcome.done.push(Step::After);
        }
        written
    }

    /// Tells people. A notice that fails undoes and hides nothing.
    async fn notify(&self, decision: &Decision, acts: &mut Acts) {
        if let Some(notice) = &decision.notice {
            let result =
                once(&*self.ports.clock, NOTIFY_MAX, self.ports.writes.notify(notice)).await;
            acts.take(Step::Notify, result);
        }
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
    if record.decision.retry()
        && let Reason::StandbyUnreadable { why } = record.decision.reason
    {
        return Some(InvocationError::StandbyUnreadable { why });
    }
    let observation = &record.observation;
    let denied = [
        ("the alarm", why(&observation.alarm)),
        ("the alarm's metric", why(&observation.datapoints)),
        ("the primary group", why(&observation.primary)),
        ("the standby's target health", healthy_why(observation)),
    ];
    let denied = denied.into_iter().find(|(_, why)| *why == Some(Why::Denied));
    denied.map(|(what, _)| InvocationError::Denied { what: what.to_owned() })
}

fn healthy_why(observation: &Observation) -> Option<Why> {
    why(&observation.standby.known()?.healthy)
}

const fn why<T>(known: &Known<T>) -> Option<Why> {
    match known {
        Known::Known(_) => None,
        Known::Unknown(why) => Some(*why),
    }
}
