//! Judges a template by the rules. What nobody can know before a deploy is never broken.

use super::super::view::{Node, Value};
use super::read::{Any, Clause, Comparison, File, Item, Message, Query, Step, Test};
use super::{Broken, id};

/// A file of rules and the template under judgement.
pub(super) struct Judge<'a> {
    file: &'a File,
    root: &'a Node,
}

/// What a query leads to.
enum Hit<'a> {
    Found(&'a Node),
    /// Nothing, at this place.
    Missing(String),
    /// Nobody knows.
    Unclear,
}

/// How a clause stands.
enum Verdict {
    Holds,
    /// Not, at these places.
    Broken(Vec<String>),
    Unclear,
}

impl Verdict {
    fn holds(&self) -> bool {
        matches!(self, Self::Holds)
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(file: &'a File, root: &'a Node) -> Self {
        Self { file, root }
    }

    /// Everything that is broken.
    pub(super) fn broken(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        for rule in &self.file.rules {
            if rule.when.iter().all(|any| self.any(any, self.root).holds()) {
                let mut told = |place: String, message: &Message| {
                    broken.push(Broken {
                        rule: id(&rule.name),
                        place,
                        message: message.violation.clone(),
                        fix: message.fix.clone(),
                    });
                };
                self.items(&rule.body, self.root, &mut told);
            }
        }
        broken
    }

    fn items(&self, items: &[Item], at: &Node, tell: &mut dyn FnMut(String, &Message)) {
        for item in items {
            match item {
                Item::Any(any) => {
                    if let (Verdict::Broken(places), Some(message)) =
                        (self.any(any, at), &any.message)
                    {
                        for place in places {
                            tell(place, message);
                        }
                    }
                }
                Item::Block(query, inner) => {
                    for hit in self.hits(query, at) {
                        if let Hit::Found(node) = hit {
                            self.items(inner, node, tell);
                        }
                    }
                }
                Item::When(when, inner) => {
                    if when.iter().all(|any| self.any(any, at).holds()) {
                        self.items(inner, at, tell);
                    }
                }
            }
        }
    }

    /// One clause must hold; the first tells where not.
    fn any(&self, any: &Any, at: &Node) -> Verdict {
        let mut broken = None;
        let mut unclear = false;
        for clause in &any.clauses {
            match self.clause(clause, at) {
                Verdict::Holds => return Verdict::Holds,
                Verdict::Unclear => unclear = true,
                Verdict::Broken(places) => broken = broken.or(Some(places)),
            }
        }
        if unclear { Verdict::Unclear } else { Verdict::Broken(broken.unwrap_or_default()) }
    }

    fn clause(&self, clause: &Clause, at: &Node) -> Verdict {
        let hits = self.hits(&clause.query, at);
        if let Test::Empty = clause.test {
            let found = hits.iter().any(|hit| matches!(hit, Hit::Found(_)));
            return if found == clause.negated {
                Verdict::Holds
            } else {
                Verdict::Broken(vec![at.place.clone()])
            };
        }
        let (mut places, mut unclear) = (Vec::new(), false);
        for hit in hits {
            let (holds, place) = match hit {
                Hit::Unclear => (None, String::new()),
                Hit::Missing(place) => {
                    (Some(matches!(clause.test, Test::Exists) && clause.negated), place)
                }
                Hit::Found(node) => {
                    let holds = holds(&clause.test, node).map(|holds| holds != clause.negated);
                    (holds, node.place.clone())
                }
            };
            match holds {
                Some(true) => {}
                Some(false) => places.push(place),
                None => unclear = true,
            }
        }
        match (places.is_empty(), unclear) {
            (false, _) => Verdict::Broken(places),
            (true, true) => Verdict::Unclear,
            (true, false) => Verdict::Holds,
        }
    }

    fn hits<'n>(&'n self, query: &Query, at: &'n Node) -> Vec<Hit<'n>> {
        let mut hits = match &query.variable {
            None => vec![Hit::Found(at)],
            Some(name) => {
                let variable = self.file.variables.get(name);
                let variable =
                    variable.expect("a rule names a variable of its file; a test reads all");
                self.hits(variable, self.root)
            }
        };
        for step in &query.steps {
            hits = hits.into_iter().flat_map(|hit| self.step(step, hit)).collect();
        }
        hits
    }

    fn step<'n>(&self, step: &Step, hit: Hit<'n>) -> Vec<Hit<'n>> {
        let node = match hit {
            Hit::Found(node) if node.is_unknown() => return vec![Hit::Unclear],
            Hit::Found(node) => node,
            Hit::Missing(place) => return vec![Hit::Missing(place)],
            Hit::Unclear => return vec![Hit::Unclear],
        };
        match step {
            Step::Key(key) => match node.get(key) {
                Some(found) => vec![Hit::Found(found)],
                None => vec![Hit::Missing(format!("{}.{key}", node.place))],
            },
            Step::All => values(node).into_iter().map(Hit::Found).collect(),
            // On a mapping that was reached by `*` already, the filter judges the mapping itself.
            Step::Filter(conditions) => {
                let items = match &node.value {
                    Value::List(items) => items.iter().collect(),
                    Value::Text { .. }
                    | Value::Map(_)
                    | Value::Own { .. }
                    | Value::Unknown { .. } => vec![node],
                };
                let kept = items
                    .into_iter()
                    .filter(|item| conditions.iter().all(|any| self.any(any, item).holds()));
                kept.map(Hit::Found).collect()
            }
        }
    }
}

fn values(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().map(|(_, node)| node).collect(),
        Value::List(_) | Value::Text { .. } | Value::Own { .. } | Value::Unknown { .. } => {
            node.items()
        }
    }
}

/// Whether a value passes a test. `None`: nobody knows.
fn holds(test: &Test, node: &Node) -> Option<bool> {
    if let Value::Unknown { may_be_absent, .. } = node.value {
        return (matches!(test, Test::Exists) && !may_be_absent).then_some(true);
    }
    match test {
        Test::Exists => Some(true),
        Test::Empty => Some(node.items().is_empty()),
        Test::IsString => Some(matches!(node.value, Value::Text { .. })),
        Test::IsStruct => Some(matches!(node.value, Value::Map(_))),
        Test::In(list) => node.text().map(|text| list.iter().any(|wanted| equal(text, wanted))),
        Test::Compared(comparison, wanted) => Some(compared(*comparison, node.text()?, wanted)),
    }
}

fn compared(comparison: Comparison, text: &str, wanted: &str) -> bool {
    let numbers = text.trim().parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
    match comparison {
        Comparison::Equal => equal(text, wanted),
        Comparison::NotEqual => !equal(text, wanted),
        Comparison::Less => numbers.is_some_and(|(number, wanted)| number < wanted),
        Comparison::LessOrEqual => numbers.is_some_and(|(number, wanted)| number <= wanted),
        Comparison::Greater => numbers.is_some_and(|(number, wanted)| number > wanted),
        Comparison::GreaterOrEqual => numbers.is_some_and(|(number, wanted)| number >= wanted),
    }
}

/// Texts as they are, numbers by their value: `0` and `0.0` are the same to CloudFormation.
fn equal(text: &str, wanted: &str) -> bool {
    let numbers = text.trim().parse::<f64>().ok().zip(wanted.parse::<f64>().ok());
    numbers.map_or(text == wanted, |(number, wanted)| number.total_cmp(&wanted).is_eq())
}
