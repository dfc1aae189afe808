//! A CloudFormation template, read with its tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_norway::Value;

/// A template's parts, as far as they are checked.
pub(crate) struct Template {
    pub(crate) root: Value,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) resources: BTreeMap<String, Resource>,
    pub(crate) outputs: BTreeMap<String, Value>,
    pub(crate) conditions: BTreeSet<String>,
}

/// A parameter and what it allows.
pub(crate) struct Parameter {
    /// Its type, such as `Number` or `List<AWS::EC2::Subnet::Id>`.
    pub(crate) kind: String,
    pub(crate) default: Option<String>,
    pub(crate) allowed: Vec<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// A resource.
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) properties: Value,
}

impl Template {
    pub(crate) fn parse(body: &str) -> Result<Self, String> {
        let root = read(body)?;
        if section(&root, "Resources").next().is_none() {
            return Err("the template has no resources".to_owned());
        }
        let parameters = section(&root, "Parameters").map(|(name, value)| (name, parameter(value)));
        let resources = section(&root, "Resources").map(|(name, value)| (name, resource(value)));
        let outputs = section(&root, "Outputs").map(|(name, value)| (name, value.clone()));
        Ok(Self {
            parameters: parameters.collect(),
            resources: resources.collect(),
            outputs: outputs.collect(),
            conditions: section(&root, "Conditions").map(|(name, _)| name).collect(),
            root,
        })
    }

    /// The resources of a type.
    pub(crate) fn of_kind<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Resource)> {
        self.resources.iter().filter(move |(_, resource)| resource.kind == kind)
    }
}

/// The entries of a mapping under a key.
pub(crate) fn section<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let entries = value.get(key).and_then(Value::as_mapping);
    entries.into_iter().flatten().filter_map(|(key, value)| Some((scalar(key)?, value)))
}

/// The items of a list; a single value counts as a list of one.
pub(crate) fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Sequence(items)) => items.iter().collect(),
        Some(value) => vec![value],
    }
}

/// A plain value as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// A function and its argument, whether written `!Ref x`, `Ref: x` or `Fn::Sub: x`.
pub(crate) fn function(value: &Value) -> Option<(String, &Value)> {
    match value {
        Value::Tagged(tagged) => {
            Some((tagged.tag.to_string().trim_start_matches('!').to_owned(), &tagged.value))
        }
        Value::Mapping(mapping) if mapping.len() == 1 => {
            let (key, argument) = mapping.iter().next()?;
            let key = key.as_str()?;
            let name = key.strip_prefix("Fn::").or((key == "Ref").then_some(key))?;
            Some((name.to_owned(), argument))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => None,
    }
}

/// The name in `!Ref name`.
pub(crate) fn reference(value: &Value) -> Option<String> {
    let (name, argument) = function(value)?;
    (name == "Ref").then(|| scalar(argument))?
}

/// Every name in a `!Ref name` of a value, in its order, whatever function stands around it.
pub(crate) fn references(value: &Value) -> Vec<String> {
    if let Some(name) = reference(value) {
        return vec![name];
    }
    match value {
        Value::Mapping(mapping) => mapping.values().flat_map(references).collect(),
        Value::Sequence(sequence) => sequence.iter().flat_map(references).collect(),
        Value::Tagged(tagged) => references(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Reads YAML or JSON. JSON has a reader of its own, because YAML's knows no tabs.
fn read(body: &str) -> Result<Value, String> {
    if body.trim_start().starts_with('{')
        && let Ok(root) = serde_json::from_str(body)
    {
        return Ok(root);
    }
    serde_norway::from_str(body).map_err(|error| error.to_string())
}

fn parameter(value: &Value) -> Parameter {
    let number = |key| value.get(key).and_then(scalar).and_then(|text| text.parse().ok());
    Parameter {
        kind: value.get("Type").and_then(scalar).unwrap_or_default(),
        default: value.get("Default").and_then(scalar),
        allowed: items(value.get("AllowedValues")).into_iter().filter_map(scalar).collect(),
        min: number("MinValue"),
        max: number("MaxValue"),
    }
}

fn resource(value: &Value) -> Resource {
    Resource {
        kind: value.get("Type").and_then(scalar).unwrap_or_default(),
        properties: value.get("Properties").cloned().unwrap_or_default(),
    }
}
