//! What clients got, and what follows from it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use site::model::Role;

use crate::journal::{Bucket, ClientTally};

/// Why a client got no page that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failed {
    /// The name had no address.
    Dns,
    /// The address refused the connection.
    Refused,
    /// The connection broke before the answer was complete.
    Lost,
    /// No connection or no answer in time.
    Timeout,
    /// What the far end showed in the TLS handshake cannot be trusted or read.
    Certificate,
    /// An answer with this status, or one with status 200 that is not the site's page.
    Status(u16),
    /// A page from an address of neither load balancer.
    Elsewhere,
}

impl fmt::Display for Failed {
    /// The reason as a journal has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Timeout => "timeout",
            Self::Certificate => "certificate",
            Self::Status(code) => return write!(f, "status {code}"),
            Self::Elsewhere => "elsewhere",
        })
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was sent.
    pub at: Instant,
    /// From then to its outcome.
    pub latency: Duration,
    /// Who sent it, as a journal has it.
    pub client: Arc<str>,
    /// The region that served, or why there was no page.
    pub outcome: Result<Role, Failed>,
}

impl Sample {
    /// When its outcome was there.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.at + self.latency
    }

    /// Whether the user got no page. One from an unknown address is a page.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.outcome.is_err_and(|reason| reason != Failed::Elsewhere)
    }
}

/// What each client got in each second after `start`, in the order of time.
#[must_use]
pub fn buckets(samples: &[Sample], start: Instant) -> Vec<Bucket> {
    let mut buckets = BTreeMap::<(u32, &str), Bucket>::new();
    for one in samples {
        let second = one.at.saturating_duration_since(start).as_secs();
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        let bucket = buckets.entry((second, &*one.client)).or_insert_with(|| Bucket {
            second,
            client: one.client.to_string(),
            primary: 0,
            standby: 0,
            failed: BTreeMap::new(),
        });
        match one.outcome {
            Ok(Role::Primary) => bucket.primary += 1,
            Ok(Role::Standby) => bucket.standby += 1,
            Err(reason) => *bucket.failed.entry(reason.to_string()).or_default() += 1,
        }
    }
    buckets.into_values().collect()
}

/// All requests from `start` to `end`. `back` is when the failback began.
#[must_use]
pub fn tally(
    samples: &[Sample],
    start: Instant,
    end: Instant,
    back: Option<Instant>,
) -> ClientTally {
    let mut tally = ClientTally::default();
    let mut pages = Vec::new();
    for one in samples.iter().filter(|one| (start..=end).contains(&one.at)) {
        tally.sent += 1;
        let Ok(role) = one.outcome else {
            tally.lost += 1;
            tally.lost_in_failback += u64::from(back.is_some_and(|back| one.at >= back));
            continue;
        };
        pages.push(one.end());
        match role {
            Role::Primary => tally.from_primary += 1,
            Role::Standby => tally.from_standby += 1,
        }
    }
    pages.sort_unstable();
    pages.push(end);
    let starts = [start].into_iter().chain(pages.iter().copied());
    let gaps = starts.zip(&pages).map(|(from, to)| to.saturating_duration_since(from));
    tally.gap_longest_seconds = gaps.max().unwrap_or(Duration::ZERO).as_secs_f64();
    tally
}

/// When the first page of a region arrived that was asked for at or after `since`.
#[must_use]
pub fn first_page<'a>(
    samples: impl IntoIterator<Item = &'a Sample>,
    role: Role,
    since: Instant,
) -> Option<Instant> {
    let pages = samples.into_iter().filter(|one| one.at >= since && one.outcome == Ok(role));
    pages.map(Sample::end).min()
}

/// When the first request without a page was sent at or after `since`.
#[must_use]
pub fn first_lost(samples: &[Sample], since: Instant) -> Option<Instant> {
    let lost = samples.iter().filter(|one| one.at >= since && one.is_lost());
    lost.map(|one| one.at).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(start: Instant, seconds: u64, outcome: Result<Role, Failed>) -> Sample {
        Sample {
            at: start + Duration::from_secs(seconds),
            latency: Duration::from_secs(1),
            client: "ordinary".into(),
            outcome,
        }
    }

    /// Goal: losses, regions and the gap are counted. Method: a failover in six requests, out of order.
    #[test]
    fn a_failover_is_counted() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let samples = [
            sample(start, 0, Ok(Role::Primary)),
            sample(start, 20, Ok(Role::Standby)),
            sample(start, 10, Err(Failed::Refused)),
            sample(start, 5, Ok(Role::Primary)),
            sample(start, 15, Err(Failed::Status(503))),
            sample(start, 16, Err(Failed::Elsewhere)),
        ];
        let tally = tally(&samples, start, at(22), Some(at(12)));
        assert_eq!((tally.sent, tally.lost, tally.lost_in_failback), (6, 3, 2));
        assert_eq!((tally.from_primary, tally.from_standby), (2, 1));
        assert!((tally.gap_longest_seconds - 15.0).abs() < 1e-9, "{tally:?}");
        assert_eq!(first_page(&samples, Role::Standby, at(7)), Some(at(21)));
        assert_eq!(first_page(&samples, Role::Standby, at(21)), None);
        assert_eq!(first_lost(&samples, at(11)), Some(at(15)));
        assert_eq!(first_lost(&samples, at(16)), None, "a page from elsewhere is a page");
    }

    /// Goal: no request is lost between the samples and the journal. Method: three in one second, one in another, of two clients.
    #[test]
    fn every_request_is_in_the_second_in_which_it_was_sent() {
        let start = Instant::now();
        let uncached = Sample { client: "uncached".into(), ..sample(start, 1, Ok(Role::Standby)) };
        let samples = [
            sample(start, 1, Ok(Role::Primary)),
            sample(start, 1, Err(Failed::Status(503))),
            sample(start, 2, Err(Failed::Refused)),
            uncached,
        ];
        let told: Vec<_> = buckets(&samples, start)
            .into_iter()
            .map(|one| (one.second, one.client.clone(), one.primary, one.standby, one.lost()))
            .collect();
        let ordinary = || "ordinary".to_owned();
        let all = [
            (1, ordinary(), 1, 0, 1),
            (1, "uncached".to_owned(), 0, 1, 0),
            (2, ordinary(), 0, 0, 1),
        ];
        assert_eq!(told, all);
        assert_eq!(
            buckets(&samples, start)[0].failed,
            BTreeMap::from([("status 503".to_owned(), 1)])
        );
    }

    /// Goal: an outage that has not ended counts. Method: nothing but failures, then nothing at all.
    #[test]
    fn an_outage_without_an_end_is_a_gap() {
        let start = Instant::now();
        let end = start + Duration::from_secs(9);
        for samples in [&[sample(start, 0, Err(Failed::Timeout))][..], &[]] {
            let gap = tally(samples, start, end, None).gap_longest_seconds;
            assert!((gap - 9.0).abs() < 1e-9, "{gap}");
        }
    }
}
