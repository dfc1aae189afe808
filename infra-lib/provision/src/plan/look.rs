//! Reads how the stacks stand.

use futures::future::try_join_all;

use cloud::guard::{self, Stranger};
use cloud::{Cloud, CloudError, Phase, ResourceAction, ResourceChange, StackView};
use site::model::{Site, Stack, StackId, without_comments};

use super::entry::{Action, Entry, Seen};
use crate::resource::Resource;

/// What is no longer wanted goes right before this stack, which may take over its names.
pub(crate) const UNWANTED_BEFORE: StackId = StackId::Detector;

/// A stack of the site file, and what there is of it.
pub(super) struct Look<'a> {
    pub(super) stack: &'a Stack,
    /// As CloudFormation shows it; `None` if it is not there.
    pub(super) view: Option<StackView>,
    /// The text that it was made from, if it stands.
    pub(super) template: Option<String>,
}

pub(super) async fn look<'a>(cloud: &dyn Cloud, stack: &'a Stack) -> Result<Look<'a>, CloudError> {
    let name = stack.name.as_str();
    let view = cloud.describe_stack(&stack.region, name).await?;
    let view = view.filter(|view| view.status.phase() != Phase::Gone);
    let template = match &view {
        Some(view) if view.status.phase() == Phase::Standing => {
            cloud.stack_template(&stack.region, name).await?
        }
        _ => None,
    };
    Ok(Look { stack, view, template })
}

/// What stands under the names of stacks that the site file does not ask for.
#[derive(Clone, Debug, Default)]
pub struct Unwanted<'a> {
    /// The site's own, in the order of the waves.
    pub ours: Vec<&'a Stack>,
    /// Somebody else's, which stay.
    pub strangers: Vec<Stranger>,
}

/// The stacks that stand although the site file does not ask for them.
///
/// # Errors
/// [`CloudError`] of the first stack that cannot be asked.
pub async fn unwanted<'a>(cloud: &dyn Cloud, site: &'a Site) -> Result<Unwanted<'a>, CloudError> {
    let looks = site.off.iter().map(async |stack| {
        let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
        let Some(view) = view.filter(|view| view.status.phase() != Phase::Gone) else {
            return Ok(None);
        };
        let stranger = guard::stranger_within(cloud, site, stack, &view).await?;
        Ok::<_, CloudError>(Some(stranger.map_or(Ok(stack), Err)))
    });
    let mut found = Unwanted::default();
    for one in try_join_all(looks).await?.into_iter().flatten() {
        match one {
            Ok(stack) => found.ours.push(stack),
            Err(stranger) => found.strangers.push(stranger),
        }
    }
    Ok(found)
}

/// A stack that goes, with all that it holds.
pub(super) async fn leaving(cloud: &dyn Cloud, stack: &Stack) -> Result<Entry, CloudError> {
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    let held = cloud.stack_resources(&stack.region, stack.name.as_str()).await?;
    let changes = held.into_iter().map(|held| ResourceChange {
        logical_id: held.logical_id,
        resource_type: held.resource_type,
        action: ResourceAction::Remove,
        properties: Vec::new(),
    });
    Ok(Entry {
        action: Action::Delete,
        resources: changes.map(Resource::from).collect(),
        seen: view.as_ref().map(Seen::of),
        ..Entry::of(stack)
    })
}

/// Whether a live parameter is ours. AWS shows the name of an SSM parameter as it was given; an emulator may show the image that
/// it holds, which no site file can give, and which then counts as the same.
#[must_use]
pub fn same_parameter(live: &str, ours: &str) -> bool {
    live == ours || (live.starts_with("ami-") && ours.starts_with('/'))
}

/// Whether a live template is ours. White space at the end does not count: some servers trim it. Nor do comments, which are not
/// sent.
#[must_use]
pub fn same_template(live: Option<&str>, ours: &str) -> bool {
    let text = |template: &str| without_comments(template.trim_end());
    live.is_some_and(|live| text(live) == text(ours))
}
