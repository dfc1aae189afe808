//! What happens next, by chance.

use failover_core::Reason;
use failover_core::decision::Latch;
use failover_core::observation::Mode;
use failover_core::record::{Demand, Sizes, Slot};
use failover_core::signal::Wish;

use crate::chance::Chance;
use crate::world::{Fault, Flip, Lags, Look, Minute, Operator, Read, Tag, Words};

use super::place::{Pattern, Place};
use super::player::Player;

/// The longest course has so many acts: note, look again, group, note, latch.
const ACTS: u16 = 5;
/// A person comes to it within so many minutes, on average.
const PERSON: u32 = 40;
/// The wrong clock is off by this much at most. Units: seconds.
const SKEW: u16 = 120;
/// After so many minutes without any fault one more may happen, whether or not everything is back to normal.
const QUIET: u16 = 60;
/// While the controller is about to change something, a fault comes within so many minutes, on average.
const DELICATE: u32 = 12;
/// So long does a fault wait for an act that it can hit. Units: minutes.
const AIMED: u16 = 120;

/// How things go for a while: each number is an average, in minutes.
#[derive(Clone, Copy, Debug)]
struct Rates {
    /// Until a running primary fails.
    fails: u32,
    /// Until a dead primary returns.
    returns: u32,
    /// Until something goes wrong.
    fault: u32,
    /// Until what lasts has ended.
    ends: u32,
    /// How much longer this goes on.
    left: u16,
}

/// The choices of one history.
#[derive(Clone, Debug)]
pub(super) struct Hazards {
    chance: Chance,
    pattern: Pattern,
    rates: Rates,
    /// An outage of each day. Units: minutes after midnight, and minutes.
    daily: (u16, u16),
    faults: u8,
    left: u8,
    /// Minutes since something went wrong.
    quiet: u16,
    /// Waits for an act that it can hit, for so many minutes more.
    aimed: Option<(Fault, u16)>,
    two: bool,
    skewed: bool,
    skew: i16,
    /// What comes of looks, where the site makes them: a stream of its own.
    watch: Option<Chance>,
}

impl Hazards {
    pub(super) fn of(seed: u64, place: &Place) -> Self {
        let mut chance = Chance::new(seed, 1);
        let daily = (chance.between(0, 1439), chance.between(3, 120));
        let rates = Rates { fails: 0, returns: 10, fault: 0, ends: 10, left: 90 };
        let Place { pattern, faults, two, skewed, looks, .. } = *place;
        Self {
            chance,
            pattern,
            rates,
            daily,
            faults,
            left: faults,
            quiet: 0,
            aimed: None,
            two,
            skewed,
            skew: 0,
            watch: looks.then(|| Chance::new(seed, 5)),
        }
    }

    /// The next minute. It may turn out to have nothing to act on; [`Hazards::took`] hears of what happened.
    pub(super) fn minute(&mut self, player: &Player<'_>) -> Minute {
        self.turn();
        let flip = self.flips(player);
        let relief = self.relief(player);
        let fault = self.fault(player).or_else(|| self.blurs(player));
        let look = self.look();
        let operator = self.operator(player);
        let lags = self.lags(player);
        let event = !self.chance.one_in(6);
        let late = player.world.pending.is_some() && self.chance.one_in(2);
        if self.skewed && self.chance.one_in(300) {
            let ahead = i16::try_from(self.chance.between(0, SKEW)).expect("two minutes");
            self.skew = if self.chance.one_in(2) { ahead } else { -ahead };
        }
        let skew = self.skew;
        Minute { flip, relief, fault, lags, event, late, look, operator, skew, ..Minute::default() }
    }

    /// What happened.
    pub(super) fn took(&mut self, minute: &Minute, player: &Player<'_>) {
        if minute.fault.is_some() {
            self.left = self.left.saturating_sub(1);
            (self.quiet, self.aimed) = (0, None);
        } else if player.settled() {
            self.left = self.faults;
        } else {
            self.quiet = if lasts(player) { 0 } else { self.quiet + 1 };
            if self.quiet >= QUIET {
                self.quiet = 0;
                self.left = self.faults.min(self.left + 1);
            }
        }
    }

