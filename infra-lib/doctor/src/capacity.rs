//! Whether the account may run what a failover asks for.

use std::time::Duration;

use failover_core::time::after;

use cloud::{Metric, Quota};
use site::names::Region;

use super::case::{Case, Place};
use super::quotas::{more, whole};
use super::servers;
use super::verdict::{Answer, Stop, Verdict};

/// The usage metrics have a point each five minutes.
const USAGE_PERIOD: Duration = Duration::from_mins(5);
const USAGE_BACK_SECONDS: i64 = 3600;

/// How a share of the instances is bought.
struct Market {
    quota: Quota,
    /// The metric's word for it.
    class: &'static str,
    percent: u16,
}

pub(super) async fn vcpus(case: &Case<'_>, place: Place) -> Answer {
    let region = case.region(place);
    if let Some(name) = servers::names(case).find(|name| !is_standard(name)) {
        return Err(Stop::Nothing(own_quota(&region, name)));
    }
    let each = u64::from(servers::vcpus(case, place, servers::names(case)).await?);
    let mut told = Vec::new();
    for market in markets(case.site.config.web.on_demand_percent) {
        match market.judged(case, place, each).await? {
            Verdict::Ok(text) => told.push(text),
            verdict @ (Verdict::Warning(_) | Verdict::Error(_) | Verdict::Skipped(_)) => {
                return Ok(verdict);
            }
        }
    }
    Ok(Verdict::ok(told.join("; ")))
}

/// How many instances of some types the quotas leave to the site, those that it runs among them, and in words why no more.
pub(super) async fn instances(
    case: &Case<'_>,
    place: Place,
    types: &[String],
    on_demand_percent: u16,
) -> Result<(u64, String), Stop> {
    let names = || types.iter().map(String::as_str);
    if let Some(name) = names().find(|name| !is_standard(name)) {
        return Err(Stop::Nothing(own_quota(&case.region(place), name)));
    }
    let each = u64::from(servers::vcpus(case, place, names()).await?);
    let mut least = None;
    for market in markets(on_demand_percent) {
        let Left { free, words, .. } = market.left(case, place, each).await?;
        let most = free / each * 100 / u64::from(market.percent);
        let why = format!("{words}, and one instance has {each}");
        if least.as_ref().is_none_or(|(least, _)| most < *least) {
            least = Some((most, why));
        }
    }
    least.ok_or_else(|| Stop::Nothing("the group buys nothing".to_owned()))
}

fn own_quota(region: &Region, name: &str) -> String {
    format!(
        "{name} has a quota of its own: `aws service-quotas list-service-quotas --region {region} --service-code ec2`"
    )
}

/// Where the instances are bought, those without a share left out.
fn markets(on_demand_percent: u16) -> impl Iterator<Item = Market> {
    let (quota, class) = (Quota::OnDemandVcpus, "Standard/OnDemand");
    let on_demand = Market { quota, class, percent: on_demand_percent };
    let (quota, class) = (Quota::SpotVcpus, "Standard/Spot");
    let spot = Market { quota, class, percent: 100_u16.saturating_sub(on_demand_percent) };
    [on_demand, spot].into_iter().filter(|market| market.percent > 0)
}

/// What a quota leaves to the site.
struct Left {
    free: u64,
    others: u64,
    words: String,
}

impl Market {
    /// What others do not use.
    async fn left(&self, case: &Case<'_>, place: Place, each: u64) -> Result<Left, Stop> {
        let quota = case.reach.premises.quota(&case.region(place), self.quota).await?;
        let (used, running) = (self.used(case, place).await?, running(case, place)?);
        // What the site runs already is in use, and part of what it needs.
        let others = used.saturating_sub(running * each);
        let limit = whole(quota);
        let words = format!("{} vCPUs: {limit} allowed, {others} in use by others", self.class);
        Ok(Left { free: limit.saturating_sub(others), others, words })
    }

    async fn judged(&self, case: &Case<'_>, place: Place, each: u64) -> Answer {
        let region = case.region(place);
        let Left { free, others, words } = self.left(case, place, each).await?;
        let (least, most) = asked(case, place);
        let share =
            |instances: u16| (u64::from(instances) * u64::from(self.percent)).div_ceil(100) * each;
        let (least, most) = (share(least), share(most));
        let fix = more(&region, self.quota.service(), self.quota.code(), others + most);
        Ok(if least > free {
            Verdict::error(format!("{words}, and a failover needs {least}"), fix)
        } else if most > free {
            Verdict::warning(format!("{words}, and at the maximum the site needs {most}"), fix)
        } else {
            Verdict::ok(format!("{words}, {most} needed at most"))
        })
    }

    async fn used(&self, case: &Case<'_>, place: Place) -> Result<u64, Stop> {
        let dimensions =
            [("Service", "EC2"), ("Type", "Resource"), ("Resource", "vCPU"), ("Class", self.class)];
        let dimensions = dimensions.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let metric = Metric {
            namespace: "AWS/Usage".to_owned(),
            name: "ResourceCount".to_owned(),
            dimensions: dimensions.into(),
        };
        let since = after(case.now, -USAGE_BACK_SECONDS);
        let region = case.region(place);
        let used = case.reach.cloud.newest_value(&region, &metric, USAGE_PERIOD, since).await?;
        // An account that runs nothing has no such metric.
        Ok(whole(used.unwrap_or_default()))
    }
}

/// What the site may come to ask for: at a failover, and at its maximum.
pub(super) fn asked(case: &Case<'_>, place: Place) -> (u16, u16) {
    let config = &case.site.config;
    match place {
        Place::Primary => (config.web.primary_min, config.web.primary_max),
        Place::Here | Place::Standby | Place::Detector => {
            (config.policy.target(None), config.policy.capacity_max())
        }
    }
}

/// Instances of the site that serve. None where nothing is deployed.
pub(super) fn running(case: &Case<'_>, place: Place) -> Result<u64, Stop> {
    match case.deployed(place) {
        Ok(deployed) => Ok(deployed.group.as_ref().map_or(0, |group| group.in_service() as u64)),
        Err(Stop::Nothing(_)) => Ok(0),
        Err(error @ Stop::Cloud(_)) => Err(error),
    }
}

/// Whether a type counts against the quota of the standard families: A, C, D, H, I, M, R, T and Z.
fn is_standard(name: &str) -> bool {
    let family: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    // These begin with the same letters and have quotas of their own.
    let others = ["dl", "hpc", "inf", "mac", "trn"];
    let standard = |letter| "acdhimrtz".contains(letter);
    family.starts_with(standard) && !others.contains(&family.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_with_a_quota_of_their_own_are_known() {
        for standard in ["t4g.micro", "m7g.large", "c7gn.large", "im4gn.large", "z1d.large"] {
            assert!(is_standard(standard), "{standard}");
        }
        for other in
            ["g5.xlarge", "p5.48xlarge", "inf2.xlarge", "trn1.2xlarge", "x2gd.medium", "mac2.metal"]
        {
            assert!(!is_standard(other), "{other}");
        }
    }
}
