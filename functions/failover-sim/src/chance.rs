//! Luck that a seed decides, for ever: the stream is `ChaCha8`, and how numbers are drawn from it stands here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What one seed brings, whatever the machine.
#[derive(Clone, Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of `seed`. What is drawn for different purposes comes from different streams, so that one more draw in one
    /// place changes nothing in another.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose);
        Self(rng)
    }

    /// A number from 0 to 1, both possible.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    /// A number from 0 to `end`.
    pub(crate) fn up_to(&mut self, end: f64) -> f64 {
        self.share() * end
    }

    /// A number below `end`, or 0 if there is none.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let scaled = u64::from(self.0.next_u32()) * u64::from(end);
        u32::try_from(scaled >> 32).expect("the upper half of 64 bits")
    }

    /// A number from `low` to `high`.
    pub(crate) fn between(&mut self, low: u16, high: u16) -> u16 {
        let span = u32::from(high.saturating_sub(low)) + 1;
        low + u16::try_from(self.below(span)).expect("no more than the span")
    }

    /// True once in `n` times. Never for 0.
    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        n > 0 && self.below(n) == 0
    }

    /// One of a list that is not empty.
    pub(crate) fn among<T: Copy>(&mut self, list: &[T]) -> T {
        let end = u32::try_from(list.len()).expect("lists here are short");
        list[usize::try_from(self.below(end)).expect("no more than the length")]
    }
}
