//! A value of a template with its place in it.

/// A value that was worked out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Where it stands, such as `Resources.Group.Properties.MinSize`.
    pub(crate) place: String,
    pub(crate) value: Value,
}

/// What a place holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A text, number or truth value.
    Text {
        text: String,
        /// Whether it stands so in the template, and does not come from a parameter or a function.
        literal: bool,
    },
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// A resource of the template, or an attribute of it.
    Own {
        name: String,
        attribute: Option<String>,
    },
    /// What only AWS knows.
    Unknown {
        /// The resources and parameters that it is made of.
        names: Vec<String>,
        /// Whether it may turn out to be no value at all.
        may_be_absent: bool,
        /// Whether it is known not to be the empty text.
        filled: bool,
    },
}

impl Node {
    pub(super) fn new(place: &str, value: Value) -> Self {
        Self { place: place.to_owned(), value }
    }

    pub(super) fn map(place: &str, entries: Vec<(String, Self)>) -> Self {
        Self::new(place, Value::Map(entries))
    }

    pub(super) fn computed(place: &str, text: String) -> Self {
        Self::new(place, Value::Text { text, literal: false })
    }

    pub(super) fn unknown(place: &str, names: Vec<String>) -> Self {
        Self::new(place, Value::Unknown { names, may_be_absent: false, filled: false })
    }

    /// The value under a key. Below something unknown is that unknown.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
            }
            Value::Unknown { .. } => Some(self),
            Value::Text { .. } | Value::List(_) | Value::Own { .. } => None,
        }
    }

    /// The value at a path of keys, such as `Properties.AliasTarget`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// The items of a list; a single value counts as a list of one.
    pub(crate) fn items(&self) -> Vec<&Self> {
        match &self.value {
            Value::List(items) => items.iter().collect(),
            Value::Text { .. } | Value::Map(_) | Value::Own { .. } | Value::Unknown { .. } => {
                vec![self]
            }
        }
    }

    /// The text, if it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) | Value::Own { .. } | Value::Unknown { .. } => None,
        }
    }

    /// The number, if it is known and one.
    pub(crate) fn number(&self) -> Option<f64> {
        self.text()?.trim().parse().ok()
    }

    /// The text, if it stands so in the template.
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, literal: true } => Some(text),
            Value::Text { .. }
            | Value::List(_)
            | Value::Map(_)
            | Value::Own { .. }
            | Value::Unknown { .. } => None,
        }
    }

    /// What tells whether two places mean the same thing: a resource's name, or the text.
    pub(crate) fn identity(&self) -> Option<&str> {
        match &self.value {
            Value::Own { name, .. } => Some(name),
            Value::Text { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) | Value::Unknown { .. } => None,
        }
    }

    /// Whether only AWS knows it.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown { .. })
    }

    /// Shows this and everything below.
    pub(crate) fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match &self.value {
            Value::List(items) => items.iter().for_each(|item| item.walk(see)),
            Value::Map(entries) => entries.iter().for_each(|(_, node)| node.walk(see)),
            Value::Text { .. } | Value::Own { .. } | Value::Unknown { .. } => {}
        }
    }
}
