//! What was consented to, so that nothing else is done.

use std::collections::BTreeMap;

use crate::cloud::{ResourceAction, ResourceChange};
use crate::model::StackId;
use crate::plan::Plan;

/// What somebody saw and said yes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed(BTreeMap<StackId, BTreeMap<String, ResourceAction>>);

impl From<&Plan> for Agreed {
    fn from(plan: &Plan) -> Self {
        let stacks = plan.stacks.iter().map(|entry| {
            let resources = entry.resources.iter();
            let resources = resources.map(|one| (one.logical_id.clone(), one.action));
            (entry.stack, resources.collect())
        });
        Self(stacks.collect())
    }
}

impl Agreed {
    /// Why a change set is not what was shown, if it takes something away that was not.
    #[must_use]
    pub fn unseen(&self, stack: StackId, changes: &[ResourceChange]) -> Option<String> {
        let seen = |change: &&ResourceChange| {
            let shown = self.0.get(&stack).and_then(|shown| shown.get(&change.logical_id));
            // What was shown as a possible replacement may turn out to be a certain one.
            shown.is_some_and(|shown| shown.takes_away())
        };
        let unseen: Vec<_> = changes
            .iter()
            .filter(|change| change.action.takes_away() && !seen(change))
            .map(|change| format!("{} {}", change.action.mark(), change.logical_id))
            .collect();
        let told = unseen.join(", ");
        let why = || format!("`{stack}` would lose what the plan could not show yet: {told}");
        (!unseen.is_empty()).then(why)
    }
}
