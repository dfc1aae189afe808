//! What is known of a stack before a deploy: its region, and some of its parameters.

use std::collections::BTreeMap;

use super::template::Template;

/// What is known of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The value.
    Text(String),
    /// That there will be one.
    Filled,
}

/// What is known before a deploy.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Where the stack will be.
    pub region: String,
    /// The parameters of which something is known.
    pub parameters: BTreeMap<String, Known>,
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

    /// The value of a parameter, if it is known.
    #[must_use]
    pub fn text(&self, parameter: &str) -> Option<&str> {
        match self.parameters.get(parameter)? {
            Known::Text(text) => Some(text),
            Known::Filled => None,
        }
    }
}
