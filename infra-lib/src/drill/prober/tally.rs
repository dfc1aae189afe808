//! What the clients got, second by second and in all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Seen;
use crate::drill::journal::{Bucket, ClientTally};
use crate::model::Role;

/// Every client's seconds, counted from `start`.
#[must_use]
pub fn buckets(seen: &[Seen], start: Instant) -> Vec<Bucket> {
    let mut buckets = BTreeMap::<(u32, &str), Bucket>::new();
    for one in seen {
        let second = one.at.saturating_duration_since(start).as_secs();
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        let bucket = buckets.entry((second, &*one.client)).or_insert_with(|| Bucket {
            second,
            client: one.client.to_string(),
            primary: 0,
            standby: 0,
            failed: BTreeMap::new(),
        });
        match &one.outcome {
            Ok(Role::Primary) => bucket.primary += 1,
            Ok(Role::Standby) => bucket.standby += 1,
            Err(reason) => *bucket.failed.entry(reason.clone()).or_default() += 1,
        }
    }
    buckets.into_values().collect()
}

/// All requests from `start` to `end`. `back` is when the way back began.
#[must_use]
pub fn tally(seen: &[Seen], start: Instant, end: Instant, back: Option<Instant>) -> ClientTally {
    let mut tally = ClientTally::default();
    let mut pages = Vec::new();
    for one in seen.iter().filter(|one| one.at >= start) {
        tally.sent += 1;
        let Ok(role) = &one.outcome else {
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
