//! What the templates promise for the day of an outage, read from their text.

use infra_lib::model::StackId;
use serde_norway::Value;

use super::sample::site;

/// The template of a stack.
fn template(id: StackId) -> Value {
    let site = site();
    let stack = site.stacks.iter().find(|stack| stack.id == id).expect("the site has the stack");
    serde_norway::from_str(&stack.template.body).expect("the template is YAML")
}

fn properties(id: StackId, resource: &str) -> Value {
    template(id)["Resources"][resource]["Properties"].clone()
}

/// The logical names that a list refers to, whatever the condition.
fn references(list: &Value) -> Vec<String> {
    let name = |one: &Value| {
        let Value::Tagged(tagged) = one else { return None };
        (tagged.tag == "Ref").then(|| tagged.value.as_str().map(str::to_owned))?
    };
    let list = list.as_sequence().expect("a list").iter();
    list.map(|one| name(one).expect("a reference")).collect()
}

/// Goal: with a controller that is frozen or gone, people still hear that the primary is down, and that it is back, whatever the
/// routing. Method: the actions of the failover alarm.
#[test]
fn an_outage_under_a_frozen_controller_is_mailed_all_the_same() {
    let alarm = properties(StackId::Detector, "FailoverAlarm");
    for actions in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        assert_eq!(references(&alarm[actions]), ["FailoverTopic", "AlertsTopic"], "{actions}");
    }
    // CloudWatch takes no longer one; the host name is up to 253 characters of it.
    let Value::Tagged(described) = &alarm["AlarmDescription"] else { panic!("it has two forms") };
    for form in described.value.as_sequence().expect("the arguments of !If").iter().skip(1) {
        let Value::Tagged(text) = form else { panic!("it names the host: {form:?}") };
        let text = text.value.as_str().expect("a text");
        assert!(text.len() + 253 <= 1024, "{text}");
        assert!(text.starts_with("ALARM: ") && text.contains(" OK: "), "{text}");
    }
}

/// Goal: a step that AWS refuses for a quarter of an hour is told by mail, not only logged. Method: the alarm on the metric of
/// failed steps, and its namespace and dimension, which are the function's.
#[test]
fn a_refused_step_is_told_after_a_quarter_of_an_hour() {
    let alarm = properties(StackId::Controller, "FailedStepsAlarm");
    assert_eq!(
        (&alarm["Namespace"], &alarm["MetricName"]),
        (&"Pilotlight".into(), &"FailedSteps".into())
    );
    let number = |key: &str| alarm[key].as_u64().expect("a number");
    assert_eq!(number("Period") * number("EvaluationPeriods"), 15 * 60);
    assert_eq!(number("DatapointsToAlarm"), number("EvaluationPeriods"));
    assert_eq!(references(&alarm["AlarmActions"]), ["NoticeTopic"]);
}

/// Goal: the metrics of all sites share a namespace, and a value that another writes beside the controller's opens nothing.
/// Method: the alarm takes the maximum, and 1 is closed, so that the controller's 1 outweighs any 0 of its minute; its period
/// is the tick's.
#[test]
fn a_strangers_zero_does_not_open_the_latch() {
    let alarm = properties(StackId::Controller, "LatchAlarm");
    assert_eq!(alarm["Statistic"], "Maximum");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold");
    assert_eq!((alarm["Threshold"].as_u64(), alarm["Period"].as_u64()), (Some(1), Some(60)));
}

/// Goal: the first server that gets all the users is not ended before its successor serves. Method: the group's policy, within
/// AWS's limits: both percentages, at most 100 apart.
#[test]
fn an_unhealthy_server_is_ended_after_its_successor_serves() {
    let group = properties(StackId::WebStandby, "Group");
    let policy = &group["InstanceMaintenancePolicy"];
    let percent = |key: &str| policy[key].as_u64().expect("a percentage");
    assert_eq!(percent("MinHealthyPercentage"), 100);
    assert!((101..=200).contains(&percent("MaxHealthyPercentage")));
}
