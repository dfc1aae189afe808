//! What a template comes to as far as its region and its parameters are known before a deploy: functions worked out, conditions
//! decided, and what cannot be known kept as unknown. Rules look at this, so that a value nobody can know is never judged.

mod evaluate;
mod node;

use std::collections::BTreeMap;

use serde_norway::Value as Raw;

use self::evaluate::Evaluation;
pub(crate) use self::node::{Node, Value};
use super::template::{Template, scalar, section};
use crate::model::{Source, Stack};
use crate::names::{ParameterName, Region};

/// What is known of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The value.
    Text(String),
    /// That there will be one.
    Filled,
}

impl Known {
    /// The value, if it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Filled => None,
        }
    }
}

/// What is known before a deploy.
pub(crate) struct Facts {
    pub(crate) region: Region,
    pub(crate) parameters: BTreeMap<String, Known>,
}

/// A template, worked out.
pub(crate) struct View {
    /// `Resources` and `Outputs`.
    pub(crate) root: Node,
    /// The resources that there may be.
    pub(crate) resources: Vec<Resource>,
}

/// A resource.
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// `Type`, `Properties` and the rest.
    pub(crate) node: Node,
}

impl Facts {
    /// The parameters by their defaults.
    pub(crate) fn by_default(template: &Template, region: Region) -> Self {
        let parameters = template.parameters.iter().filter_map(|(name, parameter)| {
            // The default of such a parameter names another one, whose value only AWS knows.
            let indirect = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
            let default = parameter.default.clone().filter(|_| !indirect)?;
            Some((name.clone(), Known::Text(default)))
        });
        Self { region, parameters: parameters.collect() }
    }

    /// The parameters as the site gives them, and else by their defaults.
    pub(crate) fn of_stack(template: &Template, stack: &Stack) -> Self {
        let mut facts = Self::by_default(template, stack.region.clone());
        for (name, parameter) in &template.parameters {
            let indirect = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
            let known = match stack.parameters.get(&ParameterName::new(name)) {
                Some(Source::Literal(text)) if !indirect => Known::Text(text.clone()),
                Some(Source::Literal(_) | Source::Output { .. } | Source::CodeKey) => Known::Filled,
                None => continue,
            };
            facts.parameters.insert(name.clone(), known);
        }
        facts
    }
}

impl View {
    pub(crate) fn new(template: &Template, facts: &Facts) -> Self {
        let evaluation = Evaluation { template, facts };
        let mut resources = Vec::new();
        for (name, raw) in section(&template.root, "Resources") {
            let absent = raw
                .get("Condition")
                .and_then(scalar)
                .is_some_and(|condition| evaluation.holds(&condition) == Some(false));
            let place = format!("Resources.{name}");
            // What is no mapping is a loop of a transform.
            let Some(node) = raw.as_mapping().and_then(|_| evaluation.node(raw, &place)) else {
                continue;
            };
            if !absent {
                let kind = raw.get("Type").and_then(scalar).unwrap_or_default();
                resources.push(Resource { name, kind, node });
            }
        }
        let part = |name: &str| template.root.get(name).and_then(|raw| evaluation.node(raw, name));
        let named = resources.iter().map(|resource| (resource.name.clone(), resource.node.clone()));
        let known = Node::map("Resources", named.collect());
        let entries = [("Resources", Some(known)), ("Outputs", part("Outputs"))];
        let entries = entries.into_iter().filter_map(|(name, node)| Some((name.to_owned(), node?)));
        Self { root: Node::map("", entries.collect()), resources }
    }

    /// The resources of a type.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// A resource by its name.
    pub(crate) fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }
}

impl Resource {
    /// Where it is.
    pub(crate) fn place(&self, below: &str) -> String {
        format!("Resources.{}.{below}", self.name)
    }

    /// A property, such as `HealthCheckConfig.Type`.
    pub(crate) fn property(&self, path: &str) -> Option<&Node> {
        self.node.at(&format!("Properties.{path}"))
    }

    /// A property's text, if it is known.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.property(path)?.text()
    }
}

/// Whether a property is written in the template, though a condition may take it away.
pub(crate) fn is_written(template: &Template, place: &str) -> bool {
    let mut found = Some(&template.root);
    for part in place.split(['.', '[']) {
        let index = part.strip_suffix(']').and_then(|index| index.parse::<usize>().ok());
        found = found.and_then(|value: &Raw| match index {
            Some(index) => value.get(index),
            None => value.get(part),
        });
    }
    found.is_some()
}
