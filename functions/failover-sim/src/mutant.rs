//! Rules that are broken on purpose. The checker must refute each of them, or it proves nothing.
//!
//! A mutant is the decision that ships with its inputs or its answer altered, or the same decision in a world that is set up
//! wrongly. None of them is a copy of a rule.

mod altered;
pub mod drawn;
mod early;
mod hostile;
mod latches;
mod lowers;
mod neglects;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::decide::Decide;
use crate::model::{Proof, Proven, Violation, search};
use crate::scope::Scope;
use crate::world::Judged;

use self::altered::{Altered, Asked};

/// Every mutant.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    let groups = [lowers::ALL, latches::ALL, neglects::ALL, hostile::ALL, early::ALL];
    groups.into_iter().flatten()
}

/// A broken version of the whole.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Short name, also of the file with its counterexample.
    pub name: &'static str,
    /// What is broken, as the rest of "it …".
    pub breaks: &'static str,
    /// How it decides.
    altered: Altered,
    /// Where it is searched for.
    pub scope: Scope,
    /// No history of any scope reaches its fault: it is refuted on readings that are drawn.
    pub drawn: bool,
}

fn decide(altered: Altered) -> impl Decide {
    move |policy, signal, observation, now| {
        altered.decide(Asked { policy, signal, observation, now })
    }
}

/// How a mutant died. Its JSON is what `cargo xtask prove --mutants` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Refutation {
    /// The invariant or property that it breaks.
    pub property: String,
    /// Whether users are hurt. Otherwise the judge of single decisions refutes it before anybody is.
    pub hurts_users: bool,
    /// The invariants of single decisions that it breaks on the way, but for `R`, which every altered rule breaks.
    pub also_breaks: BTreeSet<&'static str>,
    /// Minutes of the shortest history that shows it.
    pub minutes: usize,
    /// States that were looked at.
    pub states: usize,
    /// That history as text.
    pub story: String,
}

/// Searches for a history that refutes the mutant: first one in which users are hurt or the site never comes back, then one in
/// which a single decision breaks an invariant. `None` if it survives.
#[must_use]
pub fn refute(mutant: &Mutant) -> Option<Refutation> {
    if mutant.drawn {
        return refute_drawn(mutant);
    }
    let attempt = |judged| {
        let proof = Proof::new(mutant.scope.clone(), decide(mutant.altered), judged);
        refutation(search(proof, 1, &mut |_| {}), judged == Judged::None)
    };
    attempt(Judged::None).or_else(|| attempt(Judged::Alone))
}

/// Refutes it on drawn readings, by the invariants of single decisions.
fn refute_drawn(mutant: &Mutant) -> Option<Refutation> {
    let policy = mutant.scope.site().policy;
    let (number, ruling) = drawn::refuting(&policy, &decide(mutant.altered), Judged::Alone)?;
    let instead = drawn::instead(&policy, &ruling);
    let decided = ruling.decision.reason.kind();
    let story = format!(
        "  draw {number}: it decides {decided}, and the rules that ship {instead}\n     broken: {}\n",
        ruling.broken.unwrap_or_default()
    );
    Some(Refutation {
        property: ruling.broken?.to_owned(),
        also_breaks: BTreeSet::new(),
        hurts_users: false,
        minutes: 1,
        story,
        states: usize::try_from(number).unwrap_or(usize::MAX),
    })
}

fn refutation(found: Proven, hurts_users: bool) -> Option<Refutation> {
    let states = found.states;
    let shortest = found.violations.into_iter().filter(|violation| !violation.story.is_empty());
    let Violation { property, minutes, story, also: mut also_breaks } =
        shortest.min_by_key(|violation| violation.minutes.len())?;
    also_breaks.remove("R");
    let minutes = minutes.len();
    Some(Refutation { property, hurts_users, also_breaks, minutes, states, story })
}
