//! One region's servers.

use failover_core::observation::{Group, Known, Why};

/// An Auto Scaling group with its load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fleet {
    /// The region serves what it has.
    pub up: bool,
    /// MinSize.
    pub min: u16,
    /// DesiredCapacity.
    pub desired: u16,
    /// MaxSize.
    pub max: u16,
    /// Instances that run.
    pub in_service: u16,
    /// Those of them that fail their load balancer's checks.
    pub unhealthy: u16,
}

impl Fleet {
    /// Instances that answer.
    #[must_use]
    pub const fn healthy(&self) -> u16 {
        if self.up { self.in_service.saturating_sub(self.unhealthy) } else { 0 }
    }

    /// What is read of it.
    pub(crate) const fn group(&self) -> Group {
        Group {
            min: self.min,
            desired: self.desired,
            max: self.max,
            in_service: self.in_service,
            healthy: Known::Known(self.healthy()),
            suspended: false,
            paused: false,
            cpu: Known::Unknown(Why::NotAsked),
        }
    }

    /// One minute of Auto Scaling. Target tracking is the adversary: it trims an idle fleet to its minimum at once, or not
    /// yet, and a fleet grows by one instance a minute.
    pub(crate) fn settle(&mut self, loaded: bool, trims: bool, demand: u16, launchable: u16) {
        if loaded {
            self.desired = self.desired.max(demand.min(self.max));
        } else if trims && self.up {
            self.desired = self.min;
        }
        let reachable = self.desired.min(launchable.max(self.in_service));
        self.in_service = reachable.min(self.in_service.saturating_add(1));
        self.unhealthy = self.unhealthy.min(self.in_service);
    }
}
