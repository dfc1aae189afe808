//! Luck for times: shares between 0 and 1, from the stream of a seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The luck of one failover.
#[derive(Clone, Debug)]
pub(super) struct Luck(ChaCha8Rng);

impl Luck {
    /// The luck of the failover with this number. It does not depend on the others, nor on who plays them.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self(rng)
    }

    /// A number from 0 to 1, both possible.
    pub(super) fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    /// A number from 0 to `end`.
    pub(super) fn below(&mut self, end: f64) -> f64 {
        self.share() * end
    }
}
