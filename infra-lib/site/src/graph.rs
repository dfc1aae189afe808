//! The order of stacks: each wave needs only what earlier ones answer.

use crate::model::{Site, Source, Stack};

/// The waves of a site, first to last. No wave is empty.
///
/// # Panics
/// If a stack needs an output of its own wave or a later one, which [`crate::model`] never lays out.
#[must_use]
pub fn waves(site: &Site) -> Vec<Vec<&Stack>> {
    waves_of(site.stacks.iter())
}

/// The waves of some stacks, first to last. No wave is empty.
///
/// # Panics
/// As [`waves`].
#[must_use]
pub fn waves_of<'a>(stacks: impl Iterator<Item = &'a Stack>) -> Vec<Vec<&'a Stack>> {
    let mut waves: Vec<Vec<&Stack>> = Vec::new();
    let mut stacks: Vec<_> = stacks.collect();
    stacks.sort_by_key(|stack| stack.id);
    for stack in stacks {
        for source in stack.parameters.values() {
            if let Source::Output { stack: from, .. } = source {
                // INVARIANT: what a stack is given is known before its wave begins.
                assert!(from.wave() < stack.id.wave(), "`{}` cannot wait for `{from}`", stack.id);
            }
        }
        match waves.last_mut().filter(|wave| wave[0].id.wave() == stack.id.wave()) {
            Some(wave) => wave.push(stack),
            None => waves.push(vec![stack]),
        }
    }
    waves
}
