//! Runs a search and says what came out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};
use stateright::report::{ReportData, ReportDiscovery, Reporter};
use stateright::{Checker, HasDiscoveries, Model};

use crate::scope::Scope;
use crate::story;
use crate::world::{Judged, Minute};

use super::Proof;

/// How far a search has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Distinct states so far.
    pub states: usize,
    /// Steps so far, those to known states included.
    pub transitions: usize,
    /// Longest history so far, in minutes.
    pub depth: usize,
    /// Time so far.
    pub elapsed: Duration,
}

/// What a search found. Its JSON is what `cargo xtask prove` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Proven {
    /// The bounds.
    #[serde(flatten, serialize_with = "bounds")]
    pub scope: Scope,
    /// Properties that hold on every state.
    pub always: usize,
    /// Reasons that were decided somewhere.
    pub sometimes: usize,
    /// Distinct states: all there are, unless something was violated.
    pub states: usize,
    /// Steps, those to known states included.
    pub transitions: usize,
    /// Longest history, in minutes.
    pub depth: usize,
    /// From the worst state, with nothing wrong any more: minutes until everything is back to normal.
    #[serde(rename = "back_minutes")]
    pub back: u8,
    /// The same until the standby serves, if the primary stays down.
    #[serde(rename = "serving_minutes")]
    pub serving: u8,
    /// How long it took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// What does not hold.
    pub violations: Vec<Violation>,
}

/// A property that does not hold.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// Its name: an invariant, a liveness property, or a reason that was never decided.
    pub property: String,
    /// The history that shows it; empty for a reason that was never decided.
    #[serde(serialize_with = "count")]
    pub minutes: Vec<Minute>,
    /// The same as text.
    pub story: String,
    /// The invariants of single decisions that it breaks as well.
    #[serde(skip)]
    pub also: BTreeSet<&'static str>,
}

fn bounds<S: Serializer>(scope: &Scope, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Bounds {
        scope: &'static str,
        flips: u8,
        faults: u8,
        orders: u8,
        settings: BTreeMap<&'static str, &'static str>,
    }
    let Scope { name, flips, faults, orders, settings, .. } = *scope;
    let settings = settings.iter().copied().collect();
    Bounds { scope: name, flips, faults, orders, settings }.serialize(serializer)
}

/// To a tenth.
fn seconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    ((elapsed.as_secs_f64() * 10.0).round() / 10.0).serialize(serializer)
}

fn count<S: Serializer>(minutes: &[Minute], serializer: S) -> Result<S::Ok, S::Error> {
    minutes.len().serialize(serializer)
}

/// Searches `scope` for the decision that ships, on every core.
pub fn prove(scope: &Scope, told: &mut (dyn FnMut(Progress) + Send)) -> Proven {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    search(Proof::new(scope.clone(), failover_core::decide, Judged::All), threads, told)
}

/// Searches any proof. With one thread the counterexample is a shortest one.
pub(crate) fn search(
    proof: Proof,
    threads: usize,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Proven {
    let begun = Instant::now();
    let scope = proof.scope.clone();
    let checker = proof
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join_and_report(&mut Told(told));
    let proof = checker.model();
    let mut violations = Vec::new();
    let discoveries = checker.discoveries();
    for property in proof.properties() {
        let found = discoveries.get(property.name);
        match (property.expectation, found) {
            (stateright::Expectation::Always, Some(path)) => {
                let steps = path.clone().into_vec();
                let minutes: Vec<Minute> = steps.iter().filter_map(|(_, minute)| *minute).collect();
                let (Some((first, _)), Some((last, _))) = (steps.first(), steps.last()) else {
                    continue;
                };
                let mut also = BTreeSet::new();
                let mut story = story::tell(&proof.stage(), &first.world, &minutes, &mut also);
                let mut broken = last.world.broken;
                if broken.is_none() {
                    let up = property.name == super::RECOVERS;
                    let (future, cause) = proof.foretell(&last.world, up, &mut also);
                    story.push_str(&future);
                    if let Some(cause) = cause {
                        writeln!(story, "     broken: {cause}").expect("a string grows");
                    }
                    broken = cause;
                }
                let property = broken.unwrap_or(property.name).to_owned();
                violations.push(Violation { property, minutes, story, also });
            }
            (stateright::Expectation::Sometimes, None) if violations.is_empty() => {
                violations.push(Violation {
                    property: format!("{} is never decided", property.name),
                    minutes: Vec::new(),
                    story: String::new(),
                    also: BTreeSet::new(),
                });
            }
            _ => {}
        }
    }
    let [back, serving] = proof.longest();
    Proven {
        always: proof.properties().len() - scope.reasons.len(),
        sometimes: scope.reasons.len(),
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        back,
        serving,
        elapsed: begun.elapsed(),
        violations,
        scope,
    }
}

struct Told<'a>(&'a mut (dyn FnMut(Progress) + Send));

impl<M: Model> Reporter<M> for Told<'_> {
    fn report_checking(&mut self, data: ReportData) {
        (self.0)(Progress {
            states: data.unique_states,
            transitions: data.total_states,
            depth: data.max_depth,
            elapsed: data.duration,
        });
    }

    fn report_discoveries(&mut self, _: &M, _: BTreeMap<&'static str, ReportDiscovery<M>>)
    where
        M::Action: std::fmt::Debug + PartialEq,
        M::State: std::fmt::Debug + std::hash::Hash + PartialEq,
    {
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(100)
    }
}
