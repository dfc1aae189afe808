//! A quiet end: from here on nothing goes wrong, and the operator helps where he is asked.

use failover_core::Reason;
use failover_core::record::Demand;
use failover_core::signal::Wish;

use crate::world::{Harm, Minute, Operator};

use super::log::Log;
use super::player::Player;

/// What is promised of a quiet end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The primary stays up.
    Up,
    /// The primary stays down.
    Down,
}

/// Minutes beside two hold-downs: a matching floor is noted in an hour of OK and drained, an operator is asked, the primary
/// grows by an instance a minute, latch and DNS move.
const REST: u16 = 90;
/// Minutes beside those in which the standby grows: alarm, tick, latch and DNS.
const SLACK: u16 = 5;
/// It is enough to stay so for this long.
const STAYS: u16 = 3;

impl Ending {
    pub(super) const BOTH: [Self; 2] = [Self::Up, Self::Down];

    /// Minutes that it may take: twice the hold-down and a rest, or as many as there are instances and a few.
    pub(super) fn longest(self, player: &Player<'_>) -> u16 {
        let policy = &player.site.policy;
        let minutes = |ticks: u64| u16::try_from(ticks).unwrap_or(u16::MAX);
        match self {
            Self::Up => minutes(policy.evidence().as_secs() / 60) + REST,
            Self::Down => policy.capacity_max() + SLACK,
        }
    }

    pub(super) const fn broken(self) -> &'static str {
        match self {
            Self::Up => "L2 back to normal once the primary stays up",
            Self::Down => "L1b the standby serves once the primary stays down",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Up => "from here on the primary stays up, and nothing goes wrong",
            Self::Down => "from here on the primary stays down, and nothing else goes wrong",
        }
    }

    /// Plays it. Answers the minutes that it took.
    ///
    /// # Errors
    /// The promise that was broken.
    pub(super) fn play(self, player: &mut Player<'_>, log: &mut Log) -> Result<u16, &'static str> {
        let world = &mut player.world;
        world.relieve(self == Self::Up);
        let Harm { reduced, short, .. } = world.harm;
        world.harm = Harm { reduced, short, ..Harm::default() };
        let (mut kept, mut top) = (0, 0);
        for minutes in 0..self.longest(player) {
            top = player.world.target(&player.site).max(top);
            kept = if self.has_come(player, top) { kept + 1 } else { 0 };
            if kept > STAYS {
                return Ok(minutes.saturating_sub(STAYS));
            }
            let minute = Minute { event: true, operator: help(player), ..Minute::default() };
            log.play(player, &minute);
            if let Some(broken) = player.world.broken {
                return Err(broken);
            }
        }
        Err(self.broken())
    }

    fn has_come(self, player: &Player<'_>, top: u16) -> bool {
        match self {
            Self::Up => player.is_back(top),
            Self::Down => player.serves(),
        }
    }
}

/// A person who is asked to approve does; one who asked for a failover asks for the failback.
fn help(player: &Player<'_>) -> Option<Operator> {
    let asked = player.ordered() || player.reason == Some(Reason::AwaitingApproval);
    asked.then_some(Operator::Asks(Wish::Order(Demand::Failback)))
}
