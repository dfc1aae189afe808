//! What a running operation tells of itself, and how often it asks AWS.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use cloud::{Cloud, CloudError, StackEvent};
use site::model::StackId;

use crate::resource::Resource;

// BOUND: more than a deploy tells in a minute; a reader that is slower than that slows the deploy down and loses nothing.
const QUEUE_MAX: usize = 1024;
// BOUND: an emulator changes state within milliseconds; AWS throttles DescribeStacks at some ten calls a second.
const POLL_LOCAL: Duration = Duration::from_millis(200);
const POLL_AWS: Duration = Duration::from_secs(1);
// BOUND: what takes minutes is told a few seconds later; a stack of an hour is asked some 700 times instead of 3,600.
const POLL_AWS_MAX: Duration = Duration::from_secs(5);
// BOUND: AWS fills its allowance of calls again within a minute.
const THROTTLED_MAX: Duration = Duration::from_secs(20);
/// Rounds of a wait that takes no time, so that a test which waits for ever ends.
const ROUNDS_AT_ONCE: u32 = 1000;

/// Something worth a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// A wave begins.
    Wave {
        /// Its number.
        number: u8,
        /// What it works on.
        stacks: Vec<StackId>,
    },
    /// A stack got further.
    Stack {
        /// Which.
        stack: StackId,
        /// How far.
        #[serde(flatten)]
        step: Step,
    },
    /// What becomes of the resources of a stack that was pending in the plan.
    WorkedOut {
        /// The stack.
        stack: StackId,
        /// What happens to each.
        resources: Vec<Resource>,
    },
    /// A resource of a stack changed.
    Resource {
        /// The stack.
        stack: StackId,
        /// What happened.
        #[serde(flatten, rename = "what")]
        event: StackEvent,
    },
    /// The Lambda's zip is in its bucket.
    Uploaded {
        /// Its key.
        key: String,
        /// Whether it was there before.
        present: bool,
    },
    /// Objects were deleted from the artifact bucket.
    Emptied {
        /// How many versions.
        objects: usize,
    },
}

/// How far a stack is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// An earlier operation still runs; it is waited for.
    Waiting {
        /// Its present status.
        status: String,
    },
    /// What an earlier run left behind is deleted first.
    Clearing {
        /// Its status.
        status: String,
    },
    /// A failed operation whose resources were kept is rolled back.
    RollingBack {
        /// Its status.
        status: String,
    },
    /// The rollback of a failed update is gone on with.
    Unlocking {
        /// Its status.
        status: String,
    },
    /// The stack is held back until the primary has a healthy target.
    Held {
        /// For how long at most. Units: minutes.
        minutes: u64,
    },
    /// The standby's change is held back until every server of the primary is healthy with its own.
    Proving {
        /// For how long at most. Units: minutes.
        minutes: u64,
    },
    /// CloudFormation creating the change set.
    Comparing,
    /// The change is being made.
    Changing {
        /// Resources that it touches.
        resources: usize,
    },
    /// The stack is being deleted.
    Deleting,
    /// The stack is as it should be and was before.
    Unchanged,
    /// The stack is as it should be.
    Done,
    /// The stack is gone.
    Gone,
    /// It went wrong; the result tells how.
    Failed,
}

/// Where progress is told.
#[derive(Clone, Debug)]
pub struct Reporter(mpsc::Sender<Progress>);

impl Reporter {
    /// A reporter and what listens to it.
    #[must_use]
    pub fn channel() -> (Self, mpsc::Receiver<Progress>) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        (Self(sender), receiver)
    }

    /// Tells, unless nobody listens any more.
    pub async fn tell(&self, progress: Progress) {
        // A listener that went away is no reason to stop half-way through a change.
        self.0.send(progress).await.ok();
    }

    pub(crate) async fn step(&self, stack: StackId, step: Step) {
        self.tell(Progress::Stack { stack, step }).await;
    }
}

/// An operation that runs: its events, then its result.
#[derive(Debug)]
pub struct Running<T, E> {
    events: mpsc::Receiver<Progress>,
    task: JoinHandle<Result<T, E>>,
}

