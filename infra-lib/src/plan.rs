//! What a deploy would do, worked out by reading alone.

use std::fmt;

use futures::future::try_join_all;
use serde::Serialize;

use crate::cloud::{Cloud, CloudError, Phase, StackView};
use crate::model::{Site, Source, Stack, StackId};
use crate::names::{Region, StackName};
use crate::outputs::Outputs;

/// What a deploy would do to each stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The account.
    pub account: String,
    /// Every stack, in the order in which it is its turn.
    pub stacks: Vec<Entry>,
}

/// What would be done to one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Which.
    pub stack: StackId,
    /// Its name at CloudFormation.
    pub name: StackName,
    /// Where.
    pub region: Region,
    /// When.
    pub wave: u8,
    /// What.
    pub action: Action,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is not there and is made.
    Create,
    /// What an earlier run left is deleted, and it is made anew.
    Recreate {
        /// Status of what is left.
        status: String,
    },
    /// It stands and is changed.
    Update {
        /// What differs.
        changes: Vec<Change>,
    },
    /// It stands as it should.
    Keep,
    /// It stands, and the site file no longer asks for it.
    Delete,
    /// CloudFormation is at work on it; what follows is decided afterwards.
    Wait {
        /// Its status.
        status: String,
    },
    /// Somebody must look first.
    Stuck {
        /// Its status.
        status: String,
    },
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The template's text.
    Template,
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
        /// What it is; nothing if it is new.
        before: Option<String>,
        /// What it becomes; `<stack.Output>` if only a stack that is not made yet will tell.
        after: String,
    },
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.iter().all(|entry| entry.action == Action::Keep)
    }

    /// The guarded stacks that stand and would be changed.
    pub fn guarded_updates(&self) -> impl Iterator<Item = &Entry> {
        let changes =
            |entry: &&Entry| entry.stack.guarded() && matches!(entry.action, Action::Update { .. });
        self.stacks.iter().filter(changes)
    }
}

/// Works the plan out. Nothing is written.
///
/// # Errors
/// [`CloudError`] of the first thing that cannot be read.
pub async fn plan(cloud: &dyn Cloud, site: &Site, code_key: &str) -> Result<Plan, CloudError> {
    let account = cloud.account(site.standby_region()).await?;
    let views = site.stacks.iter().map(|stack| look(cloud, stack));
    let views = try_join_all(views).await?;
    let mut outputs = Outputs::default();
    for (stack, (view, _)) in site.stacks.iter().zip(&views) {
        if let Some(view) = view {
            outputs.insert(stack.id, view.outputs.clone());
        }
    }
    let mut stacks: Vec<_> = site
        .stacks
        .iter()
        .zip(&views)
        .map(|(stack, (view, template))| {
            entry(stack, action(stack, view.as_ref(), template.as_deref(), &outputs, code_key))
        })
        .collect();
    let unwanted = unwanted(cloud, site).await?.into_iter();
    let unwanted = unwanted.rev().map(|stack| entry(stack, Action::Delete));
    let turn = stacks.partition_point(|entry| entry.wave < UNWANTED_BEFORE.wave());
    stacks.splice(turn..turn, unwanted);
    Ok(Plan { account, stacks })
}

/// What is no longer wanted goes right before this stack, which may take over its names.
pub(crate) const UNWANTED_BEFORE: StackId = StackId::Detector;

