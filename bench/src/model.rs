//! States per second of the model checker, beside those of a model that costs nothing: two counters.

use failover_sim::model::prove;
use failover_sim::scope;
use stateright::{Checker, Model, Property};

use crate::sample::{Failure, Samples, note};

/// The counters go so far; their states are the square of one more.
const COUNTER_MAX: u16 = 700;

/// Measures both in turn.
pub fn run(runs: u32, name: &str) -> Result<Samples, Failure> {
    let scope = scope::find(name).ok_or_else(|| Failure::Scope(name.to_owned()))?;
    let mut samples = Samples::default();
    for run in 1..=runs {
        note(format_args!("the model: search {run} of {runs}"));
        let proven = prove(scope, &mut |_| ());
        samples.add("model", rate(proven.states, proven.elapsed));
        samples.add("model.states", count(proven.states));
        let begun = std::time::Instant::now();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let counted = Counters.checker().threads(threads).spawn_bfs().join();
        samples.add("model.counters", rate(counted.unique_state_count(), begun.elapsed()));
    }
    Ok(samples)
}

fn rate(states: usize, elapsed: std::time::Duration) -> f64 {
    count(states) / elapsed.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn count(states: usize) -> f64 {
    states as f64
}

#[derive(Debug)]
struct Counters;

impl Model for Counters {
    type State = (u16, u16);
    type Action = bool;

    fn init_states(&self) -> Vec<Self::State> {
        vec![(0, 0)]
    }

    fn actions(&self, _: &Self::State, actions: &mut Vec<Self::Action>) {
        actions.extend([false, true]);
    }

    fn next_state(
        &self,
        &(left, right): &Self::State,
        action: Self::Action,
    ) -> Option<Self::State> {
        let next = if action { (left + 1, right) } else { (left, right + 1) };
        (next.0 <= COUNTER_MAX && next.1 <= COUNTER_MAX).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let within = |_: &Self, &(left, right): &(u16, u16)| left.max(right) <= COUNTER_MAX;
        vec![Property::always("within", within)]
    }
}
