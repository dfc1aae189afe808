//! Works out CloudFormation's functions and conditions.

use serde_norway::Value as Raw;

use super::{Facts, Known, Node, Value};
use crate::check::template::{Template, function, items, references, scalar, section};

/// BOUND: conditions refer to conditions; CloudFormation refuses circles, and templates have at most a few steps.
const STEPS_MAX: u8 = 16;
const NO_VALUE: &str = "AWS::NoValue";
/// How a value begins that CloudFormation fetches during a deploy.
const RESOLVED_LATER: &str = "{{resolve:";

/// A template and what is known.
#[derive(Clone, Copy)]
pub(super) struct Evaluation<'a> {
    pub(super) template: &'a Template,
    pub(super) facts: &'a Facts,
}

impl Evaluation<'_> {
    /// Works a value out. `None`: it is no value at all.
    pub(super) fn node(&self, raw: &Raw, place: &str) -> Option<Node> {
        if let Some((name, argument)) = function(raw) {
            let below = match raw {
                Raw::Tagged(_) => place.to_owned(),
                Raw::Mapping(_) if name == "Ref" => format!("{place}.Ref"),
                Raw::Mapping(_)
                | Raw::Null
                | Raw::Bool(_)
                | Raw::Number(_)
                | Raw::String(_)
                | Raw::Sequence(_) => format!("{place}.Fn::{name}"),
            };
            return self.called(&name, argument, place, &below);
        }
        let value = match raw {
            Raw::Sequence(sequence) => {
                let items = sequence.iter().enumerate();
                Value::List(items.filter_map(|(at, raw)| self.item(raw, place, at)).collect())
            }
            Raw::Mapping(mapping) => {
                let entries = mapping.iter().filter_map(|(key, raw)| {
                    let key = scalar(key)?;
                    let node = self.node(raw, &format!("{place}.{key}"))?;
                    Some((key, node))
                });
                Value::Map(entries.collect())
            }
            Raw::Null | Raw::Bool(_) | Raw::Number(_) | Raw::String(_) | Raw::Tagged(_) => {
                let text = scalar(raw)?;
                if text.contains(RESOLVED_LATER) {
                    return Some(Node::unknown(place, Vec::new()));
                }
                Value::Text { text, literal: true }
            }
        };
        Some(Node::new(place, value))
    }

    fn item(&self, raw: &Raw, place: &str, index: usize) -> Option<Node> {
        self.node(raw, &format!("{place}[{index}]"))
    }

    fn called(&self, name: &str, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let known = match name {
            "Ref" => {
                let name = scalar(argument)?;
                return (name != NO_VALUE).then(|| self.referred(&name, place));
            }
            "GetAtt" => {
                let path: Vec<_> = items(Some(argument)).into_iter().filter_map(scalar).collect();
                let path = path.join(".");
                path.split_once('.').map(|(name, attribute)| {
                    let (name, attribute) = (name.to_owned(), Some(attribute.to_owned()));
                    Node::new(place, Value::Own { name, attribute })
                })
            }
            "If" => return self.chosen(argument, place, below),
            "Sub" => self.substituted(argument, place, below),
            "Join" => self.joined(argument, place, below),
            "Select" => {
                let [index, list] = self.arguments(argument, below);
                let index = index.as_ref().and_then(Node::text).and_then(|text| text.parse().ok());
                let index: Option<usize> = index;
                let known = list.filter(|list| matches!(list.value, Value::List(_)));
                known.and_then(|list| list.items().get(index?).map(|node| (*node).clone()))
            }
            "Split" => {
                let [separator, text] = self.arguments(argument, below);
                let known = separator.as_ref().and_then(Node::text).filter(|text| !text.is_empty());
                known.zip(text.as_ref().and_then(Node::text)).map(|(separator, text)| {
                    let parts = text.split(separator);
                    let parts = parts.map(|part| Node::computed(place, part.to_owned()));
                    Node::new(place, Value::List(parts.collect()))
                })
            }
            "FindInMap" => self.found(argument, place, below),
            _ => None,
        };
        Some(known.unwrap_or_else(|| Node::unknown(place, references(argument))))
    }

    /// The two arguments of a function.
    fn arguments(&self, argument: &Raw, below: &str) -> [Option<Node>; 2] {
        let parts = items(Some(argument));
        let part = |index: usize| self.item(parts.get(index)?, below, index);
        [part(0), part(1)]
    }

    fn referred(&self, name: &str, place: &str) -> Node {
        if name == "AWS::Region" {
            return Node::computed(place, self.facts.region.to_string());
        }
        let Some(parameter) = self.template.parameters.get(name) else {
            let own = self.template.resources.contains_key(name);
            let named = || Value::Own { name: name.to_owned(), attribute: None };
            return if own {
                Node::new(place, named())
            } else {
                Node::unknown(place, vec![name.to_owned()])
            };
        };
        let names = vec![name.to_owned()];
        match self.facts.parameters.get(name) {
            Some(Known::Text(text)) if is_list(&parameter.kind) => {
                let parts =
                    text.split(',').map(|part| Node::computed(place, part.trim().to_owned()));
                Node::new(place, Value::List(parts.collect()))
            }
            Some(Known::Text(text)) => Node::computed(place, text.clone()),
            Some(Known::Filled) => {
                Node::new(place, Value::Unknown { names, may_be_absent: false, filled: true })
            }
            None => Node::unknown(place, names),
        }
    }

    fn chosen(&self, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let parts = items(Some(argument));
        let holds = parts.first().and_then(|first| scalar(first)).map(|name| self.holds(&name));
        let branch = |index: usize| self.item(parts.get(index)?, below, index);
        match holds.flatten() {
            Some(true) => branch(1),
            Some(false) => branch(2),
            None => {
                let may_be_absent = branch(1).is_none() || branch(2).is_none();
                let names = references(argument);
                Some(Node::new(place, Value::Unknown { names, may_be_absent, filled: false }))
            }
        }
    }

    fn substituted(&self, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let parts = items(Some(argument));
        let text = scalar(parts.first()?)?;
        let own = |name: &str| {
            let raw = parts.get(1)?.get(name)?;
            self.node(raw, &format!("{below}[1].{name}"))
        };
        let mut pieces = text.split("${");
        let mut known = pieces.next().map(str::to_owned);
        let mut names = Vec::new();
        for piece in pieces {
            let (name, rest) = piece.split_once('}')?;
            if let Some(plain) = name.strip_prefix('!') {
                known = known.map(|known| format!("{known}${{{plain}}}{rest}"));
                continue;
            }
            let name = name.trim();
            names.push(name.split('.').next().unwrap_or_default().to_owned());
            let value =
                own(name).or_else(|| (!name.contains('.')).then(|| self.referred(name, place)));
            let value = value.as_ref().and_then(Node::text).map(str::to_owned);
            known = known.zip(value).map(|(known, value)| format!("{known}{value}{rest}"));
        }
        Some(known.map_or_else(|| Node::unknown(place, names), |text| Node::computed(place, text)))
    }

    fn joined(&self, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let [separator, list] = self.arguments(argument, below);
        let list = list.filter(|list| matches!(list.value, Value::List(_)))?;
        let parts: Option<Vec<&str>> = list.items().into_iter().map(Node::text).collect();
        Some(Node::computed(place, parts?.join(separator?.text()?)))
    }

    fn found(&self, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let parts = items(Some(argument));
        let key = |index: usize| self.item(parts.get(index)?, below, index);
        let mut found = self.template.root.get("Mappings")?;
        for index in 0..3 {
            found = found.get(key(index)?.text()?)?;
        }
        self.node(found, place)
    }

    /// Whether a condition holds, if that is known.
    pub(super) fn holds(&self, name: &str) -> Option<bool> {
        self.holds_within(name, STEPS_MAX)
    }

    fn holds_within(&self, name: &str, steps: u8) -> Option<bool> {
        let steps = steps.checked_sub(1)?;
        let (_, raw) = section(&self.template.root, "Conditions").find(|(own, _)| own == name)?;
        self.test(raw, steps)
    }

    fn test(&self, raw: &Raw, steps: u8) -> Option<bool> {
        if let Some(name) = raw.get("Condition").and_then(scalar) {
            return self.holds_within(&name, steps);
        }
        let (name, argument) = function(raw)?;
        let parts = items(Some(argument));
        match name.as_str() {
            "Condition" => self.holds_within(&scalar(argument)?, steps),
            "Not" => self.test(parts.first()?, steps).map(|holds| !holds),
            "And" => all(parts.iter().map(|part| self.test(part, steps))),
            "Or" => all(parts.iter().map(|part| self.test(part, steps).map(|holds| !holds)))
                .map(|none| !none),
            "Equals" => {
                let [Some(one), Some(other)] = self.arguments(argument, "") else {
                    return None;
                };
                equal(&one, &other)
            }
            _ => None,
        }
    }
}

/// Whether a parameter's type is a list.
fn is_list(kind: &str) -> bool {
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}

/// Whether all hold. One that does not decides it, whatever is unknown.
fn all(tests: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for test in tests {
        match test {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = None,
        }
    }
    known
}

fn equal(one: &Node, other: &Node) -> Option<bool> {
    let empty = |node: &Node| node.text() == Some("");
    let filled = |node: &Node| matches!(node.value, Value::Unknown { filled: true, .. });
    if (empty(one) && filled(other)) || (filled(one) && empty(other)) {
        return Some(false);
    }
    Some(one.text()? == other.text()?)
}
