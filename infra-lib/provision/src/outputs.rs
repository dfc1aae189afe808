//! What stacks answered, and how it becomes what the next ones are given.

use std::collections::BTreeMap;

use futures::future::try_join_all;

use cloud::guard::Carried;
use cloud::{Cloud, CloudError, Phase};
use site::model::{Site, Skip, Source, Stack, StackId};
use site::names::OutputName;

/// The outputs of the stacks that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs(BTreeMap<StackId, BTreeMap<String, String>>);

/// What stacks are given beside the site file's values and each other's outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Bucket key of the Lambda's zip.
    pub code_key: String,
    /// Live sizes below which neither group is brought, whatever the site file says.
    pub carried: Carried,
    /// What the rollback of a failed update leaves out.
    pub skip: Vec<Skip>,
    /// Stacks whose live resources are brought in line with their templates.
    pub repair: Vec<StackId>,
    /// Stacks whose failed operation is rolled back, although what had worked was kept.
    pub rollback: Vec<StackId>,
}

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

    /// What a parameter of a stack becomes. `None` if only a stack that has not answered yet will tell.
    #[must_use]
    pub fn value(
        &self,
        stack: StackId,
        parameter: &str,
        source: &Source,
        given: &Given,
    ) -> Option<String> {
        match source {
            Source::Literal(value) => Some(given.carried.at_least(stack, parameter, value)),
            Source::CodeKey => Some(given.code_key.clone()),
            Source::Output { stack: from, name } => {
                self.get(*from, name.as_str()).map(ToOwned::to_owned)
            }
        }
    }

    /// The parameters of a stack with every value filled in.
    ///
    /// # Errors
    /// [`MissingOutput`] for the first that cannot be.
    pub fn fill(
        &self,
        stack: &Stack,
        given: &Given,
    ) -> Result<BTreeMap<String, String>, MissingOutput> {
        let mut filled = BTreeMap::new();
        for (name, source) in &stack.parameters {
            let value = self.value(stack.id, name.as_str(), source, given);
            let value = match (value, source) {
                (Some(value), _) => value,
                (None, Source::Output { stack: from, name }) => {
                    let (stack, name, needed_by) = (*from, name.clone(), stack.id);
                    return Err(MissingOutput { stack, name, needed_by });
                }
                // INVARIANT: what is no output has a value.
                (None, Source::Literal(_) | Source::CodeKey) => continue,
            };
            filled.insert(name.to_string(), value);
        }
        Ok(filled)
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
