//! The readings of one invocation, condensed to the words that the rules use.

use std::borrow::Cow;
use std::time::Duration;

use crate::decision::{Latch, Reply};
use crate::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Mode, Observation, Probe,
    Verdict, Why,
};
use crate::policy::{Failback, Floor, Policy, Routing};
use crate::record::{Cause, Demand, Gate, Order, Ownership, Peak, Raised, Record, Register, Slot};
use crate::signal::{Claim, Signal};
use crate::time::{Timestamp, after, age};

/// Datapoints older than this many periods prove nothing: a minute plus the usual 15 s, with room for one that is late.
pub(super) const LATE_PERIODS: u32 = 4;
/// A newest datapoint older than this means that the detector is blind: CloudWatch's evaluation range.
const BLIND_PERIODS: u32 = 5;
/// How far clocks may differ before a time in the record counts as one from the future. Units: ticks.
const SKEW_TICKS: u32 = 5;
/// So many failbacks within a day are automatic.
const AUTOMATIC_FAILBACKS: usize = 2;

/// Why a rule did not fire, as the rest of "it did not fire: …".
pub(super) type Skipped = &'static str;

pub(super) struct Situation<'a> {
    pub(super) policy: &'a Policy,
    pub(super) signal: &'a Signal,
    pub(super) observation: &'a Observation,
    /// The standby group.
    pub(super) live: Group,
    /// Whole seconds, as the registers hold.
    pub(super) now: Timestamp,
    /// As it is after the operator's request.
    pub(super) mode: Known<Mode>,
    /// What became of the operator's request.
    pub(super) reply: Option<Reply>,
    /// The register that keeps it.
    pub(super) request: Option<Register>,
    /// As it is after the operator's request, without what cannot have happened yet.
    record: Option<Cow<'a, Record>>,
}

impl<'a> Situation<'a> {
    /// # Errors
    /// Why the standby group is unknown: nothing can be decided without it.
    pub(super) fn new(
        policy: &'a Policy,
        signal: &'a Signal,
        observation: &'a Observation,
        now: Timestamp,
    ) -> Result<Self, Why> {
        let live = match observation.standby {
            Known::Known(live) => live,
            Known::Unknown(why) => return Err(why),
        };
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Ok(Self {
            policy,
            signal,
            observation,
            live,
            now,
            mode: observation.mode(),
            reply: None,
            request: None,
            record: observation.record.known().map(|record| plausible(record, policy, now)),
        })
    }

    /// The same once the operator's request was answered, and is kept by the register if there is one.
    pub(super) fn answered(mut self, reply: Reply, register: Option<Register>) -> Self {
        self.reply = Some(reply);
        if let (Some(register), Some(record)) = (&register, &mut self.record) {
            let changed = record.clone().into_owned().with(register);
            self.mode = changed.mode();
            *record = Cow::Owned(changed);
        }
        self.request = register;
        self
    }

    pub(super) fn record(&self) -> Option<&Record> {
        self.record.as_deref()
    }

    pub(super) fn ownership(&self) -> Ownership {
        self.record().map_or(Ownership::Unreadable, Record::ownership)
    }

    pub(super) fn ours(&self) -> Result<Raised, Skipped> {
        match self.ownership() {
            Ownership::Ours(raised) => Ok(raised),
            Ownership::Idle => Err("nothing is raised"),
            Ownership::Unreadable => Err("the record cannot be read"),
        }
    }

    /// The instances that carried the load at its peak: as sampled, or as the site expects, and no fewer than the primary runs
    /// or may run with.
    pub(super) fn peak(&self) -> u16 {
        let sampled = self.record().and_then(|record| record.peak.held()).and_then(Peak::max);
        let sampled = sampled.unwrap_or(self.policy.peak_hint());
        match self.observation.primary {
            Known::Known(primary) if self.primary_shows_the_load() => {
                sampled.max(primary.min).max(primary.in_service)
            }
            Known::Known(_) | Known::Unknown(_) => sampled,
        }
    }

