//! Mistakes that deploy without complaint and show in an outage. F numbers are those of the list of failure modes.

mod capacity;
mod detection;
mod latch;

use serde_norway::Value;

use super::template::{reference, scalar};
use super::{Finding, Scope};
use crate::model::Source;
use crate::names::ParameterName;

/// A rule: what it finds in a stack.
type Rule = fn(&Scope<'_>) -> Vec<Finding>;

const RULES: [Rule; 16] = [
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
    latch::gate_threshold,
    latch::alarm_on_gate,
    latch::record_without_alarm,
    latch::gate_missing_data,
    latch::latch_alarm,
    latch::egress_region,
];

pub(super) fn check(scope: &Scope<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(scope)).collect()
}

impl Scope<'_> {
    /// The text that a value will have, as far as it can be told before a deploy.
    fn text(&self, value: Option<&Value>) -> Option<String> {
        let value = value?;
        match reference(value) {
            Some(name) => self.parameter(&name),
            None => scalar(value),
        }
    }

    /// The value that a parameter will have, given or by default, as far as it can be told before a deploy.
    fn parameter(&self, name: &str) -> Option<String> {
        match self.stack.parameters.get(&ParameterName::new(name)) {
            Some(Source::Literal(text)) => Some(text.clone()),
            Some(Source::Output { .. } | Source::CodeKey) => None,
            None => self.template.parameters.get(name)?.default.clone(),
        }
    }
}