    fn turn(&mut self) {
        self.rates.left = self.rates.left.saturating_sub(1);
        if self.rates.left > 0 {
            return;
        }
        let chance = &mut self.chance;
        let calm =
            Rates { fails: 3000, returns: 15, fault: 500, ends: 20, left: chance.between(60, 600) };
        let bursts = Rates {
            fails: chance.among(&[3, 8, 20, 60]),
            returns: chance.among(&[2, 5, 20, 60]),
            fault: chance.among(&[3, 10, 30]),
            ends: chance.among(&[3, 10, 60]),
            left: chance.between(5, 240),
        };
        let flaps = u32::from(chance.between(1, 8));
        let flapping = Rates {
            fails: flaps,
            returns: flaps,
            fault: 60,
            ends: 10,
            left: chance.between(30, 360),
        };
        let burst = chance.one_in(2);
        self.rates = match self.pattern {
            Pattern::Flapping if burst => flapping,
            Pattern::Bursts if burst => bursts,
            Pattern::Quiet | Pattern::Daily | Pattern::Flapping | Pattern::Bursts => calm,
        };
    }

    fn flips(&mut self, player: &Player<'_>) -> bool {
        let up = player.world.primary.up;
        if self.pattern == Pattern::Daily {
            let (begin, long) = self.daily;
            let minute = player.world.now.as_second().rem_euclid(86_400) / 60;
            let into = (minute - i64::from(begin)).rem_euclid(1440);
            let out = into < i64::from(long);
            return up == out;
        }
        if player.world.pending.is_some() && self.chance.one_in(3) {
            return true;
        }
        let fails =
            if delicate(player) { self.rates.fails.min(DELICATE * 2) } else { self.rates.fails };
        self.chance.one_in(if up { fails } else { self.rates.returns })
    }

    fn relief(&mut self, player: &Player<'_>) -> Option<Flip> {
        let first = Flip::ALL.iter().copied().find(|&flip| player.world.lasts(flip))?;
        self.chance.one_in(self.rates.ends).then_some(first)
    }

    fn fault(&mut self, player: &Player<'_>) -> Option<Fault> {
        if self.left == 0 {
            return None;
        }
        if finishes_next(player) && self.two {
            // A prewarming that overtakes the end of its failover is noted in docs/proof.md.
            return None;
        }
        if let Some((fault, minutes)) = self.aimed.take() {
            self.aimed = (minutes > 0).then(|| (fault, minutes - 1));
            return Some(fault);
        }
        if lowers_next(player) && self.chance.one_in(3) {
            let act = u8::try_from(self.chance.between(0, 3)).expect("a few acts");
            let halts = self.two && player.world.pending.is_none();
            let deaths = [Fault::Crash(act), Fault::Lost(act), Fault::Unconfirmed(act)];
            return Some(if halts { Fault::Slow(act) } else { self.chance.among(&deaths) });
        }
        let fault =
            if delicate(player) { self.rates.fault.min(DELICATE) } else { self.rates.fault };
        if !self.chance.one_in(fault) {
            return None;
        }
        let fault = self.any_fault();
        let second = matches!(fault, Fault::Slow(_));
        if second && (!self.two || player.world.pending.is_some()) {
            return None;
        }
        // Lost between the decision to release and DNS: nobody can see it.
        if fault == Fault::Shrink && releases(player) {
            return None;
        }
        if second || matches!(fault, Fault::Crash(_) | Fault::Lost(_) | Fault::Unconfirmed(_)) {
            self.aimed = Some((fault, AIMED));
        }
        Some(fault)
    }

    fn any_fault(&mut self) -> Fault {
        let chance = &mut self.chance;
        let act = u8::try_from(chance.between(0, ACTS - 1)).expect("a few acts");
        let read = chance.among(&Read::ALL);
        let tag = chance.among(&Tag::SMALL);
        chance.among(&[
            Fault::StandbyDark,
            Fault::DetectorDark,
            Fault::DetectorSilent,
            Fault::Dead,
            Fault::Freeze,
            Fault::WrongVerdict,
            Fault::Loss,
            Fault::Shrink,
            Fault::Deploy,
            Fault::Garble(tag),
            Fault::Unread(read),
            Fault::Unread(read),
            Fault::Stragglers,
            Fault::NoEgress,
            Fault::StaleEvent,
            Fault::Crash(act),
            Fault::Crash(act),
            Fault::Lost(act),
            Fault::Unconfirmed(act),
            Fault::Slow(act),
            Fault::Slow(act),
            Fault::Slow(act),
        ])
    }

