//! Decides conditions, as far as what is known decides them.

use serde_norway::Value as Raw;

use super::evaluate::Evaluation;
use super::template::{function, items, scalar, section};
use super::{Node, Value};

/// BOUND: conditions refer to conditions; CloudFormation refuses circles, and templates have at most a few steps.
const STEPS_MAX: u8 = 16;

impl Evaluation<'_> {
    /// Whether a condition holds, if that is known.
    pub(crate) fn holds(&self, name: &str) -> Option<bool> {
        self.holds_within(name, STEPS_MAX)
    }

    /// Whether an expression holds, if that is known: one of `Conditions`, or one of `Rules`.
    pub(crate) fn is_true(&self, raw: &Raw) -> Option<bool> {
        self.test(raw, STEPS_MAX)
    }

    fn holds_within(&self, name: &str, steps: u8) -> Option<bool> {
        let steps = steps.checked_sub(1)?;
        let (_, raw) = section(&self.template.root, "Conditions").find(|(own, _)| own == name)?;
        self.test(raw, steps)
    }

    fn test(&self, raw: &Raw, steps: u8) -> Option<bool> {
        if let Some(name) = raw.get("Condition").and_then(scalar) {
            return self.holds_within(&name, steps);
        }
        let (name, argument) = function(raw)?;
        let parts = items(Some(argument));
        match name.as_str() {
            "Condition" => self.holds_within(&scalar(argument)?, steps),
            "Not" => self.test(parts.first()?, steps).map(|holds| !holds),
            "And" => all(parts.iter().map(|part| self.test(part, steps))),
            "Or" => all(parts.iter().map(|part| self.test(part, steps).map(|holds| !holds)))
                .map(|none| !none),
            "Equals" => {
                let [one, other] = parts[..] else { return None };
                equal(&self.node(one, "")?, &self.node(other, "")?)
            }
            "Contains" => {
                let [list, wanted] = parts[..] else { return None };
                let (list, wanted) = (self.node(list, "")?, self.node(wanted, "")?);
                let differs = list.items().into_iter().map(|item| Some(!equal(item, &wanted)?));
                all(differs).map(|none| !none)
            }
            _ => None,
        }
    }
}

/// Whether all hold. One that does not decides it, whatever is unknown.
fn all(tests: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for test in tests {
        match test {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = None,
        }
    }
    known
}

fn equal(one: &Node, other: &Node) -> Option<bool> {
    let empty = |node: &Node| node.text() == Some("");
    let filled = |node: &Node| matches!(node.value, Value::Unknown { filled: true, .. });
    if (empty(one) && filled(other)) || (filled(one) && empty(other)) {
        return Some(false);
    }
    Some(one.text()? == other.text()?)
}
