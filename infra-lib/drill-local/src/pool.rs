//! The targets of a load balancer, without sockets: who is healthy, and whose turn it is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::sync::watch;

use drill::locked;

/// What the load balancer knows of its targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetHealth {
    /// How many are registered.
    pub targets: usize,
    /// How many of them are healthy.
    pub healthy: usize,
}

/// Failures in a row after which a target gets no more requests; AWS's default.
const FAILURES_MAX: u32 = 2;

/// The targets of one load balancer. A new one is unhealthy until its first good check.
///
/// Without a healthy target nothing is chosen. A real load balancer then tries them all; here a request that no healthy
/// instance answers shall be seen as lost, not saved by luck.
#[derive(Debug)]
pub(super) struct Pool {
    targets: Mutex<Targets>,
    health: watch::Sender<FleetHealth>,
}

#[derive(Debug, Default)]
struct Targets {
    by_id: BTreeMap<String, Target>,
    turn: usize,
}

#[derive(Debug)]
struct Target {
    address: SocketAddr,
    healthy: bool,
    failures: u32,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { targets: Mutex::default(), health: watch::Sender::new(FleetHealth::default()) }
    }

    /// What is known of the targets, and whoever wants to be told of its changes.
    pub(super) fn health(&self) -> &watch::Sender<FleetHealth> {
        &self.health
    }

    pub(super) fn register(&self, id: &str, address: SocketAddr) {
        let target = Target { address, healthy: false, failures: 0 };
        self.change(|targets| {
            targets.by_id.insert(id.to_owned(), target);
        });
    }

    pub(super) fn deregister(&self, id: &str) {
        self.change(|targets| {
            targets.by_id.remove(id);
        });
    }

    pub(super) fn clear(&self) {
        self.change(|targets| targets.by_id.clear());
    }

    /// The next healthy target in turn.
    pub(super) fn choose(&self) -> Option<SocketAddr> {
        let mut targets = locked(&self.targets);
        let healthy: Vec<SocketAddr> = targets
            .by_id
            .values()
            .filter(|target| target.healthy)
            .map(|target| target.address)
            .collect();
        let turn = targets.turn;
        targets.turn = turn.wrapping_add(1);
        (!healthy.is_empty()).then(|| healthy[turn % healthy.len()])
    }

    /// The verdict of one check.
    pub(super) fn observe(&self, id: &str, address: SocketAddr, good: bool) {
        self.change(|targets| {
            // The address tells a target from a later one with the same id.
            let known = targets.by_id.get_mut(id).filter(|target| target.address == address);
            let Some(target) = known else { return };
            if good {
                (target.healthy, target.failures) = (true, 0);
            } else {
                target.failures += 1;
                target.healthy &= target.failures < FAILURES_MAX;
            }
        });
    }

    /// Whom to check.
    pub(super) fn addresses(&self) -> Vec<(String, SocketAddr)> {
        locked(&self.targets)
            .by_id
            .iter()
            .map(|(id, target)| (id.clone(), target.address))
            .collect()
    }

    fn change(&self, change: impl FnOnce(&mut Targets)) {
        let mut targets = locked(&self.targets);
        change(&mut targets);
        let now = FleetHealth {
            targets: targets.by_id.len(),
            healthy: targets.by_id.values().filter(|target| target.healthy).count(),
        };
        // Told under the lock, so that two changes are told in the order in which they were made.
        self.health.send_if_modified(|told| {
            let changed = *told != now;
            *told = now;
            changed
        });
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// Goal: healthy targets take turns, others get nothing. Method: the pool without sockets.
    #[test]
    fn healthy_targets_take_turns() {
        let pool = Pool::new();
        assert_eq!(pool.choose(), None);
        for port in [1, 2, 3] {
            pool.register(&format!("i-{port}"), address(port));
        }
        assert_eq!(pool.choose(), None, "new targets are unhealthy");
        pool.observe("i-1", address(1), true);
        pool.observe("i-3", address(3), true);
        let chosen: Vec<_> = (0..4).filter_map(|_| pool.choose()).map(|a| a.port()).collect();
        assert!(chosen == [1, 3, 1, 3] || chosen == [3, 1, 3, 1], "{chosen:?}");
        assert_eq!(*pool.health.borrow(), FleetHealth { targets: 3, healthy: 2 });
    }

    /// Goal: one failure is forgiven, two are not, one success is enough. Method: the pool without sockets.
    #[test]
    fn a_target_is_dropped_after_two_failures() {
        let pool = Pool::new();
        pool.register("i-1", address(1));
        let after = |good| {
            pool.observe("i-1", address(1), good);
            pool.health.borrow().healthy
        };
        assert_eq!([true, false, true, false, false, true].map(after), [1, 1, 1, 1, 0, 1]);
    }

    /// Goal: a late check does not speak for another instance. Method: a verdict on an address that was replaced.
    #[test]
    fn a_verdict_on_an_earlier_instance_is_dropped() {
        let pool = Pool::new();
        pool.register("i-1", address(1));
        pool.register("i-1", address(2));
        pool.observe("i-1", address(1), true);
        assert_eq!(pool.health.borrow().healthy, 0);
        pool.deregister("i-1");
        assert_eq!(*pool.health.borrow(), FleetHealth::default());
    }
}
