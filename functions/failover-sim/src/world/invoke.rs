//! One invocation of the controller: it reads, decides and acts, and may be stopped anywhere.

use std::sync::Arc;

use failover_core::course::{Act, Course};
use failover_core::decision::{Effect, Latch, StandbyWrite, Step};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, CheckConfig, Known, Observation, Probe, Readiness, Verdict, Why,
};
use failover_core::record::{Cause, Ownership, Register, Slot};
use failover_core::time::age;
use failover_core::{Decision, Reason, Signal, Timestamp};

use super::ruling::Sighting;
use super::{Fault, Fleet, Minute, Read, Ruling, Site, Stage, VerdictOf, Words, World};

const I1: &str = "I1 no instance stops while DNS names the standby, or did a minute ago";
pub(super) const I2: &str = "I2 no release below demand";
/// More than checks and scanners send, whatever the size of the fleet.
const MANY_REQUESTS: u32 = 1000;
const I1M: &str = "I1m the minimum stays while DNS names the standby";

/// What an invocation did, for whoever tells the story.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Why it ran, what it saw, and what it decided.
    pub ruling: Arc<Ruling>,
    /// The act at which it was stopped, if it was.
    pub stopped: Option<u8>,
}

impl Invocation {
    /// What it decided.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.ruling.decision
    }
}

/// A handler between two of its acts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pending {
    /// What it decided.
    pub decision: Decision,
    /// Acts that are behind it.
    pub acts: u8,
    /// What it looks at again before a lowering.
    pub alarm: Known<AlarmView>,
    /// The same of DNS.
    pub answer: Known<Answer>,
    /// Somebody else has found the primary down since it read.
    pub outrun: bool,
}

/// How an invocation goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    pub(super) fault: Option<Fault>,
    pub(super) stale_answer: bool,
    /// What a look at the endpoint's check finds, where there is one.
    pub(super) check: Option<CheckConfig>,
    /// It reads no more than a look needs while the verdict is not unhealthy.
    pub(super) narrow: bool,
}

impl Trouble {
    /// What the whole minute suffers from.
    pub(super) fn of(minute: &Minute) -> Self {
        Self { stale_answer: minute.lags.answer, ..Self::default() }
    }
}

/// Which invariants of single decisions are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// All of them: for the rules that ship.
    All,
    /// None: only what happens to the users counts, as for rules that are broken on purpose.
    None,
    /// Those that look at the decision alone, and do not compare it with the rules that ship.
    Alone,
}

impl World {
    /// Runs the controller once. `None` if the fault had nothing to act on.
    pub(super) fn invoke(
        &mut self,
        stage: &Stage<'_>,
        at: Timestamp,
        signal: &Signal,
        trouble: Trouble,
    ) -> Option<Invocation> {
        let site = stage.site;
        let asked = (self.setting, self.policy(site));
        let ruling = stage.ruling(asked, signal, &self.observe(site, trouble), at);
        let decision = &ruling.decision;
        if let Some(broken) = ruling.broken.filter(|_| stage.judged != Judged::None) {
            self.breaks(broken);
        }
        let raises = matches!(
            decision.reason,
            Reason::Raise { why: Cause::Probe | Cause::Verdict | Cause::Suspicion, .. }
        );
        if raises && trouble.fault == Some(Fault::NoEgress) && self.primary.healthy() > 0 {
            self.breaks("F a cut line of our own raises nothing");
        }
        let reading = (ruling.observation.alarm, ruling.observation.answer);
        if let Some(pending) = &mut self.pending {
            // Whoever finds the primary down relies on what stands.
            pending.outrun |= matches!(
                decision.reason,
                Reason::Raise { .. } | Reason::AlreadyRaised { .. } | Reason::CloseLatch
            );
        }
        let stopped = self.carry_out(site, decision, 0, reading, trouble.fault)?;
        Some(Invocation { ruling, stopped })
    }

