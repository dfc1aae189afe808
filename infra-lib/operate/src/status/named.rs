//! Whom DNS names, asked for nothing else: right before something is lowered.

use failover_core::observation::Answer;
use tokio::time::timeout;

use cloud::Cloud;
use cloud::views::no_answer;
use site::model::{Site, StackId};

use super::answer;
use super::reader::READ_MAX;

/// Whom this machine's resolver names at this moment.
///
/// # Errors
/// Why that cannot be told.
pub async fn named(cloud: &dyn Cloud, site: &Site) -> Result<Answer, String> {
    let balancer = async |id| {
        let stack = site.stack(id);
        let look = cloud.describe_stack(&stack.region, stack.name.as_str());
        let mut view = timeout(READ_MAX, look).await.ok()?.ok()??;
        view.outputs.remove("LoadBalancerDnsName")
    };
    let (primary, standby) =
        futures::join!(balancer(StackId::WebPrimary), balancer(StackId::WebStandby));
    let host = site.config.failover_name().as_str();
    let answer = answer::ask(cloud, host, primary.as_deref(), standby.as_deref());
    match timeout(READ_MAX, answer).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(no_answer(READ_MAX)),
    }
}
