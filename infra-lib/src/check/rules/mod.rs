//! Mistakes that deploy without complaint and show in an outage. F numbers are those of the list of failure modes.

mod capacity;
mod detection;

use serde_norway::Value;

use super::template::{reference, scalar};
use super::{Finding, Scope};
use crate::model::Source;
use crate::names::ParameterName;

/// A rule: what it finds in a stack.
type Rule = fn(&Scope<'_>) -> Vec<Finding>;

const RULES: [Rule; 10] = [
    capacity::security_group_by_name,
    capacity::interface_without_groups,
    capacity::desired_capacity,
    capacity::grace_period,
    capacity::warm_pool_without_hook,
    detection::metric_region,
    detection::missing_data,
    detection::alarm_dimension,
    detection::record_health,
    detection::checked_name,
];

pub(super) fn check(scope: &Scope<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(scope)).collect()
}

impl Scope<'_> {
    /// The text that a value will have, as far as it can be told before a deploy.
    fn text(&self, value: Option<&Value>) -> Option<String> {
        let value = value?;
        if let Some(name) = reference(value) {
            return match self.stack.parameters.get(&ParameterName::new(name.as_str())) {
                Some(Source::Literal(text)) => Some(text.clone()),
                Some(Source::Output { .. } | Source::CodeKey) => None,
                None => self.template.parameters.get(&name)?.default.clone(),
            };
        }
        scalar(value)
    }
}
