//! A template as far as its parameters decide it before a deploy: which resources there will be, and with which values.

use std::collections::BTreeMap;

use serde_norway::Value;

use crate::check::template::{Template, function, items, scalar, section};
use crate::model::{Site, Source, Stack, StackId};
use crate::names::ParameterName;

use super::error::CostError;

/// BOUND: conditions refer to conditions; CloudFormation refuses circles, and templates have at most a few steps.
const STEPS_MAX: u8 = 16;
const NO_VALUE: &str = "AWS::NoValue";

/// The templates of a site, read once.
pub(super) struct Books(BTreeMap<StackId, Template>);

/// One stack among the others.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) site: &'a Site,
    pub(super) stack: &'a Stack,
    books: &'a Books,
}

/// A resource of a template.
#[derive(Clone, Debug)]
pub(super) struct Resource<'a> {
    pub(super) name: String,
    pub(super) kind: String,
    /// Whether there will be one.
    pub(super) present: bool,
    properties: Option<&'a Value>,
}

impl Books {
    pub(super) fn read(site: &Site) -> Result<Self, CostError> {
        let read = |stack: &Stack| {
            let template = Template::parse(&stack.template.body);
            let template =
                template.map_err(|message| CostError::Template { stack: stack.id, message })?;
            Ok((stack.id, template))
        };
        site.stacks.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The stacks of a site that has these templates.
    pub(super) fn scopes<'a>(&'a self, site: &'a Site) -> impl Iterator<Item = Scope<'a>> {
        site.stacks.iter().map(|stack| Scope { site, stack, books: self })
    }
}

impl<'a> Scope<'a> {
    fn template(&self) -> &'a Template {
        self.books.0.get(&self.stack.id).expect("the books have the template of each stack")
    }

    /// Every resource, in the order of the template.
    pub(super) fn resources(&self) -> Result<Vec<Resource<'a>>, CostError> {
        let resource = |(name, value): (String, &'a Value)| {
            let present = match value.get("Condition").and_then(scalar) {
                None => true,
                Some(condition) => self.holds(&condition, 0).ok_or_else(|| {
                    let (resource, property) = (name.clone(), format!("Condition: {condition}"));
                    CostError::Unclear { stack: self.stack.id, resource, property }
                })?,
            };
            let kind = value.get("Type").and_then(scalar).unwrap_or_default();
            Ok(Resource { name, kind, present, properties: value.get("Properties") })
        };
        section(&self.template().root, "Resources").map(resource).collect()
    }

    /// What a parameter will be, given or by default. What another stack answers stands as `<web-primary.GroupName>`.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        match self.stack.parameters.get(&ParameterName::new(name)) {
            Some(source) => Some(source.to_string()),
            None => self.template().parameters.get(name)?.default.clone(),
        }
    }

    /// The stack whose output a value is.
    pub(super) fn comes_from(&self, value: &Value) -> Option<StackId> {
        let (name, argument) = function(self.chosen(value)?)?;
        let parameter = (name == "Ref").then(|| scalar(argument))??;
        match self.stack.parameters.get(&ParameterName::new(&parameter))? {
            Source::Output { stack, .. } => Some(*stack),
            Source::Literal(_) | Source::CodeKey => None,
        }
    }

    /// A value as text, as far as the template and the site file tell it.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        let value = self.chosen(value)?;
        match function(value) {
            None => scalar(value),
            Some((name, argument)) if name == "Ref" => match scalar(argument)?.as_str() {
                "AWS::Region" => Some(self.stack.region.to_string()),
                parameter => self.parameter(parameter),
            },
            Some(_) => None,
        }
    }

    /// How many items a list has; for a list that another stack answers, how many that one puts into it.
    pub(super) fn count(&self, value: &Value) -> Option<u64> {
        let value = self.chosen(value)?;
        if let Value::Sequence(list) = value {
            return u64::try_from(list.iter().filter_map(|item| self.chosen(item)).count()).ok();
        }
        let Some((name, argument)) = function(value) else {
            return u64::try_from(scalar(value)?.split(',').count()).ok();
        };
        match name.as_str() {
            "Join" | "Split" => self.count(items(Some(argument)).get(1)?),
            "Ref" => {
                let parameter = scalar(argument)?;
                let Some(Source::Output { stack, name }) =
                    self.stack.parameters.get(&ParameterName::new(&parameter))
                else {
                    return u64::try_from(self.parameter(&parameter)?.split(',').count()).ok();
                };
                let other = self.books.scopes(self.site).find(|other| other.stack.id == *stack)?;
                other.count(other.template().outputs.get(name.as_str())?.get("Value")?)
            }
            _ => None,
        }
    }

    /// The value behind any `!If`. `None` for `AWS::NoValue` and for a condition that cannot be told.
    pub(super) fn chosen<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let Some((name, argument)) = function(value) else {
            return Some(value);
        };
        let arguments = items(Some(argument));
        match name.as_str() {
            "If" => {
                let [condition, yes, no] = arguments[..] else { return None };
                let holds = self.holds(&scalar(condition)?, 0)?;
                self.chosen(if holds { yes } else { no })
            }
            "Ref" if scalar(argument).as_deref() == Some(NO_VALUE) => None,
            _ => Some(value),
        }
    }

    fn holds(&self, condition: &str, step: u8) -> Option<bool> {
        let found =
            section(&self.template().root, "Conditions").find(|(name, _)| name == condition);
        self.is_true(found?.1, step)
    }

    fn is_true(&self, value: &Value, step: u8) -> Option<bool> {
        if step == STEPS_MAX {
            return None;
        }
        let (name, argument) = function(value)?;
        let arguments = items(Some(argument));
        let all = || arguments.iter().map(|value| self.is_true(value, step + 1));
        match name.as_str() {
            "Equals" => {
                let [left, right] = arguments[..] else { return None };
                Some(self.text(left)? == self.text(right)?)
            }
            "Not" => Some(!self.is_true(arguments.first()?, step + 1)?),
            "And" => all().collect::<Option<Vec<_>>>().map(|held| !held.contains(&false)),
            "Or" => all().collect::<Option<Vec<_>>>().map(|held| held.contains(&true)),
            "Condition" => self.holds(&scalar(argument)?, step + 1),
            _ => None,
        }
    }

    /// A property of a resource, such as `["LaunchTemplateData", "InstanceType"]`.
    pub(super) fn property<'v>(&self, resource: &Resource<'v>, path: &[&str]) -> Option<&'v Value> {
        path.iter().try_fold(self.chosen(resource.properties?)?, |value, key| {
            self.chosen(value.get(*key)?)
        })
    }
}
