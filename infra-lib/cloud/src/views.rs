//! The stacks of a site as they are, read once for everybody who wants to know.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

use site::model::{Site, StackId};
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
                Some(within) => in_time(within, "DescribeStacks", &stack.region, look).await,
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

/// The answer to a call that is waited for no longer than this.
///
/// # Errors
/// [`CloudError`]: also if there is no answer by then.
pub async fn in_time<T>(
    within: Duration,
    operation: &'static str,
    region: &Region,
    call: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    let late = || CloudError::Unreachable {
        operation,
        region: region.to_string(),
        detail: no_answer(within),
    };
    timeout(within, call).await.unwrap_or_else(|_| Err(late()))
}

/// Why there is no answer.
#[must_use]
pub fn no_answer(within: Duration) -> String {
    format!("no answer within {} s", within.as_secs())
}
