//! What the clients got, and what follows from it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::drill::journal::Bucket;

/// What a client got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A page.
    Ok {
        /// The region that the page names.
        region: String,
        /// The instance that the page names.
        instance: String,
    },
    /// Nothing that a user could use.
    Failed(Failed),
}

/// Why a client got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// The name had no address.
    Dns,
    /// The address refused the connection.
    Refused,
    /// The connection broke before the answer was complete.
    Lost,
    /// No connection or no answer in time.
    Timeout,
    /// An answer with this status, or one with status 200 that is not the site's page.
    Status(u16),
}

impl Failed {
    /// The reason in a word, as a journal has it.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Dns => "dns".to_owned(),
            Self::Refused => "refused".to_owned(),
            Self::Lost => "lost".to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Status(code) => format!("status {code}"),
        }
    }
}

/// Which client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// One of the many behind a resolver that keeps answers.
    Ordinary,
    /// The one that asks DNS anew each time, and so sees a change first.
    Uncached,
}

impl Client {
    /// Its name in a journal.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Uncached => "uncached",
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When it was sent.
    pub at: Instant,
    /// From then to its outcome.
    pub latency: Duration,
    /// Who sent it.
    pub client: Client,
    /// What came of it.
    pub outcome: Outcome,
}

impl Sample {
    fn end(&self) -> Instant {
        self.at + self.latency
    }

    fn is_ok_from(&self, wanted: &str) -> bool {
        matches!(&self.outcome, Outcome::Ok { region, .. } if region == wanted)
    }
}

/// What follows from many requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Requests that have an outcome.
    pub sent: u64,
    /// Pages, by the region that served them.
    pub ok: BTreeMap<String, u64>,
    /// Requests without a page.
    pub lost: u64,
    /// The same by their reason.
    pub lost_by_reason: Vec<(Failed, u64)>,
    /// The longest time between two pages, or between a page and the end of what was counted.
    pub gap_longest: Duration,
}

impl Tally {
    /// Counts `samples`, whose last moment is `end`.
    #[must_use]
    pub fn of<'a>(samples: impl IntoIterator<Item = &'a Sample>, end: Instant) -> Self {
        let mut tally = Self::default();
        let mut pages = Vec::new();
        let mut first = None;
        let mut reasons = BTreeMap::<Failed, u64>::new();
        for sample in samples {
            tally.sent += 1;
            first = Some(first.map_or(sample.at, |first: Instant| first.min(sample.at)));
            match &sample.outcome {
                Outcome::Ok { region, .. } => {
                    *tally.ok.entry(region.clone()).or_default() += 1;
                    pages.push(sample.end());
                }
                Outcome::Failed(reason) => {
                    tally.lost += 1;
                    *reasons.entry(*reason).or_default() += 1;
                }
            }
        }
        tally.lost_by_reason = reasons.into_iter().collect();
        pages.sort_unstable();
        pages.push(end);
        let starts = first.into_iter().chain(pages.iter().copied());
        tally.gap_longest = starts
            .zip(&pages)
            .map(|(from, to)| to.saturating_duration_since(from))
            .max()
            .unwrap_or_default();
        tally
    }
}

/// What each client got in each second after `start`, in the order of time. A page that does not name `primary` counts as the
/// standby's.
#[must_use]
pub fn buckets<'a>(
    samples: impl IntoIterator<Item = &'a Sample>,
    start: Instant,
    primary: &str,
) -> Vec<Bucket> {
    let mut buckets = BTreeMap::<(u32, Client), Bucket>::new();
    for sample in samples {
        let after = sample.at.saturating_duration_since(start).as_secs();
        let second = u32::try_from(after).unwrap_or(u32::MAX);
        let bucket = buckets.entry((second, sample.client)).or_insert_with(|| Bucket {
            second,
            client: sample.client.word().to_owned(),
            primary: 0,
            standby: 0,
            failed: BTreeMap::new(),
        });
        match &sample.outcome {
            Outcome::Ok { region, .. } if region == primary => bucket.primary += 1,
            Outcome::Ok { .. } => bucket.standby += 1,
            Outcome::Failed(reason) => *bucket.failed.entry(reason.word()).or_default() += 1,
        }
    }
    buckets.into_values().collect()
}

/// When the first page of `region` arrived that was asked for at or after `since`.
#[must_use]
pub fn first_ok<'a>(
    samples: impl IntoIterator<Item = &'a Sample>,
    region: &str,
    since: Instant,
) -> Option<Instant> {
    samples
        .into_iter()
        .filter(|sample| sample.at >= since && sample.is_ok_from(region))
        .map(Sample::end)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(start: Instant, seconds: u64, outcome: Outcome) -> Sample {
        Sample {
            at: start + Duration::from_secs(seconds),
            latency: Duration::from_secs(1),
            client: Client::Ordinary,
            outcome,
        }
    }

    fn page(region: &str) -> Outcome {
        Outcome::Ok { region: region.to_owned(), instance: "i-1".to_owned() }
    }

    /// Goal: losses, regions and the gap are counted. Method: a failover in six requests, out of order.
    #[test]
    fn a_failover_is_counted() {
        let start = Instant::now();
        let samples = [
            sample(start, 0, page("us-west-2")),
            sample(start, 20, page("us-east-2")),
            sample(start, 10, Outcome::Failed(Failed::Refused)),
            sample(start, 5, page("us-west-2")),
            sample(start, 15, Outcome::Failed(Failed::Status(503))),
            sample(start, 16, Outcome::Failed(Failed::Refused)),
        ];
        let tally = Tally::of(&samples, start + Duration::from_secs(22));
        assert_eq!((tally.sent, tally.lost), (6, 3));
        assert_eq!(tally.ok["us-west-2"], 2);
        assert_eq!(tally.lost_by_reason, [(Failed::Refused, 2), (Failed::Status(503), 1)]);
        assert_eq!(tally.gap_longest, Duration::from_secs(15));
        let after = |seconds| first_ok(&samples, "us-east-2", start + Duration::from_secs(seconds));
        assert_eq!(after(7), Some(start + Duration::from_secs(21)));
        assert_eq!(after(21), None);
    }

    /// Goal: no request is lost between the log and the journal. Method: three in one second, one in another, of two clients.
    #[test]
    fn every_request_is_in_the_second_in_which_it_was_sent() {
        let start = Instant::now();
        let uncached = Sample { client: Client::Uncached, ..sample(start, 1, page("us-east-2")) };
        let samples = [
            sample(start, 1, page("us-west-2")),
            sample(start, 1, Outcome::Failed(Failed::Status(503))),
            sample(start, 2, Outcome::Failed(Failed::Refused)),
            uncached,
        ];
        let told: Vec<_> = buckets(&samples, start, "us-west-2")
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
    }

    /// Goal: an outage that has not ended counts. Method: nothing but failures, then nothing at all.
    #[test]
    fn an_outage_without_an_end_is_a_gap() {
        let start = Instant::now();
        let samples = [sample(start, 0, Outcome::Failed(Failed::Timeout))];
        let tally = Tally::of(&samples, start + Duration::from_secs(9));
        assert_eq!(tally.gap_longest, Duration::from_secs(9));
        assert_eq!(Tally::of([], start), Tally::default());
    }
}
