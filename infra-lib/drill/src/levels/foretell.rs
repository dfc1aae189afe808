//! What the shipped rules will decide, computed before anything is changed: on what the controller sees now, with what the drill
//! is about to change put in.

use failover_core::decision::Proof;
use failover_core::observation::{AlarmState, AlarmView, Answer, Group, Known, Observation, Probe};
use failover_core::policy::Failback;
use failover_core::record::{Cause, Raised, Record, Register, Sizes};
use failover_core::time::after;
use failover_core::{Decision, DecisionRecord, Reason, Signal, Timestamp, decide};

use super::Level;

/// What will happen if the rules are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foretold {
    /// Instances that the standby is raised to.
    pub target: u16,
    /// The rules that will fire, in their order.
    pub rules: Vec<&'static str>,
    /// The failback will wait for a person.
    pub approval: bool,
}

/// Foretells a drill of this level, or says why the rules would not play along.
///
/// # Errors
/// What they would decide instead, in words.
pub fn foretell(level: Level, seen: &DecisionRecord) -> Result<Foretold, String> {
    let mut scene = Scene::new(seen)?;
    let mut rules = Vec::new();
    if level == Level::Live {
        rules.push(scene.fails()?);
        rules.extend(scene.holds()?);
    } else {
        scene.raised(Cause::Order);
    }
    let reason = scene.returns(level);
    let approval = reason == Reason::AwaitingApproval;
    if approval && seen.policy.failback() == Failback::Automatic {
        return Err("it would be the third failback of a day, which waits for a person".to_owned());
    }
    let returns =
        matches!(reason, Reason::Prewarm { .. } | Reason::OpenLatch | Reason::Draining { .. });
    // A hot standby is not raised, so there is no failback.
    let stays_hot = level != Level::Live && scene.is_hot;
    if !(returns || approval || stays_hot) {
        return Err(if let Reason::Proving { left_seconds, missing } = reason {
            format!(
                "the controller would keep the standby raised: {} is not proven for {left_seconds} s more",
                proof(missing)
            )
        } else {
            format!("in the failback the controller would decide {}", reason.name())
        });
    }
    rules.push(reason.name());
    Ok(Foretold { target: scene.target, rules, approval })
}

/// What the proof of a healthy primary still lacks, as the subject of a sentence.
const fn proof(missing: Proof) -> &'static str {
    match missing {
        Proof::Alarm => "that the alarm reads OK",
        Proof::Sight => "that the health check has data",
        Proof::Age => "that the alarm stays OK",
        Proof::Datapoints => "that the health check stays healthy",
        Proof::Probe => "that the controller's own probe reaches the primary",
        Proof::Verdict => "that Route 53's verdict reads healthy",
        Proof::Raise => "that the last raise is over",
    }
}

/// What the controller would see.
struct Scene<'a> {
    seen: &'a DecisionRecord,
    observation: Observation,
    record: Record,
    live: Group,
    now: Timestamp,
    target: u16,
    /// The standby stands at its target on an ordinary day.
    is_hot: bool,
}

impl<'a> Scene<'a> {
    fn new(seen: &'a DecisionRecord) -> Result<Self, String> {
        // Nothing is raised yet, so nobody counted them; in the end there are none.
        let observation = Observation { requests: Known::Known(0), ..seen.observation.clone() };
        let unread = |what: &str| format!("the controller cannot read {what}");
        let record = observation.record.known().cloned().ok_or_else(|| unread("its record"))?;
        let live = *observation.standby.known().ok_or_else(|| unread("the standby group"))?;
        let target = failover_core::target(&seen.policy, &observation, seen.at);
        let is_hot = live.min >= target && live.desired >= target;
        Ok(Self { seen, observation, record, live, now: seen.at, target, is_hot })
    }

    fn decide(&mut self, seconds: i64) -> Decision {
        self.now = after(self.now, seconds);
        self.observation.standby = Known::Known(self.live);
        self.observation.record = Known::Known(self.record.clone());
        decide(&self.seen.policy, &Signal::Tick, &self.observation, self.now)
    }

    fn alarm(&mut self, state: AlarmState, transitioned_at: Timestamp) -> Result<(), String> {
        let Known::Known(alarm) = self.observation.alarm else {
            return Err("the controller cannot read the alarm".to_owned());
        };
        self.observation.alarm = Known::Known(AlarmView { state, transitioned_at, ..alarm });
        Ok(())
    }

    /// The alarm reads ALARM: the standby is raised.
    fn fails(&mut self) -> Result<&'static str, String> {
        self.alarm(AlarmState::Alarm, self.now)?;
        let Known::Known(points) = &mut self.observation.datapoints else {
            return Err("the controller cannot read the metric".to_owned());
        };
        points.healthy_run = 0;
        let decision = self.decide(1);
        let reason = &decision.reason;
        if !matches!(
            reason,
            Reason::Raise { .. } | Reason::AlreadyRaised { .. } | Reason::Adopt { .. }
        ) {
            return Err(format!("on an alarm the controller would decide {}", reason.name()));
        }
        for register in &decision.before {
            self.record = self.record.clone().with(register);
        }
        self.carries();
        Ok(decision.reason.name())
    }

    /// DNS names the standby: the latch holds it there.
    fn holds(&mut self) -> Result<Option<&'static str>, String> {
        self.observation.answer = Known::Known(Answer::Standby);
        if !self.seen.policy.latch() {
            return Ok(None);
        }
        // A hot standby is noted as ours by the first of two looks.
        for _ in 0..2 {
            let decision = self.decide(1);
            for register in decision.before.iter().chain(&decision.after) {
                self.record = self.record.clone().with(register);
            }
            let reason = decision.reason;
            if reason == Reason::CloseLatch {
                return Ok(Some(reason.name()));
            }
            if !matches!(reason, Reason::Adopt { .. }) {
                return Err(format!("with DNS at the standby it would decide {}", reason.name()));
            }
        }
        Err("the latch would not close".to_owned())
    }

    /// The note and the sizes of a raise.
    fn raised(&mut self, why: Cause) {
        if self.is_hot {
            return;
        }
        let at = after(self.now, 1);
        let undo = self.live.sizes();
        let raised = Raised { first: at, at, target: self.target, why, undo };
        self.record = self.record.clone().with(&Register::Raised(raised));
        self.carries();
    }

    /// Every server that a raise asks for is there.
    fn carries(&mut self) {
        let Sizes { min, desired, max } = self.live.sizes();
        let desired = desired.max(self.target);
        let min = min.max(self.target);
        let healthy = Known::Known(desired);
        self.live = Group {
            min,
            desired,
            max: max.max(desired),
            in_service: desired,
            healthy,
            ..self.live
        };
    }

    /// The first step back. A live drill waits for the proof; the others begin with it.
    fn returns(&mut self, level: Level) -> Reason {
        if level == Level::Live {
            // Twice the hold-down, which is what a second failback of a day asks for, and the failover before it.
            let hold = self.seen.policy.hold_down() * 3;
            let seconds = i64::try_from(hold.as_secs()).unwrap_or(i64::MAX);
            let since = self.now;
            self.alarm(AlarmState::Ok, since).ok();
            self.observation.probe = Known::Known(Probe::Up);
            if let Known::Known(points) = &mut self.observation.datapoints {
                points.newest = after(since, seconds);
                points.healthy_run = u16::MAX;
                points.newest_two_zero = false;
            }
            return self.decide(seconds).reason;
        }
        let tick = i64::try_from(self.seen.policy.tick().as_secs()).unwrap_or(60);
        self.decide(tick).reason
    }
}
