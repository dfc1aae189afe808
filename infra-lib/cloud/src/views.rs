//! The stacks of a site as they are, read once for everybody who wants to know.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

use site::model::{Site, Stack, StackId};
use site::names::Region;

use crate::{Cloud, CloudError, StackView};

/// What each stack is, or why that cannot be told: also those that the site file no longer asks for. In the order of the waves.
#[derive(Clone, Debug)]
pub struct Views(Vec<(StackId, Result<Option<StackView>, CloudError>)>);

impl Views {
    /// Reads all of them at once. Who waits for no more than a moment says so.
    pub async fn read(cloud: &dyn Cloud, site: &Site, within: Option<Duration>) -> Self {
        Self::read_where(cloud, site, within, |_| true).await
    }

    /// The same for the stacks of some regions; of the others nothing is known.
    pub async fn read_where(
        cloud: &dyn Cloud,
        site: &Site,
        within: Option<Duration>,
        is_asked: impl Fn(&Region) -> bool,
    ) -> Self {
        let stacks = site.stacks.iter().chain(&site.off);
        let looks = stacks.filter(|stack| is_asked(&stack.region)).map(async |stack| {
            let look = cloud.describe_stack(&stack.region, stack.name.as_str());
            let view = match within {
                Some(within) => timeout(within, look).await.unwrap_or_else(|_| late(stack, within)),
                None => look.await,
            };
            (stack.id, view)
        });
        Self(join_all(looks).await)
    }

    /// Each with what is known of it.
    pub fn each(&self) -> impl Iterator<Item = (StackId, Result<Option<&StackView>, &CloudError>)> {
        self.0.iter().map(|(id, view)| (*id, view.as_ref().map(Option::as_ref)))
    }

    /// Those that are there.
    #[must_use]
    pub fn known(&self) -> BTreeMap<StackId, StackView> {
        self.each().filter_map(|(id, view)| Some((id, view.ok()??.clone()))).collect()
    }

    /// What could not be read.
    pub fn errors(&self) -> impl Iterator<Item = &CloudError> {
        self.each().filter_map(|(_, view)| view.err())
    }
}

fn late(stack: &Stack, within: Duration) -> Result<Option<StackView>, CloudError> {
    let (region, detail) = (stack.region.to_string(), no_answer(within));
    Err(CloudError::Unreachable { operation: "DescribeStacks", region, detail })
}

/// Why there is no answer.
#[must_use]
pub fn no_answer(within: Duration) -> String {
    format!("no answer within {} s", within.as_secs())
}
