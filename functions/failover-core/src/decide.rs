//! The rules, first match wins. The only place that turns readings into writes.

mod active;
mod count;
mod down;
mod failback;
mod floor;
mod notice;
mod proof;
mod readiness;
mod request;
mod situation;
mod telling;

use crate::decision::{Decision, Effect, Reason};
use crate::observation::{Known, Mode, Observation};
use crate::policy::Policy;
use crate::record::{Cause, Ownership};
use crate::signal::Signal;
use crate::time::Timestamp;

use self::situation::{Situation, Skipped};

pub(crate) use self::situation::plausible;

/// Answers its decision, or why it does not apply.
type Rule = fn(&Situation<'_>) -> Result<Decision, Skipped>;

/// Number in the specification, what the rule does, and the rule.
const RULES: [(&str, &str, Rule); 18] = [
    ("1", "touch nothing while frozen", frozen),
    ("2", "raise the standby while the primary is down", down::raise),
    ("2", "do nothing more at a look between two ticks", looked),
    ("2", "record a raise whose record was lost", down::adopt),
    ("2", "record a failover again whose record was deleted", down::restore),
    ("2", "close the latch once the standby carries the users", down::close_latch),
    ("2", "hold the primary's floor where no latch holds the users", down::pin),
    ("2", "release the users from a standby that has long lacked its share", failback::release),
    ("2", "hold the raised standby while the primary is down", down::hold),
    ("3", "keep both floors at the load", active::follow),
    ("3", "hold while the mode or the record does not allow a failback", failback::guard),
    ("3", "keep the standby raised while the latch holds users there", failback::keep),
    ("3a", "make the primary ready, then open the latch", failback::open),
    ("3b", "lower the standby, minimum first", failback::lower),
    ("3c", "restore the primary's floor and close the record", failback::finish),
    ("4", "keep a matching floor at the load", floor::follow),
    ("4", "record the normal sizes", floor::sample),
    ("5", "hold", rest),
];

/// Decides what to do with both groups.
///
/// Total: whatever is unknown is a value of `observation`, and every outcome is a [`Reason`]. The same inputs give the same
/// decision. What an alarm event says matters only while the alarm itself cannot be read, and then only towards raising.
#[must_use]
pub fn decide(
    policy: &Policy,
    signal: &Signal,
    observation: &Observation,
    now: Timestamp,
) -> Decision {
    walk(policy, signal, observation, now, &mut |_| {})
}

/// T: instances that the standby needs to carry the load, as [`decide`] reckons.
#[must_use]
pub fn target(policy: &Policy, observation: &Observation, now: Timestamp) -> u16 {
    Situation::new(policy, &Signal::Tick, observation, now)
        .map_or_else(|_| policy.target(None), |situation| situation.target())
}

/// Why [`decide`] decides as it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The evidence that the primary is down, and what keeps each from counting.
    pub evidence: Vec<(Cause, Result<(), &'static str>)>,
    /// Every rule that was looked at, in order; the last one fired.
    pub rules: Vec<RuleTrace>,
    /// The same as [`decide`] answers.
    pub decision: Decision,
}

/// One rule that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleTrace {
    /// Its number.
    pub number: &'static str,
    /// What it does.
    pub title: &'static str,
    /// Why it did not fire. `None`: it did.
    pub skipped: Option<&'static str>,
}

/// Decides, and tells which rule fired and why those before it did not.
#[must_use]
pub fn explain(
    policy: &Policy,
    signal: &Signal,
    observation: &Observation,
    now: Timestamp,
) -> Explanation {
    let mut rules = Vec::new();
    let decision = walk(policy, signal, observation, now, &mut |trace| rules.push(trace));
    let situation = Situation::new(policy, signal, observation, now).map(request::answered);
    let evidence = situation.map_or_else(
        |_| Vec::new(),
        |situation| {
            let weighed = |cause| (cause, situation.evidence(cause));
            Cause::ALL.iter().copied().map(weighed).collect()
        },
    );
    Explanation { evidence, rules, decision }
}

fn walk(
    policy: &Policy,
    signal: &Signal,
    observation: &Observation,
    now: Timestamp,
    trace: &mut dyn FnMut(RuleTrace),
) -> Decision {
    let unreadable = RuleTrace {
        number: "0",
        title: "try again while the standby cannot be read",
        skipped: None,
    };
    let situation = match Situation::new(policy, signal, observation, now).map(request::answered) {
        Ok(situation) => situation,
        Err(why) => {
            trace(unreadable);
            return Decision::hold(Reason::StandbyUnreadable { why });
        }
    };
    trace(RuleTrace { skipped: Some("it can be read"), ..unreadable });
    let mut decision = first_match(&situation, trace);
    decision.reply = situation.reply;
    decision.request.clone_from(&situation.request);
    if situation.mode == Known::Known(Mode::Observe) || *signal == Signal::Rehearsal {
        decision.effect = Effect::Report;
    }
    // The tick puts the latch's value; a look only ever raises.
    if !matches!(signal, Signal::Rehearsal | Signal::Look { .. }) {
        decision.latch = situation.recorded_latch();
    }
    count::note(&situation, &mut decision);
    decision.notice = notice::of(&situation, &decision);
    decision.news = telling::news(&situation, &decision);
    // INVARIANT S6: where a lowering is made; the shell asserts all of them again where it is carried out.
    assert!(
        !decision.standby.is_some_and(|write| write.lowers())
            || matches!(situation.ownership(), Ownership::Ours(_))
            || situation.floor_follows(),
        "only what we raised is lowered, or a floor that follows the load"
    );
    decision
}

fn first_match(situation: &Situation<'_>, trace: &mut dyn FnMut(RuleTrace)) -> Decision {
    for (number, title, rule) in RULES {
        match rule(situation) {
            Ok(decision) => {
                trace(RuleTrace { number, title, skipped: None });
                return decision;
            }
            Err(skipped) => trace(RuleTrace { number, title, skipped: Some(skipped) }),
        }
    }
    unreachable!("the last rule always fires")
}

/// Rule 1.
fn frozen(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    if situation.mode == Known::Known(Mode::Frozen) {
        Ok(Decision::hold(Reason::Frozen))
    } else {
        Err("the mode is not frozen")
    }
}

/// Rule 2, for a look: it only ever raises.
fn looked(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    if situation.looks() { Ok(Decision::hold(Reason::Looked)) } else { Err("this is no look") }
}

/// Rule 5: always fires.
#[expect(clippy::unnecessary_wraps, reason = "it is a rule like the others")]
fn rest(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let reason = if situation.blind() {
        Reason::Blind
    } else if situation.record().is_none() {
        Reason::RecordUnreadable
    } else {
        Reason::Idle
    };
    Ok(Decision::hold(reason))
}

#[cfg(test)]
mod tests;
