//! One minute, in the order in which things can hurt most.

use std::sync::Arc;

use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Mode};
use failover_core::policy::Floor;
use failover_core::record::{Ownership, Slot};
use failover_core::signal::{Claim, Request};
use failover_core::time::after;
use failover_core::{Policy, Signal, Timestamp};

use crate::decide::Decide;

use super::detector::{Sight, seconds};
use super::invoke::{Invocation, Judged, Trouble};
use super::ruling::{Ruling, Rulings, Sighting};
use super::{Fault, Flip, Gate, Look, Minute, Operator, Region, Site, Tag, World, tags};

/// Everything around the world that one minute needs.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a function has nothing to show")]
pub struct Stage<'a> {
    /// The site.
    pub site: &'a Site,
    /// Who decides.
    pub decide: &'a dyn Decide,
    /// What is judged of each decision.
    pub judged: Judged,
    /// The tick runs.
    pub ticks: bool,
    /// What was decided before, of the same site and judged alike.
    pub rulings: Option<&'a Rulings>,
}

impl Stage<'_> {
    /// What is decided on these readings.
    pub(super) fn ruling(
        &self,
        (setting, policy): (u8, &Policy),
        signal: &Signal,
        sighting: Sighting<'_>,
        at: Timestamp,
    ) -> Arc<Ruling> {
        let asked = (setting, signal, sighting, at);
        let make = |judged| Ruling::new(policy, self.decide, judged, asked);
        match self.rulings {
            Some(rulings) => rulings.find(asked, make),
            None => Arc::new(make(self.judged)),
        }
    }
}

impl World {
    /// The world after `minute`, or `None` if one of its choices had nothing to act on. `told` hears of every invocation.
    #[must_use]
    pub fn after(
        &self,
        stage: &Stage<'_>,
        minute: &Minute,
        told: &mut dyn FnMut(&World, &Invocation),
    ) -> Option<Self> {
        let site = stage.site;
        let mut next = self.clone();
        // What was heard before a failover does not tell of it.
        next.untold.heard &= next.record.ownership() != Ownership::Idle;
        next.shake(site, minute)?;
        next.settle(site, minute);
        if !minute.late {
            next.resume(site);
        }
        let mut fault = minute.fault;
        let clock = after(next.now, i64::from(minute.skew));
        if let Some(operator) = minute.operator {
            next.operate(stage, operator, clock, &mut fault, told)?;
        }
        if matches!(minute.look, Some(Look::Before | Look::Twice)) {
            next.look(stage, clock, minute, &mut fault, told)?;
        }
        if let Some(signal) = next.event(self, minute, fault) {
            let trouble = Trouble { fault: fault.take(), ..Trouble::of(minute) };
            if next.runs() {
                let ran = next.invoke(stage, clock, &signal, trouble)?;
                told(&next, &ran);
            }
        }
        if stage.ticks && next.runs() {
            let trouble = Trouble { fault, check: minute.check, ..Trouble::of(minute) };
            let at = after(clock, seconds(site.policy.tick()) / 2);
            let ran = next.invoke(stage, at, &Signal::Tick, trouble)?;
            if minute.fault.is_none() && next.pending.is_none() {
                next.judge_raise(site, &ran);
                if site.telling {
                    next.judge_telling(site, &ran);
                }
            }
            told(&next, &ran);
        } else if fault.is_some_and(aimed) {
            return None;
        }
        if matches!(minute.look, Some(Look::After | Look::Twice)) {
            let at = after(clock, seconds(site.policy.tick()) / 2);
            next.look(stage, at, minute, &mut None, told)?;
        }
        if minute.late {
            next.resume(site);
        }
        next.lasting.grow_old();
        next.now = after(next.now, seconds(site.policy.tick()));
        Some(next)
    }