impl<T: Send + 'static, E: Send + 'static> Running<T, E> {
    /// Starts an operation. Dropping the handle leaves it running.
    pub fn start<F>(operation: impl FnOnce(Reporter) -> F) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (reporter, events) = Reporter::channel();
        Self { events, task: tokio::spawn(operation(reporter)) }
    }

    /// The next event; `None` once there is nothing more to tell.
    pub async fn next(&mut self) -> Option<Progress> {
        self.events.recv().await
    }

    /// Waits for the result. Events that nobody asked for are dropped.
    ///
    /// # Errors
    /// What the operation ends with.
    ///
    /// # Panics
    /// If the operation itself panicked.
    pub async fn finish(mut self) -> Result<T, E> {
        self.events.close();
        self.task.await.expect("an operation does not panic and nobody aborts it")
    }
}

/// How often a waiting loop asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    poll: Duration,
}

impl Pace {
    /// The pace that suits the far end.
    #[must_use]
    pub fn of(cloud: &dyn Cloud) -> Self {
        Self { poll: if cloud.is_local() { POLL_LOCAL } else { POLL_AWS } }
    }

    /// No pause at all, for tests over an account in memory.
    #[must_use]
    pub const fn at_once() -> Self {
        Self { poll: Duration::ZERO }
    }

    /// How many rounds fit into `bound`.
    #[must_use]
    pub fn rounds(self, bound: Duration) -> u32 {
        let rounds = bound.as_millis().checked_div(self.poll.as_millis());
        rounds.map_or(ROUNDS_AT_ONCE, |rounds| u32::try_from(rounds).unwrap_or(u32::MAX).max(1))
    }

    /// Waits for the next round.
    pub async fn pause(self) {
        tokio::time::sleep(self.poll).await;
    }

    /// A wait of this length at most.
    #[must_use]
    pub fn wait(self, bound: Duration) -> Wait {
        let rounds = if self.poll.is_zero() { ROUNDS_AT_ONCE } else { u32::MAX };
        Wait { pace: self, poll: self.poll, waited: Duration::ZERO, bound, rounds }
    }
}

/// A wait that asks less often the longer it takes, and that AWS's throttling does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pace: Pace,
    poll: Duration,
    waited: Duration,
    bound: Duration,
    rounds: u32,
}

impl Wait {
    /// Whether there is another round within the bound. The first always is.
    pub fn goes_on(&mut self) -> bool {
        let left = self.rounds > 0 && self.waited < self.bound;
        self.rounds = self.rounds.saturating_sub(1);
        left
    }

    /// How long was waited so far. Units: time, not rounds.
    #[must_use]
    pub const fn waited(&self) -> Duration {
        self.waited
    }

    /// Waits for the next round, a tenth longer than for this one.
    pub async fn pause(&mut self) {
        let poll = self.step();
        tokio::time::sleep(poll).await;
    }

    /// How long this round takes, and the next one a tenth longer. An emulator is asked as often as ever.
    fn step(&mut self) -> Duration {
        let poll = self.poll;
        self.waited += poll;
        if self.pace.poll >= POLL_AWS {
            self.poll = (poll + poll / 10).min(POLL_AWS_MAX);
        }
        poll
    }

    /// Waits for the next round, and twice as long for the one after it.
    pub async fn pause_longer(&mut self) {
        let poll = self.poll;
        self.sleep(poll).await;
        self.poll = (poll * 2).min(THROTTLED_MAX);
    }

    /// Waits for the next round as long as for every other: for who must see what lasts a moment.
    pub async fn pause_evenly(&mut self) {
        self.sleep(self.pace.poll).await;
    }

    /// The answer, or nothing after a pause if AWS takes no more calls for now: the next round asks again, after twice the time.
    ///
    /// # Errors
    /// [`CloudError`] of any other kind.
    pub async fn unless_throttled<T>(
        &mut self,
        answer: Result<T, CloudError>,
    ) -> Result<Option<T>, CloudError> {
        match answer {
            Err(error) if error.is_throttled() => {
                self.pause_longer().await;
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    async fn sleep(&mut self, poll: Duration) {
        tokio::time::sleep(poll).await;
        self.waited += poll;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_asks_less_often_the_longer_it_takes_and_keeps_to_its_bound() {
        let bound = Duration::from_mins(10);
        for (poll, expected) in [(POLL_AWS, 125..150), (POLL_LOCAL, 3000..3001)] {
            let (mut wait, mut rounds) = (Pace { poll }.wait(bound), 0);
            while wait.goes_on() {
                wait.step();
                rounds += 1;
            }
            assert!(expected.contains(&rounds), "{rounds}");
            assert!(wait.waited() >= bound && wait.waited() < bound + POLL_AWS_MAX);
        }
    }
}
