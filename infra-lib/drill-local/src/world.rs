//! Both regions, their health checks, DNS and users, wired together as Route 53 wires them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::select_all;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use site::model::Role;
use site::names::{Hostname, Region};

use drill::clients::{ClientSettings, Clients};

use crate::answer::{self, Health, RecordHealth};
use crate::changes::Changes;
use crate::checkers::{CheckSettings, HealthCheck};
use crate::dns::{DnsServer, DnsSettings, Zone};
use crate::error::DrillError;
use crate::fleet::{Fleet, FleetHealth, FleetSettings};
use crate::front::{fronts, listened};
use crate::latch::LatchCheck;
pub use crate::names::{PRIMARY_ADDRESS, STANDBY_ADDRESS};

/// The world that is to be started.
#[derive(Clone, Debug)]
pub struct WorldSettings {
    /// The hosted zone, such as `example.com`.
    pub zone: String,
    /// The site's name, such as `app.example.com`.
    pub site: Hostname,
    /// The region that serves on an ordinary day.
    pub primary: Region,
    /// The region that is raised when it fails.
    pub standby: Region,
    /// The site's port on both load balancers; `None` takes one that is free on both.
    pub port: Option<u16>,
    /// The path that load balancers and health checkers ask.
    pub health_path: String,
    /// [`CheckSettings::interval`].
    pub check_interval: Duration,
    /// [`CheckSettings::threshold`].
    pub check_threshold: u32,
    /// [`FleetSettings::target_interval`].
    pub target_interval: Duration,
    /// [`FleetSettings::boot_delay`].
    pub boot_delay: Duration,
    /// [`DnsSettings::ttl`].
    pub ttl: Duration,
}

/// A running world. Dropped, everything stops and every listener closes.
#[expect(missing_debug_implementations, reason = "the DNS server's type has none")]
pub struct World {
    site: Hostname,
    port: u16,
    dns: DnsServer,
    primary: Place,
    standby: Place,
    latch: Option<LatchCheck>,
    /// Keeps the task that carries health to DNS.
    _wiring: JoinSet<()>,
}

#[derive(Debug)]
struct Place {
    fleet: Fleet,
    check: HealthCheck,
}

impl World {
    /// Opens both regions without instances, DNS, and the health checks. Without a `latch` the primary's record carries its
    /// endpoint's check alone.
    ///
    /// # Errors
    /// [`DrillError`]: an address or port that cannot be had, or names that are none.
    pub async fn start(
        settings: WorldSettings,
        latch: Option<LatchCheck>,
    ) -> Result<Self, DrillError> {
        let (primary, standby) = fronts(settings.port).await?;
        let port = listened(&primary)?.port();
        let primary = Place::start(&settings, Role::Primary, primary)?;
        let standby = Place::start(&settings, Role::Standby, standby)?;
        let dns = DnsServer::start(DnsSettings {
            zone: settings.zone,
            site: settings.site.clone(),
            ttl: settings.ttl,
            balancers: BTreeMap::from([
                (Role::Primary, PRIMARY_ADDRESS),
                (Role::Standby, STANDBY_ADDRESS),
            ]),
        })
        .await
        .map_err(DrillError::Dns)?;
        let mut wiring = JoinSet::new();
        let latched = latch.iter().map(LatchCheck::verdict);
        let gate = latched.chain([primary.check.verdict()]).map(Changes::watch).collect();
        let own = vec![standby.check.verdict().watch()];
        for (role, checks, place) in
            [(Role::Primary, gate, &primary), (Role::Standby, own, &standby)]
        {
            let zone = dns.zone().clone();
            wiring.spawn(carry(role, checks, place.fleet.watch(), zone));
        }
        Ok(Self { site: settings.site, port, dns, primary, standby, latch, _wiring: wiring })
    }

    /// The latch's check, if the primary's record has one.
    #[must_use]
    pub fn latch(&self) -> Option<&LatchCheck> {
        self.latch.as_ref()
    }

    /// A region's load balancer and instances.
    #[must_use]
    pub fn fleet(&self, role: Role) -> &Fleet {
        &self.place(role).fleet
    }

    /// The health check of a region's endpoint.
    #[must_use]
    pub fn check(&self, role: Role) -> &HealthCheck {
        &self.place(role).check
    }

    /// The same, to feed a metric from it.
    pub fn check_mut(&mut self, role: Role) -> &mut HealthCheck {
        match role {
            Role::Primary => &mut self.primary.check,
            Role::Standby => &mut self.standby.check,
        }
    }

