//! The users: a steady stream of requests, each resolved, connected and asked anew.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use tokio::task::JoinSet;
use tokio::time::timeout;

use site::model::Role;
use site::names::{Hostname, Region};

use crate::http::{self, Bounds, Failure};
use crate::locked;
use crate::resolver::{Caching, Resolver};
use crate::tally::{Failed, Sample, first_page};

/// BOUND: 80 minutes at 21 requests a second, about 20 MB. What comes later is not kept, and [`Clients::unkept`] says so.
pub const SAMPLES_MAX: usize = 100_000;
/// BOUND: what a patient user waits for a page on this machine.
const REQUEST: Bounds = Bounds { connect: Duration::from_secs(1), answer: Duration::from_secs(1) };
/// BOUND: a request lasts at most this long: two tries at DNS, connect, answer.
const LAST_WITHIN: Duration = Duration::from_secs(4);

/// Who asks for what, how often.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The DNS server.
    pub dns: SocketAddr,
    /// The site's name, resolved for each request and sent as `Host`.
    pub site: Hostname,
    /// The site's port.
    pub port: u16,
    /// The region that serves on an ordinary day. A page that names another is the standby's.
    pub primary: Region,
    /// Requests of the ordinary clients, who share one resolver that keeps answers. Units: per second. Range: 1 to 1000.
    pub rate: u32,
    /// Requests of the one client that resolves anew each time. Units: per second. Range: 1 to 1000.
    pub rate_uncached: u32,
}

/// Running clients. Dropped, they stop at once; requests without an outcome are then not counted.
#[derive(Debug)]
pub struct Clients {
    log: Arc<Mutex<Log>>,
    streams: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Log {
    samples: Vec<Sample>,
    unkept: u64,
    stopped: bool,
}

impl Clients {
    /// Starts both streams.
    #[must_use]
    pub fn start(settings: &ClientSettings) -> Self {
        let log = Arc::<Mutex<Log>>::default();
        let mut streams = JoinSet::new();
        let kinds = [
            ("ordinary", Caching::ForTtl, settings.rate),
            ("uncached", Caching::Never, settings.rate_uncached),
        ];
        for (client, caching, rate) in kinds {
            let visit = Visit {
                client: client.into(),
                resolver: Resolver::new(settings.dns, caching),
                site: settings.site.clone(),
                port: settings.port,
                primary: settings.primary.clone(),
            };
            let every = Duration::from_secs(1) / rate.clamp(1, 1000);
            streams.spawn(stream(Arc::new(visit), every, log.clone()));
        }
        Self { log, streams }
    }

    /// Every request that has an outcome so far, in the order of the outcomes.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        locked(&self.log).samples.clone()
    }

    /// How many outcomes came after [`SAMPLES_MAX`] and were not kept.
    #[must_use]
    pub fn unkept(&self) -> u64 {
        locked(&self.log).unkept
    }

    /// When the first page of a region arrived that was asked for at or after `since`.
    #[must_use]
    pub fn first(&self, role: Role, since: Instant) -> Option<Instant> {
        first_page(&locked(&self.log).samples, role, since)
    }

    /// Sends nothing more, waits for the requests under way, and gives everything.
    pub async fn stop(mut self) -> Vec<Sample> {
        locked(&self.log).stopped = true;
        let all = async { while self.streams.join_next().await.is_some() {} };
        let _ = timeout(LAST_WITHIN, all).await;
        std::mem::take(&mut locked(&self.log).samples)
    }
}

impl Log {
    fn add(&mut self, sample: Sample) {
        if self.samples.len() < SAMPLES_MAX {
            self.samples.push(sample);
        } else {
            self.unkept += 1;
        }
    }
}

async fn stream(visit: Arc<Visit>, every: Duration, log: Arc<Mutex<Log>>) {
    let mut turns = crate::rounds(every);
    // Bounded by the rate and by how long a request may last.
    let mut under_way = JoinSet::new();
    while !locked(&log).stopped {
        turns.tick().await;
        let (visit, log) = (visit.clone(), log.clone());
        under_way.spawn(async move {
            let at = Instant::now();
            let outcome = visit.make().await;
            let client = visit.client.clone();
            locked(&log).add(Sample { at, latency: at.elapsed(), client, outcome });
        });
        while under_way.try_join_next().is_some() {}
    }
    while under_way.join_next().await.is_some() {}
}

/// One user's way to the page.
#[derive(Debug)]
struct Visit {
    client: Arc<str>,
    resolver: Resolver,
    site: Hostname,
    port: u16,
    primary: Region,
}

impl Visit {
    async fn make(&self) -> Result<Role, Failed> {
        let address = self.resolver.resolve(self.site.as_str()).await.map_err(|_| Failed::Dns)?;
        let request = http::get(self.site.as_str(), "/").ok_or(Failed::Dns)?;
        let answer = http::exchange((address, self.port).into(), request, REQUEST).await.map_err(
            |failure| match failure {
                Failure::Connect(_) => Failed::Refused,
                Failure::Lost(_) => Failed::Lost,
                Failure::ConnectTimeout | Failure::AnswerTimeout => Failed::Timeout,
            },
        )?;
        let status = Failed::Status(answer.status().as_u16());
        if answer.status() != StatusCode::OK {
            return Err(status);
        }
        let page = String::from_utf8_lossy(answer.body());
        let region = region_of(&page).ok_or(status)?;
        Ok(if region == self.primary.as_str() { Role::Primary } else { Role::Standby })
    }
}

/// The region that a page names. Source: `drill_local::instance`, `region=… instance=…`.
fn region_of(page: &str) -> Option<&str> {
    let (region, _) = page.trim().strip_prefix("region=")?.split_once(" instance=")?;
    Some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: only the site's own page counts. Method: pages that are and are not.
    #[test]
    fn only_the_sites_page_counts() {
        assert_eq!(region_of("region=us-west-2 instance=i-1\n"), Some("us-west-2"));
        assert_eq!(region_of("it works"), None);
        assert_eq!(region_of(""), None);
    }

    /// Goal: the memory is bounded, and what is not kept is said. Method: one sample more than fits.
    #[test]
    fn samples_beyond_the_bound_are_counted_but_not_kept() {
        let sample = Sample {
            at: Instant::now(),
            latency: Duration::ZERO,
            client: "uncached".into(),
            outcome: Err(Failed::Dns),
        };
        let mut log = Log { samples: vec![sample.clone(); SAMPLES_MAX - 1], ..Log::default() };
        log.add(sample.clone());
        log.add(sample);
        assert_eq!((log.samples.len(), log.unkept), (SAMPLES_MAX, 1));
    }
}
