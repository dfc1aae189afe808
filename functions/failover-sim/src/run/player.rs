//! One site, minute by minute: the load moves, and the rest is the world's.

use failover_core::Reason;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Mode};
use failover_core::policy::{Floor, Routing};
use failover_core::record::{Demand, Slot};

use crate::decide::Decide;
use crate::world::{Fleet, Invocation, Judged, Minute, Operator, Sight, Site, Stage, World};

use super::place::Place;

/// An hour, the wrongest clock, and a tick. Units: minutes.
const CALM_MINUTES: u16 = 65;
const RING: &str = "the ring has what runs after an hour of OK";
const S11: &str = "S11 no third failback of a day without a person";

/// Who decides, and what is judged.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub(super) decide: &'a dyn Decide,
    pub(super) judged: Judged,
}

/// A site and who decides there. A clone is another history from here on.
#[derive(Clone)]
pub(super) struct Player<'a> {
    place: &'a Place,
    court: Court<'a>,
    pub(super) site: Site,
    pub(super) world: World,
    /// The operator raised the standby by hand to so many.
    pub(super) by_hand: u16,
    /// The controller has walked a step back in this episode.
    walked: bool,
    /// Minutes in which nothing was wrong.
    calm_minutes: u16,
    /// Minutes in which the ring had less than what ran.
    behind: u16,
    /// What the newest invocation decided.
    pub(super) reason: Option<Reason>,
}

impl<'a> Player<'a> {
    pub(super) fn new(place: &'a Place, court: Court<'a>) -> Self {
        let site = place.site();
        let world = place.world(&site);
        Self {
            place,
            court,
            site,
            world,
            by_hand: 0,
            walked: false,
            calm_minutes: 0,
            behind: 0,
            reason: None,
        }
    }

    /// Plays one minute. Whatever of it has nothing to act on is left out: answers what happened.
    pub(super) fn play(&mut self, minute: &Minute, told: &mut dyn FnMut(&Invocation)) -> Minute {
        self.load();
        let ran_before = self.world.primary.in_service;
        let sober = Minute { fault: None, ..*minute };
        let alone = Minute { operator: None, ..*minute };
        let plain = Minute { relief: None, fault: None, operator: None, ..*minute };
        for minute in [*minute, sober, alone, Minute { operator: None, ..sober }, plain] {
            let mut ran = Vec::new();
            let stage = Stage {
                site: &self.site,
                decide: self.court.decide,
                judged: self.court.judged,
                ticks: true,
                rulings: None,
            };
            let next = self.world.after(&stage, &minute, &mut |_, invocation| {
                ran.push(invocation.clone());
            });
            if let Some(next) = next {
                self.world = next;
                for invocation in &ran {
                    self.walked |= walks(&invocation.decision().reason);
                    told(invocation);
                }
                self.excuse();
                self.remember(&minute, ran_before);
                // A look that does not raise says nothing of how things stand.
                ran.retain(|invocation| invocation.decision().reason != Reason::Looked);
                self.reason = ran.pop().map(|invocation| invocation.decision().reason.clone());
                if minute.operator == Some(Operator::Raises) {
                    self.by_hand = self.by_hand.max(self.world.standby.min);
                }
                return minute;
            }
        }
        unreachable!("a minute without choices has nothing to act on")
    }

    /// The ring is fed while nothing is wrong: after an hour and a bit of it, a raise asks for what runs now. While a matching
    /// floor drains, nothing is sampled.
    fn remember(&mut self, minute: &Minute, ran: u16) {
        let both = self.site.policy.routing() == Routing::ActiveActive;
        let calm = minute.fault.is_none() && minute.operator.is_none() && self.settled() && !both;
        self.calm_minutes = if calm { self.calm_minutes.saturating_add(1) } else { 0 };
        let behind = self.world.target(&self.site) < self.site.policy.target(Some(ran));
        self.behind = if behind && self.calm_minutes > CALM_MINUTES { self.behind + 1 } else { 0 };
        if self.behind > self.site.policy.drain_ticks() + 1 {
            self.world.broken.get_or_insert(RING);
        }
    }

    /// An outage that ended by itself before the latch was closed, or a raise that somebody's deploy took back, needs no person
    /// to release it: the controller only closes the record.
    fn excuse(&mut self) {
        if self.world.broken == Some(S11) && !self.walked {
            self.world.broken = None;
        }
        self.walked &= self.world.ours();
    }

    /// The load of this minute. Target tracking lets go of what it no longer needs.
    fn load(&mut self) {
        let load = self.place.load.at(self.world.now);
        self.site.demand = load;
        self.site.launchable = self.place.launchable(self.world.now);
        if self.site.policy.floor() == Floor::Match {
            self.site.floor = self.world.target(&self.site);
        }
        let named = [self.world.answer, self.world.answered];
        let follows = |fleet: &mut Fleet, whom| {
            if fleet.up && named.contains(&whom) {
                fleet.desired = fleet.desired.min(load.max(fleet.min));
            }
        };
        follows(&mut self.world.primary, Answer::Primary);
        follows(&mut self.world.standby, Answer::Standby);
    }

    /// Nothing is wrong and nothing is left to do.
    pub(super) fn settled(&self) -> bool {
        let world = &self.world;
        world.primary.up
            && world.standby.up
            && world.alive
            && world.pending.is_none()
            && world.lasting.nothing()
            && world.primary.unhealthy + world.standby.unhealthy == 0
            && world.detector.sight == Sight::Clear
            && world.record.unreadable().is_empty()
            && !self.ordered()
            && !matches!(world.record.mode, Slot::Held(Mode::Frozen | Mode::Observe))
            && self.is_back(u16::MAX)
    }

    /// The primary serves by itself, and everything that was raised has gone back. A floor that matches the load follows it
    /// down late: it may be as high as `top`.
    pub(super) fn is_back(&self, top: u16) -> bool {
        let (world, site) = (&self.world, &self.site);
        let (target, floor) = (world.target(site), world.standby.min);
        let serves = world.answer == Answer::Primary
            && world.answered == Answer::Primary
            && world.detector.alarm == AlarmState::Ok
            && world.primary.healthy() >= site.demand.min(world.primary.max);
        if site.policy.routing() == Routing::ActiveActive {
            return serves && floor >= target && world.primary.min >= target.min(world.primary.max);
        }
        let normal = match site.policy.floor() {
            Floor::Fixed(fixed) => floor == fixed,
            Floor::Match => (target..=top).contains(&floor),
        };
        serves
            && (normal || (self.by_hand > 0 && floor <= self.by_hand))
            && world.standby.desired == floor
            && world.primary.min == 1
            && !world.ours()
            && world.gate.seen == Latch::Open
            && world.gate.put == Latch::Open
    }

    /// An operator's failover stands.
    pub(super) fn ordered(&self) -> bool {
        self.world.record.order.held().is_some_and(|order| order.what == Demand::Failover)
    }

    /// The standby carries everybody, as far as it was told how many they are.
    pub(super) fn serves(&self) -> bool {
        let (world, site) = (&self.world, &self.site);
        let target = world.target(site);
        let carries = site.demand.min(target).min(site.launchable);
        world.answer == Answer::Standby
            && world.standby.min >= target
            && world.standby.desired >= target
            && world.standby.healthy() >= carries
    }
}

/// A step back that takes something from the users of the standby.
const fn walks(reason: &Reason) -> bool {
    matches!(reason, Reason::OpenLatch | Reason::LowerMin | Reason::LowerDesired)
}
