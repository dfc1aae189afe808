//! What a change of a setting makes CloudFormation replace instead of update: derived from the templates, by the parameters that
//! reach a property that cannot be changed; and what else a change does to a running site, as far as no template can say it.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use cfn::{Raw, Template, names_behind, section};
use serde::Serialize;

use self::table::{FIXED, NOTES};
use site::model::{Site, Source, VERDICT_SERVERS, ZONES};
use site::names::ParameterName;

/// What a change of a parameter does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Replacement {
    /// The template.
    pub template: &'static str,
    /// The parameter.
    pub parameter: String,
    /// Logical ids of the resources that are made anew. None: they are kept, and the effect is another.
    pub resources: Vec<String>,
    /// What that means to a site that is running.
    pub effect: &'static str,
}

/// What the replacement of a resource of a type means to a site that is running, if the table knows it.
#[must_use]
pub fn replaced(kind: &str) -> Option<&'static str> {
    FIXED.iter().find(|fixed| fixed.of == kind).map(|fixed| fixed.effect)
}

/// What a change of a parameter does beside replacing, if anything.
#[must_use]
pub fn note(template: &str, parameter: &str) -> Option<&'static str> {
    let notes = NOTES.iter().filter(|note| note.of == template);
    let mut notes = notes.filter(|note| note.keys.contains(&parameter));
    notes.next().map(|note| note.effect)
}

/// What the outputs of a template are worked out from.
#[derive(Debug, Default, PartialEq)]
pub struct Answers {
    outputs: BTreeMap<String, Raw>,
    /// What they refer to, through conditions: parameters and resources.
    sources: BTreeSet<String>,
}

impl Answers {
    /// Of a template's text; nothing of a text that is none.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let Ok(template) = Template::parse(text) else { return Self::default() };
        let mut answers = Self::default();
        for (name, value) in section(&template.root, "Outputs") {
            answers.sources.extend(names_behind(&template, value));
            answers.outputs.insert(name, value.clone());
        }
        answers
    }

    /// Whether an output is made from this parameter or resource.
    #[must_use]
    pub fn depend_on(&self, name: &str) -> bool {
        self.sources.contains(name)
    }
}

/// What a change of each parameter that a site file can change would do.
#[must_use]
pub fn replacements(site: &Site) -> Vec<Replacement> {
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for stack in &site.stacks {
        let Ok(template) = Template::parse(&stack.template.body) else { continue };
        // What another stack answers, or a deploy chooses, is nobody's setting.
        let chosen = |name: &String| {
            if ZONES.contains(&name.as_str()) || name == VERDICT_SERVERS {
                return false;
            }
            let source = stack.parameters.get(&ParameterName::new(name));
            !matches!(source, Some(Source::Output { .. } | Source::CodeKey))
        };
        for (name, parameter, effect) in fixed(&template) {
            if chosen(&parameter) {
                found.entry((stack.template.name, parameter, effect)).or_default().insert(name);
            }
        }
        taken.insert(stack.template.name);
    }
    for note in NOTES.iter().filter(|note| taken.contains(note.of)) {
        for parameter in note.keys {
            found.entry((note.of, (*parameter).to_owned(), note.effect)).or_default();
        }
    }
    let found = found.into_iter();
    found
        .map(|((template, parameter, effect), resources)| {
            let resources = resources.into_iter().collect();
            Replacement { template, parameter, resources, effect }
        })
        .collect()
}

/// Every resource with a parameter that cannot be changed without replacing it.
fn fixed(template: &Template) -> Vec<(String, String, &'static str)> {
    let mut found = Vec::new();
    for (name, resource) in &template.resources {
        for fixed in FIXED.iter().filter(|fixed| fixed.of == resource.kind) {
            for property in fixed.keys {
                let mut path = property.split('.');
                let value = path.try_fold(&resource.properties, |at, key| at.get(key));
                let reached = value.map(|value| names_behind(template, value));
                let reached = reached.unwrap_or_default().into_iter();
                let reached = reached.filter(|name| template.parameters.contains_key(name));
                found.extend(reached.map(|parameter| (name.clone(), parameter, fixed.effect)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::config::{Config, MINIMAL};

    #[test]
    fn notes_are_about_parameters_that_there_are() {
        let config = Config::from_toml(MINIMAL, "pilotlight.toml").expect("the smallest site file");
        let site = Site::new(config);
        for note in NOTES {
            let stack = site.stacks.iter().find(|stack| stack.template.name == note.of);
            let template = Template::parse(&stack.expect("a stack of it").template.body);
            let template = template.expect("a template");
            for parameter in note.keys {
                assert!(template.parameters.contains_key(*parameter), "{parameter}");
            }
        }
    }
}
