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
use super::tags::{self, Edit};
use super::{Fault, Flip, Gate, Lasting, Look, Minute, Operator, Region, Site, Tag, World};

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
        sighting: &Sighting<'_>,
        at: Timestamp,
    ) -> Arc<Ruling> {
        let make = |judged| {
            let asked = (signal.clone(), sighting.observation(), at);
            Ruling::new((setting, policy), self.decide, judged, asked)
        };
        match self.rulings {
            Some(rulings) => rulings.find((setting, signal, sighting, at), make),
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
        if let Some(flip) = minute.relief {
            happens(self.lasts(flip))?;
            self.end(flip);
        }
        if minute.flip {
            self.primary.up = !self.primary.up;
        }
        minute.fault.map_or(Some(()), |fault| self.go_wrong(site, fault))
    }

    /// Whether something of that kind lasts, and can end.
    pub(crate) fn lasts(&self, flip: Flip) -> bool {
        match flip {
            Flip::Standby => !self.standby.up,
            Flip::Sight => self.detector.sight != Sight::Clear,
            Flip::Controller => !self.alive,
            Flip::Freeze => self.record.mode == Slot::Held(Mode::Frozen),
            Flip::Tags => !self.record.unreadable().is_empty(),
            Flip::Readings => self.lasting.unread(),
            Flip::Names => self.lasting.names.is_some(),
            Flip::Check => self.lasting.check.is_some(),
            Flip::Words => self.lasting.words.is_some(),
            Flip::Path => self.lasting.cut,
            Flip::Servers => self.primary.unhealthy + self.standby.unhealthy > 0,
        }
    }

    fn end(&mut self, flip: Flip) {
        match flip {
            Flip::Standby => self.standby.up = true,
            Flip::Sight => self.detector.sight = Sight::Clear,
            Flip::Controller => self.alive = true,
            Flip::Freeze => self.record.mode = Slot::Absent,
            Flip::Tags => self.mend_tags(),
            Flip::Readings => self.lasting.read_again(),
            Flip::Names => self.lasting.names = None,
            Flip::Check => self.lasting.set_check(None),
            Flip::Words => self.lasting.words = None,
            Flip::Path => self.lasting.cut = false,
            Flip::Servers => (self.primary.unhealthy, self.standby.unhealthy) = (0, 0),
        }
    }

    /// Whatever lasted has ended, the operator has armed the controller again, and the primary is up or down.
    pub(crate) fn relieve(&mut self, primary_up: bool) {
        self.primary.up = primary_up;
        self.dry = false;
        let check = self.lasting.check.take();
        self.lasting = Lasting::default();
        if check.is_some() {
            self.lasting.set_check(None);
        }
        for flip in [Flip::Standby, Flip::Sight, Flip::Controller, Flip::Tags, Flip::Servers] {
            self.end(flip);
        }
        if self.record.mode != Slot::Held(Mode::Armed) {
            self.record.mode = Slot::Absent;
        }
    }

    fn go_wrong(&mut self, site: &Site, fault: Fault) -> Option<()> {
        match fault {
            Fault::StandbyDark => turn(&mut self.standby.up, false)?,
            Fault::DetectorDark | Fault::DetectorSilent => {
                happens(self.detector.sight == Sight::Clear)?;
                let dark = fault == Fault::DetectorDark;
                self.detector.sight = if dark { Sight::Dark } else { Sight::Silent };
            }
            Fault::Dead => turn(&mut self.alive, false)?,
            Fault::Freeze => {
                happens(self.record.mode == Slot::Absent)?;
                self.record.mode = Slot::Held(Mode::Frozen);
            }
            Fault::Loss => self.lose()?,
            Fault::Drought => {
                turn(&mut self.dry, true)?;
                self.lose()?;
            }
            Fault::Shrink => {
                happens(self.primary.in_service > 1)?;
                self.primary.in_service = 1;
            }
            Fault::Deploy => self.deploy(site)?,
            Fault::Garble(tag) => happens(self.garble(tag))?,
            Fault::Delete(tag) => happens(Edit::Delete.apply(&mut self.record, tag))?,
            Fault::Setting(setting) => happens(self.set(site, setting))?,
            Fault::Unreadable(read) => happens(self.lasting.fail(read))?,
            Fault::Names(names) => turn(&mut self.lasting.names, Some(names))?,
            Fault::Check(check) => {
                happens(self.lasting.check != Some(check))?;
                self.lasting.set_check(Some(check));
            }
            Fault::Words(words) => turn(&mut self.lasting.words, Some(words))?,
            Fault::Path => turn(&mut self.lasting.cut, true)?,
            Fault::Unhealthy(region) => happens(self.fails_checks(region))?,
            Fault::WrongVerdict
            | Fault::Unread(_)
            | Fault::Stragglers
            | Fault::NoEgress
            | Fault::StaleEvent
            | Fault::Crash(_)
            | Fault::Lost(_)
            | Fault::Unconfirmed(_)
            | Fault::Untold
            | Fault::Slow(_) => {}
        }
        Some(())
    }

    /// The standby loses an instance, if it has one.
    fn lose(&mut self) -> Option<()> {
        self.standby.in_service = self.standby.in_service.checked_sub(1)?;
        self.harm.reduced = true;
        Some(())
    }

    /// `false` if it was so already.
    fn garble(&mut self, tag: Tag) -> bool {
        if let Some(register) = tags::register(&self.record, tag) {
            self.spoilt.push((tag, register));
        }
        Edit::Spoil.apply(&mut self.record, tag)
    }

    /// Deletes every tag that cannot be read, and writes those again that only a person can know.
    fn mend_tags(&mut self) {
        let tags = Tag::ALL.into_iter().chain(Tag::KEPT);
        let mended: Vec<_> = tags.filter(|&tag| Edit::Mend.apply(&mut self.record, tag)).collect();
        for (tag, register) in std::mem::take(&mut self.spoilt) {
            // Unless the controller has written it anew.
            if mended.contains(&tag) {
                self.record = std::mem::take(&mut self.record).with(&register);
            }
        }
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
    matches!(
        fault,
        Fault::Unread(_)
            | Fault::Stragglers
            | Fault::NoEgress
            | Fault::Crash(_)
            | Fault::Lost(_)
            | Fault::Unconfirmed(_)
            | Fault::Untold
            | Fault::Slow(_)
    )
}

/// `None` if there is nothing to act on.
fn happens(happens: bool) -> Option<()> {
    happens.then_some(())
}

/// `None` if it is so already.
fn turn<T: PartialEq>(place: &mut T, value: T) -> Option<()> {
    happens(*place != value)?;
    *place = value;
    Some(())
}
