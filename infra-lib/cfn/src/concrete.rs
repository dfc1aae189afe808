//! A template as CloudFormation sees it once it has the parameters: what linters judge, so that they judge what would be deployed
//! and not what some value would deploy.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value as Json};
use serde_norway::Value as Raw;

use super::evaluate::Evaluation;
use super::facts::{Facts, Known};
use super::names::names_in;
use super::template::{Parameter, Template, scalar, section};
use super::view::View;
use super::{Node, Value};

/// Why a template does not take what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The template with its conditions decided and its parameters put in. Parameters whose values AWS looks up stay parameters.
///
/// # Errors
/// [`Refused`] if a parameter has no value or a constraint of it refuses the value, if a rule of the template fails, or if a
/// condition cannot be decided.
pub fn concrete(
    template: &Template,
    region: &str,
    given: impl Fn(&str) -> Option<String>,
) -> Result<Json, Refused> {
    for (name, parameter) in &template.parameters {
        let value = given(name).or_else(|| parameter.default.clone());
        let value = value.ok_or_else(|| Refused(format!("no value for {name}")))?;
        if let Some(why) = parameter.refuses(&value) {
            return Err(Refused(format!("{name}: {why}")));
        }
    }
    let facts = Facts::of(template, region, |name| given(name).map(Known::Text));
    rules(&Evaluation { template, facts: &facts })?;
    let view = View::new(template, &facts);
    let names: BTreeSet<&str> = view.resources.iter().map(|own| own.name.as_str()).collect();
    let mut resources = Map::new();
    for resource in &view.resources {
        if let Some(condition) = &resource.undecided {
            return Err(undecided(condition));
        }
        resources.insert(resource.name.clone(), written(&resource.node, &names)?);
    }
    let mut outputs = Map::new();
    for (name, raw) in section(&template.root, "Outputs") {
        let holds = match raw.get("Condition").and_then(scalar) {
            None => true,
            Some(condition) => {
                let holds = Evaluation { template, facts: &facts }.holds(&condition);
                holds.ok_or_else(|| undecided(&condition))?
            }
        };
        if let Some(node) = view.outputs.get(&name).filter(|_| holds) {
            outputs.insert(name, written(node, &names)?);
        }
    }
    let used_names: BTreeSet<String> =
        view.resources.iter().flat_map(|own| used(&own.node)).collect();
    let mut parameters = Map::new();
    for (name, raw) in section(&template.root, "Parameters") {
        let looked_up = template.parameters.get(&name).is_some_and(Parameter::is_looked_up);
        if looked_up && used_names.contains(&name) {
            let mut parameter = json(raw)?;
            if let Some(value) = given(&name) {
                parameter["Default"] = value.into();
            }
            parameters.insert(name, parameter);
        }
    }
    let mut parts = Map::new();
    parts.insert("AWSTemplateFormatVersion".to_owned(), "2010-09-09".into());
    if let Some(description) = template.root.get("Description") {
        parts.insert("Description".to_owned(), json(description)?);
    }
    let sections = [("Parameters", parameters), ("Resources", resources), ("Outputs", outputs)];
    let sections = sections.into_iter().filter(|(_, section)| !section.is_empty());
    parts.extend(sections.map(|(name, section)| (name.to_owned(), section.into())));
    Ok(parts.into())
}

/// Holds the template's own rules against the parameters.
fn rules(evaluation: &Evaluation<'_>) -> Result<(), Refused> {
    let is_true = |name: &str, raw: &Raw| {
        let told = evaluation.is_true(raw);
        told.ok_or_else(|| Refused(format!("rule {name}: it cannot be decided: {raw:?}")))
    };
    for (name, rule) in section(&evaluation.template.root, "Rules") {
        if let Some(condition) = rule.get("RuleCondition")
            && !is_true(&name, condition)?
        {
            continue;
        }
        let assertions = rule.get("Assertions").and_then(Raw::as_sequence).into_iter().flatten();
        for assertion in assertions {
            if !is_true(&name, assertion.get("Assert").unwrap_or(&Raw::Null))? {
                let described = assertion.get("AssertDescription").and_then(scalar);
                return Err(Refused(format!("rule {name}: {}", described.unwrap_or_default())));
            }
        }
    }
    Ok(())
}

/// A resource or an output without what is decided: its condition, and that it waits for what a condition took away.
fn written(node: &Node, resources: &BTreeSet<&str>) -> Result<Json, Refused> {
    let Value::Map(entries) = &node.value else { return json(&node.to_raw()) };
    let mut written = Map::new();
    for (key, node) in entries {
        match key.as_str() {
            "Condition" => {}
            "DependsOn" => {
                let needed = node.items().into_iter().filter_map(Node::text);
                let needed: Vec<&str> = needed.filter(|name| resources.contains(name)).collect();
                if !needed.is_empty() {
                    written.insert(key.clone(), needed.into());
                }
            }
            _ => drop(written.insert(key.clone(), json(&node.to_raw())?)),
        }
    }
    Ok(written.into())
}

/// The names of the parameters and resources in what only AWS knows.
fn used(node: &Node) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    node.walk(&mut |node| {
        if let Value::Unknown { rest, .. } = &node.value {
            names.extend(names_in(rest));
        }
    });
    names
}

fn json(raw: &Raw) -> Result<Json, Refused> {
    let text = serde_json::to_value(raw).map_err(|error| Refused(error.to_string()))?;
    match open_condition(&text) {
        Some(condition) => Err(undecided(condition)),
        None => Ok(text),
    }
}

/// A condition that is still to be decided somewhere in a value.
fn open_condition(value: &Json) -> Option<&str> {
    match value {
        Json::Array(items) => items.iter().find_map(open_condition),
        Json::Object(entries) => match entries.get("Fn::If") {
            Some(chosen) => Some(chosen[0].as_str().unwrap_or_default()),
            None => entries.values().find_map(open_condition),
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

fn undecided(condition: &str) -> Refused {
    Refused(format!("the condition {condition} depends on what is not known"))
}