    /// Whether the primary's size is that of the load, and neither of our own doing nor left over from when it had users.
    fn primary_shows_the_load(&self) -> bool {
        // Where both regions serve, the floors hold more instances than the load needs.
        self.policy.routing() == Routing::Failover
            && match self.ownership() {
                Ownership::Idle | Ownership::Unreadable => true,
                Ownership::Ours(raised) => {
                    let undo = self.record().and_then(|record| record.primary.held());
                    let grown = undo.is_some_and(|undo| undo.episode == raised.first);
                    self.observation.answer == Known::Known(Answer::Primary)
                        && self.gate().is_some_and(|gate| gate.latch == Latch::Open)
                        && !grown
                }
            }
    }

    /// T: instances that the standby needs to carry the load. It never falls below what this failover was raised for.
    pub(super) fn target(&self) -> u16 {
        let raised = match self.ownership() {
            Ownership::Ours(raised) => raised.target.min(self.policy.capacity_max()),
            Ownership::Idle | Ownership::Unreadable => 0,
        };
        self.policy.target(Some(self.peak())).max(raised)
    }

    /// The standby may be given all users: it has every server that it needs, or enough of them after it had its time.
    pub(super) fn carries(&self) -> bool {
        let Some(&healthy) = self.live.healthy.known() else { return false };
        let target = self.target();
        let waited =
            self.ours().is_ok_and(|raised| age(self.now, raised.at) >= self.policy.starved());
        healthy >= target || waited && self.policy.may_carry(healthy, target)
    }

    /// Min or desired is below the target.
    pub(super) fn short(&self) -> bool {
        self.live.min < self.target() || self.live.desired < self.target()
    }

    /// The standby's floor follows the load downwards too.
    pub(super) fn floor_follows(&self) -> bool {
        self.policy.floor() == Floor::Match && self.policy.routing() == Routing::Failover
    }

    /// The gate as recorded; always open where there is no latch. `None` if nobody can tell.
    pub(super) fn gate(&self) -> Option<Gate> {
        if !self.policy.latch() {
            return Some(Gate { latch: Latch::Open, since: None });
        }
        self.record()?.gate()
    }

    /// What is put in every mode: the *recorded* value, or nothing.
    pub(super) fn recorded_latch(&self) -> Known<Latch> {
        if !self.policy.latch() {
            return Known::Unknown(Why::NotAsked);
        }
        self.gate().map_or(Known::Unknown(Why::Unparseable), |gate| Known::Known(gate.latch))
    }

    /// The operator's order that stands.
    pub(super) fn order(&self) -> Option<&Order> {
        self.record()?.order.held()
    }

    pub(super) fn failover_ordered(&self) -> bool {
        self.order()
            .is_some_and(|order| order.what == Demand::Failover && self.knows(order.episode))
    }

    /// The order was given while nothing was raised, in the newest failover of this record, or in the one that has just
    /// finished, and is no copy of another one.
    fn knows(&self, episode: Timestamp) -> bool {
        if episode == Timestamp::UNIX_EPOCH {
            return true;
        }
        let Some(record) = self.record() else { return false };
        if record.raised == Slot::Unreadable && record.stranded().is_none() {
            // Nothing names the failover, and a raise is the safe side.
            return true;
        }
        // Two handlers may raise at once, and the order names what its own handler read.
        let near = |later, earlier| age(later, earlier) <= self.policy.claim_age_max();
        let raised = record.raised.held();
        let present = record.unfinished().is_some_and(|first| {
            near(first, episode) && raised.is_none_or(|raised| near(episode, raised.at))
        });
        present || record.done.held() == Some(&episode)
    }

    /// The primary is down: the first evidence of it, or what is missing.
    pub(super) fn down(&self) -> Result<Cause, Skipped> {
        let first = Cause::ALL.iter().copied().find(|&cause| self.evidence(cause).is_ok());
        first.ok_or("nothing says that the primary is down")
    }

