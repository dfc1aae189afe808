//! What stacks answered, and how it becomes what the next ones are given.

use std::collections::BTreeMap;

use futures::future::try_join_all;

use crate::cloud::{Cloud, CloudError, Phase};
use crate::model::{Site, Source, Stack, StackId};
use crate::names::OutputName;

/// The outputs of the stacks that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs(BTreeMap<StackId, BTreeMap<String, String>>);

/// A parameter needs an output that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{stack}` has no output `{name}`, which `{needed_by}` needs")]
#[diagnostic(code("outputs::missing"), help("`cargo xtask check` tells which template lacks it"))]
pub struct MissingOutput {
    /// The stack that should answer.
    pub stack: StackId,
    /// The output.
    pub name: OutputName,
    /// The stack that needs it.
    pub needed_by: StackId,
}

impl Outputs {
    /// One output.
    #[must_use]
    pub fn get(&self, stack: StackId, name: &str) -> Option<&str> {
        self.0.get(&stack)?.get(name).map(String::as_str)
    }

    /// Notes the outputs of a stack, in place of those it had.
    pub fn insert(&mut self, stack: StackId, outputs: BTreeMap<String, String>) {
        self.0.insert(stack, outputs);
    }

    /// The parameters of a stack with every value filled in.
    ///
    /// # Errors
    /// [`MissingOutput`] for the first that cannot be.
    pub fn fill(
        &self,
        stack: &Stack,
        code_key: &str,
    ) -> Result<BTreeMap<String, String>, MissingOutput> {
        let parameters = stack.parameters.iter();
        let filled = parameters.map(|(name, source)| {
            let value = match source {
                Source::Literal(value) => value.clone(),
                Source::CodeKey => code_key.to_owned(),
                Source::Output { stack: from, name } => {
                    let missing =
                        || MissingOutput { stack: *from, name: name.clone(), needed_by: stack.id };
                    self.get(*from, name.as_str()).ok_or_else(missing)?.to_owned()
                }
            };
            Ok((name.to_string(), value))
        });
        filled.collect()
    }
}

/// Reads the outputs of every stack that stands.
///
/// # Errors
/// [`CloudError`] of the first stack that cannot be asked.
pub async fn read(cloud: &dyn Cloud, site: &Site) -> Result<Outputs, CloudError> {
    let views = site.stacks.iter().map(|stack| async move {
        let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        Ok::<_, CloudError>((stack.id, view))
    });
    let mut outputs = Outputs::default();
    for (id, view) in try_join_all(views).await? {
        if let Some(view) = view
            && view.status.phase() != Phase::Gone
        {
            outputs.insert(id, view.outputs);
        }
    }
    Ok(outputs)
}
