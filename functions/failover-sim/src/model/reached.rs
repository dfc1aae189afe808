//! `sometimes`: every reason that a scope promises is decided somewhere in it, so that no rule is proven by never firing.

use std::sync::atomic::Ordering;

use failover_core::Reason;
use stateright::Property;

use super::{Proof, State};

/// One bit for each reason.
#[must_use]
pub fn bit_of(name: &str) -> u64 {
    let index = Reason::NAMES.iter().position(|known| *known == name);
    index.map_or(0, |index| 1 << index)
}

/// The names behind the bits.
#[must_use]
pub fn reasons(bits: u64) -> Vec<&'static str> {
    Reason::NAMES.into_iter().filter(|name| bits & bit_of(name) != 0).collect()
}

/// Whether the `N`th reason was decided anywhere yet. A property is a plain function, so each reason has its own.
fn reached<const N: usize>(proof: &Proof, _: &State) -> bool {
    proof.seen.load(Ordering::Relaxed) & (1 << N) != 0
}

/// One property for each of the names.
pub(super) fn properties(names: &[&'static str]) -> Vec<Property<Proof>> {
    type Reached = fn(&Proof, &State) -> bool;
    macro_rules! all {
        ($($index:literal)*) => { [$(reached::<$index> as Reached),*] };
    }
    let conditions: [Reached; Reason::NAMES.len()] =
        all!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24);
    let pairs = Reason::NAMES.into_iter().zip(conditions);
    pairs
        .filter(|(name, _)| names.contains(name))
        .map(|(name, condition)| Property::sometimes(name, condition))
        .collect()
}