    /// A look between two ticks. The adversary says whether the one before it failed as well: it always may have.
    fn look(
        &mut self,
        stage: &Stage<'_>,
        at: Timestamp,
        minute: &Minute,
        fault: &mut Option<Fault>,
        told: &mut dyn FnMut(&World, &Invocation),
    ) -> Option<()> {
        if !self.runs() {
            return Some(());
        }
        let signal = Signal::Look { again: stage.site.policy.eager() };
        let narrow = !stage.site.wide_looks;
        let trouble = |fault| Trouble { fault, narrow, ..Trouble::of(minute) };
        let before = fault.map(|_| self.clone());
        let ran = self.invoke(stage, at, &signal, trouble(*fault));
        let ran = match (ran, before) {
            // What can hit one invocation alone has done so.
            (Some(ran), Some(_)) => {
                *fault = fault.filter(|&fault| !aimed(fault));
                ran
            }
            (Some(ran), None) => ran,
            // A look without an act to hit: it waits for the next invocation.
            (None, before) => {
                *self = before?;
                self.invoke(stage, at, &signal, trouble(None))?
            }
        };
        told(self, &ran);
        Some(())
    }

    /// The controller lives in the standby region, and runs if that does.
    fn runs(&self) -> bool {
        self.alive && self.standby.up
    }

    /// What goes wrong, and what ends.
    fn shake(&mut self, site: &Site, minute: &Minute) -> Option<()> {
        let happens = |happens: bool| happens.then_some(());
        match minute.relief {
            None => {}
            Some(Flip::Standby) => {
                happens(!self.standby.up)?;
                self.standby.up = true;
            }
            Some(Flip::Sight) => {
                happens(self.detector.sight != Sight::Clear)?;
                self.detector.sight = Sight::Clear;
            }
            Some(Flip::Controller) => {
                happens(!self.alive)?;
                self.alive = true;
            }
            Some(Flip::Freeze) => {
                happens(self.record.mode == Slot::Held(Mode::Frozen))?;
                self.record.mode = Slot::Absent;
            }
            Some(Flip::Tags) => happens(self.mend_tags())?,
            Some(Flip::Readings) => happens(self.lasting.read_again())?,
            Some(Flip::Names) => {
                happens(self.lasting.names.is_some())?;
                self.lasting.names = None;
            }
            Some(Flip::Check) => happens(self.lasting.set_check(None))?,
            Some(Flip::Words) => {
                happens(self.lasting.words.is_some())?;
                self.lasting.words = None;
            }
            Some(Flip::Path) => {
                happens(self.lasting.cut)?;
                self.lasting.cut = false;
            }
            Some(Flip::Servers) => {
                happens(self.primary.unhealthy + self.standby.unhealthy > 0)?;
                (self.primary.unhealthy, self.standby.unhealthy) = (0, 0);
            }
        }
        if minute.flip {
            self.primary.up = !self.primary.up;
        }
        self.go_wrong(site, minute.fault)
    }

