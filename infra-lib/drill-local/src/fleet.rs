//! One region as users see it: a load balancer on an address of its own, and a web server for each instance.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use site::names::Region;

use drill::http::Server;
use drill::locked;

use crate::balancer;
pub use crate::instance::FleetSettings;
use crate::instance::{Instance, Order};
pub use crate::pool::FleetHealth;
use crate::pool::Pool;

/// A running region. Dropped, it closes everything.
#[derive(Debug)]
pub struct Fleet {
    settings: Arc<FleetSettings>,
    address: SocketAddr,
    pool: Arc<Pool>,
    state: Mutex<State>,
    /// Keeps the task that checks the targets.
    _checks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct State {
    /// What the Auto Scaling group lists, whether the region is alive or not.
    listed: BTreeSet<String>,
    /// The front while the region is alive.
    front: Option<Server>,
    running: BTreeMap<String, watch::Sender<Order>>,
    tasks: JoinSet<()>,
}

impl Fleet {
    /// Opens the load balancer on `front`, without instances.
    ///
    /// # Errors
    /// The system's error if the listener cannot be served.
    pub fn start(settings: FleetSettings, front: TcpListener) -> io::Result<Self> {
        let pool = Arc::new(Pool::new());
        let address = front.local_addr()?;
        let server = balancer::serve(front, pool.clone())?;
        let mut checks = JoinSet::new();
        checks.spawn(balancer::check_targets(
            pool.clone(),
            settings.health_path.clone(),
            settings.target_interval,
        ));
        let state = State { front: Some(server), ..State::default() };
        Ok(Self {
            settings: Arc::new(settings),
            address,
            pool,
            state: Mutex::new(state),
            _checks: checks,
        })
    }

    /// Where the load balancer listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.settings.region
    }

    /// Makes the instances those that the Auto Scaling group now lists: new ones boot, missing ones leave.
    ///
    /// In a dead region the list is remembered for [`Fleet::revive`].
    pub fn follow<I>(&self, ids: I)
    where
        I: IntoIterator<Item: Into<String>>,
    {
        let mut state = locked(&self.state);
        state.listed = ids.into_iter().map(Into::into).collect();
        if state.front.is_some() {
            self.launch_and_leave(&mut state);
        }
    }

    /// The whole region dies: nothing listens any more and every connection is reset.
    pub async fn kill(&self) {
        let (front, mut tasks) = {
            let mut state = locked(&self.state);
            for order in state.running.values() {
                order.send_replace(Order::Cut);
            }
            state.running.clear();
            (state.front.take(), std::mem::take(&mut state.tasks))
        };
        if let Some(front) = front {
            front.cut().await;
        }
        while tasks.join_next().await.is_some() {}
        self.pool.clear();
    }

