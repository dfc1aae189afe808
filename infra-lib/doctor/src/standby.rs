//! What a raise would find now: how many instances the standby can launch, and what nobody can know.

use failover_core::Timestamp;
use serde::Serialize;

use site::model::Site;

use super::case::{Case, Place};
use super::launch::Room;
use super::verdict::{Diagnosis, Stop, Verdict};
use super::{Reach, capacity, run};

/// The checks of the standby that one of its launches depends on.
const OURS: [&str; 6] =
    ["launch-template", "volume-key", "subnets", "processes", "vcpus", "public-access"];
/// Those whose error means that no launch succeeds, however much room there is.
const BARS: [&str; 3] = ["launch-template", "volume-key", "processes"];
/// Nobody reaches what is launched.
const UNREACHED: &str = "public-access";

/// What the standby can launch, as far as AWS tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outlook {
    /// So many instances, beside those that there are. `None` if nothing of it could be read.
    pub instances: Option<u64>,
    /// Whether all that bounds the number was read. Else it may be less.
    pub complete: bool,
    /// The same in one line, with what nobody can know.
    pub told: String,
    /// What was looked at.
    #[serde(rename = "checks")]
    pub diagnosis: Diagnosis,
}

/// One thing that bounds a launch: so many instances more, and why no more.
struct Bound {
    name: &'static str,
    more: Result<(u64, String), Stop>,
}

impl Outlook {
    /// Whether a raise would bring no servers, or fewer than a failover asks for.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.instances == Some(0) || self.diagnosis.has_errors()
    }
}

/// Looks at the standby alone, in its region alone. `now` is this machine's clock.
pub async fn standby(reach: Reach<'_>, site: &Site, now: Timestamp) -> Outlook {
    let case = Case::of_standby(reach, site, now).await;
    if let Some(why) = case.barred() {
        let diagnosis = run(&case, |name, _| ["credentials", "account"].contains(&name)).await;
        return unknown(diagnosis, why);
    }
    let ours = |name: &str, place| place == Place::Standby && OURS.contains(&name);
    let diagnosis = run(&case, ours).await;
    match case.deployed(Place::Standby) {
        Ok(_) => outlook(&case, diagnosis).await,
        Err(Stop::Cloud(error)) => unknown(diagnosis, &error.to_string()),
        Err(Stop::Nothing(why)) => Outlook {
            instances: Some(0),
            complete: true,
            told: format!("the standby can launch no instance: {why}"),
            diagnosis,
        },
    }
}

fn unknown(diagnosis: Diagnosis, why: &str) -> Outlook {
    let told = format!("nobody can tell what the standby can launch: {why}");
    Outlook { instances: None, complete: false, told, diagnosis }
}

async fn outlook(case: &Case<'_>, diagnosis: Diagnosis) -> Outlook {
    let errors = |names: &[&str]| {
        let found = diagnosis.findings.iter().filter(|finding| names.contains(&finding.check));
        let wrong = found.filter(|finding| matches!(finding.verdict, Verdict::Error(_)));
        wrong.map(|finding| finding.verdict.told().to_owned()).collect::<Vec<_>>()
    };
    let bounds = bounds(case).await;
    let mut unread: Vec<_> =
        bounds.iter().filter(|bound| bound.more.is_err()).map(|bound| bound.name).collect();
    let not_known = diagnosis.findings.iter().filter(|finding| finding.verdict.is_unread());
    unread.extend(not_known.map(|finding| finding.check));
    unread.sort_unstable();
    unread.dedup();
    let barred = errors(&BARS);
    let known = bounds.iter().filter_map(|bound| bound.more.as_ref().ok());
    let least = known.min_by_key(|(more, _)| *more).cloned();
    let least = if barred.is_empty() { least } else { Some((0, barred.join("; "))) };
    let mut told = words(case, least.as_ref(), &unread);
    if let Some(blocked) = errors(&[UNREACHED]).first() {
        told.push_str("; ");
        told.push_str(blocked);
    }
    let instances = least.map(|(more, _)| more);
    Outlook { instances, complete: unread.is_empty(), told, diagnosis }
}

async fn bounds(case: &Case<'_>) -> [Bound; 3] {
    let place = Place::Standby;
    let addresses = Room::read(case, place)
        .await
        .map(|room| (room.free, format!("free addresses of the subnets: {}", room.free)));
    [
        Bound { name: "group", more: maximum(case) },
        Bound { name: "vcpus", more: quota(case).await },
        Bound { name: "subnets", more: addresses },
    ]
}

/// What the group's bounds leave. A raise lifts its maximum to that of the site file.
fn maximum(case: &Case<'_>) -> Result<(u64, String), Stop> {
    let deployed = case.deployed(Place::Standby)?;
    let none = || Stop::Nothing("there is no group".to_owned());
    let group = deployed.group.as_ref().ok_or_else(none)?;
    let most = u64::from(group.sizes.max.max(case.site.config.policy.capacity_max()));
    let more = most.saturating_sub(group.instances.len() as u64);
    Ok((more, format!("its maximum is {most}")))
}

async fn quota(case: &Case<'_>) -> Result<(u64, String), Stop> {
    let deployed = case.deployed(Place::Standby)?;
    let (launch, types) = (deployed.launch()?, deployed.types()?);
    let found = capacity::instances(case, Place::Standby, &types, launch.on_demand_percent).await;
    let (all, why) = found?;
    Ok((all.saturating_sub(capacity::running(case, Place::Standby)?), why))
}

fn words(case: &Case<'_>, least: Option<&(u64, String)>, unread: &[&str]) -> String {
    let there = case.deployed(Place::Standby).ok().and_then(|deployed| deployed.group.as_ref());
    let more = if there.is_some_and(|group| !group.instances.is_empty()) { "more " } else { "" };
    let types = case.deployed(Place::Standby).and_then(super::deployed::Deployed::types);
    let types = types.map_or_else(|_| "its type".to_owned(), |types| types.join(" or "));
    let known = match (least, unread) {
        (Some((0, why)), _) => {
            format!("the standby can launch no {more}instance now: {why}")
        }
        (Some((1, why)), []) => {
            format!("the standby can launch 1 {more}instance now, as far as AWS tells: {why}")
        }
        (Some((n, why)), []) => {
            format!("the standby can launch {n} {more}instances now, as far as AWS tells: {why}")
        }
        (Some((n, why)), _) => format!(
            "the standby can launch {n} {more}instances now at the very most: {why}; not known: {}",
            unread.join(", ")
        ),
        (None, _) => {
            format!("nobody can tell what the standby can launch; not known: {}", unread.join(", "))
        }
    };
    format!(
        "{known}; whether EC2 will have capacity for {types}, or will throttle the account, cannot be known in advance"
    )
}