    fn go_wrong(&mut self, site: &Site, fault: Option<Fault>) -> Option<()> {
        let happens = |happens: bool| happens.then_some(());
        match fault {
            Some(Fault::StandbyDark) => {
                happens(self.standby.up)?;
                self.standby.up = false;
            }
            Some(Fault::DetectorDark) => {
                happens(self.detector.sight == Sight::Clear)?;
                self.detector.sight = Sight::Dark;
            }
            Some(Fault::DetectorSilent) => {
                happens(self.detector.sight == Sight::Clear)?;
                self.detector.sight = Sight::Silent;
            }
            Some(Fault::Dead) => {
                happens(self.alive)?;
                self.alive = false;
            }
            Some(Fault::Freeze) => {
                happens(self.record.mode == Slot::Absent)?;
                self.record.mode = Slot::Held(Mode::Frozen);
            }
            Some(Fault::Loss) => {
                happens(self.standby.in_service > 0)?;
                self.standby.in_service -= 1;
                self.harm.reduced = true;
            }
            Some(Fault::Drought) => {
                happens(self.standby.in_service > 0 && !self.dry)?;
                self.standby.in_service -= 1;
                (self.dry, self.harm.reduced) = (true, true);
            }
            Some(Fault::Shrink) => {
                happens(self.primary.in_service > 1)?;
                self.primary.in_service = 1;
            }
            Some(Fault::Deploy) => self.deploy(site)?,
            Some(Fault::Garble(tag)) => happens(self.garble(tag))?,
            Some(Fault::Delete(tag)) => happens(tags::delete(&mut self.record, tag))?,
            Some(Fault::Setting(setting)) => happens(self.set(site, setting))?,
            Some(Fault::Unreadable(read)) => happens(self.lasting.fail(read))?,
            Some(Fault::Names(names)) => {
                happens(self.lasting.names.replace(names) != Some(names))?;
            }
            Some(Fault::Check(check)) => happens(self.lasting.set_check(Some(check)))?,
            Some(Fault::Words(words)) => {
                happens(self.lasting.words.replace(words) != Some(words))?;
            }
            Some(Fault::Path) => {
                happens(!self.lasting.cut)?;
                self.lasting.cut = true;
            }
            Some(Fault::Unhealthy(region)) => happens(self.fails_checks(region))?,
            Some(
                Fault::WrongVerdict
                | Fault::Unread(_)
                | Fault::Stragglers
                | Fault::NoEgress
                | Fault::StaleEvent
                | Fault::Crash(_)
                | Fault::Lost(_)
                | Fault::Unconfirmed(_)
                | Fault::Untold
                | Fault::Slow(_),
            )
            | None => {}
        }
        Some(())
    }

    /// `false` if it was so already.
    fn garble(&mut self, tag: Tag) -> bool {
        if Tag::KEPT.contains(&tag)
            && let Some(register) = tags::register(&self.record, tag)
        {
            self.spoilt.push(register);
        }
        tags::spoil(&mut self.record, tag)
    }

    /// Deletes every tag that cannot be read, and writes those again that only a person can know. `false` if there is none.
    pub(crate) fn mend_tags(&mut self) -> bool {
        let unreadable = tags::mend(&mut self.record);
        for register in std::mem::take(&mut self.spoilt) {
            // Unless the controller has written it anew.
            if unreadable.contains(&tags::of(&register)) {
                self.record = std::mem::take(&mut self.record).with(&register);
            }
        }
        !unreadable.is_empty()
    }

    /// A healthy server of that region fails its load balancer's checks. `false` if there is none.
    fn fails_checks(&mut self, region: Region) -> bool {
        let fleet = match region {
            Region::Primary => &mut self.primary,
            Region::Standby => &mut self.standby,
        };
        let healthy = fleet.unhealthy < fleet.in_service;
        fleet.unhealthy += u16::from(healthy);
        self.harm.reduced |= region == Region::Standby;
        healthy
    }

    /// A deploy of the whole site with other settings: the standby's minimum is as the template says, and a latch that is new or
    /// gone counts as open. `false` if they are the same.
    fn set(&mut self, site: &Site, setting: u8) -> bool {
        if self.setting == setting {
            return false;
        }
        let latch = self.policy(site).latch();
        self.setting = setting;
        if latch != self.policy(site).latch() {
            self.gate = Gate::open();
        }
        self.standby.min = self.floor(site);
        self.standby.desired = self.standby.desired.max(self.standby.min);
        self.standby.max = self.standby.max.max(self.standby.desired);
        true
    }

    /// The minimum that a deploy sets.
    pub(crate) fn floor(&self, site: &Site) -> u16 {
        match self.policy(site).floor() {
            _ if self.setting == 0 => site.floor,
            Floor::Fixed(floor) => floor,
            Floor::Match => self.target(site),
        }
    }

    /// CloudFormation sets MinSize again; what it leaves out stays.
    fn deploy(&mut self, site: &Site) -> Option<()> {
        let resets = self.standby.min != site.floor;
        if !resets && !site.deploys_detector {
            return None;
        }
        self.standby.min = site.floor;
        if site.deploys_detector {
            // A new check counts as healthy until it has data.
            self.gate.seen = Latch::Open;
        }
        Some(())
    }

