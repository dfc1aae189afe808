//! Evaluates CloudFormation's functions. A function whose answer only AWS knows is kept as a call, with what is known in it.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use serde_norway::{Mapping, Value as Raw};

use super::facts::{Facts, Known};
use super::node::{call, nothing};
use super::template::{Template, function, items, scalar};
use super::{Node, Value};

const NO_VALUE: &str = "AWS::NoValue";
/// How a value begins that CloudFormation fetches during a deploy.
const RESOLVED_LATER: &str = "{{resolve:";

/// A template and what is known.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    pub(crate) template: &'a Template,
    pub(crate) facts: &'a Facts,
}

impl Evaluation<'_> {
    /// Evaluates a value. `None`: it is no value at all.
    pub(crate) fn node(&self, raw: &Raw, place: &str) -> Option<Node> {
        if let Some((name, argument)) = function(raw) {
            let below = match name.as_str() {
                _ if !raw.is_mapping() => place.to_owned(),
                "Ref" => format!("{place}.Ref"),
                _ => format!("{place}.Fn::{name}"),
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
                    Value::Unknown { rest: raw.clone(), filled: false }
                } else {
                    Value::Text { text, written: Some(raw.clone()) }
                }
            }
        };
        Some(Node::new(place, value))
    }

    fn item(&self, raw: &Raw, place: &str, index: usize) -> Option<Node> {
        self.node(raw, &format!("{place}[{index}]"))
    }

    fn called(&self, name: &str, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        match name {
            "Ref" => {
                let name = scalar(argument)?;
                return (name != NO_VALUE).then(|| self.referred(&name, place));
            }
            "GetAtt" => {
                let path: Vec<_> = items(Some(argument)).into_iter().filter_map(scalar).collect();
                if let Some((name, attribute)) = path.join(".").split_once('.') {
                    let (name, attribute) = (name.to_owned(), Some(attribute.to_owned()));
                    return Some(Node::new(place, Value::Own { name, attribute }));
                }
            }
            "If" => return self.chosen(argument, place, below),
            "Sub" => return Some(self.substituted(argument, place, below)),
            _ => {}
        }
        let argument = self.node(argument, below);
        let parts: Vec<&Node> = argument.iter().flat_map(Node::items).collect();
        let known = match (name, parts.as_slice()) {
            ("Join", [separator, list]) => joined(separator, list, place),
            ("Select", [index, list]) => selected(index, list),
            ("Split", [separator, text]) => split(separator, text, place),
            ("Cidr", [range, count, bits]) => subnets(range, count, bits, place),
            ("FindInMap", [map, first, second, ..]) => self.found([map, first, second], place),
            _ => None,
        };
        Some(known.unwrap_or_else(|| {
            let argument = argument.as_ref().map_or(Raw::Null, Node::to_raw);
            Node::unknown(place, &format!("Fn::{name}"), argument)
        }))
    }

    fn referred(&self, name: &str, place: &str) -> Node {
        if name == "AWS::Region" {
            return Node::computed(place, self.facts.region.clone());
        }
        let Some(parameter) = self.template.parameters.get(name) else {
            return if self.template.resources.contains_key(name) {
                Node::new(place, Value::Own { name: name.to_owned(), attribute: None })
            } else {
                Node::unknown(place, "Ref", name.into())
            };
        };
        match self.facts.parameters.get(name) {
            Some(Known::Text(text)) if parameter.is_list() => {
                let parts =
                    text.split(',').map(|part| Node::computed(place, part.trim().to_owned()));
                Node::new(place, Value::List(parts.collect()))
            }
            Some(Known::Text(text)) => Node::computed(place, text.clone()),
            Some(Known::Filled) => {
                Node::new(place, Value::Unknown { rest: call("Ref", name.into()), filled: true })
            }
            None => Node::unknown(place, "Ref", name.into()),
        }
    }

    fn chosen(&self, argument: &Raw, place: &str, below: &str) -> Option<Node> {
        let parts = items(Some(argument));
        let condition = parts.first().and_then(|first| scalar(first)).unwrap_or_default();
        let branch = |index: usize| self.item(parts.get(index)?, below, index);
        match self.holds(&condition) {
            Some(true) => branch(1),
            Some(false) => branch(2),
            None => {
                let branch = |index| branch(index).map_or_else(nothing, |node| node.to_raw());
                let argument = vec![condition.into(), branch(1), branch(2)];
                Some(Node::unknown(place, "Fn::If", argument.into()))
            }
        }
    }

    fn substituted(&self, argument: &Raw, place: &str, below: &str) -> Node {
        let parts = items(Some(argument));
        let text = parts.first().and_then(|first| scalar(first)).unwrap_or_default();
        let own = |name: &str| {
            let raw = parts.get(1)?.get(name)?;
            self.node(raw, &format!("{below}[1].{name}"))
        };
        let mut pieces = text.split("${");
        let mut known = pieces.next().unwrap_or_default().to_owned();
        // The same text for AWS, with what it has to put in.
        let (mut rest, mut open, mut is_known) = (known.clone(), Mapping::new(), true);
        for piece in pieces {
            let (name, after) = piece.split_once('}').unwrap_or((piece, ""));
            if let Some(plain) = name.strip_prefix('!') {
                write!(known, "${{{plain}}}{after}").expect("a string takes everything");
                write!(rest, "${{{name}}}{after}").expect("a string takes everything");
                continue;
            }
            let name = name.trim();
            let own = own(name);
            let referred = || (!name.contains('.')).then(|| self.referred(name, place));
            let value = own.clone().or_else(referred);
            if let Some(value) = value.as_ref().and_then(Node::text) {
                write!(known, "{value}{after}").expect("a string takes everything");
                write!(rest, "{value}{after}").expect("a string takes everything");
            } else {
                is_known = false;
                write!(rest, "${{{name}}}{after}").expect("a string takes everything");
                if let Some(own) = own {
                    open.insert(name.into(), own.to_raw());
                }
            }
        }
        if is_known {
            return Node::computed(place, known);
        }
        let rest = Raw::String(rest);
        let open = (!open.is_empty()).then_some(Raw::Mapping(open));
        let argument = match open {
            Some(open) => vec![rest, open].into(),
            None => rest,
        };
        Node::unknown(place, "Fn::Sub", argument)
    }

    fn found(&self, keys: [&Node; 3], place: &str) -> Option<Node> {
        let mut found = self.template.root.get("Mappings")?;
        for key in keys {
            found = found.get(key.text()?)?;
        }
        self.node(found, place)
    }
}

