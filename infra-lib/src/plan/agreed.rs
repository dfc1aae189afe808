//! What was consented to, so that nothing else is done.

use std::collections::BTreeMap;

use crate::cloud::{ResourceAction, ResourceChange};
use crate::model::StackId;
use crate::plan::Plan;

/// What somebody saw and said yes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed(BTreeMap<StackId, Shown>);

/// What was shown of one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    /// Whether that was all of it: nothing was pending.
    whole: bool,
    resources: BTreeMap<String, ResourceAction>,
}

impl From<&Plan> for Agreed {
    fn from(plan: &Plan) -> Self {
        let stacks = plan.stacks.iter().map(|entry| {
            let resources = entry.resources.iter();
            let resources = resources.map(|one| (one.logical_id.clone(), one.action)).collect();
            (entry.stack, Shown { whole: entry.action.is_known(), resources })
        });
        Self(stacks.collect())
    }
}

impl Agreed {
    /// Whether everything that becomes of a stack was shown.
    #[must_use]
    pub fn is_whole(&self, stack: StackId) -> bool {
        self.0.get(&stack).is_some_and(|shown| shown.whole)
    }

    /// Why a change set is not what was agreed to, if so. What was shown must be just that; what was pending may be anything but
    /// a loss.
    #[must_use]
    pub fn unseen(&self, stack: StackId, changes: &[ResourceChange]) -> Option<String> {
        let whole = self.is_whole(stack);
        let unseen = changes.iter().filter(|change| {
            let shown =
                self.0.get(&stack).and_then(|shown| shown.resources.get(&change.logical_id));
            match shown {
                // What was shown as a possible replacement may turn out to be a certain one, or none.
                Some(shown) if shown.takes_away() => false,
                Some(shown) if whole => *shown != change.action,
                None if whole => true,
                Some(_) | None => change.action.takes_away(),
            }
        });
        let unseen: Vec<_> = unseen
            .map(|change| format!("{} {}", change.action.mark(), change.logical_id))
            .collect();
        if unseen.is_empty() {
            return None;
        }
        let told = unseen.join(", ");
        Some(if whole {
            format!("`{stack}` would change in another way than the plan showed: {told}")
        } else {
            format!("`{stack}` would lose what the plan could not show yet: {told}")
        })
    }
}
