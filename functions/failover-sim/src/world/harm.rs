//! What the users suffer, and when that is the controller's fault.

use failover_core::decision::Latch;
use failover_core::observation::Answer;
use failover_core::record::Peak;

use super::invoke::I2;
use super::{Checked, Site, World};

/// Minutes on a standby below its share, beside a primary with more servers, that are still nobody's fault, beyond the ticks
/// that the site waits: the gate's delay, one tick each for noticing, preparing and opening, and DNS.
const PARTIAL_MAX: u16 = 6;
/// Minutes of a region without servers, beside one with servers, that the checks need to notice.
const BLACK_HOLE_MAX: u8 = 1;

/// Minutes in a row, up to one more than is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Harm {
    /// DNS names a region without servers while the other has some.
    pub black_hole: u8,
    /// DNS names a standby that has less than the share to hold users at, while the primary has more servers.
    pub partial: u8,
    /// The standby has lost an instance since the latch was told to close. Nobody can take back what is under way.
    pub reduced: bool,
    /// The latch was told to open because the standby lacked servers. It may have them again before DNS moves.
    pub short: bool,
}

impl World {
    /// Instances that the users need, as far as the controller was told of them: a load that nobody sampled is for target
    /// tracking to follow, once the users are there.
    pub(super) fn promised(&self, site: &Site) -> u16 {
        site.demand.min(self.target(site))
    }

    /// T, from the ring as recorded.
    pub(crate) fn target(&self, site: &Site) -> u16 {
        self.policy(site).target(self.record.peak.held().and_then(Peak::max))
    }

    /// Route 53's failover table.
    pub(super) fn resolve(&self, site: &Site) -> Answer {
        let primary =
            self.detector.verdict && self.latch() == Latch::Open && self.primary.healthy() > 0;
        let standby = site.unchecked_standby || self.standby.healthy() > 0;
        let primary = self.says(Checked::Primary, primary);
        let standby = self.says(Checked::Standby, standby);
        // With both unhealthy the primary is answered.
        if primary || !standby { Answer::Primary } else { Answer::Standby }
    }

    /// DNS moves, and the users with it.
    pub(super) fn move_users(&mut self, site: &Site, gate_before: Latch) {
        self.answered = self.answer;
        self.answer = self.resolve(site);
        let (primary, standby) = (self.primary.healthy(), self.standby.healthy());
        // With a check that is set wrongly nobody knows what the latch moves.
        let gate_moved = self.gate.seen != gate_before && self.lasting.check.is_none();
        match (self.answered, self.answer) {
            (Answer::Standby, Answer::Primary)
                if gate_moved
                    && !self.harm.short
                    && primary < self.promised(site)
                    && standby > primary =>
            {
                self.breaks(I2);
            }
            (Answer::Primary, Answer::Standby) if gate_moved && self.detector.verdict => {
                let ordered = self.record.order.held().is_some();
                let whole = self.promised(site).min(self.standby.max);
                // None at all is a black hole, and counted as one.
                let partial = standby > 0
                    && !self.policy(site).may_carry(standby, whole)
                    && primary > standby;
                if partial && !ordered && !self.harm.reduced {
                    self.breaks("I5 the latch never moves users to a partial standby");
                }
            }
            _ => {}
        }
    }

    /// One minute of what DNS answers now.
    pub(super) fn suffer(&mut self, site: &Site, checks_tell_the_truth: bool) {
        let (primary, standby) = (self.primary.healthy(), self.standby.healthy());
        let (here, there) = match self.answer {
            Answer::Standby => (standby, primary),
            Answer::Primary | Answer::Mixed => (primary, standby),
        };
        let count = |minutes: u8, suffers: bool, most: u8| {
            if suffers { minutes.saturating_add(1).min(most + 1) } else { 0 }
        };
        let hole = here == 0 && there > 0 && checks_tell_the_truth;
        self.harm.black_hole = count(self.harm.black_hole, hole, BLACK_HOLE_MAX);
        let partial = self.answer == Answer::Standby
            && self.policy(site).may_not_hold(standby, self.promised(site))
            && primary > standby
            && checks_tell_the_truth;
        let partial_max =
            u8::try_from(PARTIAL_MAX + site.policy.starved_ticks()).unwrap_or(u8::MAX - 1);
        self.harm.partial = count(self.harm.partial, partial, partial_max);
        if self.harm.black_hole > BLACK_HOLE_MAX {
            self.breaks("I3 no black hole while the checks tell the truth");
        }
        if self.harm.partial > partial_max {
            self.breaks(
                "I4 nobody is held on a standby below its share beside a primary that has more",
            );
        }
    }
}