    /// Servers, detector, latch, DNS and users, as far as they go in a minute.
    fn settle(&mut self, site: &Site, minute: &Minute) {
        let named = [self.answer, self.answered];
        let loaded = |whom| named.contains(&whom);
        // A new instance takes a minute.
        let lost = minute.fault == Some(Fault::Loss);
        let launchable = if self.dry || lost { 0 } else { site.launchable };
        let trims = !minute.lags.tracking;
        self.primary.settle(loaded(Answer::Primary), trims, site.demand, u16::MAX);
        self.standby.settle(loaded(Answer::Standby), trims, site.demand, launchable);
        let truth = self.primary.healthy() > 0;
        let wrong = minute.fault == Some(Fault::WrongVerdict);
        let verdict = minute.verdict.unwrap_or(truth != wrong);
        self.detector.settle(&site.policy, self.now, verdict, minute.lags.alarm);
        let gate_before = self.gate.seen;
        let new_check = site.deploys_detector && minute.fault == Some(Fault::Deploy);
        self.gate.settle(site.silence, minute.lags.gate || new_check);
        self.move_users(site, gate_before);
        let right = self.lasting.check.is_none();
        self.suffer(site, verdict == truth && right);
    }

    fn operate(
        &mut self,
        stage: &Stage<'_>,
        operator: Operator,
        clock: Timestamp,
        fault: &mut Option<Fault>,
        told: &mut dyn FnMut(&World, &Invocation),
    ) -> Option<()> {
        match operator {
            Operator::Asks(what) => {
                let request =
                    Request { what, episode: None, at: self.now, by: "operator".to_owned() };
                let trouble = Trouble { fault: fault.take(), ..Trouble::default() };
                if !self.runs() {
                    return None;
                }
                let signal = Signal::Request(request);
                let ran = self.invoke(stage, clock, &signal, trouble)?;
                told(self, &ran);
            }
            Operator::Raises => {
                let whole = stage.site.demand.min(self.standby.max);
                if self.standby.min >= whole {
                    return None;
                }
                (self.standby.min, self.standby.desired) = (whole, whole);
            }
        }
        Some(())
    }

    /// The event that arrives this minute, if any.
    fn event(&self, before: &Self, minute: &Minute, fault: Option<Fault>) -> Option<Signal> {
        if let Some((state, at)) = minute.claim {
            return Some(Signal::Alarm(Claim { state, at }));
        }
        let claim = |state| Some(Signal::Alarm(Claim { state, at: self.now }));
        if fault == Some(Fault::StaleEvent) {
            return claim(AlarmState::Alarm);
        }
        let turned = self.detector.alarm != before.detector.alarm;
        if minute.event && turned { claim(self.detector.alarm) } else { None }
    }
}

/// Only an invocation can be hit by it.
const fn aimed(fault: Fault) -> bool {
    match fault {
        Fault::Unread(_)
        | Fault::Stragglers
        | Fault::NoEgress
        | Fault::Crash(_)
        | Fault::Lost(_)
        | Fault::Unconfirmed(_)
        | Fault::Untold
        | Fault::Slow(_) => true,
        Fault::StandbyDark
        | Fault::DetectorDark
        | Fault::DetectorSilent
        | Fault::Dead
        | Fault::Freeze
        | Fault::WrongVerdict
        | Fault::Loss
        | Fault::Drought
        | Fault::Shrink
        | Fault::Deploy
        | Fault::Setting(_)
        | Fault::Unreadable(_)
        | Fault::Names(_)
        | Fault::Check(_)
        | Fault::Words(_)
        | Fault::Path
        | Fault::Unhealthy(_)
        | Fault::Delete(_)
        | Fault::Garble(_)
        | Fault::StaleEvent => false,
    }
}