    /// Whether this evidence says that the primary is down, or why it does not.
    pub(super) fn evidence(&self, cause: Cause) -> Result<(), Skipped> {
        let observation = self.observation;
        let ensure = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
        match cause {
            Cause::Alarm => match observation.alarm {
                Known::Known(alarm) => {
                    ensure(alarm.state == AlarmState::Alarm, "the alarm does not read ALARM")
                }
                Known::Unknown(_) => Err("the alarm cannot be read"),
            },
            Cause::Verdict => match observation.verdict {
                Known::Known(verdict) => {
                    ensure(verdict == Verdict::Unhealthy, "Route 53's verdict reads healthy")
                }
                Known::Unknown(Why::NotAsked) => Err("Route 53's verdict was not asked for"),
                Known::Unknown(_) => Err("Route 53's verdict cannot be read"),
            },
            Cause::Datapoints => {
                let points = observation.datapoints.known().ok_or("the metric cannot be read")?;
                ensure(points.newest_two_zero, "the newest two datapoints are not both 0")?;
                ensure(self.within(points, BLIND_PERIODS), "the datapoints are too old")
            }
            Cause::Order => ensure(self.failover_ordered(), "nobody has ordered a failover"),
            Cause::Answer => {
                ensure(
                    observation.answer == Known::Known(Answer::Standby),
                    "DNS does not name the standby",
                )?;
                let gate = self.gate().ok_or("nobody knows whether the latch is open")?;
                ensure(gate.latch == Latch::Open, "the latch keeps DNS there")?;
                let released =
                    gate.since.is_none_or(|since| age(self.now, since) >= self.policy.released());
                ensure(released, "the latch was opened a moment ago")
            }
            Cause::Probe => {
                ensure(!self.looks(), "a look does not judge the detector")?;
                ensure(self.sees_nothing(), "the detector sees, or one reading alone was lost")?;
                ensure(observation.egress, "no other endpoint answers either")?;
                ensure(
                    observation.probe == Known::Known(Probe::Down),
                    "our own probe did not find the primary down",
                )?;
                let base = self.record().and_then(|record| record.base.held());
                ensure(base.is_some(), "the primary has not been up for an hour yet")
            }
            Cause::Claim => {
                ensure(observation.alarm.known().is_none(), "the alarm itself can be read")?;
                ensure(self.fresh_claim(), "no fresh event claims ALARM")
            }
            Cause::Suspicion => self.suspicion(),
        }
    }

    /// Two looks in a row by our own probe, where the site asks for it. Users do not move by it, so a false one costs servers
    /// alone, and no more often in a day than a failback may happen without a person.
    fn suspicion(&self) -> Result<(), Skipped> {
        let ensure = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
        ensure(self.policy.eager(), "`eager` is off")?;
        let again = matches!(self.signal, Signal::Look { again: true });
        ensure(again, "this is no second look in a row")?;
        ensure(self.observation.egress, "no other endpoint answers either")?;
        ensure(
            self.observation.probe == Known::Known(Probe::Down),
            "our own probe did not find the primary down",
        )?;
        let base = self.record().and_then(|record| record.base.held());
        ensure(base.is_some(), "the primary has not been up for an hour yet")?;
        ensure(
            self.recent_failbacks() < AUTOMATIC_FAILBACKS,
            "two failovers have ended within a day already",
        )
    }

    /// A look between two ticks.
    pub(super) const fn looks(&self) -> bool {
        matches!(self.signal, Signal::Look { .. })
    }

    fn fresh_claim(&self) -> bool {
        match self.signal {
            Signal::Alarm(Claim { state: AlarmState::Alarm, at }) => {
                age(self.now, *at) <= self.policy.claim_age_max()
            }
            Signal::Alarm(_)
            | Signal::Tick
            | Signal::Look { .. }
            | Signal::Rehearsal
            | Signal::Request(_)
            | Signal::Unreadable { .. } => false,
        }
    }

    pub(super) fn within(&self, points: &Datapoints, periods: u32) -> bool {
        age(self.now, points.newest) <= points.period * periods
    }

