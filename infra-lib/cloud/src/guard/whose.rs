//! Whose a stack is: its parameters say so, and before anything of it goes, what it holds and who made its first change set.

use std::fmt;

use cfn::{Template, scalar, section};
use serde::Serialize;

use site::model::{Site, Stack, StackId};
use site::names::{Region, StackName};

use super::standing::Refusal;
use crate::change_name::made_at;
use crate::{Cloud, Phase, Result, StackResource, StackView};

/// The parameter that every template of ours has.
const OWNER: &str = "SiteName";
/// The bucket of the Lambda's zip, by its name in the template.
const BUCKET: (&str, &str) = ("Bucket", "AWS::S3::Bucket");

/// A stack that has the name of one of ours and is not ours. It is never changed, emptied or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranger {
    /// Which of ours has this name.
    pub stack: StackId,
    /// The name.
    pub name: StackName,
    /// Where.
    pub region: Region,
    /// How it shows, as the rest of a sentence about the stack.
    pub why: String,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, region, why, .. } = self;
        write!(f, "the stack `{name}` in {region} {why}")
    }
}

/// Somebody else took the name since the guard looked, when other stacks may have been changed already.
impl From<Stranger> for Refusal {
    fn from(stranger: Stranger) -> Self {
        let hint = "it was not changed; choose another `name` in the site file, or find out whose stack it is";
        Self { why: stranger.to_string(), hint: hint.to_owned() }
    }
}

impl Stranger {
    fn of(stack: &Stack, why: String) -> Self {
        Self { stack: stack.id, name: stack.name.clone(), region: stack.region.clone(), why }
    }
}

/// Whether a stack's parameters show that it is somebody else's. One that waits for its first change set may have none yet.
#[must_use]
pub fn stranger(site: &Site, stack: &Stack, view: &StackView) -> Option<Stranger> {
    let ours = site.config.name.as_str();
    let why = match (view.parameters.get(OWNER), view.status.phase()) {
        (_, Phase::Gone) | (None, Phase::Reviewing) => return None,
        (Some(owner), _) if owner == ours => return None,
        (Some(owner), _) => format!("belongs to the site `{owner}`, not to `{ours}`"),
        (None, _) => format!("was not made for this site: it has no parameter `{OWNER}`"),
    };
    Some(Stranger::of(stack, why))
}

/// The same before something of the stack goes: also what it holds, and who named the first change set that it waits for.
///
/// # Errors
/// [`CloudError`](crate::CloudError) if the stack cannot be read.
pub async fn stranger_within(
    cloud: &dyn Cloud,
    site: &Site,
    stack: &Stack,
    view: &StackView,
) -> Result<Option<Stranger>> {
    if let Some(stranger) = stranger(site, stack, view) {
        return Ok(Some(stranger));
    }
    if view.status.phase() == Phase::Reviewing
        && let Some(stranger) = first_change_set(cloud, stack).await?
    {
        return Ok(Some(stranger));
    }
    let held = cloud.stack_resources(&stack.region, &view.id).await?;
    let why = "holds nothing that this tool's template has".to_owned();
    Ok((!is_made_of(stack, &held)).then(|| Stranger::of(stack, why)))
}

/// Whether somebody else's first change set is what a stack under review waits for.
pub(super) async fn first_change_set(cloud: &dyn Cloud, stack: &Stack) -> Result<Option<Stranger>> {
    let sets = cloud.change_sets(&stack.region, stack.name.as_str()).await?;
    let theirs = sets.into_iter().find(|(name, _)| made_at(name).is_none());
    let why = |name| format!("waits for a change set that this tool did not make: `{name}`");
    Ok(theirs.map(|(name, _)| Stranger::of(stack, why(name))))
}

/// Whether any of it is in our template. An earlier version of the template may have had others beside; nothing at all is what a
/// creation leaves that never began.
fn is_made_of(stack: &Stack, held: &[StackResource]) -> bool {
    let Ok(template) = Template::parse(&stack.template.body) else { return false };
    let is_ours = |one: &StackResource| {
        template.resources.get(&one.logical_id).is_some_and(|ours| ours.kind == one.resource_type)
    };
    held.is_empty() || held.iter().any(is_ours)
}

/// The bucket that our template made, and no other: what is in it may be deleted.
///
/// # Errors
/// [`CloudError`](crate::CloudError) if the stack cannot be read.
pub async fn bucket(cloud: &dyn Cloud, site: &Site) -> Result<Option<String>> {
    let stack = site.stack(StackId::Artifacts);
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    let Some(view) = view.filter(|view| view.status.phase() != Phase::Gone) else {
        return Ok(None);
    };
    if stranger(site, stack, &view).is_some() {
        return Ok(None);
    }
    let held = cloud.stack_resources(&stack.region, &view.id).await?;
    let is_it = |one: &StackResource| {
        (one.logical_id.as_str(), one.resource_type.as_str()) == BUCKET
            && one.status != "DELETE_COMPLETE"
    };
    Ok(held.into_iter().find(is_it).and_then(|one| one.physical_id))
}

/// The names in the template of what outlives its stack.
#[must_use]
pub fn retained(stack: &Stack) -> Vec<String> {
    let Ok(template) = Template::parse(&stack.template.body) else { return Vec::new() };
    let resources = section(&template.root, "Resources");
    let policy = |value: &cfn::Raw| value.get("DeletionPolicy").and_then(scalar);
    resources
        .filter(|(_, value)| policy(value).as_deref() == Some("Retain"))
        .map(|(name, _)| name)
        .collect()
}
