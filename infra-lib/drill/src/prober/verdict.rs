//! Route 53's verdict on the primary, as the zone's own name servers answer it: when it turned.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use failover_core::observation::Verdict;
use failover_core::verdict;
use futures::future::join_all;
use tokio::task::JoinSet;

use doctor::resolver;

use crate::locked;

/// BOUND: a verdict that flaps at every question for hours. Later turns are not kept.
const TURNS_MAX: usize = 10_000;

/// Asks the name servers for the verdict, all the time. Dropped, it stops.
#[derive(Debug)]
pub struct VerdictWatch {
    turns: Arc<Mutex<Vec<(Instant, Verdict)>>>,
    _task: JoinSet<()>,
}

impl VerdictWatch {
    /// Starts to ask `servers` for the verdict of a site by its failover name. Without servers nothing is ever answered.
    #[must_use]
    pub fn start(servers: Vec<SocketAddr>, hostname: &str, every: Duration) -> Self {
        let turns = Arc::<Mutex<Vec<(Instant, Verdict)>>>::default();
        let (noted, name) = (Arc::clone(&turns), verdict::name(hostname));
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut rounds = crate::rounds(every);
            loop {
                rounds.tick().await;
                let Some(told) = told(&servers, &name).await else { continue };
                let mut turns = locked(&noted);
                let same = turns.last().is_some_and(|(_, last)| *last == told);
                if !same && turns.len() < TURNS_MAX {
                    turns.push((Instant::now(), told));
                }
            }
        });
        Self { turns, _task: task }
    }

    /// Every turn so far, the oldest first. The first is what was answered first.
    #[must_use]
    pub fn turns(&self) -> Vec<(Instant, Verdict)> {
        locked(&self.turns).clone()
    }
}

/// What every server answers alike. `None`: one does not answer by its own authority, or they disagree.
async fn told(servers: &[SocketAddr], name: &str) -> Option<Verdict> {
    let texts = join_all(servers.iter().map(|server| resolver::text(*server, name))).await;
    let words = texts.into_iter().map(|text| text.ok().and_then(|text| verdict::parse(&text)));
    let words: Vec<Verdict> = words.collect::<Option<_>>()?;
    let first = *words.first()?;
    words.iter().all(|word| *word == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tokio::time::timeout;

    use super::*;
    use drill_local::answer::Health;
    use drill_local::dns::{DnsServer, DnsSettings};
    use site::names::Hostname;

    const SOON: Duration = Duration::from_secs(3);

    /// Goal: a turn is seen at once, and a server that is gone is no verdict. Method: two servers whose check turns; then a third
    /// that nobody is.
    #[tokio::test]
    async fn each_turn_of_the_verdict_is_noted() {
        let server = DnsServer::start(DnsSettings {
            zone: "example.com".to_owned(),
            site: Hostname::parse("app.example.com").expect("a name"),
            ttl: Duration::ZERO,
            balancers: BTreeMap::new(),
        });
        let server = server.await.expect("a free port");
        let addresses = server.addresses().to_vec();
        let every = Duration::from_millis(5);
        let watch = VerdictWatch::start(addresses.clone(), "app.example.com", every);
        let mut seen = Vec::new();
        for health in [Health::Healthy, Health::Unhealthy, Health::Healthy] {
            server.zone().set_verdict(health);
            seen.push(if health == Health::Healthy {
                Verdict::Healthy
            } else {
                Verdict::Unhealthy
            });
            let noted = async {
                while watch.turns().len() < seen.len() {
                    tokio::time::sleep(every).await;
                }
            };
            timeout(SOON, noted).await.expect("in time");
        }
        assert_eq!(watch.turns().into_iter().map(|turn| turn.1).collect::<Vec<_>>(), seen);
        let name = verdict::name("app.example.com");
        assert_eq!(told(&addresses, &name).await, Some(Verdict::Healthy));
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        assert_eq!(told(&[addresses[0], nobody], &name).await, None);
        assert_eq!(told(&[], &name).await, None);
    }
}