    /// The region is back: the load balancer listens again, and the instances that the group lists boot anew.
    ///
    /// # Errors
    /// The system's error if the address has been taken by another process meanwhile.
    pub async fn revive(&self) -> io::Result<()> {
        if locked(&self.state).front.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).await?;
        let server = balancer::serve(listener, self.pool.clone())?;
        let mut state = locked(&self.state);
        state.front = Some(server);
        self.launch_and_leave(&mut state);
        Ok(())
    }

    /// How many instances the load balancer holds for healthy.
    #[must_use]
    pub fn healthy_count(&self) -> usize {
        self.pool.health().borrow().healthy
    }

    /// Whether any instance is registered at the load balancer.
    #[must_use]
    pub fn has_targets(&self) -> bool {
        self.pool.health().borrow().targets > 0
    }

    /// Tells every change of the targets' health.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<FleetHealth> {
        self.pool.health().subscribe()
    }

    fn launch_and_leave(&self, state: &mut State) {
        let State { listed, running, tasks, .. } = state;
        while tasks.try_join_next().is_some() {}
        // A sender that goes is the order to leave.
        running.retain(|id, _| listed.contains(id));
        for id in listed.iter() {
            running.entry(id.clone()).or_insert_with(|| {
                let (order, orders) = watch::channel(Order::Run);
                let instance = Instance {
                    id: id.clone(),
                    settings: self.settings.clone(),
                    pool: self.pool.clone(),
                };
                tasks.spawn(instance.live(orders));
                order
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use drill::http::{self, Bounds, Failure};

    const SOON: Duration = Duration::from_secs(2);
    const BOUNDS: Bounds = Bounds { connect: SOON, answer: SOON };

    async fn fleet() -> Fleet {
        let settings = FleetSettings {
            region: Region::parse("us-west-2").expect("a region"),
            health_path: "/healthz".to_owned(),
            target_interval: Duration::from_millis(10),
            boot_delay: Duration::from_millis(5),
        };
        let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        Fleet::start(settings, front).expect("a bound listener")
    }

    async fn ask(fleet: &Fleet) -> Result<(u16, String), Failure> {
        let request = http::get("app.example.com", "/").expect("a request");
        let answer = http::exchange(fleet.address(), request, BOUNDS).await?;
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        Ok((answer.status().as_u16(), body))
    }

    async fn until_healthy(fleet: &Fleet, count: usize) {
        let mut health = fleet.watch();
        timeout(SOON, health.wait_for(|now| now.healthy == count && now.targets == count))
            .await
            .expect("in time")
            .expect("the fleet lives");
    }

    /// Goal: the servers are those that the group lists. Method: real requests while the list changes.
    #[tokio::test]
    async fn the_fleet_follows_the_group() {
        let fleet = fleet().await;
        assert_eq!(ask(&fleet).await.expect("answered").0, 503);
        assert!(!fleet.has_targets());

        fleet.follow(["i-1", "i-2"]);
        until_healthy(&fleet, 2).await;
        let mut pages = BTreeSet::new();
        for _ in 0..2 {
            pages.insert(ask(&fleet).await.expect("answered").1);
        }
        assert_eq!(
            pages.into_iter().collect::<String>(),
            "region=us-west-2 instance=i-1\nregion=us-west-2 instance=i-2\n"
        );

        fleet.follow(["i-2"]);
        until_healthy(&fleet, 1).await;
        assert_eq!(ask(&fleet).await.expect("answered").1, "region=us-west-2 instance=i-2\n");

        fleet.follow(Vec::<String>::new());
        until_healthy(&fleet, 0).await;
        assert_eq!(ask(&fleet).await.expect("answered").0, 503);
    }

    /// Goal: a dead region refuses, and comes back on the same address. Method: real requests before, between, after.
    #[tokio::test]
    async fn a_killed_region_refuses_until_it_is_revived() {
        let fleet = fleet().await;
        fleet.follow(["i-1"]);
        until_healthy(&fleet, 1).await;

        fleet.kill().await;
        assert!(matches!(ask(&fleet).await, Err(Failure::Connect(_))));
        assert_eq!((fleet.healthy_count(), fleet.has_targets()), (0, false));
        fleet.follow(["i-1", "i-9"]);
        assert!(matches!(ask(&fleet).await, Err(Failure::Connect(_))));

        fleet.revive().await.expect("the address is free");
        until_healthy(&fleet, 2).await;
        assert_eq!(ask(&fleet).await.expect("answered").0, 200);
    }

    /// Goal: a killed region resets what is open. Method: a connection that waits for nothing but its end.
    #[tokio::test]
    async fn a_killed_region_resets_open_connections() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let fleet = fleet().await;
        let mut open = tokio::net::TcpStream::connect(fleet.address()).await.expect("accepted");
        // Half a request, so that the front is seen to have accepted it when it is killed.
        open.write_all(b"GET / HTTP/1.1\r\n\r\nGET").await.expect("sent");
        let mut buffer = [0; 512];
        assert!(open.read(&mut buffer).await.expect("the first answer") > 0);
        fleet.kill().await;
        let end = timeout(SOON, open.read(&mut buffer)).await.expect("in time");
        assert_eq!(end.expect_err("reset").kind(), io::ErrorKind::ConnectionReset);
    }
}