    /// What DNS answers from; the names of the load balancers are set there once they are known.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        self.dns.zone()
    }

    /// Where the DNS server listens.
    #[must_use]
    pub fn dns_address(&self) -> SocketAddr {
        self.dns.address()
    }

    /// Where both name servers of the zone listen.
    #[must_use]
    pub fn name_servers(&self) -> [SocketAddr; 2] {
        self.dns.addresses()
    }

    /// The site's port, the same in both regions.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts users; they are the caller's, and outlive the regions that they ask.
    #[must_use]
    pub fn send_clients(&self, rate: u32) -> Clients {
        Clients::start(&ClientSettings {
            dns: self.dns_address(),
            site: self.site.clone(),
            port: self.port,
            primary: self.fleet(Role::Primary).region().clone(),
            rate,
            rate_uncached: 1,
        })
    }

    /// [`Fleet::kill`].
    pub async fn kill(&self, role: Role) {
        self.fleet(role).kill().await;
    }

    /// [`Fleet::revive`].
    ///
    /// # Errors
    /// [`DrillError::Revive`] if another process has taken the address meanwhile.
    pub async fn revive(&self, role: Role) -> Result<(), DrillError> {
        let fleet = self.fleet(role);
        fleet
            .revive()
            .await
            .map_err(|source| DrillError::Revive { region: fleet.region().clone(), source })
    }

    /// Ends both regions and DNS, and waits until the listeners are closed.
    pub async fn stop(self) {
        self.primary.fleet.kill().await;
        self.standby.fleet.kill().await;
    }

    fn place(&self, role: Role) -> &Place {
        match role {
            Role::Primary => &self.primary,
            Role::Standby => &self.standby,
        }
    }
}

impl Place {
    fn start(settings: &WorldSettings, role: Role, front: TcpListener) -> Result<Self, DrillError> {
        let region = match role {
            Role::Primary => &settings.primary,
            Role::Standby => &settings.standby,
        };
        let address = listened(&front)?;
        let fleet = FleetSettings {
            region: region.clone(),
            health_path: settings.health_path.clone(),
            target_interval: settings.target_interval,
            boot_delay: settings.boot_delay,
        };
        let fleet =
            Fleet::start(fleet, front).map_err(|source| DrillError::Port { address, source })?;
        let check = HealthCheck::start(CheckSettings {
            address,
            // The load balancer itself is watched, never the site's name, which moves.
            host: address.to_string(),
            path: settings.health_path.clone(),
            interval: settings.check_interval,
            threshold: settings.check_threshold,
        });
        Ok(Self { fleet, check })
    }
}

