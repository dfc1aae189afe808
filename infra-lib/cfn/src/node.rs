//! A value of a template with its place in it.

use serde_norway::{Mapping, Value as Raw};

use super::names::names_in;
use super::template::{function, items};

/// A value that was evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, such as `Resources.Group.Properties.MinSize`.
    pub place: String,
    /// What it is.
    pub value: Value,
}

/// What a place holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text, number or truth value.
    Text {
        /// As a text.
        text: String,
        /// The value as it is written in the template, if it does not come from a parameter or a function.
        written: Option<Raw>,
    },
    /// Items.
    List(Vec<Node>),
    /// Keys with their values, in the template's order.
    Map(Vec<(String, Node)>),
    /// A resource of the template, or an attribute of it.
    Own {
        /// The resource.
        name: String,
        /// The attribute. `None`: the resource itself, as `!Ref` has it.
        attribute: Option<String>,
    },
    /// What only AWS knows.
    Unknown {
        /// The function that AWS will call, with everything in it that is known.
        rest: Raw,
        /// Whether it is known not to be the empty text.
        filled: bool,
    },
}

impl Node {
    pub(crate) fn new(place: &str, value: Value) -> Self {
        Self { place: place.to_owned(), value }
    }

    pub(crate) fn map(place: &str, entries: Vec<(String, Self)>) -> Self {
        Self::new(place, Value::Map(entries))
    }

    pub(crate) fn computed(place: &str, text: String) -> Self {
        Self::new(place, Value::Text { text, written: None })
    }

    /// What the call of a function will answer, which only AWS knows. The function has its long name.
    pub(crate) fn unknown(place: &str, function: &str, argument: Raw) -> Self {
        Self::new(place, Value::Unknown { rest: call(function, argument), filled: false })
    }

    /// The value under a key. Below something unknown is that unknown.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
            }
            Value::Unknown { .. } => Some(self),
            Value::Text { .. } | Value::List(_) | Value::Own { .. } => None,
        }
    }

    /// The value at a path of keys, such as `Properties.AliasTarget`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The items of a list; a single value counts as a list of one.
    #[must_use]
    pub fn items(&self) -> Vec<&Self> {
        if let Value::List(items) = &self.value { items.iter().collect() } else { vec![self] }
    }

    /// The text, if it is known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text { text, .. } = &self.value { Some(text) } else { None }
    }

    /// The number, if it is known and one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.text()?.trim().parse().ok()
    }

    /// The text, if it stands so in the template.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        if let Value::Text { text, written: Some(_) } = &self.value { Some(text) } else { None }
    }

    /// What tells whether two places mean the same thing: a resource's name, or the text.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        match &self.value {
            Value::Own { name, .. } => Some(name),
            Value::Text { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) | Value::Unknown { .. } => None,
        }
    }

    /// Whether only AWS knows it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown { .. })
    }

    /// Whether it may turn out to be no value at all: nobody knows the condition that chooses.
    #[must_use]
    pub fn may_be_absent(&self) -> bool {
        let Value::Unknown { rest, .. } = &self.value else { return false };
        let chosen = function(rest).filter(|(name, _)| name == "If");
        chosen.is_some_and(|(_, argument)| items(Some(argument)).contains(&&nothing()))
    }

    /// The resources and parameters that something unknown is made of.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        if let Value::Unknown { rest, .. } = &self.value { names_in(rest) } else { Vec::new() }
    }

    /// Every text in it that is known, those inside of a function too, in the template's order.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut found = Vec::new();
        gather(&self.to_raw(), &mut found);
        found
    }

    /// How many items there are, if that is known: of a list, or of a text that is one with commas.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match &self.value {
            Value::List(list) => Some(list.len()),
            Value::Text { text, .. } => Some(text.split(',').count()),
            Value::Unknown { rest, .. } => joined(rest),
            Value::Map(_) | Value::Own { .. } => None,
        }
    }

    /// As a template has it, functions by their long names.
    #[must_use]
    pub fn to_raw(&self) -> Raw {
        match &self.value {
            Value::Text { text, written } => {
                written.clone().unwrap_or_else(|| Raw::String(text.clone()))
            }
            Value::List(list) => Raw::Sequence(list.iter().map(Self::to_raw).collect()),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, node)| (key.clone().into(), node.to_raw()));
                Raw::Mapping(entries.collect())
            }
            Value::Own { name, attribute: None } => call("Ref", name.clone().into()),
            Value::Own { name, attribute: Some(attribute) } => {
                call("Fn::GetAtt", vec![name.clone(), attribute.clone()].into())
            }
            Value::Unknown { rest, .. } => rest.clone(),
        }
    }

    /// Shows this and everything below.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.walk(see)),
            Value::Map(entries) => entries.iter().for_each(|(_, node)| node.walk(see)),
            Value::Text { .. } | Value::Own { .. } | Value::Unknown { .. } => {}
        }
    }
}

/// A function call, as JSON writes it.
pub(crate) fn call(function: &str, argument: Raw) -> Raw {
    Raw::Mapping(Mapping::from_iter([(function.into(), argument)]))
}

/// How a template says that there is no value.
pub(crate) fn nothing() -> Raw {
    call("Ref", "AWS::NoValue".into())
}

fn gather(raw: &Raw, found: &mut Vec<String>) {
    match raw {
        Raw::String(text) => found.push(text.clone()),
        Raw::Sequence(list) => list.iter().for_each(|item| gather(item, found)),
        Raw::Mapping(map) => map.iter().for_each(|(_, value)| gather(value, found)),
        Raw::Tagged(tagged) => gather(&tagged.value, found),
        Raw::Null | Raw::Bool(_) | Raw::Number(_) => {}
    }
}

/// How many items a text has that joins or splits some.
fn joined(rest: &Raw) -> Option<usize> {
    let (name, argument) = function(rest)?;
    match items(Some(argument))[..] {
        [_, Raw::Sequence(list)] if name == "Join" => Some(list.len()),
        [_, inner] if name == "Split" => joined(inner),
        _ => None,
    }
}
