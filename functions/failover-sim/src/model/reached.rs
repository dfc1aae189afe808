//! `sometimes`: every reason that a scope promises is decided somewhere in it, so that no rule is proven by never firing.

use std::sync::atomic::Ordering;

use failover_core::ReasonKind;
use stateright::Property;

use super::{Proof, State};

/// One bit for each reason.
pub(super) const fn bit_of(kind: ReasonKind) -> u64 {
    1 << kind as u64
}

/// Whether the `N`th reason was decided anywhere yet. A property is a plain function, so each reason has its own.
fn reached<const N: usize>(proof: &Proof, _: &State) -> bool {
    proof.seen.load(Ordering::Relaxed) & (1 << N) != 0
}

/// One property for each of the reasons.
pub(super) fn properties(promised: &[ReasonKind]) -> Vec<Property<Proof>> {
    type Reached = fn(&Proof, &State) -> bool;
    macro_rules! all {
        ($($index:literal)*) => { [$(reached::<$index> as Reached),*] };
    }
    let conditions: [Reached; ReasonKind::ALL.len()] =
        all!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25);
    let pairs = ReasonKind::ALL.iter().zip(conditions);
    pairs
        .filter(|(kind, _)| promised.contains(kind))
        .map(|(kind, condition)| Property::sometimes(kind.name(), condition))
        .collect()
}
