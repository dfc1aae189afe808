//! Route 53's check on the latch's alarm: it reads the metric that the alarm watches, not the alarm, and keeps its last
//! verdict while there is no data.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use cloud::Metric;
use site::names::SiteName;

use crate::answer::Health;
use crate::changes::Changes;

/// The alarm's threshold: from this value on the latch is closed.
const CLOSED: f64 = 1.0;
/// BOUND: a read that takes longer is a gap, which changes nothing.
const READ_WITHIN: Duration = Duration::from_secs(5);

/// A running check on the latch. New, it is healthy, as Route 53's are: an open latch. Dropped, it stops.
#[derive(Debug)]
pub struct LatchCheck {
    verdict: Arc<Changes<Health>>,
    _task: JoinSet<()>,
}

impl LatchCheck {
    /// Starts to ask `newest` for the newest value of the metric, every `every`. `None` stands for no data.
    #[must_use]
    pub fn start<R, F>(every: Duration, newest: R) -> Self
    where
        R: Fn() -> F + Send + 'static,
        F: Future<Output = Option<f64>> + Send + 'static,
    {
        let verdict = Arc::new(Changes::new(Health::Healthy));
        let told = Arc::clone(&verdict);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut rounds = drill::rounds(every);
            loop {
                rounds.tick().await;
                let value = timeout(READ_WITHIN, newest()).await.unwrap_or_default();
                told.set(judge(told.now(), value));
            }
        });
        Self { verdict, _task: task }
    }

    /// The verdict: healthy is open.
    #[must_use]
    pub fn verdict(&self) -> &Changes<Health> {
        &self.verdict
    }
}

/// The metric that the controller feeds and the template's alarm names.
#[must_use]
pub fn metric(site: &SiteName) -> Metric {
    Metric {
        namespace: "Pilotlight".to_owned(),
        name: "LatchClosed".to_owned(),
        dimensions: vec![("Site".to_owned(), site.to_string())],
    }
}

/// `LastKnownStatus`: without a value the last verdict stands.
fn judge(last: Health, value: Option<f64>) -> Health {
    value.map_or(last, |value| Health::from(value < CLOSED))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::watch;

    use super::*;

    const SOON: Duration = Duration::from_secs(2);

    /// Goal: a gap changes nothing, whichever way the latch was. Method: every row.
    #[test]
    fn silence_keeps_the_last_verdict() {
        for last in [Health::Healthy, Health::Unhealthy] {
            assert_eq!(judge(last, None), last);
            assert_eq!(judge(last, Some(0.0)), Health::Healthy);
            assert_eq!(judge(last, Some(1.0)), Health::Unhealthy);
        }
    }

    /// Goal: open before the first value, then as the metric says. Method: silence, closed, silence, open.
    #[tokio::test]
    async fn the_verdict_follows_the_newest_value() {
        let values = [None, Some(1.0), None, None, Some(0.0)];
        let (asked, mut count) = watch::channel(0_usize);
        let next = AtomicUsize::new(0);
        let check = LatchCheck::start(Duration::from_millis(5), move || {
            let now = next.fetch_add(1, Ordering::Relaxed);
            asked.send_replace(now);
            std::future::ready(values.get(now).copied().flatten())
        });
        let mut verdict = check.verdict().watch();
        assert_eq!(*verdict.borrow(), Health::Healthy, "a new check is healthy");
        let closed = timeout(SOON, verdict.wait_for(|now| *now == Health::Unhealthy));
        assert!(closed.await.is_ok_and(|seen| seen.is_ok()));
        assert!((1..4).contains(&*count.borrow_and_update()), "the gap has not opened it");
        let open = timeout(SOON, verdict.wait_for(|now| *now == Health::Healthy));
        assert!(open.await.is_ok_and(|seen| seen.is_ok()));
        assert!(*count.borrow_and_update() >= 4, "the fifth value has");
        let changes: Vec<Health> = check.verdict().all().iter().map(|change| change.to).collect();
        assert_eq!(changes, [Health::Unhealthy, Health::Healthy]);
    }
}
