//! The names that values use: parameters, resources, conditions.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::template::{Template, function, items, scalar, section};

/// BOUND: conditions refer to conditions; CloudFormation refuses circles, and templates have at most a few steps.
const STEPS_MAX: u8 = 16;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A parameter, a resource or a pseudo parameter.
    Any,
    /// A resource.
    Resource,
    /// A condition.
    Condition,
}

/// A name that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it should be the name of.
    pub kind: Kind,
    /// The name.
    pub name: String,
    /// Where it is used.
    pub place: String,
}

/// Every use of a name that nothing has.
#[must_use]
pub fn dangling(template: &Template) -> Vec<Use> {
    let mut uses = Vec::new();
    for part in ["Conditions", "Rules", "Resources", "Outputs"] {
        if let Some(value) = template.root.get(part) {
            see(value, part, &mut |kind, name, place| {
                uses.push(Use { kind, name, place: place.to_owned() });
            });
        }
    }
    for part in ["Resources", "Outputs"] {
        for (name, value) in section(&template.root, part) {
            let place = |key| format!("{part}.{name}.{key}");
            if let Some(condition) = value.get("Condition").and_then(scalar) {
                let place = place("Condition");
                uses.push(Use { kind: Kind::Condition, name: condition, place });
            }
            for other in items(value.get("DependsOn")).into_iter().filter_map(scalar) {
                let place = place("DependsOn");
                uses.push(Use { kind: Kind::Resource, name: other, place });
            }
        }
    }
    uses.retain(|used| !exists(template, used));
    uses
}

/// The parameters and resources that a value depends on, through functions and conditions.
#[must_use]
pub fn names_behind(template: &Template, value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather(template, value, STEPS_MAX, &mut found);
    found
}

fn gather(template: &Template, value: &Value, steps: u8, found: &mut BTreeSet<String>) {
    let Some(steps) = steps.checked_sub(1) else { return };
    see(value, "", &mut |kind, name, _| match kind {
        Kind::Any | Kind::Resource => {
            if template.parameters.contains_key(&name) || template.resources.contains_key(&name) {
                found.insert(name);
            }
        }
        Kind::Condition => {
            let own = section(&template.root, "Conditions").find(|(own, _)| *own == name);
            if let Some((_, value)) = own {
                gather(template, value, steps, found);
            }
        }
    });
}

/// The resources and parameters that a value names.
pub(crate) fn names_in(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    see(value, "", &mut |kind, name, _| {
        if kind != Kind::Condition {
            names.push(name);
        }
    });
    names
}

fn exists(template: &Template, used: &Use) -> bool {
    let name = used.name.as_str();
    match used.kind {
        Kind::Condition => template.has("Conditions", name),
        Kind::Resource => template.resources.contains_key(name) || in_module(template, name),
        Kind::Any => {
            PSEUDO_PARAMETERS.contains(&name)
                || template.parameters.contains_key(name)
                || template.resources.contains_key(name)
                || in_module(template, name)
        }
    }
}

/// Whether a name is one that a module brings: `Module.Resource`, or both in one word, as the resource is called in the stack.
fn in_module(template: &Template, name: &str) -> bool {
    let modules = template.resources.iter().filter(|(_, one)| one.kind.ends_with("::MODULE"));
    let rests = modules.into_iter().filter_map(|(module, _)| name.strip_prefix(module.as_str()));
    rests.into_iter().any(|rest| !rest.is_empty())
}

/// Shows every name in a value, with what it stands for and its place.
fn see(value: &Value, place: &str, show: &mut dyn FnMut(Kind, String, &str)) {
    if let Some((name, argument)) = function(value) {
        for (kind, name) in named(&name, argument) {
            show(kind, name, place);
        }
    }
    match value {
        Value::Mapping(mapping) => {
            for (key, child) in mapping {
                let key = scalar(key).unwrap_or_default();
                see(child, &format!("{place}.{key}"), show);
            }
        }
        Value::Sequence(sequence) => {
            for (index, child) in sequence.iter().enumerate() {
                see(child, &format!("{place}[{index}]"), show);
            }
        }
        Value::Tagged(tagged) => see(&tagged.value, place, show),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names that a function uses by itself, not in its arguments.
fn named(function: &str, argument: &Value) -> Vec<(Kind, String)> {
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