    /// Most looks come, some twice.
    fn look(&mut self) -> Option<Look> {
        let watch = self.watch.as_mut()?;
        watch.among(&[
            None,
            Some(Look::Before),
            Some(Look::Before),
            Some(Look::After),
            Some(Look::Twice),
        ])
    }

    /// Something is wrong with the verdict, or with the way of our own probe.
    fn blurs(&mut self, player: &Player<'_>) -> Option<Fault> {
        let one_in = if delicate(player) { DELICATE * 4 } else { 700 };
        let watch = self.watch.as_mut().filter(|_| self.left > 0)?;
        watch.one_in(one_in).then(|| {
            watch.among(&[
                Fault::Words(Words::Healthy),
                Fault::Words(Words::Unhealthy),
                Fault::Words(Words::Foreign),
                Fault::Unread(Read::Verdict),
                Fault::Path,
            ])
        })
    }

    fn operator(&mut self, player: &Player<'_>) -> Option<Operator> {
        let chance = &mut self.chance;
        let record = &player.world.record;
        let asked = |wish| Some(Operator::Asks(wish));
        if record.mode == Slot::Held(Mode::Observe) && chance.one_in(PERSON) {
            return asked(Wish::Mode(Mode::Armed));
        }
        if player.reason == Some(Reason::AwaitingApproval) && chance.one_in(PERSON) {
            return asked(Wish::Order(chance.among(&[Demand::Approve, Demand::Failback])));
        }
        if player.ordered() && chance.one_in(PERSON * 3) {
            return asked(Wish::Order(Demand::Failback));
        }
        if !chance.one_in(1500) {
            return None;
        }
        chance.among(&[
            asked(Wish::Order(Demand::Failover)),
            asked(Wish::Order(Demand::Failback)),
            asked(Wish::Order(Demand::Approve)),
            asked(Wish::Mode(Mode::Observe)),
            asked(Wish::Mode(Mode::Armed)),
            Some(Operator::Raises),
        ])
    }

    fn lags(&mut self, player: &Player<'_>) -> Lags {
        let world = &player.world;
        let turns = world.gate.target(player.site.silence) != world.gate.seen;
        Lags {
            alarm: !world.detector.late && self.chance.one_in(4),
            gate: turns && !world.gate.late && self.chance.one_in(3),
            answer: world.answer != world.answered && self.chance.one_in(3),
            tracking: self.chance.one_in(2),
        }
    }
}

/// The controller is about to change something, or has just done so: the time to fail again.
fn delicate(player: &Player<'_>) -> bool {
    matches!(
        player.reason,
        Some(
            Reason::Raise { .. }
                | Reason::Adopt { .. }
                | Reason::CloseLatch
                | Reason::Prewarm { .. }
                | Reason::Prewarming { .. }
                | Reason::OpenLatch
                | Reason::Draining { .. }
                | Reason::Busy { .. }
                | Reason::LowerMin
                | Reason::LowerDesired
                | Reason::Finish
        )
    )
}

/// The next tick lowers something, if nothing comes between.
fn lowers_next(player: &Player<'_>) -> bool {
    match player.reason {
        Some(Reason::Draining { ticks, needed }) => ticks + 1 >= needed,
        Some(Reason::LowerMin) => true,
        _ => false,
    }
}

/// Nothing is left to lower: the next tick restores the primary and closes the record.
fn finishes_next(player: &Player<'_>) -> bool {
    let (standby, raised) = (&player.world.standby, player.world.record.raised.held());
    let lowered = |undo: Sizes| standby.min <= undo.min && standby.desired <= undo.desired;
    let drained = match player.reason {
        Some(Reason::Draining { ticks, needed }) => ticks + 1 >= needed,
        Some(Reason::Busy { .. } | Reason::LowerMin | Reason::LowerDesired | Reason::Finish) => {
            true
        }
        _ => false,
    };
    drained && raised.is_some_and(|raised| lowered(raised.undo))
}

/// The latch is on its way to open.
fn releases(player: &Player<'_>) -> bool {
    let gate = &player.world.gate;
    gate.seen == Latch::Closed && gate.target(player.site.silence) == Latch::Open
}

/// Something that went wrong has not ended.
fn lasts(player: &Player<'_>) -> bool {
    [Flip::Standby, Flip::Sight, Flip::Controller, Flip::Freeze, Flip::Tags]
        .into_iter()
        .any(|flip| player.world.lasts(flip))
}
