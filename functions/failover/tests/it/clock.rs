//! Virtual time: a clock that stands still until everything waits, and then jumps to the next
//! timer.
//!
//! Tokio's paused clock would do the same, but needs its `test-util` feature, with which every
//! crate that uses tokio is built a second time; and it would leave `now()` to another clock than
//! `sleep()`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use failover::port::Clock;
use failover_core::Timestamp;
use futures::future::BoxFuture;

/// Bound of one conversation: more jumps than this mean that it never ends.
const JUMPS_MAX: usize = 1000;

#[derive(Clone, Debug)]
pub struct VirtualClock {
    start: Timestamp,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    elapsed: Duration,
    timers: Vec<(Duration, Waker)>,
}

impl VirtualClock {
    pub fn at(start: Timestamp) -> Self {
        Self { start, state: Arc::default() }
    }

    pub fn elapsed(&self) -> Duration {
        self.state.lock().expect("one thread").elapsed
    }

    /// Drives `work` to its end. Panics if it waits for something that is not a timer.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..JUMPS_MAX {
            if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
                return result;
            }
            self.jump();
        }
        panic!("the conversation does not end");
    }

    /// Jumps to the earliest timer and wakes everyone whose time has come.
    fn jump(&self) {
        let mut state = self.state.lock().expect("one thread");
        let next = state.timers.iter().map(|(due, _)| *due).min();
        let next = next.expect("somebody waits, so there is a timer");
        state.elapsed = state.elapsed.max(next);
        let (due, later) =
            std::mem::take(&mut state.timers).into_iter().partition(|(due, _)| *due <= next);
        state.timers = later;
        let due: Vec<(Duration, Waker)> = due;
        drop(state);
        for (_, waker) in due {
            waker.wake();
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let elapsed = jiff::SignedDuration::try_from(self.elapsed()).expect("a short test");
        self.start.checked_add(elapsed).expect("a date of our time")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(Timer { due: self.elapsed() + duration, state: Arc::clone(&self.state) })
    }
}

struct Timer {
    due: Duration,
    state: Arc<Mutex<State>>,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock().expect("one thread");
        if state.elapsed >= self.due {
            return Poll::Ready(());
        }
        let due = self.due;
        state.timers.push((due, context.waker().clone()));
        Poll::Pending
    }
}
