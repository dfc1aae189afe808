//! Independent clients of a deployed site. They know its names and nothing of AWS: which region served is told by the address
//! that was connected to.
//!
//! One client for each resolver opens a connection of its own for every request; one more keeps its connection for as long as
//! the far end does.

mod door;
mod names;
mod verdict;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::door::{Door, Keeping};
use self::names::Balancers;
pub use self::names::{NameServer, authorities, name_servers};
pub use self::verdict::VerdictWatch;
use site::model::Role;

use crate::locked;
use crate::tally::{Sample, first_page};

/// BOUND: six clients at one request a second for four hours, about 10 MB. Later requests are sent and not kept.
const SEEN_MAX: usize = 100_000;
/// The client that keeps its connection.
pub const KEEP_ALIVE: &str = "keep_alive";
/// So many new connections in a row that fail over half of the resolvers mean that users get no pages.
const LOST_TOGETHER: usize = 5;
/// The same over a single resolver: its users count too, and one resolver loses a few packets now and then.
const LOST_ALONE: usize = 15;

/// Who is asked, and how.
#[derive(Clone, Debug)]
pub struct ProberSettings {
    /// What is asked for: scheme, host and port of the site, and a path that answers 200. The host goes into the request and
    /// the TLS handshake, whatever name is resolved.
    pub url: String,
    /// The name that is resolved: the site's, a drill's, or a load balancer's own.
    pub name: String,
    /// The load balancers' own names.
    pub balancers: BTreeMap<Role, String>,
    /// Who is asked for addresses. At least one.
    pub servers: Vec<NameServer>,
    /// Distance of two requests of a client.
    pub every: Duration,
}

/// Running clients. Dropped, they stop.
#[derive(Debug)]
pub struct Prober {
    seen: Arc<Mutex<Vec<Sample>>>,
    /// How many clients open a new connection for each request.
    resolvers: usize,
    /// The client that asks one of the zone's own name servers.
    authoritative: Option<Arc<str>>,
    _tasks: JoinSet<()>,
}

impl Prober {
    /// Starts every client.
    #[must_use]
    pub fn start(settings: &ProberSettings) -> Self {
        let seen = Arc::<Mutex<Vec<Sample>>>::default();
        let balancers = Arc::new(Balancers::default());
        let mut tasks = JoinSet::new();
        let (names, servers) = (settings.balancers.clone(), settings.servers.clone());
        let known = Arc::clone(&balancers);
        tasks.spawn(async move { known.follow(names, servers).await });
        let own = settings.servers.iter().find(|server| !server.recursive);
        let authoritative = own.map(|server| new_connection(server).into());
        let fresh = settings
            .servers
            .iter()
            .map(|server| (new_connection(server), server.clone(), Keeping::Nothing));
        let kept = settings.servers.first();
        let kept = kept.map(|server| (KEEP_ALIVE.to_owned(), server.clone(), Keeping::Connection));
        for (client, server, keeping) in fresh.chain(kept) {
            let door = Door::new(settings, server, keeping, Arc::clone(&balancers));
            tasks.spawn(ask(door, client.into(), settings.every, Arc::clone(&seen)));
        }
        Self { seen, resolvers: settings.servers.len(), authoritative, _tasks: tasks }
    }

    /// Every request that has an outcome so far, in the order of the outcomes.
    #[must_use]
    pub fn seen(&self) -> Vec<Sample> {
        locked(&self.seen).clone()
    }

    /// When the first new connection that was opened at or after `since` got a page from this region.
    #[must_use]
    pub fn first(&self, role: Role, since: Instant) -> Option<Instant> {
        let seen = locked(&self.seen);
        first_page(seen.iter().filter(|one| &*one.client != KEEP_ALIVE), role, since)
    }

    /// When one of the zone's own name servers first led to this region, at or after `since`: no cache stands between. `None`
    /// too if none of them is asked.
    #[must_use]
    pub fn named(&self, role: Role, since: Instant) -> Option<Instant> {
        let client = self.authoritative.as_ref()?;
        let seen = locked(&self.seen);
        first_page(seen.iter().filter(|one| one.client == *client), role, since)
    }

    /// Whether each client that opens new connections got its newest `count` pages since `since` from this region. A connection
    /// that was open before stays where it is for as long as the far end lets it.
    #[must_use]
    pub fn moved(&self, role: Role, count: usize, since: Instant) -> bool {
        self.agree(count, since, |one| &*one.client == KEEP_ALIVE || one.outcome == Ok(role))
    }

    /// Whether users get no pages: the newest new connections since `since` failed over half of the resolvers, or over one of
    /// them for long.
    ///
    /// The connection that is kept does not count. The load balancer lets it live for minutes after DNS and the region behind
    /// it have changed, so it shows what a user of yesterday gets, and would hide an outage from everybody else.
    #[must_use]
    pub fn lost(&self, since: Instant) -> bool {
        let seen = locked(&self.seen);
        // Failures in a row, counted from the newest request, and whether an earlier one has ended them.
        let mut failures = BTreeMap::<&str, (usize, bool)>::new();
        for one in seen.iter().rev().filter(|one| one.at >= since && &*one.client != KEEP_ALIVE) {
            let (count, ended) = failures.entry(&*one.client).or_default();
            *ended |= !one.is_lost();
            *count += usize::from(!*ended);
        }
        let failing = |least| failures.values().filter(|(count, _)| *count >= least).count();
        failing(LOST_ALONE) > 0
            || (self.resolvers > 0 && failing(LOST_TOGETHER) * 2 >= self.resolvers)
    }

    /// Whether each client's newest `count` requests since `since` all had this outcome. `false` while one has fewer.
    #[must_use]
    pub fn agree(&self, count: usize, since: Instant, is: impl Fn(&Sample) -> bool) -> bool {
        let seen = locked(&self.seen);
        let mut last = BTreeMap::<&str, Vec<bool>>::new();
        for one in seen.iter().rev().filter(|one| one.at >= since) {
            let told = last.entry(&*one.client).or_default();
            if told.len() < count {
                told.push(is(one));
            }
        }
        !last.is_empty()
            && last.values().all(|told| told.len() == count && told.iter().all(|&is| is))
    }
}

/// The client that opens a new connection to where a name server leads it.
fn new_connection(server: &NameServer) -> String {
    format!("new connection, {}", server.label)
}

async fn ask(door: Door, client: Arc<str>, every: Duration, seen: Arc<Mutex<Vec<Sample>>>) {
    let mut turns = crate::rounds(every);
    loop {
        turns.tick().await;
        let at = Instant::now();
        let outcome = door.ask().await;
        let one = Sample { at, latency: at.elapsed(), client: client.clone(), outcome };
        let mut seen = locked(&seen);
        if seen.len() < SEEN_MAX {
            seen.push(one);
        }
    }
}

#[cfg(test)]
mod tests;