    /// The detector does not see: its silence proves nothing.
    pub(super) fn blind(&self) -> bool {
        let observation = self.observation;
        self.alarm_blind().unwrap_or(true)
            || observation.datapoints.known().is_none_or(|points| self.stale(points))
    }

    /// Blind for certain: one lost reading of the metric, beside an alarm that can be read and judges, does not count.
    fn sees_nothing(&self) -> bool {
        let lost_again = || {
            let before = self.record().and_then(|record| record.unseen.held());
            before.is_some_and(|&before| age(self.now, before) <= self.policy.drain_gap())
        };
        match (self.alarm_blind(), self.observation.datapoints) {
            (None | Some(true), _) => true,
            (Some(false), Known::Known(points)) => self.stale(&points),
            (Some(false), Known::Unknown(_)) => lost_again(),
        }
    }

    /// The alarm is there and has nothing to say. `None` if it cannot be read.
    pub(super) fn alarm_blind(&self) -> Option<bool> {
        self.observation.alarm.known().map(|alarm| {
            alarm.state == AlarmState::Insufficient || alarm.evaluation == Evaluation::Failing
        })
    }

    /// The newest datapoint is so old that CloudWatch no longer evaluates the metric.
    pub(super) fn stale(&self, points: &Datapoints) -> bool {
        !self.within(points, BLIND_PERIODS)
    }

    /// The alarm has been OK for so long that what is live now is the normal state.
    pub(super) fn settled(&self) -> bool {
        self.observation.alarm.known().is_some_and(|alarm| {
            alarm.state == AlarmState::Ok
                && age(self.now, alarm.transitioned_at) >= self.policy.hour()
        })
    }

    /// Failbacks that finished within a day. An unreadable history counts as one too many.
    fn recent_failbacks(&self) -> usize {
        match self.record().map(|record| &record.history) {
            Some(Slot::Held(history)) => {
                let recent = |&&at: &&Timestamp| age(self.now, at) < self.policy.day();
                history.finished.iter().filter(recent).count()
            }
            Some(Slot::Absent) => 0,
            Some(Slot::Unreadable) | None => AUTOMATIC_FAILBACKS,
        }
    }

    /// H: doubled after the first failback of a day.
    pub(super) fn hold_down(&self) -> Duration {
        let factor = if self.recent_failbacks() == 0 { 1 } else { 2 };
        self.policy.hold_down() * factor
    }

    /// The failback waits for a person: the site asks for it, or there were too many failbacks.
    pub(super) fn needs_approval(&self) -> bool {
        self.policy.failback() != Failback::Automatic
            || self.recent_failbacks() >= AUTOMATIC_FAILBACKS
    }

    /// A person released this failback, after the last failure.
    pub(super) fn approved(&self, raised: &Raised) -> bool {
        let (Some(order), Some(alarm)) = (self.order(), self.observation.alarm.known()) else {
            return false;
        };
        let releases = match order.what {
            Demand::Failback => true,
            Demand::Approve => self.policy.failback() != Failback::Manual,
            Demand::Failover => false,
        };
        releases && order.episode == raised.at && order.at >= whole(alarm)
    }

    /// Instances that the primary needs to take everybody back.
    pub(super) fn demand(&self) -> u16 {
        self.live.in_service.max(self.target())
    }
}

/// The transition in whole seconds, as orders are.
fn whole(alarm: &AlarmView) -> Timestamp {
    Timestamp::from_second(alarm.transitioned_at.as_second()).unwrap_or(alarm.transitioned_at)
}

/// The record without what cannot have happened yet; copied only if there is such a thing.
pub(crate) fn plausible<'a>(
    record: &'a Record,
    policy: &Policy,
    now: Timestamp,
) -> Cow<'a, Record> {
    let skew = i64::try_from((policy.tick() * SKEW_TICKS).as_secs()).unwrap_or(i64::MAX);
    let latest = after(now, skew);
    if record.newest().is_some_and(|newest| newest > latest) {
        Cow::Owned(record.clone().without_future(latest))
    } else {
        Cow::Borrowed(record)
    }
}