    /// Walks the rest of a decision's course. `None` if the fault had nothing to act on; `Some(Some(n))` if the handler was
    /// stopped before its n-th act.
    #[expect(clippy::option_option, reason = "no effect, ran to its end, stopped")]
    fn carry_out(
        &mut self,
        site: &Site,
        decision: &Decision,
        behind: u8,
        reading: (Known<AlarmView>, Known<Answer>),
        fault: Option<Fault>,
    ) -> Option<Option<u8>> {
        let mut course = Course::new(decision);
        let mut number = 0;
        let mut hit = false;
        while let Some((step, act)) = course.next_act() {
            // What people are told decides nothing else: it has a fault of its own, and no number among the acts.
            if matches!(step, Step::Notify | Step::Told) {
                let untold = fault == Some(Fault::Untold) && step == Step::Notify;
                hit |= untold;
                self.untold.lost |= untold;
                let confirmed = !untold && self.apply(site, &act, reading);
                if confirmed && step == Step::Notify {
                    self.untold.hear(&decision.news);
                }
                course.took(confirmed);
                continue;
            }
            if number < behind {
                number += 1;
                course.took(true);
                continue;
            }
            match fault {
                Some(Fault::Crash(n)) if n == number => return Some(Some(n)),
                Some(Fault::Slow(n)) if n == number => {
                    let (alarm, answer) = reading;
                    let decision = decision.clone();
                    self.pending =
                        Some(super::Pending { decision, acts: n, alarm, answer, outrun: false });
                    return Some(Some(n));
                }
                _ => {}
            }
            let lost = fault == Some(Fault::Lost(number));
            let unconfirmed = fault == Some(Fault::Unconfirmed(number));
            hit |= lost || unconfirmed;
            let confirmed = !lost && self.apply(site, &act, reading) && !unconfirmed;
            course.took(confirmed);
            number += 1;
        }
        let aimed = matches!(
            fault,
            Some(
                Fault::Crash(_)
                    | Fault::Lost(_)
                    | Fault::Unconfirmed(_)
                    | Fault::Slow(_)
                    | Fault::Untold
            )
        );
        (!aimed || hit).then_some(None)
    }

    /// Lets the handler that halted go on to its end.
    pub(super) fn resume(&mut self, site: &Site) {
        if let Some(pending) = self.pending.take() {
            let Pending { decision, acts, alarm, answer, outrun } = pending;
            let desired = self.standby.desired;
            let before = self.broken;
            let _ended = self.carry_out(site, &decision, acts, (alarm, answer), None);
            // A failure between the last look and the write is seen by nobody: without a compare-and-set there is no rule
            // against it. What it costs is bounded by S2 and L1.
            if self.broken.is_some_and(|broken| [I1, I1M, I2].contains(&broken)) {
                self.broken = before;
            }
            // What target tracking has added since is no raise of ours: it adds it again.
            let raised = self.record.raised.held().map_or(desired, |raised| raised.target);
            if outrun && self.standby.desired < desired.min(raised) {
                self.breaks("S2 no stale write stops an instance after a newer raise");
            }
        }
    }

    /// Carries out one act. `true` if AWS confirms it.
    fn apply(
        &mut self,
        site: &Site,
        act: &Act,
        (alarm, answer): (Known<AlarmView>, Known<Answer>),
    ) -> bool {
        match act {
            Act::Tags(registers) => {
                for register in registers {
                    self.note(site, register);
                }
                true
            }
            Act::Recheck => {
                self.detector.read_alarm() == alarm && self.named(self.answer) == answer
            }
            Act::Standby(write) => self.write_standby(site, *write),
            Act::Primary(write) => {
                let desired = write.desired.unwrap_or(self.primary.desired);
                // AWS takes a desired capacity that was left out up to the new minimum.
                let desired = desired.max(write.min);
                let fits = desired <= self.primary.max;
                if fits {
                    (self.primary.min, self.primary.desired) = (write.min, desired);
                }
                fits
            }
            Act::Latch(latch) => {
                self.gate.put(*latch);
                true
            }
            Act::Notify(_) => true,
        }
    }

    fn note(&mut self, site: &Site, register: &Register) {
        if let Register::Opened(_) = register {
            let (primary, standby) = (self.primary.healthy(), self.standby.healthy());
            if self.latch() == Latch::Closed && primary < self.promised(site) && standby > primary {
                self.breaks(I2);
            }
        }
        if matches!(register, Register::Opened(_)) {
            self.harm.short = self.standby.healthy() < self.promised(site);
        } else if matches!(register, Register::Closed(_)) {
            (self.harm.reduced, self.harm.short) = (false, false);
        }
        self.record = std::mem::take(&mut self.record).with(register);
    }

    fn write_standby(&mut self, site: &Site, write: StandbyWrite) -> bool {
        let Fleet { min, desired, max, .. } = self.standby;
        let live = failover_core::record::Sizes { min, desired, max };
        // AWS refuses sizes that do not fit each other: the only compare-and-set there is.
        let Some(next) = write.applied(live) else { return false };
        // A check that was set this minute moves DNS after the controller has looked, and nothing else tells of it.
        if !self.lasting.check_is_new() {
            if next.desired < desired && [self.answer, self.answered].contains(&Answer::Standby) {
                self.breaks(I1);
            }
            if next.min < min && self.answer == Answer::Standby {
                self.breaks(I1M);
            }
        }
        // A person's order that is spoiled before a late write was one when that was decided.
        if next.min < min && self.ours() && self.record.order == Slot::Absent {
            let recent = |at: &&Timestamp| age(self.now, **at) < site.policy.day();
            let history = self.record.history.held();
            if history.is_some_and(|past| past.finished.iter().filter(recent).count() >= 2) {
                self.breaks("S11 no third failback of a day without a person");
            }
        }
        (self.standby.min, self.standby.desired, self.standby.max) =
            (next.min, next.desired, next.max);
        // Instances beyond the desired capacity stop at once.
        self.standby.in_service = self.standby.in_service.min(next.desired);
        true
    }

