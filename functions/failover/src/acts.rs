//! Carries out the acts of one course, each with its own bound, and says in words what became of
//! them.

use std::time::Duration;

use failover_core::DecisionRecord;
use failover_core::course::{Act, Course};
use failover_core::decision::{Decision, Effect, Outcome, StandbyWrite, Step};
use failover_core::observation::{AlarmView, Answer, Known, Observation, Verdict, Why};
use futures::future::join3;

use crate::error::{InvocationError, WriteError};
use crate::port::Ports;
use crate::wait::{once, patiently, within};

// BOUND: on every course all of these stay below 18 s, after reads of at most 10.5 s, and the
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
/// The latch's value: a minute without it changes nothing at the gate, and the next tick puts it.
const LATCH_MAX: Duration = Duration::from_millis(1500);
/// The notice, with all its tries. One that is lost all the same is a failed step, and a finding is told on the next tick.
const NOTIFY_MAX: Duration = Duration::from_secs(2);

/// The acts of one invocation.
pub(crate) struct Acts<'a> {
    ports: &'a Ports,
    /// What was decided on.
    seen: &'a Observation,
    raises: bool,
    /// Goes into the decision record.
    pub(crate) outcome: Outcome,
    /// What fails the invocation.
    pub(crate) failure: Option<InvocationError>,
}

impl<'a> Acts<'a> {
    /// None so far.
    pub(crate) fn new(ports: &'a Ports, record: &'a DecisionRecord) -> Self {
        let raises = raises(&record.decision);
        let (seen, outcome) = (&record.observation, Outcome::default());
        Self { ports, seen, raises, outcome, failure: None }
    }

    /// Carries out one act of `course`. `true` if AWS confirmed it.
    pub(crate) async fn carry_out(&mut self, course: &Course<'_>, step: Step, act: &Act) -> bool {
        let Ports { writes, clock, .. } = self.ports;
        let clock = &**clock;
        let live_max = self.seen.standby.known().map(|group| group.max);
        let result = match act {
            Act::Tags(registers) => {
                let intent = step == Step::Before && self.raises;
                let bound = if intent { INTENT_MAX } else { TAGS_MAX };
                patiently(clock, bound, || writes.write_tags(registers)).await
            }
            Act::Recheck => return self.recheck().await,
            Act::Standby(write @ StandbyWrite::Raise(_)) => {
                patiently(clock, RAISE_MAX, || writes.write_standby(*write, live_max)).await
            }
            Act::Standby(write) => {
                once(clock, GROUP_MAX, writes.write_standby(*write, live_max)).await
            }
            Act::Primary(write) => once(clock, GROUP_MAX, writes.write_primary(*write)).await,
            Act::Latch(latch) => once(clock, LATCH_MAX, writes.put_latch(*latch)).await,
            Act::Notify(notice) => patiently(clock, NOTIFY_MAX, || writes.notify(notice)).await,
        };
        match result {
            Ok(()) => self.outcome.done.push(step),
            Err(cause) => {
                self.fail(course, step, act, cause);
                return false;
            }
        }
        true
    }

    /// Notes an act that AWS did not confirm. A missing permission fails the invocation, whatever
    /// the act.
    fn fail(&mut self, course: &Course<'_>, step: Step, act: &Act, cause: WriteError) {
        if let (Act::Standby(StandbyWrite::LowerDesired { .. }), WriteError::Refused(words)) =
            (act, &cause)
        {
            // AWS refuses a desired capacity below the minimum: a raise came between our reading
            // and our write, and it stands. That is an outcome and no failure.
            self.outcome.failed.push((step, format!("raised meanwhile: {words}")));
            return;
        }
        self.outcome.failed.push((step, cause.to_string()));
        if matches!(act, Act::Standby(StandbyWrite::Raise(_))) {
            self.failure = Some(InvocationError::RaiseFailed { cause });
        } else if course.unnoted() && matches!(act, Act::Tags(_)) {
            self.failure = Some(InvocationError::RaiseUnnoted { cause });
        } else if matches!(cause, WriteError::Expired(_)) {
            self.failure = Some(InvocationError::Expired);
        } else if matches!(cause, WriteError::Denied(_)) && self.failure.is_none() {
            let what = format!("the write {step:?}: {cause}");
            self.failure = Some(InvocationError::Denied { what });
        }
    }

    /// Our own invariants forbid the lowering that was decided.
    pub(crate) fn forbid(&mut self, broken: String) {
        self.outcome.failed.push((Step::Standby, format!("not lowered: {broken}")));
        self.failure = Some(InvocationError::InvariantBroken(broken));
    }

    /// Reads alarm, DNS and verdict again. Any difference from what was decided on ends the lowering; the
    /// next tick decides afresh.
    async fn recheck(&mut self) -> bool {
        const LATE: Why = Why::Timeout;
        let Ports { reads, names, verdicts, clock, .. } = self.ports;
        let again = join3(reads.read_alarm(), names.read_answer(), verdicts.read_verdict());
        let (alarm, answer, verdict) = within(&**clock, RECHECK_MAX, again).await.unwrap_or((
            Known::Unknown(LATE),
            Known::Unknown(LATE),
            Known::Unknown(LATE),
        ));
        let alarm = alarm.map(|alarm| alarm.view);
        let difference = if alarm != self.seen.alarm {
            let [was, is] = [self.seen.alarm, alarm].map(alarm_words);
            format!("the alarm read {was} and now reads {is}")
        } else if answer != self.seen.answer {
            let [was, is] = [self.seen.answer, answer].map(answer_words);
            format!("DNS named {was} and now names {is}")
        } else if verdict != self.seen.verdict {
            let [was, is] = [self.seen.verdict, verdict].map(verdict_words);
            format!("Route 53's verdict read {was} and now reads {is}")
        } else {
            self.outcome.done.push(Step::Recheck);
            return true;
        };
        self.outcome.failed.push((Step::Recheck, format!("not lowered: {difference}")));
        false
    }
}

/// Whether the decision is to be carried out, and raises.
pub(crate) fn raises(decision: &Decision) -> bool {
    decision.effect == Effect::Act && matches!(decision.standby, Some(StandbyWrite::Raise(_)))
}

/// An alarm's reading for people.
fn alarm_words(alarm: Known<AlarmView>) -> String {
    match alarm {
        Known::Unknown(why) => format!("nothing ({})", why.word()),
        Known::Known(AlarmView { state, transitioned_at, evaluation, actions }) => {
            let actions = if actions { "on" } else { "off" };
            format!(
                "{state:?} since {transitioned_at}, evaluation {evaluation:?}, actions {actions}"
            )
        }
    }
}

/// Route 53's verdict for people.
const fn verdict_words(verdict: Known<Verdict>) -> &'static str {
    match verdict {
        Known::Unknown(why) => why.word(),
        Known::Known(verdict) => verdict.word(),
    }
}

/// DNS's answer for people.
fn answer_words(answer: Known<Answer>) -> String {
    match answer {
        Known::Unknown(why) => format!("nobody ({})", why.word()),
        Known::Known(Answer::Primary) => "the primary".to_owned(),
        Known::Known(Answer::Standby) => "the standby".to_owned(),
        Known::Known(Answer::Mixed) => "both regions".to_owned(),
    }
}