/// Carries one region's health to its DNS record, for ever. Of several checks the record's is the one calculated over all.
async fn carry(
    role: Role,
    mut checks: Vec<watch::Receiver<Health>>,
    mut fleet: watch::Receiver<FleetHealth>,
    zone: Zone,
) {
    loop {
        let targets = fleet.borrow_and_update().healthy > 0;
        let check = answer::all(checks.iter_mut().map(|check| *check.borrow_and_update()));
        zone.set_health(role, RecordHealth { check, targets: Health::from(targets) });
        let checked = select_all(checks.iter_mut().map(|check| Box::pin(check.changed())));
        let changed = tokio::select! {
            (changed, ..) = checked => changed,
            changed = fleet.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;
    use drill::tally::{Failed, tally};

    const SOON: Duration = Duration::from_secs(3);

    fn settings() -> WorldSettings {
        WorldSettings {
            zone: "example.com".to_owned(),
            site: Hostname::parse("app.example.com").expect("a name"),
            primary: Region::parse("us-west-2").expect("a region"),
            standby: Region::parse("us-east-2").expect("a region"),
            port: None,
            health_path: "/healthz".to_owned(),
            check_interval: Duration::from_millis(30),
            check_threshold: 2,
            target_interval: Duration::from_millis(10),
            boot_delay: Duration::from_millis(5),
            ttl: Duration::ZERO,
        }
    }

    async fn until(world: &World, answer: Role) {
        let mut told = world.zone().answer().watch();
        timeout(SOON, told.wait_for(|now| *now == answer))
            .await
            .expect("in time")
            .expect("running");
    }

    async fn until_page(clients: &Clients, role: Role, since: Instant) {
        let seen = async {
            while clients.first(role, since).is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, seen).await.expect("in time");
    }

    async fn until_healthy(world: &World, role: Role) {
        let mut record = world.fleet(role).watch();
        timeout(SOON, record.wait_for(|now| now.healthy > 0))
            .await
            .expect("in time")
            .expect("running");
        let mut check = world.check(role).verdict().watch();
        timeout(SOON, check.wait_for(|now| *now == Health::Healthy))
            .await
            .expect("in time")
            .expect("running");
    }

    /// Goal: users are moved to the standby and back, and what they lost is counted.
    /// Method: the primary dies while users ask, the standby is raised, the primary comes back.
    #[tokio::test]
    async fn users_follow_health_there_and_back() {
        let world = World::start(settings(), None).await.expect("loopback");
        world.fleet(Role::Primary).follow(["i-1"]);
        until_healthy(&world, Role::Primary).await;
        let clients = world.send_clients(100);
        let started = Instant::now();
        until_page(&clients, Role::Primary, started).await;

        let killed = Instant::now();
        world.kill(Role::Primary).await;
        let mut check = world.check(Role::Primary).verdict().watch();
        timeout(SOON, check.wait_for(|now| *now == Health::Unhealthy))
            .await
            .expect("in time")
            .expect("running");
        assert_eq!(world.zone().answer().now(), Role::Primary, "an empty standby is not answered");

        world.fleet(Role::Standby).follow(["i-2"]);
        until(&world, Role::Standby).await;
        until_page(&clients, Role::Standby, killed).await;

        world.revive(Role::Primary).await.expect("the address is free");
        until(&world, Role::Primary).await;
        let back = Instant::now();
        until_page(&clients, Role::Primary, back).await;

        let end = Instant::now();
        let samples = clients.stop().await;
        let tally = tally(&samples, started, end, None);
        assert!(tally.lost > 0 && tally.from_standby > 0, "{tally:?}");
        assert!(samples.iter().any(|sample| sample.outcome == Err(Failed::Refused)));
        world.stop().await;
    }

    /// Goal: a closed latch keeps users on the standby although the primary is back, and on the primary once that is all there
    /// is. Method: both regions healthy; the latch closes, the standby dies, the standby returns, the latch opens.
    #[tokio::test]
    async fn a_closed_latch_holds_dns_on_the_standby_while_it_lives() {
        let (value, values) = watch::channel(None);
        let latch = LatchCheck::start(Duration::from_millis(5), move || {
            std::future::ready(*values.borrow())
        });
        let world = World::start(settings(), Some(latch)).await.expect("loopback");
        for (role, id) in [(Role::Primary, "i-1"), (Role::Standby, "i-2")] {
            world.fleet(role).follow([id]);
            until_healthy(&world, role).await;
        }
        assert_eq!(world.zone().answer().now(), Role::Primary, "a latch without a value is open");

        value.send_replace(Some(1.0));
        until(&world, Role::Standby).await;
        value.send_replace(None);
        world.kill(Role::Standby).await;
        until(&world, Role::Primary).await;
        world.revive(Role::Standby).await.expect("the address is free");
        until(&world, Role::Standby).await;

        value.send_replace(Some(0.0));
        until(&world, Role::Primary).await;
    }

    /// Goal: a taken port is an error that names it. Method: the port of a world that runs.
    #[tokio::test]
    async fn a_taken_port_is_named() {
        let world = World::start(settings(), None).await.expect("loopback");
        let taken = WorldSettings { port: Some(world.port()), ..settings() };
        let error = World::start(taken, None).await.err().expect("taken").to_string();
        assert!(
            error.starts_with(&format!("cannot listen: 127.1.0.1:{}", world.port())),
            "{error}"
        );
    }

    /// Goal: nothing listens after the end, dropped or stopped. Method: connect to every address.
    #[tokio::test]
    async fn nothing_listens_after_the_end() {
        for stop in [true, false] {
            let world = World::start(settings(), None).await.expect("loopback");
            world.fleet(Role::Primary).follow(["i-1"]);
            let (dns, port) = (world.dns_address(), world.port());
            if stop {
                world.stop().await;
            } else {
                drop(world);
            }
            let closed = async {
                for address in [dns, (PRIMARY_ADDRESS, port).into(), (STANDBY_ADDRESS, port).into()]
                {
                    while tokio::net::TcpStream::connect(address).await.is_ok() {
                        tokio::task::yield_now().await;
                    }
                }
            };
            timeout(SOON, closed).await.expect("in time");
        }
    }
}
