//! Waiting, always with a bound.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use failover_core::time::age;
use futures::future::{Either, select};

use crate::error::WriteError;
use crate::port::Clock;

/// First pause between two tries of a write.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// A try with less time than this left is not begun: it would only replace AWS's own words by
/// silence.
const TRY_MIN: Duration = Duration::from_millis(300);

/// The result of `work`, or `None` if it takes longer than `bound`.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    bound: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), clock.sleep(bound)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(((), _)) => None,
    }
}

/// One try of a write, which is over after `bound`.
pub(crate) async fn once(
    clock: &dyn Clock,
    bound: Duration,
    write: impl Future<Output = Result<(), WriteError>>,
) -> Result<(), WriteError> {
    let silence = || Err(WriteError::NoAnswer(format!("within {} ms", bound.as_millis())));
    within(clock, bound, write).await.unwrap_or_else(silence)
}

/// Tries a write until it succeeds, cannot succeed, or `bound` is over. The pauses grow and are
/// jittered.
pub(crate) async fn patiently<F>(
    clock: &dyn Clock,
    bound: Duration,
    write: impl Fn() -> F,
) -> Result<(), WriteError>
where
    F: Future<Output = Result<(), WriteError>>,
{
    let started = clock.now();
    let mut pause = PAUSE_FIRST;
    // BOUND: each round either ends the loop or waits at least half a pause, and `bound` is the end
    // of all rounds.
    loop {
        let left = bound.saturating_sub(age(clock.now(), started));
        let error = match once(clock, left, write()).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let wait = jittered(clock, pause);
        if !error.is_transient() || age(clock.now(), started) + wait + TRY_MIN > bound {
            return Err(error);
        }
        clock.sleep(wait).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Between a half and the whole of `pause`. The clock's last digits are random enough to keep two
/// handlers apart.
fn jittered(clock: &dyn Clock, pause: Duration) -> Duration {
    let thousandths = clock.now().subsec_nanosecond().unsigned_abs() / 1_000 % 1_000;
    pause / 2 + pause * thousandths / 2_000
}
