//! What the controller's role is granted, read from its template, and the name that IAM has for a call.

use std::collections::BTreeSet;

use drill_local::proxy::Call;
use serde_norway::Value;

const CONTROLLER: &str = include_str!("../../templates/controller.yaml");

/// The actions that the controller's role allows under some condition of its template, such as `sns:Publish`.
#[must_use]
pub fn granted() -> BTreeSet<String> {
    let actions: BTreeSet<String> = statements().iter().flat_map(actions).collect();
    assert!(!actions.is_empty(), "the role allows nothing: has it another name?");
    actions
}

/// The statements of the role that allow an action.
#[must_use]
pub fn allowing(action: &str) -> Vec<Value> {
    let allows = |statement: &Value| actions(statement).iter().any(|one| one == action);
    statements().into_iter().filter(allows).collect()
}

/// Every statement of the role, however deep in an `!If`.
fn statements() -> Vec<Value> {
    let template: Value = serde_norway::from_str(CONTROLLER).expect("the template is YAML");
    let mut statements = Vec::new();
    gather(&template["Resources"]["ControllerRole"]["Properties"]["Policies"], &mut statements);
    statements
}

fn actions(statement: &Value) -> Vec<String> {
    let named = &statement["Action"];
    let named = named.as_sequence().map_or(std::slice::from_ref(named), Vec::as_slice);
    let text = |action: &Value| action.as_str().expect("an action is a text").to_owned();
    named.iter().map(text).collect()
}

/// The IAM action of a call, by the service of its signature and the operation or `METHOD /path` of its request.
#[must_use]
pub fn action(service: &str, operation: &str) -> String {
    // CloudWatch signs by its old name.
    let service = if service == "monitoring" { "cloudwatch" } else { service };
    // REST services name the operation by method and path alone.
    let operation = match (service, operation.split_once(' ')) {
        ("route53", Some(("GET", path))) if path.starts_with("/2013-04-01/healthcheck/") => {
            assert_eq!(path.matches('/').count(), 3, "another operation of Route 53: {path}");
            "GetHealthCheck"
        }
        // A batch needs the permission of one message.
        ("sqs", _) if operation == "SendMessageBatch" => "SendMessage",
        _ => operation,
    };
    format!("{service}:{operation}")
}

/// The IAM action of a call that the proxy counted.
#[must_use]
pub fn action_of(call: &Call) -> String {
    action(call.service.as_deref().unwrap_or("unsigned"), &call.operation)
}

fn gather(value: &Value, statements: &mut Vec<Value>) {
    match value {
        Value::Mapping(statement) if statement.contains_key("Action") => {
            assert_eq!(statement["Effect"], "Allow", "a statement that denies: {statement:?}");
            for action in actions(value) {
                assert!(!action.contains('*'), "a wildcard grants what nobody calls: {action}");
            }
            statements.push(value.clone());
        }
        Value::Mapping(mapping) => mapping.values().for_each(|value| gather(value, statements)),
        Value::Sequence(list) => list.iter().for_each(|value| gather(value, statements)),
        Value::Tagged(tagged) => gather(&tagged.value, statements),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
