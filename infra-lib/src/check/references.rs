//! Every name that a template uses must be one that it has.

use serde_norway::Value;

use super::finding::Finding;
use super::scope::Scope;
use super::template::{Template, function, items, scalar, section};

// Source: CloudFormation user guide, "Pseudo parameters reference".
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A parameter, a resource or a pseudo parameter.
    Any,
    /// A resource.
    Resource,
    /// A condition.
    Condition,
}

/// A name that is used.
struct Use {
    kind: Kind,
    name: String,
    place: String,
}

pub(super) fn check(scope: &Scope<'_>) -> Vec<Finding> {
    let template = scope.template;
    let mut uses = Vec::new();
    for part in ["Conditions", "Rules", "Resources", "Outputs"] {
        if let Some(value) = template.root.get(part) {
            collect(value, part, &mut uses);
        }
    }
    for part in ["Resources", "Outputs"] {
        for (name, value) in section(&template.root, part) {
            let place = format!("{part}.{name}");
            if let Some(condition) = value.get("Condition").and_then(scalar) {
                uses.push(Use {
                    kind: Kind::Condition,
                    name: condition,
                    place: format!("{place}.Condition"),
                });
            }
            for other in items(value.get("DependsOn")).into_iter().filter_map(scalar) {
                uses.push(Use {
                    kind: Kind::Resource,
                    name: other,
                    place: format!("{place}.DependsOn"),
                });
            }
        }
    }
    let missing = uses.into_iter().filter(|used| !exists(scope, used));
    let missing = missing.map(|Use { kind, name, place }| {
        let what = match kind {
            Kind::Any => "neither a parameter nor a resource",
            Kind::Resource => "no resource",
            Kind::Condition => "no condition",
        };
        let message = format!("there is {what} called `{name}`");
        let fix = "correct the name, or add what it names";
        scope.finding("template-reference", place, message, fix)
    });
    missing.collect()
}

fn exists(scope: &Scope<'_>, used: &Use) -> bool {
    let template = scope.template;
    let name = used.name.as_str();
    match used.kind {
        Kind::Condition => template.conditions.contains(name),
        Kind::Resource => template.resources.contains_key(name),
        Kind::Any => {
            PSEUDO_PARAMETERS.contains(&name)
                || template.parameters.contains_key(name)
                || template.resources.contains_key(name)
                || in_module(template, name)
        }
    }
}

/// Whether a name is one that a module brings: `Module.Resource`.
fn in_module(template: &Template, name: &str) -> bool {
    let module = name.split_once('.').and_then(|(module, _)| template.resources.get(module));
    module.is_some_and(|module| module.kind.ends_with("::MODULE"))
}

fn collect(value: &Value, place: &str, uses: &mut Vec<Use>) {
    if let Some((name, argument)) = function(value) {
        let named = names(&name, argument).into_iter();
        uses.extend(named.map(|(kind, name)| Use { kind, name, place: place.to_owned() }));
    }
    match value {
        Value::Mapping(mapping) => {
            for (key, child) in mapping {
                let key = scalar(key).unwrap_or_default();
                collect(child, &format!("{place}.{key}"), uses);
            }
        }
        Value::Sequence(sequence) => {
            for (index, child) in sequence.iter().enumerate() {
                collect(child, &format!("{place}[{index}]"), uses);
            }
        }
        Value::Tagged(tagged) => collect(&tagged.value, place, uses),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names that a function uses by itself, not in its arguments.
fn names(function: &str, argument: &Value) -> Vec<(Kind, String)> {
    let one = |kind, name: Option<String>| name.map(|name| (kind, name)).into_iter().collect();
    match function {
        "Ref" => one(Kind::Any, scalar(argument)),
        "Condition" => one(Kind::Condition, scalar(argument)),
        "GetAtt" => one(Kind::Resource, attribute_owner(argument)),
        "Sub" => substituted(argument),
        "If" => one(Kind::Condition, items(Some(argument)).first().and_then(|first| scalar(first))),
        _ => Vec::new(),
    }
}

/// The resource in `!GetAtt Resource.Attribute`.
fn attribute_owner(argument: &Value) -> Option<String> {
    let owner = scalar(items(Some(argument)).first()?)?;
    Some(owner.split('.').next().unwrap_or_default().to_owned())
}

/// The names in the braces of a `!Sub`, without those that it defines itself.
fn substituted(argument: &Value) -> Vec<(Kind, String)> {
    let parts = items(Some(argument));
    let Some(text) = parts.first().and_then(|first| scalar(first)) else {
        return Vec::new();
    };
    let own = |name: &str| parts.get(1).is_some_and(|map| map.get(name).is_some());
    let pieces = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    let names = pieces.map(|(name, _)| name.trim());
    names
        .filter(|name| !name.starts_with('!') && !own(name))
        .map(|name| match name.split_once('.') {
            Some((resource, _)) => (Kind::Resource, resource.to_owned()),
            None => (Kind::Any, name.to_owned()),
        })
        .collect()
}
