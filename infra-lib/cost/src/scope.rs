//! The templates of a site, evaluated: which resources there will be, and with which values.

use std::collections::BTreeMap;

use cfn::{Facts, Node, Template, View};

use site::model::{Site, Source, Stack, StackId};
use site::names::ParameterName;

use super::error::CostError;

/// The templates of a site, read once.
pub(super) struct Templates(BTreeMap<StackId, Template>);

/// The stacks of a site, evaluated.
pub(super) struct Stacks<'a>(Vec<(&'a Stack, Facts, View)>);

/// One stack among the others.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) stack: &'a Stack,
    facts: &'a Facts,
    pub(super) view: &'a View,
    all: &'a Stacks<'a>,
}

impl Templates {
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
    pub(super) fn evaluate<'a>(&self, site: &'a Site) -> Stacks<'a> {
        let evaluate = |stack: &'a Stack| {
            let template = self.0.get(&stack.id).expect("the templates have each stack's template");
            let facts = stack.facts(template);
            let view = View::new(template, &facts);
            (stack, facts, view)
        };
        Stacks(site.stacks.iter().map(evaluate).collect())
    }
}

impl Stacks<'_> {
    pub(super) fn scopes(&self) -> impl Iterator<Item = Scope<'_>> {
        self.0.iter().map(|(stack, facts, view)| Scope { stack, facts, view, all: self })
    }
}

impl Scope<'_> {
    /// What a parameter will be, given or by default, if that is known.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.facts.text(name)
    }

    /// The stack whose output a value is, and the output.
    pub(super) fn comes_from(&self, node: &Node) -> Option<(StackId, &str)> {
        let names = node.names();
        let [parameter] = names.as_slice() else { return None };
        match self.stack.parameters.get(&ParameterName::new(parameter))? {
            Source::Output { stack, name } => Some((*stack, name.as_str())),
            Source::Literal(_) | Source::CodeKey => None,
        }
    }

    /// How many items a list has; for a list that another stack answers, how many that one puts into it.
    pub(super) fn count(&self, node: &Node) -> Option<u64> {
        let count = node.count().or_else(|| {
            let (stack, output) = self.comes_from(node)?;
            let other = self.all.scopes().find(|other| other.stack.id == stack)?;
            other.view.outputs.at(&format!("{output}.Value"))?.count()
        });
        u64::try_from(count?).ok()
    }
}
