//! What was consented to, so that nothing else is done.

use std::collections::BTreeMap;

use cloud::{PropertyChange, ResourceAction, ResourceChange, StackView};
use site::model::StackId;
use site::model::{Mark, Was};

use super::entry::{Action, Plan, Seen};
use super::text::set_anew;
use crate::resource::Resource;

/// A record is replaced when its name or its zone changes.
const RECORD: &str = "AWS::Route53::RecordSet";

/// What somebody saw and said yes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    stacks: BTreeMap<StackId, Shown>,
    /// What was said to have been live.
    was: Vec<Was>,
}

/// What was shown of one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    /// Whether that was all of it: nothing was pending.
    whole: bool,
    found: Found,
    parameters: BTreeMap<String, String>,
    /// What a pending stack would be given if those before it answer as they did: with that, what was shown was all of it.
    foretold: Option<BTreeMap<String, String>>,
    resources: BTreeMap<String, (ResourceAction, Vec<PropertyChange>)>,
}

/// What there was of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Nothing,
    Standing(Seen),
    /// Something was under way or had failed, so the stack changes by itself or by us before it is decided.
    Unsettled,
}

impl From<&Plan> for Agreed {
    fn from(plan: &Plan) -> Self {
        let stacks = plan.stacks.iter().map(|entry| {
            let resources = entry.resources.iter().map(|Resource { change, .. }| {
                (change.logical_id.clone(), (change.action, change.properties.clone()))
            });
            let found = match (&entry.action, &entry.seen) {
                (Action::Create, None) => Found::Nothing,
                (
                    Action::Update { .. } | Action::Pending { .. } | Action::Keep | Action::Delete,
                    Some(seen),
                ) => Found::Standing(seen.clone()),
                _ => Found::Unsettled,
            };
            let shown = Shown {
                whole: entry.action.is_known(),
                found,
                parameters: entry.parameters.clone(),
                foretold: entry.foretold.clone(),
                resources: resources.collect(),
            };
            (entry.stack, shown)
        });
        Self { stacks: stacks.collect(), was: Vec::new() }
    }
}

impl Agreed {
    /// The same with what is changed on purpose: whoever names the old host name or zone agrees to the loss of its records, also
    /// where the plan could not show it yet.
    #[must_use]
    pub fn after(self, was: &[Was]) -> Self {
        Self { was: was.to_vec(), ..self }
    }

    /// Whether a change takes away only what somebody said is to go.
    fn is_meant(&self, stack: StackId, change: &ResourceChange) -> bool {
        let renames = |was: &Was| matches!(was.mark, Mark::Hostname | Mark::Origin | Mark::Zone);
        matches!(stack, StackId::Detector | StackId::Edge)
            && change.resource_type == RECORD
            && change.action != ResourceAction::Remove
            && self.was.iter().any(renames)
    }

    /// Whether everything that becomes of a stack was shown.
    #[must_use]
    pub fn is_whole(&self, stack: StackId) -> bool {
        self.stacks.get(&stack).is_some_and(|shown| shown.whole)
    }

    /// The same once its parameters are known: what was foretold was shown too.
    #[must_use]
    pub fn is_shown(&self, stack: StackId, parameters: &BTreeMap<String, String>) -> bool {
        let shown = self.stacks.get(&stack);
        shown.is_some_and(|shown| shown.whole || shown.foretold.as_ref() == Some(parameters))
    }

    /// How a stack is no longer what was shown, if so: somebody else made, changed or deleted it since.
    #[must_use]
    pub fn moved(&self, stack: StackId, now: Option<&StackView>) -> Option<String> {
        let shown = self.stacks.get(&stack)?;
        match (&shown.found, now.map(Seen::of)) {
            (Found::Nothing, Some(_)) => {
                Some(format!("somebody created `{stack}` after the plan was shown"))
            }
            (Found::Standing(_), None) => {
                Some(format!("somebody deleted `{stack}` after the plan was shown"))
            }
            (Found::Standing(then), Some(now))
                if (&then.id, then.changed) != (&now.id, now.changed) =>
            {
                let at = now.changed.map(|at| format!(", at {at}")).unwrap_or_default();
                Some(format!("somebody changed `{stack}` after the plan was shown{at}"))
            }
            (Found::Nothing, None) | (Found::Standing(_), Some(_)) | (Found::Unsettled, _) => None,
        }
    }

    /// Which parameters would be given other values than the plan showed, if any.
    #[must_use]
    pub fn revalued(
        &self,
        stack: StackId,
        parameters: &BTreeMap<String, String>,
    ) -> Option<String> {
        let shown = self.stacks.get(&stack)?;
        let others = shown
            .parameters
            .iter()
            .filter(|(name, value)| parameters.get(*name).is_none_or(|given| given != *value));
        let others: Vec<_> = others.map(|(name, _)| name.as_str()).collect();
        let told = others.join(", ");
        (!others.is_empty())
            .then(|| format!("`{stack}` would get other values than the plan showed: {told}"))
    }

    /// Why a change set is not what was agreed to, if so. What was shown must be just that, down to the values; what was pending
    /// may be anything but a loss.
    #[must_use]
    pub fn unseen(
        &self,
        stack: StackId,
        parameters: &BTreeMap<String, String>,
        changes: &[ResourceChange],
    ) -> Option<String> {
        let whole = self.is_shown(stack, parameters);
        let shown = |id: &String| self.stacks.get(&stack).and_then(|shown| shown.resources.get(id));
        let unseen = changes.iter().filter(|change| match shown(&change.logical_id) {
            Some((action, properties)) if whole => {
                let known = |one: &PropertyChange| properties.contains(one);
                !covers(*action, change.action) || !change.properties.iter().all(known)
            }
            Some((action, _)) => change.action.takes_away() && !covers(*action, change.action),
            None => whole || change.action.takes_away(),
        });
        let unseen = unseen.filter(|change| !self.is_meant(stack, change));
        let unseen: Vec<_> = unseen.map(told).collect();
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

/// Whether consent to one action is consent to another. What was shown as a possible replacement may turn out to be a certain
/// one, or none.
fn covers(shown: ResourceAction, now: ResourceAction) -> bool {
    match shown {
        ResourceAction::Add | ResourceAction::Modify | ResourceAction::Remove => shown == now,
        ResourceAction::MayReplace | ResourceAction::Replace => match now {
            ResourceAction::Modify | ResourceAction::MayReplace | ResourceAction::Replace => true,
            ResourceAction::Add | ResourceAction::Remove => false,
        },
    }
}

/// A resource, with the values that it would get as far as CloudFormation tells.
fn told(change: &ResourceChange) -> String {
    let values: Vec<_> = change.properties.iter().map(set_anew).collect();
    let values =
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    format!("{} {}{values}", change.action.mark(), change.logical_id)
}
