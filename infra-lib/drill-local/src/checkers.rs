//! Route 53's health checkers: many, each judging alone by its own streak, and the verdict over all of them.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use drill::http::{self, Bounds};

use crate::answer::Health;
use crate::changes::Changes;
pub use crate::verdict::CHECKERS;
use crate::verdict::Verdict;

/// Connect within 4 s, then a status within 2 s.
const CHECK: Bounds = Bounds { connect: Duration::from_secs(4), answer: Duration::from_secs(2) };
/// BOUND: a metric put that takes longer must not hold up the next one.
const PUT_WITHIN: Duration = Duration::from_secs(5);

/// What is checked, and how.
#[derive(Clone, Debug)]
pub struct CheckSettings {
    /// The load balancer's address. Route 53 resolves its name each time; here it has one address for ever.
    pub address: SocketAddr,
    /// Sent as `Host`: the name of the load balancer, never that of the site.
    pub host: String,
    /// The path that is asked.
    pub path: String,
    /// From a checker's answer to its next request. Route 53 offers 10 s and 30 s; a drill shortens it and says so.
    pub interval: Duration,
    /// Results in a row, in either direction, after which a checker changes its mind. Range: 1 to 10.
    pub threshold: u32,
}

/// A running health check. New, it is healthy, as Route 53's are. Dropped, it stops.
#[derive(Debug)]
pub struct HealthCheck {
    verdict: Arc<Verdict>,
    tasks: JoinSet<()>,
}

impl HealthCheck {
    /// Starts the checkers, spread evenly over one interval.
    #[must_use]
    pub fn start(settings: CheckSettings) -> Self {
        let verdict = Arc::new(Verdict::new(settings.threshold));
        let settings = Arc::new(settings);
        let mut tasks = JoinSet::new();
        for number in 0..CHECKERS {
            tasks.spawn(check(settings.clone(), verdict.clone(), number));
        }
        Self { verdict, tasks }
    }

    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> &Changes<Health> {
        self.verdict.health()
    }

    /// Turns the verdict round, as Route 53's flag `Inverted` does.
    pub fn turn(&self, inverted: bool) {
        self.verdict.turn(inverted);
    }

    /// Hands the verdict to `put` now and then every `every`, as Route 53 hands it to `CloudWatch`: 1 for `true`. A put
    /// that takes longer than 5 s is given up. What `put` cannot do it has to tell in its own way.
    pub fn feed<P, F>(&mut self, every: Duration, put: P)
    where
        P: Fn(bool) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let health = self.verdict().watch();
        self.tasks.spawn(async move {
            let mut rounds = drill::rounds(every);
            loop {
                rounds.tick().await;
                let healthy = *health.borrow() == Health::Healthy;
                let _ = timeout(PUT_WITHIN, put(healthy)).await;
            }
        });
    }
}

/// One checker, for ever.
async fn check(settings: Arc<CheckSettings>, verdict: Arc<Verdict>, number: u32) {
    sleep(settings.interval * number / CHECKERS).await;
    loop {
        let good = is_good(&settings).await;
        verdict.observe(number, good);
        sleep(settings.interval).await;
    }
}

/// One try on a new connection. A redirect counts as good.
async fn is_good(settings: &CheckSettings) -> bool {
    let Some(request) = http::get(&settings.host, &settings.path) else {
        return false;
    };
    http::exchange(settings.address, request, CHECK)
        .await
        .is_ok_and(|answer| answer.status().is_success() || answer.status().is_redirection())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hyper::StatusCode;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;
    use drill::http::Server;

    const SOON: Duration = Duration::from_secs(2);

    async fn endpoint(address: SocketAddr, status: StatusCode) -> Server {
        let listener = TcpListener::bind(address).await.expect("a free port");
        Server::start(listener, move |_| async move { Ok(http::text(status, "")) })
            .expect("a bound listener")
    }

    async fn until(check: &HealthCheck, health: Health) {
        let mut verdict = check.verdict().watch();
        timeout(SOON, verdict.wait_for(|now| *now == health))
            .await
            .expect("in time")
            .expect("running");
    }

    /// Goal: a dead endpoint, an error and a redirect are judged as Route 53 does, and the metric follows.
    /// Method: one address that is closed, answers 503 and answers 302 in turn.
    #[tokio::test]
    async fn the_verdict_follows_a_real_endpoint() {
        let server = endpoint((Ipv4Addr::LOCALHOST, 0).into(), StatusCode::OK).await;
        let address = server.address();
        let mut check = HealthCheck::start(CheckSettings {
            address,
            host: "web-1.elb.amazonaws.com".to_owned(),
            path: "/healthz".to_owned(),
            interval: Duration::from_millis(20),
            threshold: 2,
        });
        let (sender, mut metric) = mpsc::unbounded_channel();
        check.feed(Duration::from_millis(10), move |healthy| {
            let _ = sender.send(healthy);
            std::future::ready(())
        });
        assert_eq!(timeout(SOON, metric.recv()).await.expect("in time"), Some(true));

        server.cut().await;
        until(&check, Health::Unhealthy).await;
        timeout(SOON, async { while metric.recv().await != Some(false) {} })
            .await
            .expect("in time");

        let moved = endpoint(address, StatusCode::FOUND).await;
        until(&check, Health::Healthy).await;
        moved.cut().await;
        let _failing = endpoint(address, StatusCode::SERVICE_UNAVAILABLE).await;
        until(&check, Health::Unhealthy).await;
        let seen: Vec<Health> = check.verdict().all().iter().map(|change| change.to).collect();
        assert_eq!(seen, [Health::Unhealthy, Health::Healthy, Health::Unhealthy]);
    }
}
