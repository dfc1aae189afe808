//! Mistakes that deploy without complaint and show in an outage, as far as they need more than the language of
//! `templates/rules`: two resources at once, a region, a site. F numbers are those of the list of failure modes.

mod capacity;
mod detection;
mod latch;
mod ports;
mod security_groups;

use super::finding::Finding;
use super::scope::Scope;

/// What a rule finds in a template.
type Check = fn(&Scope<'_>) -> Vec<Finding>;

const CHECKS: [Check; 14] = [
    security_groups::by_name,
    ports::open,
    capacity::two_fleets,
    capacity::warm_pool_without_hook,
    capacity::fixed_dark_size,
    detection::alarm_region,
    detection::alarm_dimension,
    detection::record_health,
    detection::checked_name,
    latch::gate_threshold,
    latch::alarm_on_gate,
    latch::record_without_alarm,
    latch::latch_alarm,
    latch::egress_region,
];

pub(super) fn check(scope: &Scope<'_>) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(scope)).collect()
}