/// The stacks that stand although the site file does not ask for them, in the order of the waves.
///
/// # Errors
/// [`CloudError`] of the first stack that cannot be asked.
pub async fn unwanted<'a>(cloud: &dyn Cloud, site: &'a Site) -> Result<Vec<&'a Stack>, CloudError> {
    let looks = site.off.iter().map(async |stack| {
        let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        let there = view.is_some_and(|view| view.status.phase() != Phase::Gone);
        Ok::<_, CloudError>(there.then_some(stack))
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

fn entry(stack: &Stack, action: Action) -> Entry {
    let (name, region) = (stack.name.clone(), stack.region.clone());
    Entry { stack: stack.id, name, region, wave: stack.id.wave(), action }
}

async fn look(
    cloud: &dyn Cloud,
    stack: &Stack,
) -> Result<(Option<StackView>, Option<String>), CloudError> {
    let name = stack.name.as_str();
    let view = cloud.describe_stack(&stack.region, name).await?;
    let template = match &view {
        Some(view) if view.status.phase() == Phase::Standing => {
            cloud.stack_template(&stack.region, name).await?
        }
        _ => None,
    };
    Ok((view, template))
}

fn action(
    stack: &Stack,
    view: Option<&StackView>,
    template: Option<&str>,
    outputs: &Outputs,
    code_key: &str,
) -> Action {
    let Some(view) = view else {
        return Action::Create;
    };
    let status = || view.status.to_string();
    match view.status.phase() {
        Phase::Gone => Action::Create,
        Phase::RolledBack | Phase::Reviewing => Action::Recreate { status: status() },
        Phase::Moving => Action::Wait { status: status() },
        Phase::Stuck | Phase::Undeleted => Action::Stuck { status: status() },
        Phase::Standing => match differences(stack, view, template, outputs, code_key) {
            changes if changes.is_empty() => Action::Keep,
            changes => Action::Update { changes },
        },
    }
}

fn differences(
    stack: &Stack,
    view: &StackView,
    template: Option<&str>,
    outputs: &Outputs,
    code_key: &str,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if !same_template(template, &stack.template.body) {
        changes.push(Change::Template);
    }
    for (name, source) in &stack.parameters {
        let after = match source {
            Source::Literal(value) => value.clone(),
            Source::CodeKey => code_key.to_owned(),
            Source::Output { stack, name } => outputs
                .get(*stack, name.as_str())
                .map_or_else(|| source.to_string(), ToOwned::to_owned),
        };
        let before = view.parameters.get(name.as_str());
        if !before.is_some_and(|before| same_parameter(before, &after)) {
            changes.push(Change::Parameter {
                name: name.to_string(),
                before: before.cloned(),
                after,
            });
        }
    }
    changes
}

/// Whether a live parameter is ours. AWS shows the name of an SSM parameter as it was given; an emulator may show the image that
/// it holds, which no site file can give, and which then counts as the same.
pub(crate) fn same_parameter(live: &str, ours: &str) -> bool {
    live == ours || (live.starts_with("ami-") && ours.starts_with('/'))
}

/// Whether a live template is ours. White space at the end does not count: some servers trim it.
pub(crate) fn same_template(live: Option<&str>, ours: &str) -> bool {
    live.is_some_and(|live| live.trim_end() == ours.trim_end())
}

impl Action {
    /// The mark in front of a line: add, change, remove, replace, nothing, or a question.
    #[must_use]
    pub const fn mark(&self) -> char {
        match self {
            Self::Create => '+',
            Self::Update { .. } => '>',
            Self::Recreate { .. } => '!',
            Self::Keep => ' ',
            Self::Delete => '-',
            Self::Wait { .. } | Self::Stuck { .. } => '?',
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => f.write_str("create"),
            Self::Recreate { status } => write!(f, "delete what is left ({status}), then create"),
            Self::Update { changes } if changes.len() == 1 => f.write_str("update, 1 change"),
            Self::Update { changes } => write!(f, "update, {} changes", changes.len()),
            Self::Keep => f.write_str("no changes"),
            Self::Delete => f.write_str("delete: the site file no longer asks for it"),
            Self::Wait { status } => write!(f, "wait for CloudFormation ({status}), then decide"),
            Self::Stuck { status } => write!(f, "needs somebody to look first ({status})"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template => f.write_str("template"),
            Self::Parameter { name, before: None, after } => write!(f, "{name} = {after}"),
            Self::Parameter { name, before: Some(before), after } => {
                write!(f, "{name}: {before} -> {after}")
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "account {}", self.account)?;
        for Entry { stack, region, action, .. } in &self.stacks {
            writeln!(
                f,
                "{} {stack:<16} {region:<14} {action}",
                action.mark(),
                region = region.as_str()
            )?;
            if let Action::Update { changes } = action {
                changes.iter().try_for_each(|change| writeln!(f, "      {change}"))?;
            }
        }
        Ok(())
    }
}
