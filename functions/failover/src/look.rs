//! Looks between two ticks. A look asks Route 53's name servers for the verdict, and goes on only where there may be something
//! to raise for: it lowers nothing, counts nothing and tells nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use failover_core::observation::{Known, Probe, Verdict, Why};
use failover_core::time::{Timestamp, age};
use failover_core::{Policy, Signal};

use crate::log::{self, Level};
use crate::observe::Glance;
use crate::port::Ports;
use crate::wait::{once, within};

/// BOUND: the first raise writes within 2 s of the look that saw the verdict.
const VERDICT_MAX: Duration = Duration::from_millis(1200);
/// Sending the looks until the next tick: best effort, because the tick and the alarm raise without them.
const SEND_MAX: Duration = Duration::from_millis(700);

/// How the controller looks between its ticks.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// Interval between two looks.
    watch: Option<Duration>,
    /// Whether there is a queue to send them to.
    sends: bool,
    /// When this process last found the primary down by its own probe, until it found it up.
    suspected: Arc<Mutex<Option<Timestamp>>>,
}

impl Looks {
    /// A look each `watch` from one tick to the next, sent by the tick if it `sends` any.
    #[must_use]
    pub fn new(watch: Option<Duration>, sends: bool) -> Self {
        Self { watch, sends, suspected: Arc::default() }
    }

    /// The first reading of a look. `None`: nothing is to be raised for.
    pub(crate) async fn glance(&self, policy: &Policy, ports: &Ports) -> Option<(Signal, Glance)> {
        let read = within(&*ports.clock, VERDICT_MAX, ports.verdicts.read_verdict()).await;
        let verdict = read.unwrap_or(Known::Unknown(Why::Timeout));
        if verdict == Known::Known(Verdict::Unhealthy) {
            let probe = Known::Unknown(Why::NotAsked);
            return Some((Signal::Look { again: false }, Glance { verdict, probe }));
        }
        if !policy.eager() {
            return None;
        }
        let probe = ports.prober.probe().await;
        self.suspects(probe, ports.clock.now())
            .then_some((Signal::Look { again: true }, Glance { verdict, probe }))
    }

    /// Whether the look before this one found the primary down as well.
    fn suspects(&self, probe: Known<Probe>, now: Timestamp) -> bool {
        let down = probe == Known::Known(Probe::Down);
        let mut suspected = self.suspected.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *suspected, down.then_some(now));
        // BOUND: one look may be late or lost, and an older one says nothing of now.
        let recent = self.watch.unwrap_or_default() * 5 / 2;
        down && before.is_some_and(|before| age(now, before) <= recent)
    }

    /// Sends the looks until the next tick.
    pub(crate) async fn send(&self, policy: &Policy, ports: &Ports) {
        let delays = self.delays(policy.tick());
        if delays.is_empty() {
            return;
        }
        let sent = once(&*ports.clock, SEND_MAX, ports.writes.send_looks(&delays)).await;
        if let Err(error) = sent {
            let error = error.to_string();
            ports.log.line(&log::problem(Level::Warn, "looks not sent", &[("error", &error)]));
        }
    }

    /// When they come: the next tick is a look itself.
    fn delays(&self, tick: Duration) -> Vec<Duration> {
        let Some(watch) = self.watch.filter(|_| self.sends) else { return Vec::new() };
        // BOUND: 11 of the shortest interval in a tick of a minute; SQS delays no message by more than 15 minutes.
        (1..=11).map(|n| watch * n).take_while(|delay| *delay < tick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(watch: u64, tick: u64) -> Vec<u64> {
        let looks = Looks::new(Some(Duration::from_secs(watch)), true);
        looks.delays(Duration::from_secs(tick)).iter().map(Duration::as_secs).collect()
    }

    #[test]
    fn looks_come_between_two_ticks_and_not_with_the_next_one() {
        assert_eq!(delays(10, 60), [10, 20, 30, 40, 50]);
        assert_eq!(delays(30, 60), [30]);
        assert_eq!(delays(5, 60).len(), 11);
        assert_eq!(delays(10, 2), [0; 0]);
        assert!(Looks::default().delays(Duration::from_mins(1)).is_empty());
    }

    /// One failed probe is no suspicion, and neither are two with an hour or a good one between them.
    #[test]
    fn only_two_looks_in_a_row_make_a_suspicion() {
        let looks = Looks::new(Some(Duration::from_secs(10)), true);
        let at = |second| Timestamp::from_second(second).expect("a date");
        let (up, down) = (Known::Known(Probe::Up), Known::Known(Probe::Down));
        let unknown = Known::Unknown(Why::Unparseable);
        assert!(!looks.suspects(down, at(0)));
        assert!(looks.suspects(down, at(25)));
        assert!(!looks.suspects(down, at(3600)));
        assert!(!looks.suspects(up, at(3610)));
        assert!(!looks.suspects(down, at(3620)));
        assert!(!looks.suspects(unknown, at(3630)));
        assert!(!looks.suspects(down, at(3640)));
    }
}