fn joined(separator: &Node, list: &Node, place: &str) -> Option<Node> {
    let Value::List(list) = &list.value else { return None };
    let parts: Option<Vec<&str>> = list.iter().map(Node::text).collect();
    Some(Node::computed(place, parts?.join(separator.text()?)))
}

fn selected(index: &Node, list: &Node) -> Option<Node> {
    let Value::List(list) = &list.value else { return None };
    list.get(index.text()?.parse::<usize>().ok()?).cloned()
}

fn split(separator: &Node, text: &Node, place: &str) -> Option<Node> {
    let separator = separator.text().filter(|text| !text.is_empty())?;
    let parts = text.text()?.split(separator);
    let parts = parts.map(|part| Node::computed(place, part.to_owned()));
    Some(Node::new(place, Value::List(parts.collect())))
}

/// So many equal parts of an IPv4 range.
fn subnets(range: &Node, count: &Node, bits: &Node, place: &str) -> Option<Node> {
    let (range, count) = (range.text()?, count.text()?.parse::<usize>().ok()?);
    let bits = bits.text()?.parse().ok()?;
    let subnet = |number| Some(Node::computed(place, subnet(range, bits, number)?));
    let subnets = (0..count).map(subnet).collect::<Option<_>>()?;
    Some(Node::new(place, Value::List(subnets)))
}

/// One of the equal parts of a range.
fn subnet(range: &str, bits: u32, number: usize) -> Option<String> {
    let (address, _) = range.split_once('/')?;
    let first: Ipv4Addr = address.parse().ok()?;
    let size = 1_u32.checked_shl(bits)?;
    let offset = u32::try_from(number).ok()?.checked_mul(size)?;
    let first = Ipv4Addr::from_bits(first.to_bits().checked_add(offset)?);
    Some(format!("{first}/{}", 32_u32.checked_sub(bits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_split_as_cloudformation_does() {
        assert_eq!(subnet("10.20.0.0/16", 8, 2).as_deref(), Some("10.20.2.0/24"));
        assert_eq!(subnet("10.0.252.0/22", 8, 3).as_deref(), Some("10.0.255.0/24"));
        assert_eq!(subnet("255.255.0.0/16", 8, 256), None);
    }
}
