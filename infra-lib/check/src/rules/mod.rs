//! Mistakes that deploy without complaint and show in an outage. What nobody can know before a deploy is never one. F numbers are
//! those of the list of failure modes.

mod alarms;
mod capacity;
mod delivery;
mod detection;
mod latch;
mod launch;
mod metric_checks;
mod notices;
mod policies;
mod ports;
mod security_groups;

use cfn::Node;

use super::scope::Scope;

/// Looks for one mistake in a template, and notes it.
type Check = fn(&Scope<'_>);

const CHECKS: [Check; 34] = [
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
    alarms::missing_data,
    alarms::never_fires,
    alarms::period,
    alarms::gate_missing_data,
    alarms::record_target_health,
    capacity::desired_capacity,
    capacity::grace_period,
    capacity::group_size_reapplied,
    launch::template_without_groups,
    launch::interface_without_groups,
    launch::launch_configuration,
    launch::pinned_version,
    launch::volume_key,
    notices::topic_key,
    notices::topic_policy,
    notices::action_region,
    metric_checks::followed_alarm,
    delivery::unused_target_group,
    delivery::only_tls13,
    delivery::origin_group_methods,
];

pub(super) fn check(scope: &Scope<'_>) {
    for check in CHECKS {
        check(scope);
    }
}

/// Whether there is a value for certain.
fn exists(node: &Node) -> bool {
    !node.may_be_absent()
}

/// Where a value is that is not as it should be, or where it would be if there is none. What is unknown may be as it should.
fn fails(node: &Node, path: &str, holds: impl Fn(&str) -> bool) -> Option<String> {
    let mut node = node;
    for key in path.split('.') {
        match node.get(key) {
            Some(below) => node = below,
            None => return Some(format!("{}.{key}", node.place)),
        }
    }
    node.text().is_some_and(|text| !holds(text)).then(|| node.place.clone())
}
