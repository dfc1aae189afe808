//! Liveness: what becomes of a state if nothing goes wrong any more.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use failover_core::Policy;
use failover_core::Reason;
use failover_core::decision::Latch;
use failover_core::observation::Answer;
use failover_core::policy::{Floor, Routing};
use failover_core::record::{Demand, Ownership};
use failover_core::signal::Wish;
use foldhash::quality::FixedState;

use crate::story;
use crate::world::{Harm, Invocation, Minute, Operator, World};

use super::Proof;
use super::canonical::canonical;

/// Minutes that everything but the two hold-downs and the drain may take.
const REST: u32 = 40;
const SHARDS: usize = 64;

/// Minutes that each state still needs, so that no future is walked twice. Bounded by the states of the search.
#[derive(Debug)]
pub(super) struct Memory([Vec<Mutex<HashMap<u64, u8>>>; 2]);

impl Default for Memory {
    fn default() -> Self {
        let shards = || (0..SHARDS).map(|_| Mutex::default()).collect();
        Self([shards(), shards()])
    }
}

#[derive(Clone, Copy)]
enum Future {
    Up,
    Down,
}

impl Proof {
    /// The primary stays up: the standby goes back to normal, the latch opens, the record is closed, and it stays so.
    pub(super) fn recovers(&self, world: &World) -> bool {
        self.comes_true(world, Future::Up)
    }

    /// The primary stays down: the users come to a standby that carries them, and stay there.
    pub(super) fn serves(&self, world: &World) -> bool {
        self.comes_true(world, Future::Down)
    }

    fn comes_true(&self, world: &World, future: Future) -> bool {
        if world.broken.is_some() {
            return true;
        }
        let mut relieved = canonical(relieved(world, future), &self.scope, &self.site);
        let Harm { reduced, short, .. } = relieved.harm;
        relieved.harm = Harm { reduced, short, ..Harm::default() };
        let needed = self.minutes(relieved, future);
        self.longest[future as usize].fetch_max(needed, Ordering::Relaxed);
        needed < self.longest_allowed()
    }

    /// Tells the future that the property speaks of: how things stand each minute, until an invariant is broken or nothing
    /// new is seen. The second is the invariant; those that single decisions break on the way go to `broken`.
    pub(super) fn foretell(
        &self,
        world: &World,
        up: bool,
        broken: &mut BTreeSet<&'static str>,
    ) -> (String, Option<&'static str>) {
        let future = if up { Future::Up } else { Future::Down };
        let mut world = canonical(relieved(world, future), &self.scope, &self.site);
        let mut text = String::from("     from here on nothing goes wrong any more:\n");
        let mut before = String::new();
        for _ in 0..self.longest_allowed() {
            let stands = story::stands(&world);
            if stands != before {
                writeln!(text, "     {stands}").expect("a string grows");
            }
            if world.broken.is_some() {
                break;
            }
            before = stands;
            world = self.next(&world, &mut |ran| broken.extend(story::broken(&self.site, ran)));
        }
        (text, world.broken)
    }

    /// A future that is longer than this has not come to its end: minutes.
    fn longest_allowed(&self) -> u8 {
        let minutes = 2 * self.scope.hold_down + u32::from(self.scope.drain) + REST;
        u8::try_from(minutes).unwrap_or(u8::MAX)
    }

    /// Minutes until it has come true for good.
    fn minutes(&self, mut world: World, future: Future) -> u8 {
        let longest = self.longest_allowed();
        let mut path = Vec::new();
        // What the last state on the path needs.
        let last = loop {
            let key = key_of(&world);
            let known = self.shard(future, key).lock().expect("no panic").get(&key).copied();
            if let Some(known) = known {
                if path.is_empty() {
                    return known;
                }
                break known.saturating_add(1);
            }
            let lost = path.len() >= usize::from(longest) || world.broken.is_some();
            path.push(key);
            if self.has_come_true(&world, future) && self.stays(&world, future) {
                break 0;
            }
            if lost {
                break longest;
            }
            world = self.next(&world, &mut |_| {});
        };
        let mut needed = last.min(longest);
        for key in path.iter().rev() {
            self.shard(future, *key).lock().expect("no panic").insert(*key, needed);
            needed = needed.saturating_add(1).min(longest);
        }
        path.first().map_or(last, |key| {
            *self.shard(future, *key).lock().expect("no panic").get(key).unwrap_or(&last)
        })
    }

    fn shard(&self, future: Future, key: u64) -> &Mutex<HashMap<u64, u8>> {
        &self.memory.0[future as usize][usize::try_from(key % SHARDS as u64).unwrap_or(0)]
    }

    fn stays(&self, world: &World, future: Future) -> bool {
        let next = self.next(world, &mut |_| {});
        let later = self.next(&next, &mut |_| {});
        self.has_come_true(&next, future) && self.has_come_true(&later, future)
    }

    /// A minute in which nothing goes wrong, events arrive, and a person answers when asked.
    fn next(&self, world: &World, told: &mut dyn FnMut(&Invocation)) -> World {
        let mut awaits = false;
        let mut stage = self.stage();
        stage.judged = crate::world::Judged::None;
        let plain = Minute { event: true, ..Minute::default() };
        let mut next = world
            .after(&stage, &plain, &mut |_, ran| {
                awaits |= ran.decision().reason == Reason::AwaitingApproval;
                told(ran);
            })
            .expect("a minute without a fault has nothing to act on");
        if awaits || ordered_failover(world) {
            let wish = Wish::Order(Demand::Failback);
            let minute = Minute { operator: Some(Operator::Asks(wish)), ..plain };
            next = world.after(&stage, &minute, &mut |_, _| {}).unwrap_or(next);
        }
        canonical(next, &self.scope, &self.site)
    }

    fn has_come_true(&self, world: &World, future: Future) -> bool {
        let (standby, site) = (&world.standby, &self.site);
        // So many a raise asks for; what the users need beyond it is for target tracking to bring.
        let promised = site.demand.min(world.target(site));
        if world.policy(site).routing() == Routing::ActiveActive {
            // Both floors carry everybody, and nobody goes back.
            let serves = Answer::Primary == world.answer || matches!(future, Future::Down);
            return serves && standby.min >= promised && world.primary.min >= promised;
        }
        match future {
            Future::Up => {
                // What was noted before a deploy of another floor is what it goes back to.
                let fixed = |policy: &Policy| policy.floor() == Floor::Fixed(standby.min);
                (standby.min == site.floor || site.variants.iter().any(fixed))
                    && standby.desired == standby.min
                    && world.primary.min == 1
                    && world.primary.in_service == site.demand
                    && !matches!(world.record.ownership(), Ownership::Ours(_))
                    && world.gate.seen == Latch::Open
                    && world.answer == Answer::Primary
            }
            Future::Down => {
                let carries = promised.min(site.launchable);
                standby.min >= promised
                    && standby.desired >= promised
                    && standby.in_service >= carries
                    && world.answer == Answer::Standby
            }
        }
    }
}

fn ordered_failover(world: &World) -> bool {
    world.record.order.held().is_some_and(|order| order.what == Demand::Failover)
}

/// Whatever lasted has ended, and the primary stays up or down.
fn relieved(world: &World, future: Future) -> World {
    let mut world = world.clone();
    world.relieve(matches!(future, Future::Up));
    world
}

fn key_of(world: &World) -> u64 {
    FixedState::default().hash_one(world)
}