    /// What the controller makes of an answer of DNS.
    fn named(&self, answer: Answer) -> Known<Answer> {
        self.lasting.names.map_or(Known::Known(answer), |names| names.seen(answer))
    }

    fn observe(&self, site: &Site, trouble: Trouble) -> Sighting<'_> {
        let reaches = trouble.fault != Some(Fault::NoEgress);
        let fails =
            |read: Read| trouble.fault == Some(Fault::Unread(read)) || self.lasting.fails(read);
        let unread = |read: Read| fails(read) || !reaches;
        let alarm_fails = unread(Read::Alarm) || trouble.fault == Some(Fault::StaleEvent);
        let standby_fails = fails(Read::Standby);
        // A cut line looks like a dead primary.
        let through = reaches && !self.lasting.cut && self.primary.healthy() > 0;
        let probe = if through { Probe::Up } else { Probe::Down };
        let asked = site.verdict != VerdictOf::Nothing;
        let verdict = reading(asked, unread(Read::Verdict), || self.verdict(site));
        let wide = !trouble.narrow || verdict == Known::Known(Verdict::Unhealthy);
        let answer = if trouble.stale_answer { self.answered } else { self.answer };
        let mut standby = self.standby.group();
        if fails(Read::Healthy) {
            standby.healthy = Known::Unknown(Why::Timeout);
        }
        // CloudWatch may be minutes behind, so that no proof may lean on what it counted.
        let many = trouble.fault == Some(Fault::Stragglers);
        let requests = if many { MANY_REQUESTS } else { 0 };
        let bare = Observation {
            alarm: reading(wide, alarm_fails, || self.detector.read_alarm()),
            datapoints: reading(wide, unread(Read::Datapoints), || {
                self.detector.read_datapoints(&site.policy)
            }),
            standby: reading(true, standby_fails, || Known::Known(standby)),
            record: Known::Unknown(Why::NotAsked),
            primary: reading(wide, unread(Read::Primary), || Known::Known(self.primary.group())),
            verdict,
            answer: reading(wide, unread(Read::Answer), || self.named(answer)),
            probe: reading(true, fails(Read::Probe), || Known::Known(probe)),
            egress: reaches,
            readiness: Readiness {
                check: trouble.check.map_or(Known::Unknown(Why::NotAsked), Known::Known),
                ..Readiness::NOT_ASKED
            },
            requests: reading(self.ours(), fails(Read::Requests), || Known::Known(requests)),
        };
        let record = reading(true, standby_fails, || Known::Known(&self.record));
        Sighting { bare, record }
    }

    /// What two of the zone's name servers answer.
    fn verdict(&self, site: &Site) -> Known<Verdict> {
        let seen = site.verdict == VerdictOf::Endpoint || self.latch() == Latch::Open;
        let green = self.detector.verdict && seen;
        let right = if green { Verdict::Healthy } else { Verdict::Unhealthy };
        self.lasting.words.map_or(Known::Known(right), Words::seen)
    }

    /// After an invocation without any fault that reads ALARM, or an unhealthy verdict, the standby is raised.
    pub(super) fn judge_raise(&mut self, site: &Site, invocation: &Invocation) {
        let decision = invocation.decision();
        let held = decision.reason == Reason::Frozen
            || decision.effect == Effect::Report
            || invocation.ruling.observation.standby.known().is_none();
        let alarm = invocation.ruling.observation.alarm.known().map(|alarm| alarm.state);
        let target = self.target(site);
        let raised = self.standby.min >= target && self.standby.desired >= target;
        let red = alarm == Some(AlarmState::Alarm)
            || invocation.ruling.observation.verdict == Known::Known(Verdict::Unhealthy);
        if red && !held && !raised {
            self.breaks("L1 raised after every good run that reads ALARM or an unhealthy verdict");
        }
    }

    /// The standby is larger than normal, and that is our own doing.
    #[must_use]
    pub fn ours(&self) -> bool {
        matches!(self.record.ownership(), Ownership::Ours(_))
    }
}

/// A reading that is asked for or not, and then fails or not.
fn reading<T>(asked: bool, fails: bool, read: impl FnOnce() -> Known<T>) -> Known<T> {
    match (asked, fails) {
        (false, _) => Known::Unknown(Why::NotAsked),
        (true, true) => Known::Unknown(Why::Timeout),
        (true, false) => read(),
    }
}
