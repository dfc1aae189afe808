//! What a template comes to as far as its region and its parameters are known before a deploy: functions evaluated, conditions
//! decided, and what cannot be known kept as unknown, so that a value nobody can know is never judged.

use std::collections::BTreeMap;

use super::evaluate::Evaluation;
use super::node::Node;
use super::template::{Template, scalar, section};

/// What is known of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The value.
    Text(String),
    /// That there will be one.
    Filled,
}

impl Known {
    /// The value, if it is known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Filled => None,
        }
    }
}

/// What is known before a deploy.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Where the stack will be.
    pub region: String,
    /// The parameters of which something is known.
    pub parameters: BTreeMap<String, Known>,
}

/// A template, evaluated.
#[derive(Debug)]
pub struct View {
    /// What the stack answers, by name.
    pub outputs: Node,
    /// The resources that there may be, in the template's order.
    pub resources: Vec<Viewed>,
    /// Names and types of those that there will not be.
    pub absent: Vec<(String, String)>,
}

/// A resource, evaluated.
#[derive(Debug)]
pub struct Viewed {
    /// Its logical id.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// The condition that decides whether there will be one, if only AWS can decide it.
    pub undecided: Option<String>,
    /// `Type`, `Properties` and the rest.
    pub node: Node,
}

impl Facts {
    /// The parameters as they are given, and else by their defaults.
    pub fn of(template: &Template, region: &str, given: impl Fn(&str) -> Option<Known>) -> Self {
        let parameters = template.parameters.iter().filter_map(|(name, parameter)| {
            let known = given(name).or_else(|| parameter.default.clone().map(Known::Text))?;
            match known {
                // Such a value names another one, which only AWS knows.
                Known::Text(_) if parameter.is_looked_up() => {
                    given(name).map(|_| (name.clone(), Known::Filled))
                }
                Known::Text(_) | Known::Filled => Some((name.clone(), known)),
            }
        });
        Self { region: region.to_owned(), parameters: parameters.collect() }
    }

    /// The parameters by their defaults.
    #[must_use]
    pub fn by_default(template: &Template, region: &str) -> Self {
        Self::of(template, region, |_| None)
    }

    /// The value of a parameter, if it is known.
    #[must_use]
    pub fn text(&self, parameter: &str) -> Option<&str> {
        self.parameters.get(parameter)?.text()
    }
}

impl View {
    /// Evaluates a template with what is known.
    #[must_use]
    pub fn new(template: &Template, facts: &Facts) -> Self {
        let evaluation = Evaluation { template, facts };
        let (mut resources, mut absent) = (Vec::new(), Vec::new());
        for (name, raw) in section(&template.root, "Resources") {
            let kind = raw.get("Type").and_then(scalar).unwrap_or_default();
            let condition = raw.get("Condition").and_then(scalar);
            let holds = condition.as_ref().map_or(Some(true), |name| evaluation.holds(name));
            if holds == Some(false) {
                absent.push((name, kind));
                continue;
            }
            let place = format!("Resources.{name}");
            // What is no mapping is a loop of a transform.
            if let Some(node) = raw.as_mapping().and_then(|_| evaluation.node(raw, &place)) {
                let undecided = condition.filter(|_| holds.is_none());
                resources.push(Viewed { name, kind, undecided, node });
            }
        }
        let outputs = template.root.get("Outputs").and_then(|raw| evaluation.node(raw, "Outputs"));
        let outputs = outputs.unwrap_or_else(|| Node::map("Outputs", Vec::new()));
        Self { outputs, resources, absent }
    }

    /// The resources of a type.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Viewed> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// A resource by its name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Viewed> {
        self.resources.iter().find(|resource| resource.name == name)
    }
}

impl Viewed {
    /// Where it is.
    #[must_use]
    pub fn place(&self, below: &str) -> String {
        format!("Resources.{}.{below}", self.name)
    }

    /// A property, such as `HealthCheckConfig.Type`.
    #[must_use]
    pub fn property(&self, path: &str) -> Option<&Node> {
        self.node.at(&format!("Properties.{path}"))
    }

    /// A property's text, if it is known.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.property(path)?.text()
    }
}
