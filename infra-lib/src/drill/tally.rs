//! What the clients got, and what follows from it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

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

/// Which client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// One of the many behind a resolver that keeps answers.
    Ordinary,
    /// The one that asks DNS anew each time, and so sees a change first.
    Uncached,
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
