//! How the deployed parts hang together: check, alarm, topic, function, records, load balancers.

use failover_core::time::{after, age};

use provision::needs::{Consequence, Fix, Need, Outcome, judge};
use site::model::StackId;

use super::case::{Case, Place};
use super::names::nothing;
use super::verdict::{Answer, Verdict};

/// BOUND: longer than this, users stay on a region that DNS has left.
const KEEP_ALIVE_MAX_SECONDS: u32 = 300;
/// BOUND: four looks may be lost or late; a fifth is silence.
const SILENT_TICKS: u32 = 5;

/// How something is that a failover needs.
pub(super) fn need(case: &Case<'_>, need: Need) -> Answer {
    let seen = case.seen.as_ref().ok_or_else(|| nothing("the stacks were not read"))?;
    Ok(match judge(need, case.site, seen)? {
        Outcome::Met(words) => Verdict::ok(words),
        Outcome::Broken(broken) if broken.consequence == Consequence::Unlike => {
            Verdict::warning(broken.to_string(), broken.fix.to_string())
        }
        Outcome::Broken(broken) => Verdict::error(broken.to_string(), broken.fix.to_string()),
    })
}

pub(super) async fn keep_alive(case: &Case<'_>, place: Place) -> Answer {
    let (stack, role) = match place {
        Place::Primary => (StackId::WebPrimary, "primary"),
        Place::Here | Place::Standby | Place::Detector => (StackId::WebStandby, "standby"),
    };
    case.output(stack, "LoadBalancerDnsName")?;
    let name = format!("{}-{role}", case.site.config.name);
    let region = case.region(place);
    let Some(seconds) = case.reach.wiring.keep_alive(&region, &name).await? else {
        return Ok(Verdict::error(format!("there is no load balancer {name}"), repair(stack)));
    };
    Ok(if seconds <= KEEP_ALIVE_MAX_SECONDS {
        Verdict::ok(format!("clients ask DNS again after {seconds} s at most"))
    } else {
        Verdict::error(
            format!("a client may keep its connection for {seconds} s, whatever DNS says by then"),
            repair(stack),
        )
    })
}

fn repair(stack: StackId) -> String {
    Fix::Repair(stack).to_string()
}

pub(super) async fn controller(case: &Case<'_>) -> Answer {
    let group = case.output(StackId::Controller, "LogGroupName")?;
    let silence = case.site.config.policy.tick() * SILENT_TICKS;
    let seconds = i64::try_from(silence.as_secs()).unwrap_or(i64::MAX);
    let region = case.region(Place::Standby);
    let since = after(case.now, -seconds);
    let lines = case.reach.cloud.log_lines(&region, group, since).await?;
    Ok(match lines.iter().map(|line| line.at).max() {
        Some(at) => Verdict::ok(format!("wrote {} s ago", age(case.now, at).as_secs())),
        None => Verdict::error(
            format!("the controller has written nothing for {seconds} s"),
            format!(
                "`aws logs tail {group} --region {region} --since 1h` shows its last lines; `cargo xtask status` shows the site"
            ),
        ),
    })
}
