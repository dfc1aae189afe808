//! What a template comes to as far as its region and its parameters are known before a deploy: functions evaluated, conditions
//! decided, and what cannot be known kept as unknown, so that a value nobody can know is never judged.

use super::evaluate::Evaluation;
use super::facts::Facts;
use super::node::Node;
use super::template::{Template, scalar, section};

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
