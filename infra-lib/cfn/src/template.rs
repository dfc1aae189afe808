//! A CloudFormation template, read with its tags.

use std::collections::BTreeMap;

use serde_norway::Value;

/// A template.
#[derive(Debug)]
pub struct Template {
    /// All of it.
    pub root: Value,
    /// What it can be given.
    pub parameters: BTreeMap<String, Parameter>,
    /// What it makes, conditions undecided.
    pub resources: BTreeMap<String, Resource>,
}

/// A parameter and what it allows.
#[derive(Debug)]
pub struct Parameter {
    /// Its type, such as `Number` or `List<AWS::EC2::Subnet::Id>`.
    pub kind: String,
    /// The value of a stack that gives none.
    pub default: Option<String>,
    allowed: Vec<String>,
    min: Option<i64>,
    max: Option<i64>,
    length_max: Option<usize>,
    pattern: Option<String>,
}

/// A resource as it is written.
#[derive(Debug)]
pub struct Resource {
    /// Its type, such as `AWS::EC2::VPC`.
    pub kind: String,
    /// Its properties, functions and all.
    pub properties: Value,
}

impl Template {
    /// Reads a template, YAML or JSON.
    ///
    /// # Errors
    /// What is wrong with the text, as the end of a sentence.
    pub fn parse(body: &str) -> Result<Self, String> {
        let root = read(body)?;
        if section(&root, "Resources").next().is_none() {
            return Err("the template has no resources".to_owned());
        }
        let parameters = section(&root, "Parameters").map(|(name, value)| (name, parameter(value)));
        let resources = section(&root, "Resources").map(|(name, value)| (name, resource(value)));
        Ok(Self { parameters: parameters.collect(), resources: resources.collect(), root })
    }

    /// Whether a part of it, such as `Outputs`, has an entry of this name.
    #[must_use]
    pub fn has(&self, part: &str, name: &str) -> bool {
        section(&self.root, part).any(|(own, _)| own == name)
    }

    /// The resources of a type.
    pub fn of_kind<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Resource)> {
        self.resources.iter().filter(move |(_, resource)| resource.kind == kind)
    }

    /// The parameters that have a default, with it: what AWS shows for a stack that was given none.
    pub fn defaults(&self) -> impl Iterator<Item = (&String, &String)> {
        self.parameters.iter().filter_map(|(name, own)| Some((name, own.default.as_ref()?)))
    }

    /// Whether a place is written in the template, though a condition may take it away.
    #[must_use]
    pub fn is_written(&self, place: &str) -> bool {
        let mut parts = place.split(['.', '[']);
        let found = parts.try_fold(&self.root, |value, part| {
            let index = part.strip_suffix(']').and_then(|index| index.parse::<usize>().ok());
            index.map_or_else(|| value.get(part), |index| value.get(index))
        });
        found.is_some()
    }
}

impl Parameter {
    /// Whether its value is the name of another one, which only AWS can look up.
    #[must_use]
    pub fn is_looked_up(&self) -> bool {
        self.kind.starts_with("AWS::SSM::Parameter::Value")
    }

    /// Whether its value is a list, separated by commas.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.kind == "CommaDelimitedList" || self.kind.starts_with("List<")
    }

    /// Why CloudFormation would refuse a value, if so.
    #[must_use]
    pub fn refuses(&self, value: &str) -> Option<String> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == value) {
            return Some(format!("`{value}` is none of {}", self.allowed.join(", ")));
        }
        if let Some(longest) = self.length_max.filter(|longest| value.chars().count() > *longest) {
            return Some(format!("it is longer than {longest} characters"));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !matches(pattern, value)) {
            return Some(format!("`{value}` does not match `{pattern}`"));
        }
        if self.min.is_none() && self.max.is_none() {
            return None;
        }
        let Ok(number) = value.parse::<i64>() else {
            return Some(format!("`{value}` is not a number"));
        };
        let (low, high) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
        let range = match (self.min, self.max) {
            (Some(_), Some(_)) => format!("{low} to {high}"),
            (Some(_), None) => format!("{low} or more"),
            (None, _) => format!("{high} or less"),
        };
        (!(low..=high).contains(&number))
            .then(|| format!("{number} is out of range, must be {range}"))
    }
}

/// Whether a pattern takes a value as a whole. CloudFormation reads patterns as Java does; one that is not read here takes all.
fn matches(pattern: &str, value: &str) -> bool {
    let whole = regex_lite::Regex::new(&format!("^(?:{pattern})$"));
    whole.map_or(true, |whole| whole.is_match(value))
}

/// The entries of a mapping under a key.
pub fn section<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let entries = value.get(key).and_then(Value::as_mapping);
    entries.into_iter().flatten().filter_map(|(key, value)| Some((scalar(key)?, value)))
}

/// The items of a list; a single value counts as a list of one.
#[must_use]
pub fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Sequence(items)) => items.iter().collect(),
        Some(value) => vec![value],
    }
}

/// A plain value as text.
#[must_use]
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// A function and its argument, whether written `!Ref x`, `Ref: x` or `Fn::Sub: x`.
#[must_use]
pub fn function(value: &Value) -> Option<(String, &Value)> {
    if let Value::Tagged(tagged) = value {
        return Some((tagged.tag.to_string().trim_start_matches('!').to_owned(), &tagged.value));
    }
    let mapping = value.as_mapping().filter(|mapping| mapping.len() == 1)?;
    let (key, argument) = mapping.iter().next()?;
    let key = key.as_str()?;
    let name = key.strip_prefix("Fn::").or((key == "Ref").then_some(key))?;
    Some((name.to_owned(), argument))
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
        length_max: value.get("MaxLength").and_then(scalar).and_then(|text| text.parse().ok()),
        pattern: value.get("AllowedPattern").and_then(scalar),
    }
}

fn resource(value: &Value) -> Resource {
    Resource {
        kind: value.get("Type").and_then(scalar).unwrap_or_default(),
        properties: value.get("Properties").cloned().unwrap_or_default(),
    }
}
